"""How old checks become fewer rows: pure, from the rows of one link to what is to be done with them.

What is kept of a check that is older than [history] raw_days, and in which shape:

- Neighbours that found the same verdict, reason, status and title become one row, the last of them, which then says how
  many they were, from when to when, and how long the answers took. So a page that dates itself anew every day costs a
  row for each time that something became of it, and its evidence stays.
- What then lies within one day (UTC) becomes a row of `days`, a tenth as wide: it would be a row a day whatever was
  done. One that found what the next check found too waits for it, and is folded.
- A row that spans several days stays: it is one row for many days already, and rows of days would be more.

A row of days names the worst verdict of its day, as a strip of a trend does, the latest of those that are as bad; that
linkwatch could not say counts as the least. `kinds` tells how many different verdicts there were.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

from linkwatch.core.models import Code
from linkwatch.store.records import CheckRecord
from linkwatch.store.rows import Row


class Check(NamedTuple):
    """A row of `checks`, as much of it as counts here. Times are text that sorts."""

    id: int
    first_run_id: int
    first_at: str
    last_at: str
    times: int
    verdict: str
    reason: str | None
    http_status: int | None
    title: str | None
    timed: int
    elapsed_sum: int
    elapsed_min: int | None
    elapsed_max: int | None

    @property
    def found(self) -> tuple[object, ...]:
        return self.verdict, self.reason, self.http_status, self.title

    @property
    def is_of_one_day(self) -> bool:
        return self.first_at[:10] == self.last_at[:10]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A row of `days`: the checks of a link on one day, "2026-11-27" in UTC."""

    link_id: str
    day: str
    times: int
    verdict: str
    reason: str | None
    http_status: int | None
    kinds: int
    timed: int
    elapsed_sum: int
    elapsed_min: int | None
    elapsed_max: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUp:
    """What is to be done with rows of a link: some say more than before, some go into days, some go."""

    folded: tuple[Check, ...] = ()
    days: tuple[Day, ...] = ()
    merged: tuple[int, ...] = ()  # the ids of those that are told by a folded one
    rolled: tuple[int, ...] = ()  # by a row of days
    forgotten: tuple[int, ...] = ()  # by nothing any more

    @property
    def gone(self) -> tuple[int, ...]:
        return (*self.merged, *self.rolled, *self.forgotten)


Apart = Callable[[Check, Check], bool]


def rolled_up(link_id: str, checks: Sequence[Check], *, old: str, past: str, apart: Apart) -> RollUp:
    """`checks` are in their order, the last of them only to look at: it stays whatever its age.

    What ended before `old` is rolled up, before `past` forgotten. `apart` says whether there are days between two.
    """
    aged = list(takewhile(lambda check: check.last_at < old, checks[:-1]))
    following = checks[len(aged)] if checks else None
    folded, singles, merged, rolled = list[Check](), dict[str, list[Check]](), list[int](), list[int]()
    forgotten = [check.id for check in aged if check.last_at < past]

    def is_apart(check: Check, later: Check) -> bool:
        return next(reversed(singles), "") >= check.last_at[:10] or apart(check, later)

    for group in _groups([check for check in aged if check.last_at >= past], is_apart):
        whole = _joined(group)
        goes_on = following and group[-1] is aged[-1] and _is_same(group[-1], following, is_apart)
        if whole.is_of_one_day and not goes_on:
            singles.setdefault(whole.first_at[:10], []).append(whole)
            rolled += [check.id for check in group]
        elif len(group) > 1:
            folded.append(whole)
            merged += [check.id for check in group[:-1]]
    return RollUp(
        folded=tuple(folded),
        days=tuple(_day(link_id, day, checks_of_day) for day, checks_of_day in singles.items()),
        merged=tuple(merged),
        rolled=tuple(rolled),
        forgotten=tuple(forgotten),
    )


def combined(before: Day, one: Day) -> Day:
    """Two rows of one day as one, the second the later: what a finding stood on may come to its day last.

    `kinds` may be too many then, since only the worst of them is known.
    """
    worst = max((before, one), key=lambda day: (_gravity(day.verdict), day is one))
    return replace(
        worst,
        times=before.times + one.times,
        kinds=max(before.kinds, one.kinds) if before.verdict == one.verdict else before.kinds + one.kinds,
        timed=before.timed + one.timed,
        elapsed_sum=before.elapsed_sum + one.elapsed_sum,
        elapsed_min=min(_told(before.elapsed_min, one.elapsed_min), default=None),
        elapsed_max=max(_told(before.elapsed_max, one.elapsed_max), default=None),
    )


def to_record(row: Row) -> CheckRecord:
    """A day as the history tells it: from its beginning to its last second, without what only single checks have."""
    link_id, day, times, verdict, reason, http_status, kinds, timed, elapsed_sum, elapsed_min, elapsed_max = row
    start = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    return CheckRecord(
        link_id=link_id,
        first_run_id=None,
        last_run_id=None,
        first_at=start,
        last_at=start + timedelta(days=1, seconds=-1),
        times=times,
        kinds=kinds,
        verdict=Code(verdict),
        reason=reason,
        evidence={},
        http_status=http_status,
        final_url=None,
        redirects=(),
        title=None,
        last_modified=None,
        content_type=None,
        elapsed_min_ms=elapsed_min,
        elapsed_mean_ms=elapsed_sum / timed if timed else None,
        elapsed_max_ms=elapsed_max,
    )


def _groups(checks: Iterable[Check], apart: Apart) -> Iterator[list[Check]]:
    """Neighbours that found the same, each group as long as can be."""
    group = list[Check]()
    for check in checks:
        if group and not _is_same(group[-1], check, apart):
            yield group
            group = []
        group.append(check)
    if group:
        yield group


def _is_same(check: Check, following: Check, apart: Apart) -> bool:
    return check.found == following.found and not apart(check, following)


def _joined(group: Sequence[Check]) -> Check:
    first, last = group[0], group[-1]
    return last._replace(
        first_run_id=first.first_run_id,
        first_at=min(check.first_at for check in group),
        last_at=max(check.last_at for check in group),
        times=sum(check.times for check in group),
        timed=sum(check.timed for check in group),
        elapsed_sum=sum(check.elapsed_sum for check in group),
        elapsed_min=min(_told(*(check.elapsed_min for check in group)), default=None),
        elapsed_max=max(_told(*(check.elapsed_max for check in group)), default=None),
    )


def _day(link_id: str, day: str, checks: Sequence[Check]) -> Day:
    whole = _joined(checks)
    worst = max(checks, key=lambda check: (_gravity(check.verdict), check.id))
    return Day(
        link_id=link_id,
        day=day,
        times=whole.times,
        verdict=worst.verdict,
        reason=worst.reason,
        http_status=worst.http_status,
        kinds=len({check.verdict for check in checks}),
        timed=whole.timed,
        elapsed_sum=whole.elapsed_sum,
        elapsed_min=whole.elapsed_min,
        elapsed_max=whole.elapsed_max,
    )


def _gravity(verdict: str) -> int:
    code = Code(verdict)
    return -1 if code is Code.INCONCLUSIVE else int(code.severity)


def _told(*values: int | None) -> list[int]:
    return [value for value in values if value is not None]
