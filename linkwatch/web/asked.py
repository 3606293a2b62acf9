"""What a program asks for in a request's body: JSON → `Asked`, or the one `Problem` that is in its way.

Strict, since what is misspelt here would be done to the wrong links: no key twice, no key that does not exist, no value
of another kind, nothing given that the action does not take. What an action needs is for `answers` to say.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from linkwatch.answers import LONGEST_NAME, LONGEST_NOTE
from linkwatch.core.fields import LONGEST_URL
from linkwatch.core.reviews import Action
from linkwatch.core.selection import Selection
from linkwatch.core.urls import normalise
from linkwatch.web.problems import Problem
from linkwatch.web.query import SELECTION_KEYS, selection_of

MOST_LINKS = 10_000

ACTIONS = tuple(action for action in Action if action is not Action.UNDO)
TAKES: Mapping[str, frozenset[Action]] = {  # the others take neither
    "until": frozenset({Action.SNOOZE, Action.REPORT}),
    "assignee": frozenset({Action.ASSIGN}),
    "url": frozenset({Action.ACCEPT}),
}

_FIELDS = ("action", "note", "until", "assignee", "url")
_ONE = (*_FIELDS, "fingerprint")
_MANY = (*_FIELDS, "ids", "selection")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+-]\d{2}:\d{2})?")
_UNWRITTEN = re.compile("[\0-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # not in a note: controls, lone surrogates


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be done, and in bulk to which links: exactly one of `ids` and `selection`."""

    action: Action
    note: str = ""
    until: datetime | None = None
    assignee: str | None = None
    url: str | None = None
    fingerprint: str | None = None  # of the finding that the asker saw
    ids: tuple[str, ...] | None = None
    selection: Selection | None = None


def asked_of_one(body: bytes, timezone: str) -> Asked:
    """Raises `Problem`, or `BadQuery`."""
    given = _given(body, _ONE)
    return _asked(given, timezone, fingerprint=_text(given, "fingerprint", LONGEST_NAME))


def asked_of_many(body: bytes, timezone: str) -> Asked:
    """Raises `Problem`, or `BadQuery`."""
    given = _given(body, _MANY)
    if ("ids" in given) is ("selection" in given):
        raise Problem(422, "which_links")
    ids = _ids(given["ids"]) if "ids" in given else None
    return _asked(given, timezone, ids=ids, selection=_selection(given.get("selection")))


def refuse_body(body: bytes) -> None:
    """For what takes no more than its address: nothing, or an empty object."""
    if body.strip():
        _given(body, ())


def moment_of(text: str, timezone: str) -> datetime:
    """A day is its first moment in `timezone`, and so is a time without an offset there. Raises ValueError."""
    zone = ZoneInfo(timezone)
    if _DAY.fullmatch(text):
        moment = datetime.combine(date.fromisoformat(text), time(), zone)
    elif _MOMENT.fullmatch(text):
        moment = datetime.fromisoformat(text.upper())
    else:
        raise ValueError(f"{text[:40]!r} is not a date")
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    try:
        return local.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("at the end of time") from error


def _asked(given: Mapping[str, Any], timezone: str, **rest: Any) -> Asked:
    action = _action(given)
    for key, actions in TAKES.items():
        if key in given and action not in actions:
            raise Problem(422, "not_taken", key=key, value=action, known=sorted(actions))
    return Asked(
        action=action,
        note=(_text(given, "note", LONGEST_NOTE) or "").strip(),
        until=_until(given, timezone),
        assignee=_line(given, "assignee"),
        url=_url(given),
        **rest,
    )


# ---------------------------------------------------------------- one field at a time


def _action(given: Mapping[str, Any]) -> Action:
    word = _text(given, "action", LONGEST_NAME)
    if word is None:
        raise Problem(422, "no_action", known=ACTIONS)
    if word not in ACTIONS:
        raise Problem(422, "unknown_action", key="action", value=word, known=ACTIONS)
    return Action(word)


def _text(given: Mapping[str, Any], key: str, longest: int) -> str | None:
    if key not in given:
        return None
    value = given[key]
    if not isinstance(value, str):
        raise Problem(422, "not_text", key=key)
    if len(value) > longest:
        raise Problem(422, "too_long", key=key, known=(longest,))
    if _UNWRITTEN.search(value):
        raise Problem(422, "bad_text", key=key)
    return value


def _line(given: Mapping[str, Any], key: str) -> str | None:
    text = _text(given, key, LONGEST_NAME)
    if text is not None and (not text.strip() or not text.isprintable()):
        raise Problem(422, "bad_text" if text.strip() else "empty", key=key)
    return text.strip() if text else None


def _until(given: Mapping[str, Any], timezone: str) -> datetime | None:
    text = _text(given, "until", LONGEST_NAME)
    if text is None:
        return None
    try:
        return moment_of(text, timezone)
    except ValueError:
        raise Problem(422, "bad_date", key="until", value=text) from None


def _url(given: Mapping[str, Any]) -> str | None:
    url = _text(given, "url", LONGEST_URL)
    if url is not None and normalise(url) is None:
        raise Problem(422, "bad_url", key="url", value=url)
    return url


def _ids(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Problem(422, "not_list", key="ids")
    if not value:
        raise Problem(422, "empty", key="ids")
    if len(value) > MOST_LINKS:
        raise Problem(422, "too_many_links", key="ids", known=(MOST_LINKS,))
    found = [_text({"ids": one}, "ids", 2 * LONGEST_NAME) for one in value]
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _selection(value: Any) -> Selection | None:
    """The keys of a query string; `state` may be a list. All links are not a selection: what is left out by mistake."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Problem(422, "not_selection", key="selection", known=SELECTION_KEYS)
    pairs = [(key, text) for key, found in _known(value, SELECTION_KEYS).items() for text in _texts(key, found)]
    selection = selection_of(pairs)
    if selection.is_all:
        raise Problem(422, "empty_selection", key="selection")
    return selection


def _texts(key: str, value: Any) -> list[str]:
    values = value if isinstance(value, list) and key == "state" else [value]
    return [text for one in values if (text := _text({key: one}, key, LONGEST_URL)) is not None]


# ---------------------------------------------------------------- JSON


def _given(body: bytes, keys: Sequence[str]) -> dict[str, Any]:
    value = _parsed(body)
    if not isinstance(value, dict):
        raise Problem(422, "not_object", key="body")
    return _known(value, keys)


def _known(value: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """Without those that are null, which is as good as absent."""
    for key in value:
        if key not in keys:
            raise Problem(422, "unknown_key", key=key, known=keys)
    return {key: found for key, found in value.items() if found is not None}


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_json)
    except (ValueError, RecursionError):
        raise Problem(400, "bad_json") from None


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Problem(400, "key_twice", key=key)
        found[key] = value
    return found


def _no_json(name: str) -> NoReturn:
    """Python takes NaN and Infinity; JSON has none."""
    raise ValueError(name)
