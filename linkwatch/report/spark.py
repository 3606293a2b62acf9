"""A link's response times as a line the size of a word: pure data for an SVG, and the same in words.

Time runs to the right, from 0 ms upwards. Where nobody looked for much longer than usual the line is broken, and the
gap is as wide as `_WIDEST_STEP` usual steps, so that a pause of a year leaves room for the rest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise
from statistics import median

from linkwatch.report.reading import Reading

WIDTH = 240
HEIGHT = 40
MOST = 120

_PAD = 4  # around the line, for its own width and for dots
_LOWEST_TOP = 500  # ms: a page that always answers at once is a low and quiet line
_LONGEST = 3_600_000  # ms
_GAP = 3.0  # usual steps
_WIDEST_STEP = 4.0  # usual steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    x: str
    y: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """`lines` are the points of one polyline each; what stands alone between two gaps is a dot."""

    lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    latest: Dot
    says: str  # a sentence
    short: str  # "oftast 0,2 s, som mest 3,1 s"

    @property
    def box(self) -> str:
        return f"0 0 {WIDTH} {HEIGHT}"


def spark(beats: Sequence[tuple[datetime, int]], reading: Reading) -> Spark | None:
    """`beats` are times with milliseconds, in any order; the latest `MOST` are shown. None where there are none."""
    shown = [(at, min(max(ms, 0), _LONGEST)) for at, ms in sorted(beats)[-MOST:]]
    if not shown:
        return None
    times = [ms for _, ms in shown]
    runs = list(_runs([at for at, _ in shown], _heights(times)))
    return Spark(
        lines=tuple(" ".join(f"{dot.x},{dot.y}" for dot in run) for run in runs if len(run) > 1),
        dots=tuple(run[0] for run in runs if len(run) == 1),
        latest=runs[-1][-1],
        says=_says(times, reading),
        short=_short(times, reading),
    )


def _heights(times: Sequence[int]) -> list[float]:
    top = max(*times, _LOWEST_TOP)
    return [HEIGHT - _PAD - (HEIGHT - 2 * _PAD) * ms / top for ms in times]


def _runs(moments: Sequence[datetime], heights: Sequence[float]) -> Iterator[list[Dot]]:
    """Dots that belong together, left to right."""
    steps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    usual = median(steps) if steps else 0.0
    places = list(accumulate((min(step, _WIDEST_STEP * usual) for step in steps), initial=0.0))
    room = (WIDTH - 2 * _PAD) / (places[-1] or 1)
    start = WIDTH - _PAD - places[-1] * room  # the latest is always at the right
    dots = [Dot(x=_number(start + place * room), y=_number(y)) for place, y in zip(places, heights, strict=True)]
    run = dots[:1]
    for dot, step in zip(dots[1:], steps, strict=True):
        if step > _GAP * usual:
            yield run
            run = []
        run.append(dot)
    yield run


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


# ---------------------------------------------------------------- in words


def _says(times: Sequence[int], reading: Reading) -> str:
    words, latest = reading.words, _seconds(times[-1], reading)
    if len(times) == 1:
        return words.text("report.spark.one", latest=latest)
    usual, least, most = (_seconds(ms, reading) for ms in (median(times), min(times), max(times)))
    return words.text("report.spark.says", usual=usual, least=least, most=most, latest=latest)


def _short(times: Sequence[int], reading: Reading) -> str:
    words = reading.words
    if len(times) == 1:
        return words.text("report.spark.short_one", latest=_seconds(times[0], reading))
    usual, most = _seconds(median(times), reading), _seconds(max(times), reading)
    return words.text("report.spark.short", usual=usual, most=most)


def _seconds(ms: float, reading: Reading) -> str:
    """With two figures: 0.12, 1.2, 12."""
    seconds = ms / 1000
    return reading.words.number(round(seconds, 2 if seconds < 1 else 1 if seconds < 10 else 0))
