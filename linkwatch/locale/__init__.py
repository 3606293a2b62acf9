"""What people read: the words of reports and commands, in Swedish and English.

The catalogues `sv.po` and `en.po` have stable codes as msgids ("verdict.not_found.name"); they are read when first
used and kept. A key that does not exist is our own mistake and raises; words for codes that come from elsewhere are
asked for with `find`, which answers None. No code is ever shown to a person.
"""

import datetime as dt
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

LANGUAGES = {"sv": "sv_SE", "en": "en_GB"}  # the locale that writes each language's dates and numbers

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_AGES = (  # largest first: name, its length, and from how many on it is used
    ("years", 365 * _DAY, 2),
    ("months", 30 * _DAY, 2),
    ("days", _DAY, 1),
    ("hours", _HOUR, 1),
    ("minutes", _MINUTE, 1),
)


class Words:
    """The words of one language. Times go in aware, `tz` is a zone's name ("Europe/Stockholm")."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise ValueError(f"no words for the language {language!r}; there are {', '.join(LANGUAGES)}")
        self.language = language
        self._locale = _locale(language)
        self._known = catalogue(language)
        self._plural = self._locale.plural_form

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def text(self, key: str, **values: object) -> str:
        """The words of `key`. Raises LookupError for a key or placeholder that does not exist."""
        if key not in self._known:
            raise LookupError(f"no words for {key!r} in {self.language}.po")
        words = self._known[key][0]
        return words.format_map(values) if "{" in words else words

    def find(self, key: str, **values: object) -> str | None:
        """As `text`, for codes that come from elsewhere: None where there are no words for it."""
        return self.text(key, **values) if key in self._known else None

    def count(self, key: str, n: int, **values: object) -> str:
        """The words of `key` in the form that goes with `n`, which stands as `{n}` in them."""
        if key not in self._known:
            raise LookupError(f"no words for {key!r} in {self.language}.po")
        forms = self._known[key]
        words = forms[0] if self._plural(n) == "one" else forms[-1]
        return words.format_map({**values, "n": self.number(n)})

    def number(self, n: float) -> str:
        """1234.5 as "1 234,5" or "1,234.5"."""
        return _number(n, self._locale)

    def percent(self, share: float) -> str:
        """0.834 as "83 %" or "83%"."""
        return format_percent(share, locale=self._locale)

    def date(self, moment: dt.datetime, tz: str) -> str:
        """15 december 2021"""
        return _date(_local(moment, tz).date(), "d MMMM y", self._locale)

    def day_and_month(self, moment: dt.datetime, tz: str) -> str:
        """15 december, where the year is plain"""
        return _date(_local(moment, tz).date(), "d MMMM", self._locale)

    def day_and_short_month(self, moment: dt.datetime, tz: str) -> str:
        """15 dec"""
        return _date(_local(moment, tz).date(), "d MMM", self._locale).rstrip(".")

    def month(self, moment: dt.datetime, tz: str) -> str:
        """dec"""
        return _date(_local(moment, tz).date(), "LLL", self._locale).rstrip(".")

    def time(self, moment: dt.datetime, tz: str) -> str:
        """14:05"""
        return format_time(_local(moment, tz).replace(tzinfo=None), "HH:mm", locale=self._locale)

    def datetime(self, moment: dt.datetime, tz: str) -> str:
        """15 december 2021 kl. 14:05"""
        return self.text("time.datetime", date=self.date(moment, tz), time=self.time(moment, tz))

    def day(self, moment: dt.datetime, tz: str) -> str:
        """2021-12-15, for tables"""
        return _local(moment, tz).date().isoformat()

    def ago(self, then: dt.datetime, now: dt.datetime) -> str:
        """How long something has been so: "sedan 3 dagar"."""
        return self.text("age.since", age=self.age(then, now))

    def before(self, then: dt.datetime, now: dt.datetime) -> str:
        """When something happened: "för 3 dagar sedan"."""
        return self.text("age.before", age=self.age(then, now))

    def age(self, then: dt.datetime, now: dt.datetime) -> str:
        """ "3 dagar", in whole units rounded down; a `then` that has yet to come is a moment ago."""
        seconds = (now - then).total_seconds()
        for name, length, from_on in _AGES:
            if seconds >= from_on * length:
                return self.count(f"age.{name}", int(seconds // length))
        return self.text("age.moment")

    def join(self, items: Iterable[str]) -> str:
        """a, b och c"""
        return format_list(list(items), locale=self._locale)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(LANGUAGES[language])


@lru_cache(maxsize=4_000)
def _date(day: dt.date, form: str, locale: Locale) -> str:
    return format_date(day, form, locale=locale)


@lru_cache(maxsize=4_000)
def _number(n: float, locale: Locale) -> str:
    return format_decimal(n, locale=locale)


@cache
def catalogue(language: str) -> dict[str, tuple[str, ...]]:
    """Every key of a language with its words: one form, or one for each plural."""
    with files(__name__).joinpath(f"{language}.po").open("rb") as file:
        read = read_po(file, locale=language, abort_invalid=True)
    return {_key(message): _forms(message) for message in read if message.id}


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _local(moment: dt.datetime, tz: str) -> dt.datetime:
    """In the zone, except at the ends of time: a certificate may be valid to 9999-12-31 (RFC 5280 §4.1.2.5)."""
    try:
        return moment.astimezone(ZoneInfo(tz))
    except OverflowError:
        return moment
