"""How a check came to its finding, in sentences: the rule that decided, and the numbers, marks and words it saw."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from linkwatch.core.safe import plain
from linkwatch.report.reading import Reading
from linkwatch.report.way import answer

ORDER = (
    "host_fault_of", "containment", "likeness", "shrunk_to", "period", "last_modified", "from", "notice", "h1", "signs",
    "probe", "probe_similarity", "hard_probe", "signals", "others_ending_here", "sibling_ends_here", "root", "sibling",
    "listed", "expected", "recognised", "unwatched",
    "mark", "tls", "status_behind", "target", "content_type", "bytes", "confirmed", "first", "detail",
)  # fmt: skip

_LONGEST = 300


def decided(evidence: Mapping[str, Any], reading: Reading) -> str | None:
    """How the rule that decided came to its finding."""
    return reading.words.find(f"rule.{evidence.get('rule')}")


def is_without_copy(evidence: Mapping[str, Any]) -> bool:
    """There was no approved copy to compare the page with."""
    return evidence.get("approved_copy") is False


def sentences(evidence: Mapping[str, Any], reading: Reading) -> Iterator[str]:
    """In the order of `ORDER`, only what there are words for; what is not so, or not known, is not told."""
    for key in ORDER:
        tell = _TELLERS.get(key, _valued)
        if key in evidence and (sentence := tell(key, evidence[key], reading)):
            yield sentence


# ---------------------------------------------------------------- one sentence


def _valued(key: str, seen: object, reading: Reading) -> str | None:
    value = _value(seen, reading)
    return reading.words.find(f"evidence.{key}", value=value) if value else None


def _value(seen: object, reading: Reading) -> str | None:
    """Shares as per cent, text as text."""
    match seen:
        case bool():
            return str(seen) if seen else None  # its sentence is whole without it
        case int():
            return reading.words.number(seen) if seen else None
        case float() if isfinite(seen):
            return reading.words.percent(seen)
        case str():
            return plain(seen, _LONGEST)
    return None


def _answered(key: str, seen: object, reading: Reading) -> str | None:
    """An HTTP status."""
    if not isinstance(seen, int) or not seen:
        return None
    return reading.words.find(f"evidence.{key}", value=answer(seen, reading.words))


def _named(key: str, seen: object, reading: Reading) -> str | None:
    """A list of signs, each with its name."""
    if not isinstance(seen, list | tuple):
        return None
    names = [name for one in seen if (name := reading.words.find(f"evidence.{key}.{one}"))]
    return reading.words.find(f"evidence.{key}", value=reading.words.join(names)) if names else None


def _chosen(key: str, seen: object, reading: Reading) -> str | None:
    """One of a closed list, each with its sentence."""
    return reading.words.find(f"evidence.{key}.{seen}")


def _marked(key: str, seen: object, reading: Reading) -> str | None:
    """Where a wall or a login was known by: a header's name, a kind of place, or what stands in the page's code."""
    if not isinstance(seen, str) or not seen:
        return None
    kind, _, name = seen.partition(" ")
    if kind == "header" and name:
        return reading.words.find(f"evidence.{key}.header", value=plain(name, _LONGEST))
    return _chosen(key, seen, reading) or reading.words.find(f"evidence.{key}.code", value=plain(seen, _LONGEST))


def _dated(key: str, seen: object, reading: Reading) -> str | None:
    try:
        moment = datetime.fromisoformat(str(seen))
    except ValueError:
        return None
    return reading.words.find(f"evidence.{key}", value=reading.date(moment))


def _reasoned(key: str, seen: object, reading: Reading) -> str | None:
    value = reading.words.find(f"reason.{seen}")
    return reading.words.find(f"evidence.{key}", value=value) if value else None


def _judged(key: str, seen: object, reading: Reading) -> str | None:
    value = reading.words.find(f"verdict.{seen}.name")
    return reading.words.find(f"evidence.{key}", value=value) if value else None


_TELLERS: Mapping[str, Callable[[str, object, Reading], str | None]] = {
    "last_modified": _dated, "from": _chosen, "signs": _named, "probe": _chosen, "signals": _named, "root": _answered,
    "sibling": _answered, "mark": _marked, "tls": _reasoned, "status_behind": _answered, "first": _judged,
}  # fmt: skip
