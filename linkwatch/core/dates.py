"""Dates as servers, pages and files write them → aware datetimes in UTC, and which of them may be believed."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_FIRST = datetime(1994, 1, 1, tzinfo=UTC)  # the web has no older pages
_AHEAD = timedelta(days=1)
_GENERATED = timedelta(minutes=5)  # a page "modified" just now was made for this visit
_PDF = re.compile(
    r"\s*(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?\s*(?:(Z)|([+-])(\d\d)'?(\d\d)?)?", re.ASCII
)  # ISO 32000-1 §7.9.4, with the liberties that writers take


def http_date(text: str) -> datetime | None:
    """RFC 9110 §5.6.7, the obsolete forms too."""
    try:
        return _utc(parsedate_to_datetime(text.strip()[:64]))
    except (ValueError, OverflowError, IndexError):
        return None


def iso_date(text: str) -> datetime | None:
    """ISO 8601, a date alone too, else an HTTP date. Without an offset it is taken as UTC."""
    try:
        return _utc(datetime.fromisoformat(text.strip()[:40]))
    except (ValueError, OverflowError):
        return http_date(text)


def pdf_date(text: str) -> datetime | None:
    """`D:YYYYMMDDHHmmSSOHH'mm'`, cut anywhere after the year."""
    found = _PDF.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second, _, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    try:
        zone = timezone(offset)
        return _utc(
            datetime(
                int(year),
                int(month or 1),
                int(day or 1),
                int(hour or 0),
                int(minute or 0),
                int(second or 0),
                tzinfo=zone,
            )
        )
    except (ValueError, OverflowError):
        return None


def believable(date: datetime | None, now: datetime) -> datetime | None:
    """None of a date in the future, or older than the web."""
    return date if date and _FIRST <= date <= now + _AHEAD else None


def is_generated(date: datetime, *clocks: datetime | None) -> bool:
    """Whether a Last-Modified is only the time of the answer."""
    return any(clock and abs(date - clock) <= _GENERATED for clock in clocks)


def _utc(date: datetime) -> datetime:
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
