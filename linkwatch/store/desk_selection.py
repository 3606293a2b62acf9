"""Which links somebody wants to see, as SQL."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from linkwatch.core.models import Code
from linkwatch.core.selection import Answer, Order, Selection
from linkwatch.store import rows, search
from linkwatch.store.desk_statements import IS_LINK, IS_OPEN, WORKS

Values = dict[str, Any]

_ANSWERED = """EXISTS (SELECT 1 FROM reviews AS r WHERE r.link_id = l.id AND r.action = :answer AND r.ended_at IS NULL
    AND (r.until IS NULL OR r.until > :now))"""

_TAGGED = "l.id IN (SELECT link_id FROM link_tags WHERE tag = :tag)"

_ASSIGNED = """l.id IN (SELECT link_id FROM reviews
    WHERE action = 'assign' AND json_extract(details, '$.assignee') = :assignee AND ended_at IS NULL)"""

_IN_INCIDENT = """l.id IN (SELECT listed.value FROM incidents CROSS JOIN json_each(incidents.links) AS listed
    WHERE incidents.id = :incident)"""

_EQUAL: Mapping[str, str] = {
    "owner": "l.owner = :owner",
    "county": "l.county = :county",
    "tag": _TAGGED,
    "assignee": _ASSIGNED,
    "incident": _IN_INCIDENT,
}

_SEVERITY = " ".join(f"WHEN '{code}' THEN {code.severity:d}" for code in Code)

# What there is to do as in `Desk.todo`; then what is suspected, cannot be judged, works and is not watched.
_GRAVITY = f"""CASE WHEN l.state = 'broken' THEN 14 WHEN {WORKS} THEN 2
    WHEN l.state IN ('moved', 'attention')
        THEN 10 + CASE coalesce(l.finding, l.verdict) {_SEVERITY} ELSE {Code.CHANGED.severity:d} END
    WHEN l.state = 'failing' THEN 5 WHEN l.state = 'unverifiable' THEN 4 WHEN l.state = 'unknown' THEN 3
    WHEN l.state = 'paused' THEN 1 ELSE 0 END"""

_ORDERS: Mapping[Order, str] = {
    Order.PAGE: "l.position",
    Order.GRAVITY: f"{_GRAVITY} DESC, l.state = 'ok', l.since IS NULL, l.since, l.position",
    Order.NAME: "l.sort_name, l.position",
    Order.CHECKED: "l.state IN ('no_link', 'paused'), l.checked_at, l.position",
}


def chosen(selection: Selection, now: datetime) -> tuple[str, Values]:
    """A statement that gives the ids of the links, in the order asked, and its values."""
    terms, values = [IS_LINK], Values(now=rows.iso(now))
    for term, bound in _terms(selection):
        terms.append(term)
        values |= bound
    where, order = " AND ".join(terms), _ORDERS[selection.order]
    return f"SELECT l.id FROM links AS l WHERE {where} ORDER BY {order}", values  # noqa: S608  (constants; all that is given is bound)


def _terms(selection: Selection) -> Iterator[tuple[str, Values]]:
    if selection.states:
        # The index of states has neither names nor what is searched: the plus keeps to the one that has.
        column = "+l.state" if selection.text or selection.order is Order.NAME else "l.state"
        yield _any(column, "state", selection.states)
    if selection.answer is Answer.OPEN:
        yield IS_OPEN, {}
    elif selection.answer:
        yield _ANSWERED, {"answer": selection.answer}
    for name, term in _EQUAL.items():
        wanted = getattr(selection, name)
        if wanted is not None:
            yield term, {name: rows.clean(wanted)}
    for number, word in enumerate(search.words(selection.text)):
        yield f"(instr(l.searched, :word{number}) OR instr(l.searched_title, :word{number}))", {f"word{number}": word}


def _any(column: str, name: str, wanted: tuple[str, ...]) -> tuple[str, Values]:
    values: Values = {f"{name}{number}": one for number, one in enumerate(dict.fromkeys(wanted))}
    return f"{column} IN ({', '.join(f':{key}' for key in values)})", values
