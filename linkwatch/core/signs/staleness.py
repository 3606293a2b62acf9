"""A living page that says itself that its time is over."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from linkwatch.core.signs.periods import last_year_promised, periods

_TOO_OLD_TO_BE_TRUE = 1995  # servers without a clock send 1970

# Headings that look back on a period: it is what they are about, not how long they are valid.
_LOOKS_BACK = re.compile(
    r"statisti|histori|årsredovisning|årsberättelse|verksamhetsberättelse|utvärdering|uppföljning|slutrapport|resultat"
    r"|bokslut|protokoll|arkiv|minnen|krönika|evaluering|årsrapport|årsmelding|årsberetning|arkivet|beretning|vuosikertomus"
    r"|arviointi|historia|tilasto|evaluation|annual report|review|archive|minutes|results|survey|statistics"
    r"|befolkningsutveckling|kartläggning av|tidigare|avslutad|forskning|avhandling",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    reason: str  # period_over | last_modified
    evidence: dict[str, str]


def period_over(headings: tuple[str | None, ...], everything: str, now: datetime) -> Stale | None:
    """The heading's period has ended and nothing on the page speaks of a later one.

    `everything` is all that the page says, its links' texts too.
    """
    named = [period for heading in headings for period in periods(heading)]
    if not named or max(named).end >= now.year or any(_LOOKS_BACK.search(heading or "") for heading in headings):
        return None
    later = [period for period in periods(everything) if period.end > max(named).end]
    if later or last_year_promised(everything) > max(named).end:
        return None
    return Stale(reason="period_over", evidence={"period": str(max(named))})


def too_old(modified: datetime | None, source: str | None, max_age: timedelta, now: datetime) -> Stale | None:
    """Last modified longer ago than the policy allows."""
    if modified is None or modified.year < _TOO_OLD_TO_BE_TRUE or now - modified <= max_age:
        return None
    evidence = {"last_modified": modified.isoformat(), "from": source or "header"}
    return Stale(reason="last_modified", evidence=evidence)
