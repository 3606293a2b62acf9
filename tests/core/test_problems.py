from datetime import UTC, datetime, timedelta

import pytest

from linkwatch.core.problems import AGAIN, Noted, Problem, ProblemKind, Tell, Telling, tell

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(days=2)
ALL = tuple(ProblemKind)

DISK = Problem(kind=ProblemKind.DISK_FULL, details={"free_mb": 80})
RUN = Problem(kind=ProblemKind.RUN_INCONCLUSIVE)


def listing(subject: str) -> Problem:
    return Problem(kind=ProblemKind.LISTING_MISSING, subject=subject)


def noted(problem: Problem, told_at: datetime | None = BEFORE) -> Noted:
    return Noted(problem=problem, since=BEFORE, told_at=told_at)


def test_it_tells_when_a_problem_begins() -> None:
    assert tell([DISK], [], NOW, looked_at=ALL) == (Tell(telling=Telling.BEGAN, problem=DISK, since=NOW),)


def test_what_was_noted_and_not_told_begins_when_it_was_noted() -> None:
    assert tell([DISK], [noted(DISK, None)], NOW, looked_at=ALL) == (
        Tell(telling=Telling.BEGAN, problem=DISK, since=BEFORE),
    )


@pytest.mark.parametrize(
    ("told_before", "wanted"),
    [
        (timedelta(0), ()),
        (AGAIN - timedelta(seconds=1), ()),
        (AGAIN, (Telling.LASTS,)),
        (AGAIN * 3, (Telling.LASTS,)),
    ],
)
def test_it_tells_again_while_it_lasts(told_before: timedelta, wanted: tuple[Telling, ...]) -> None:
    tells = tell([DISK], [noted(DISK, NOW - told_before)], NOW, looked_at=ALL)
    assert tuple(one.telling for one in tells) == wanted
    assert all(one.since == BEFORE for one in tells)


def test_it_tells_the_problem_as_it_is_now() -> None:
    fuller = Problem(kind=ProblemKind.DISK_FULL, details={"free_mb": 1})
    (one,) = tell([fuller], [noted(DISK, NOW - AGAIN)], NOW, looked_at=ALL)
    assert one.problem is fuller


def test_it_tells_once_that_a_problem_is_over() -> None:
    assert tell([], [noted(DISK)], NOW, looked_at=ALL) == (Tell(telling=Telling.OVER, problem=DISK, since=BEFORE),)
    assert tell([], [], NOW, looked_at=ALL) == ()


def test_what_was_never_told_is_not_told_as_over() -> None:
    assert tell([], [noted(DISK, None)], NOW, looked_at=ALL) == ()


def test_what_was_not_looked_for_is_not_over() -> None:
    assert tell([], [noted(DISK), noted(RUN)], NOW, looked_at=[ProblemKind.RUN_INCONCLUSIVE]) == (
        Tell(telling=Telling.OVER, problem=RUN, since=BEFORE),
    )


def test_it_tells_several_of_a_kind_apart() -> None:
    tells = tell([listing("b"), listing("c")], [noted(listing("a")), noted(listing("b"))], NOW, looked_at=ALL)
    assert [(one.telling, one.problem.subject) for one in tells] == [(Telling.BEGAN, "c"), (Telling.OVER, "a")]
