"""What stands after the question mark: a query string ↔ a `Selection`, and how much of it to show.

    state=broken,moved&owner=Region Skåne&q=service     the links that somebody wants to see
    page=2 · limit=50&offset=100 · all=1                  which of them

Empty fields are as good as absent (a form sends them all); what is not known here is left alone (`utm_source`), and a
value that cannot be meant is said in one sentence, never guessed at.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import quote_plus

from linkwatch.core.counties import COUNTIES
from linkwatch.core.fields import LONGEST_TEXT
from linkwatch.core.models import State
from linkwatch.core.safe import plain
from linkwatch.core.selection import Answer, Order, Selection
from linkwatch.web.refusals import Refused

SELECTION_KEYS = ("state", "answer", "owner", "county", "tag", "assignee", "incident", "q", "sort")
WINDOW_KEYS = ("page", "limit", "offset", "all")
LONGEST_LIMIT = 1000

_LAST = 1_000_000_000  # no list is that long, and SQLite takes it
_SHOWN = 80
_Word = TypeVar("_Word", bound=StrEnum)
Pairs = Iterable[tuple[str, str]]


class BadQuery(Refused):
    """A value that cannot be meant: 400, with the words of `desk.error.<why>`."""

    def __init__(self, why: str, key: str, value: str = "", known: Iterable[str] = ()) -> None:
        super().__init__(400, why, field=key, value=plain(value, _SHOWN), known=", ".join(known))


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of a list is shown. `limit` None: all of it."""

    limit: int | None = 100
    offset: int = 0

    @property
    def page(self) -> int:
        return 1 + (self.offset // self.limit if self.limit else 0)


# ---------------------------------------------------------------- query → selection


def selection_of(params: Pairs) -> Selection:
    """The selection of a query's pairs, as `QueryParams.multi_items()` gives them. Raises `BadQuery`."""
    given = _given(params, SELECTION_KEYS)
    return Selection(
        states=_states(given.pop("state", [])),
        answer=_word(Answer, given, "answer"),
        owner=_one(given, "owner"),
        county=_county(_one(given, "county")),
        tag=_one(given, "tag"),
        assignee=_one(given, "assignee"),
        incident=_one(given, "incident"),
        text=searched(_one(given, "q") or ""),
        order=_word(Order, given, "sort") or Order.PAGE,
    )


def window_of(params: Pairs, *, limit: int = 100, most: int = LONGEST_LIMIT) -> Window:
    """`page` counts from 1; an `offset` counts links and goes before it. Raises `BadQuery`."""
    given = _given(params, WINDOW_KEYS)
    if _one(given, "all") not in (None, "0"):
        return Window(limit=None)
    size = _number(given, "limit", limit, 1, most)
    page = _number(given, "page", 1, 1, _LAST // size)
    return Window(limit=size, offset=_number(given, "offset", (page - 1) * size, 0, _LAST))


def searched(text: str) -> str:
    """Composed, so that å is one letter however it was typed; one space between words, nothing that cannot be seen."""
    seen = "".join(char if char.isprintable() else " " for char in unicodedata.normalize("NFC", text))
    return " ".join(seen.split())


def _given(params: Pairs, keys: Iterable[str]) -> dict[str, list[str]]:
    """The values of each of these keys that has any."""
    values: dict[str, list[str]] = {key: [] for key in keys}
    for key, value in params:
        if key in values and value.strip():
            values[key].append(value)
    return {key: found for key, found in values.items() if found}


def _one(given: Mapping[str, list[str]], key: str) -> str | None:
    values = list(dict.fromkeys(given.get(key, [])))
    if len(values) > 1:
        raise BadQuery("query_twice", key)
    if values and len(values[0]) > LONGEST_TEXT:
        raise BadQuery("query_long", key, values[0])
    return values[0] if values else None


def _states(values: Iterable[str]) -> tuple[State, ...]:
    """Repeated or with commas between, in the order of `State`: one selection has one address."""
    named = {name.strip().lower() for value in values for name in value.split(",")} - {""}
    if unknown := sorted(named - set(State)):
        raise BadQuery("query_unknown", "state", unknown[0], State)
    return tuple(state for state in State if state in named)


def _word(kind: type[_Word], given: Mapping[str, list[str]], key: str) -> _Word | None:
    value = _one(given, key)
    if value is None:
        return None
    known = {word.value: word for word in kind}
    if value.strip().lower() not in known:
        raise BadQuery("query_unknown", key, value, known)
    return known[value.strip().lower()]


def _county(letter: str | None) -> str | None:
    if letter is None:
        return None
    if letter.strip().upper() not in COUNTIES:
        raise BadQuery("query_unknown", "county", letter, COUNTIES)
    return letter.strip().upper()


def _number(given: Mapping[str, list[str]], key: str, default: int, least: int, most: int) -> int:
    value = _one(given, key)
    if value is None:
        return default
    digits = value.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12 and least <= int(digits) <= most):
        raise BadQuery("query_number", key, value, (f"{least}–{most}",))
    return int(digits)


# ---------------------------------------------------------------- selection → query


def query_of(selection: Selection, **more: str | int | None) -> str:
    """The one query string of a selection, without a question mark; `more` stands after it, None left out."""
    pairs = [*pairs_of(selection).items(), *((key, str(value)) for key, value in more.items() if value is not None)]
    return "&".join(f"{key}={quote_plus(value, safe=',:', errors='replace')}" for key, value in pairs)


def pairs_of(selection: Selection) -> dict[str, str]:
    """What a query says of it, and a form keeps in hidden fields; what holds for every link is left out."""
    pairs = {
        "state": ",".join(state for state in State if state in selection.states),
        "answer": selection.answer or "",
        "owner": selection.owner or "",
        "county": selection.county or "",
        "tag": selection.tag or "",
        "assignee": selection.assignee or "",
        "incident": selection.incident or "",
        "q": searched(selection.text),
        "sort": "" if selection.order is Order.PAGE else selection.order,
    }
    return {key: str(value) for key, value in pairs.items() if value}
