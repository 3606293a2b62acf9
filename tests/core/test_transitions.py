from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from linkwatch.core.models import Belief, Code, Confirm, State, Verdict
from linkwatch.core.transitions import step

START = datetime(2026, 1, 12, 8, tzinfo=UTC)
SEES = {Code.OK, Code.REDIRECTED, Code.CHANGED, Code.OUTDATED, Code.MOVED}


def play(*checks: tuple[float, Code], belief: Belief | None = None, confirm: Confirm | None = None) -> list[State]:
    """The state after each check, given as (hours since the start, verdict)."""
    belief, states = belief or Belief(), []
    for hours, code in checks:
        verdict = Verdict(code=code, saw_page=code in SEES)
        at = START + timedelta(hours=hours)
        belief, change = step(belief, verdict, link_id="x", now=at, confirm=confirm or Confirm())
        assert change is None or change.new is belief.state
        states.append(belief.state)
    return states


@pytest.mark.parametrize(
    ("checks", "last"),
    [
        ([(0, Code.OK)], State.OK),
        ([(0, Code.NOT_FOUND)], State.FAILING),
        ([(0, Code.NOT_FOUND), (1, Code.NOT_FOUND)], State.FAILING),  # two in a row, but too close
        ([(0, Code.NOT_FOUND), (24, Code.NOT_FOUND)], State.BROKEN),
        ([(0, Code.NOT_FOUND), (23.9, Code.NOT_FOUND)], State.FAILING),
        ([(0, Code.NOT_FOUND), (23.999, Code.NOT_FOUND)], State.BROKEN),  # a timer's jitter
        ([(0, Code.NOT_FOUND), (1, Code.NOT_FOUND), (24, Code.NOT_FOUND)], State.BROKEN),
        ([(0, Code.NOT_FOUND), (12, Code.OK), (24, Code.NOT_FOUND)], State.FAILING),
        ([(0, Code.NOT_FOUND), (24, Code.SOFT_404)], State.BROKEN),
        ([(0, Code.SERVER_ERROR), (24, Code.SERVER_ERROR)], State.FAILING),
        ([(0, Code.SERVER_ERROR), (72, Code.UNREACHABLE), (144, Code.SERVER_ERROR)], State.BROKEN),
        ([(0, Code.SERVER_ERROR), (144, Code.SERVER_ERROR)], State.FAILING),  # long enough, but only twice
        ([(0, Code.SERVER_ERROR), (24, Code.NOT_FOUND)], State.FAILING),  # the page was missed only once
        ([(0, Code.NOT_FOUND), (12, Code.UNREACHABLE), (24, Code.NOT_FOUND)], State.BROKEN),
        ([(0, Code.NOT_FOUND), (12, Code.BLOCKED), (24, Code.NOT_FOUND)], State.BROKEN),  # a wall clears no strike
        ([(0, Code.NOT_FOUND), (24, Code.BLOCKED)], State.FAILING),  # and adds none
        ([(0, Code.NOT_FOUND), (24, Code.INCONCLUSIVE)], State.FAILING),
        ([(0, Code.INCONCLUSIVE)], State.UNKNOWN),
        ([(0, Code.BLOCKED)], State.UNVERIFIABLE),
        ([(0, Code.OK), (24, Code.LOGIN_REQUIRED)], State.UNVERIFIABLE),
        ([(0, Code.OK), (24, Code.BLOCKED), (48, Code.OK)], State.OK),
        ([(0, Code.MOVED)], State.MOVED),
        ([(0, Code.MOVED), (24, Code.BLOCKED)], State.MOVED),
        ([(0, Code.TLS_ERROR)], State.ATTENTION),
        ([(0, Code.OUTDATED), (24, Code.OK)], State.OK),
        ([(0, Code.NOT_FOUND), (24, Code.TLS_ERROR)], State.FAILING),  # nobody has seen the page
        ([(0, Code.NOT_FOUND), (24, Code.NOT_FOUND), (48, Code.TLS_ERROR)], State.BROKEN),
        ([(0, Code.NOT_FOUND), (24, Code.NOT_FOUND), (48, Code.REDIRECTED)], State.ATTENTION),
        ([(0, Code.NOT_FOUND), (24, Code.NOT_FOUND), (48, Code.OK)], State.OK),
        ([(0, Code.NOT_FOUND), (24, Code.NOT_FOUND), (48, Code.SERVER_ERROR)], State.BROKEN),
    ],
)
def test_it_believes_what_the_checks_add_up_to(checks: list[tuple[float, Code]], last: State) -> None:
    assert play(*checks)[-1] is last


def test_it_is_not_confirmed_by_a_clock_that_was_set_back() -> None:
    assert play((0, Code.NOT_FOUND), (-48, Code.NOT_FOUND))[-1] is State.FAILING


def test_it_does_not_recover_without_having_seen_the_page() -> None:
    belief = Belief(state=State.BROKEN, failures=4, failing_since=START)
    after, change = step(belief, Verdict(code=Code.OK, saw_page=False), link_id="x", now=START, confirm=Confirm())
    assert (after.state, after.failures, change) == (State.BROKEN, 4, None)


def test_it_forgets_the_strikes_once_the_page_is_seen() -> None:
    belief = Belief(state=State.FAILING, failures=1, failing_since=START, missing=1, missing_since=START)
    after, change = step(belief, Verdict(code=Code.OK, saw_page=True), link_id="x", now=START, confirm=Confirm())
    assert (after.failures, after.missing, after.failing_since, after.missing_since) == (0, 0, None, None)
    assert change is not None
    assert (change.old, change.new) == (State.FAILING, State.OK)


def test_it_changes_nothing_at_all_when_inconclusive() -> None:
    belief = Belief(state=State.FAILING, verdict=Code.NOT_FOUND, failures=1, checked_at=START)
    verdict = Verdict(code=Code.INCONCLUSIVE, reason="own_network")
    assert step(belief, verdict, link_id="x", now=START + timedelta(days=9), confirm=Confirm()) == (belief, None)


def test_it_keeps_the_finding_that_the_state_stands_on() -> None:
    belief = Belief(state=State.BROKEN, since=START, finding=Code.GONE, failures=2, failing_since=START)
    verdict = Verdict(code=Code.BLOCKED, reason="cloudflare")
    after, change = step(belief, verdict, link_id="x", now=START, confirm=Confirm())
    assert (after.state, after.finding, after.verdict, after.since, change) == (
        State.BROKEN,
        Code.GONE,
        Code.BLOCKED,
        START,
        None,
    )


def test_it_says_since_when_the_state_has_stood() -> None:
    first, _ = step(Belief(), Verdict(code=Code.OK, saw_page=True), link_id="x", now=START, confirm=Confirm())
    later = START + timedelta(days=3)
    again, change = step(first, Verdict(code=Code.OK, saw_page=True), link_id="x", now=later, confirm=Confirm())
    assert (again.since, again.checked_at, again.seen_at, change) == (START, later, later, None)


def test_it_confirms_by_the_configured_numbers() -> None:
    quick = replace(Confirm(), missing_runs=1, missing_for=timedelta(0))
    assert play((0, Code.NOT_FOUND), confirm=quick) == [State.BROKEN]
