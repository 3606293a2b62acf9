"""Programme periods: "2014–2020", which of them a page speaks of, and whether one follows another."""

import re
from dataclasses import dataclass

from linkwatch.core.models import Copy, Page
from linkwatch.core.signs import drift, phrases

_PERIOD = re.compile(
    r"(?<![\d/-])(?<!nr )(?<!nr\. )((?:19|20)\d\d)\s?(?:[-–—−/]|till(?: och med)?|t\.?\s?o\.?\s?m\.?|til|to|through"
    r"|bis)\s?"
    r"((?:19|20)\d\d|[1-9]\d)(?![\d/]|[-–]\d|,\d|\s?(?:watt|w|kw|kwh|kr|kronor|sek|eur|euro|m|km|meter|mm|cm|kg|ton"
    r"|st|liter|rpm|hz)\b)",
    re.IGNORECASE,
)
# "har förlängts till 2027": the period in the title is not the last word.
_PROLONGED = re.compile(
    r"(?:förläng|gäller|giltig|forleng|forlæng|gjelder|gælder|extend|valid|voimassa|jatke)\w*"
    r"(?:\W+\w+){0,6}?\W+((?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_LONGEST = 25  # years; "1909–2009" is history
_MUCH_TEXT = 200_000


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Years, both included; ordered by when they end."""

    end: int
    start: int

    def __str__(self) -> str:
        return f"{self.start}–{self.end}"


def periods(of: str | None) -> list[Period]:
    """All periods written in a text. A second year of two digits is one of the first one's century."""
    found = (_period(match) for match in _PERIOD.finditer((of or "")[:_MUCH_TEXT]))
    return [period for period in found if period]


def _period(match: re.Match[str]) -> Period | None:
    start, tail = int(match[1]), match[2]
    if len(tail) == 2 and int(tail) <= 12:  # 2019-06 is a month
        return None
    end = int(tail) if len(tail) == 4 else start // 100 * 100 + int(tail)
    return Period(end, start) if 1 <= end - start <= _LONGEST else None


def last_year_promised(of: str) -> int:
    """The last year to which something is said to be prolonged or valid; 0 if to none."""
    return max((int(match[1]) for match in _PROLONGED.finditer(of[:_MUCH_TEXT])), default=0)


def follows(copy: Copy, page: Page) -> bool:
    """Whether a page is the approved one's next programme period: the same heading, later years in it."""
    fronts = [(copy.title, page.title), (copy.h1, page.h1)]
    now = [p for _, heading in fronts for p in periods(heading)]
    before = [p for heading, _ in fronts for p in periods(heading)] or periods(copy.text)
    if not now or not before or max(now).end <= max(before).end:
        return False
    if any(phrases.in_heading(heading) for _, heading in fronts):
        return False
    return any(was and drift.heading_likeness(was, heading) >= 0.5 for was, heading in fronts)
