"""How each link has stood over the last year: one strip a link, one cell a week with the worst state of that week.

Where less than ten weeks are known a cell is a day, so that there is something to see. Weeks begin on Mondays and days
at midnight, in the reader's zone. Before the first check a strip is empty.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from linkwatch.core.models import Code, LinkView, State, Transition
from linkwatch.core.safe import plain
from linkwatch.report.card import LONGEST_NAME
from linkwatch.report.reading import Reading
from linkwatch.report.story import finding
from linkwatch.report.tiles import WORST_FIRST

WEEKS = 53  # this one and the 52 before it: a year whatever the weekday
WIDTH = 6  # of a cell, in the picture's units
HEIGHT = 20

_WEEK = timedelta(weeks=1)
_WEEKS_FROM = timedelta(days=70)  # known for so long, or longer
_FEWEST_DAYS = timedelta(days=13)  # before today

_LAST_LABEL = 0.95  # of the width: further on it would not find room
_MOST_TOLD = 3  # spells before the present one, in words
_ORDER = (*(state for state in WORST_FIRST if state is not State.UNKNOWN), State.UNKNOWN)
_GRAVITY = {state: -place for place, state in enumerate(_ORDER)}


class Unit(StrEnum):
    WEEK = "week"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """All runs of one state as an SVG path: a stroke through the middle for each. The class says how it looks."""

    state: State
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    link: LinkView
    name: str
    state: State  # as it is now; a redirect that works is `ok`
    says: str  # "fungerade till 3 mars, sedan trasig"
    runs: tuple[tuple[State, int], ...]  # state, number of cells; together as many as the trend has
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A word under the cells, `at` so far from the left. Every other one `is_minor`, to go where it is narrow."""

    text: str
    at: str
    is_minor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    unit: Unit
    cells: int
    strips: tuple[Strip, ...]
    labels: tuple[Label, ...]
    states: tuple[State, ...]  # those that are seen, the worst first, for the legend

    @property
    def box(self) -> str:
        return f"0 0 {self.cells * WIDTH} {HEIGHT}"


def since(reading: Reading) -> datetime:
    """The beginning of the first week, in UTC: what transitions are asked from."""
    return _midnight(_monday(_today(reading)) - timedelta(weeks=WEEKS - 1), reading)


def trend(links: Sequence[LinkView], transitions: Mapping[str, Sequence[Transition]], reading: Reading) -> Trend:
    """`transitions` are, for each link's id and in any order, those `since` and the last one before."""
    start = since(reading)
    told = [(link, _spells(link, transitions.get(link.source.id, ()), start, reading.now)) for link in links]
    days = _days([spell for _, spells in told for spell in spells], reading)
    edges = [_midnight(day, reading) for day in days]
    strips = tuple(_strip(link, spells, edges, reading) for link, spells in told)
    seen = {state for strip in strips for state, _ in strip.runs} - {State.UNKNOWN}
    return Trend(
        unit=Unit.WEEK if len(days) == WEEKS and days[1] - days[0] == _WEEK else Unit.DAY,
        cells=len(days),
        strips=strips,
        labels=_labels(days, reading),
        states=tuple(state for state in _ORDER if state in seen),
    )


# ---------------------------------------------------------------- how a link has stood


@dataclass(frozen=True, slots=True)
class _Spell:
    start: datetime
    state: State


def _spells(link: LinkView, transitions: Iterable[Transition], start: datetime, now: datetime) -> list[_Spell]:
    """From `start` on, neighbours different, the last one as the link stands now. How it stood before the first change
    that is kept is known, but not since when."""
    changes = sorted((one for one in transitions if one.at <= now), key=lambda one: one.at)
    spells = [_Spell(start, State.UNKNOWN)]
    spells += [_Spell(max(change.at, start), _shown(change.new, change.verdict)) for change in changes]
    spells.append(_now(link, spells[-1], start, now))
    latest = [one for one, following in pairwise(spells) if one.start < following.start]
    return [next(same) for _, same in groupby([*latest, spells[-1]], lambda spell: spell.state)]


def _now(link: LinkView, last: _Spell, start: datetime, now: datetime) -> _Spell:
    """History may lack the last word: a link that never changed, or that was paused in the configuration just now."""
    state = _shown(link.belief.state, finding(link))
    if state is last.state:
        return last
    return _Spell(min(max(link.belief.since or start, last.start), now), state)


def _shown(state: State, found: Code | None) -> State:
    """Redirected to the same content is working (`story.works`)."""
    return State.OK if state is State.ATTENTION and found is Code.REDIRECTED else state


# ---------------------------------------------------------------- cells


def _days(spells: Iterable[_Spell], reading: Reading) -> list[date]:
    """The first day of each cell."""
    today = _today(reading)
    known = min((one.start for one in spells if one.state is not State.UNKNOWN), default=reading.now)
    first = known.astimezone(ZoneInfo(reading.timezone)).date()
    if today - first >= _WEEKS_FROM:
        return [_monday(today) - n * _WEEK for n in reversed(range(WEEKS))]
    first = min(_monday(first), today - _FEWEST_DAYS)
    return [first + timedelta(days=n) for n in range((today - first).days + 1)]


def _strip(link: LinkView, spells: Sequence[_Spell], edges: Sequence[datetime], reading: Reading) -> Strip:
    starts = [spell.start for spell in spells]
    ends = [bisect_left(starts, edge) for edge in edges[1:]] + [len(spells)]
    firsts = [max(bisect_right(starts, edge) - 1, 0) for edge in edges]
    cells = [
        max((spell.state for spell in spells[first:end]), key=_GRAVITY.__getitem__, default=State.UNKNOWN)
        for first, end in zip(firsts, ends, strict=True)
    ]
    runs = tuple((state, len(list(run))) for state, run in groupby(cells))
    return Strip(
        link=link,
        name=plain(link.source.name, LONGEST_NAME),
        state=spells[-1].state,
        says=_says(spells, since(reading), reading),
        runs=runs,
        marks=tuple(_marks(runs)),
    )


def _marks(runs: Sequence[tuple[State, int]]) -> Iterator[Mark]:
    paths: dict[State, str] = {}
    at = 0
    for state, length in runs:
        paths[state] = paths.get(state, "") + f"M{at * WIDTH} {HEIGHT // 2}h{length * WIDTH}"
        at += length
    return (Mark(state=state, path=path) for state, path in paths.items() if state is not State.UNKNOWN)


# ---------------------------------------------------------------- in words


def _says(spells: Sequence[_Spell], start: datetime, reading: Reading) -> str:
    """ "fungerade till 3 mars, har varit trasig sedan dess" """
    words, told = reading.words, _worth_telling(spells)
    if told[-1].state is State.UNKNOWN and len(told) == 1:
        return words.text("report.trend.never")
    has_been = words.text(f"report.trend.now.{told[-1].state}")
    if len(told) == 1 and told[0].start <= start:
        return words.text("report.trend.always", has_been=has_been)
    if len(told) == 1:
        return words.text("report.trend.since", has_been=has_been, date=_date(told[0].start, reading))
    shown = [(one.state, following.start) for one, following in pairwise(told)]
    parts = [words.text(f"report.trend.until.{state}", date=_date(end, reading)) for state, end in shown[-_MOST_TOLD:]]
    says = ", ".join([*parts, words.text("report.trend.since_then", has_been=has_been)])
    left_out = len(shown) - len(parts)
    return words.count("report.trend.many", len(shown), latest=says) if left_out else says


def _worth_telling(spells: Sequence[_Spell]) -> list[_Spell]:
    """Without what was before the first check; a suspicion that was confirmed belongs to the failure."""
    kept: list[_Spell] = []
    for spell in spells:
        if kept and kept[-1].state is State.FAILING and spell.state is State.BROKEN:
            kept[-1] = replace(spell, start=kept[-1].start)
        else:
            kept.append(spell)
    return kept[1:] if len(kept) > 1 and kept[0].state is State.UNKNOWN else kept


def _date(moment: datetime, reading: Reading) -> str:
    return reading.words.day_and_month(moment, reading.timezone)


# ---------------------------------------------------------------- the axis


def _labels(days: Sequence[date], reading: Reading) -> tuple[Label, ...]:
    places = _mondays(days, reading) if days[1] - days[0] < _WEEK else _months(days, reading)
    return tuple(
        Label(text=text, at=f"{100 * at / len(days):.2f}%", is_minor=bool(number % 2))
        for number, (at, text) in enumerate(places)
        if at <= len(days) * _LAST_LABEL
    )


def _months(weeks: Sequence[date], reading: Reading) -> Iterator[tuple[int, str]]:
    """The weeks in which a month begins."""
    for at, monday in enumerate(weeks):
        sunday = monday + timedelta(days=6)
        if sunday.day <= 7:
            yield at, reading.words.month(_midnight(sunday, reading), reading.timezone)


def _mondays(days: Sequence[date], reading: Reading) -> Iterator[tuple[int, str]]:
    for at, day in enumerate(days):
        if day.weekday() == 0:
            yield at, reading.words.day_and_short_month(_midnight(day, reading), reading.timezone)


def _today(reading: Reading) -> date:
    return reading.now.astimezone(ZoneInfo(reading.timezone)).date()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _midnight(day: date, reading: Reading) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(reading.timezone)).astimezone(UTC)
