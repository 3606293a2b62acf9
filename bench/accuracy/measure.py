"""The bench's arithmetic: rows of what was expected and what was said → shares with their intervals. Pure."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.accuracy.corpus.model import Group, Item

BROKEN = frozenset(
    "not_found gone soft_404 moved_to_home replaced parked client_error server_error unreachable redirect_loop".split()
)
WALLS = frozenset({"blocked", "login_required"})
_Z95 = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One link judged: the truth, and what linkwatch made of it."""

    item: Item
    code: str
    rule: str = ""
    reason: str | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    extra: int = 0  # requests beyond the visit itself

    @property
    def right(self) -> bool:
        return self.code in self.item.accept

    @property
    def broken(self) -> bool:
        return self.code in BROKEN


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`, with the 95 % interval of Wilson."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.hits, self.of)

    def __str__(self) -> str:
        if not self.of:
            return "–"
        low, high = self.interval
        return f"{self.hits / self.of:.3f} [{low:.3f}–{high:.3f}] {self.hits}/{self.of}"


def wilson(hits: int, of: int, z: float = _Z95) -> tuple[float, float]:
    """Wilson's score interval (E. B. Wilson 1927); (0, 1) where nothing was counted."""
    if of == 0:
        return 0.0, 1.0
    share = hits / of
    centre = share + z * z / (2 * of)
    spread = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    low, high = (centre - spread) / scale, (centre + spread) / scale
    return (0.0 if hits == 0 else low), (1.0 if hits == of else high)


def share(rows: Iterable[Row], counts: Callable[[Row], bool]) -> Share:
    judged = [counts(row) for row in rows]
    return Share(sum(judged), len(judged))


def precision(rows: Iterable[Row], code: str) -> Share:
    """Of the links called `code`, those where that is right."""
    return share((row for row in rows if row.code == code), lambda row: row.right)


def recall(rows: Iterable[Row], code: str) -> Share:
    """Of the links that are `code`, those that were called it, or something that is right as well."""
    return share((row for row in rows if row.item.expected == code), lambda row: row.right)


def f1(precise: Share, recalled: Share) -> float | None:
    """The harmonic mean of a precision and a recall; None where either cannot be told."""
    if precise.value is None or recalled.value is None:
        return None
    total = precise.value + recalled.value
    return 2 * precise.value * recalled.value / total if total else 0.0


def by_family(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (list(Group).index(row.item.group), row.item.family)):
        found.setdefault(row.item.family, []).append(row)
    return found


def mistakes(rows: Iterable[Row]) -> str:
    """What wrong rows were called, the commonest first."""
    counted = Counter(row.code for row in rows if not row.right)
    return ", ".join(f"{code} ×{n}" for code, n in counted.most_common(3))


def goals(rows: Sequence[Row]) -> dict[str, Share | float | None]:
    """The figures that have goals (docs/accuracy.md), by name."""

    def of(*groups: Group) -> list[Row]:
        return [row for row in rows if row.item.group in groups]

    healthy, walls = of(Group.HEALTHY), of(Group.WALL, Group.LOGIN)
    living = of(Group.HEALTHY, Group.DRIFT, Group.OUTDATED, Group.MOVED)
    swedish = [row for row in rows if row.item.language == "sv"]
    moved = [row for row in of(Group.MOVED) if row.item.expected == "moved"]
    drifted = of(Group.DRIFT, Group.HEALTHY)
    return {
        "our own side failed (inconclusive, or no verdict)": share(
            rows, lambda row: row.code in {"inconclusive", "none"}
        ),
        'healthy called broken ("false alarms")': share(healthy, lambda row: row.broken),
        "all that is not broken, called broken": share(
            (row for row in rows if not BROKEN & row.item.accept), lambda row: row.broken
        ),
        "healthy judged right": share(healthy, lambda row: row.right),
        "dead called broken, whatever the name": share(of(Group.DEAD), lambda row: row.broken),
        "dead named right": share(of(Group.DEAD), lambda row: row.right),
        "soft 404: precision": precision(rows, "soft_404"),
        "soft 404: recall": recall(rows, "soft_404"),
        "soft 404: precision, Swedish": precision(swedish, "soft_404"),
        "soft 404: recall, Swedish": recall(swedish, "soft_404"),
        "walls and log-ins called broken": share(walls, lambda row: row.broken),
        "walls and log-ins named": share(walls, lambda row: row.code in WALLS),
        "living called a wall or log-in": share(living, lambda row: row.code in WALLS),
        "parked: recall": recall(rows, "parked"),
        "parked: called so wrongly, of all others": share(
            (row for row in rows if row.item.group is not Group.PARKED), lambda row: row.code == "parked"
        ),
        "moved with content: found": share(moved, lambda row: row.right),
        "moved with content: called broken": share(moved, lambda row: row.broken),
        "drift: replaced, precision": precision(drifted, "replaced"),
        "drift: replaced, recall": recall(drifted, "replaced"),
        "drift: replaced, F1": f1(precision(drifted, "replaced"), recall(drifted, "replaced")),
        "drift: changed or replaced, F1": _drift_f1(drifted),
        "outdated: recall": recall(rows, "outdated"),
        "outdated: precision": precision(rows, "outdated"),
    }


def _drift_f1(rows: Sequence[Row]) -> float | None:
    drift = {"changed", "replaced"}
    precise = share((row for row in rows if row.code in drift), lambda row: bool(drift & row.item.accept))
    recalled = share(
        (row for row in rows if row.item.expected in drift and "ok" not in row.item.accept),
        lambda row: row.code in drift,
    )
    return f1(precise, recalled)


def worst(rows: Iterable[Row], count: int) -> list[Row]:
    """The wrong rows that would cost the most trust, those first."""
    wrong = [row for row in rows if not row.right]
    return sorted(wrong, key=lambda row: (_cost(row), row.item.family, row.item.id))[:count]


def _cost(row: Row) -> int:
    alive = not BROKEN & row.item.accept
    if alive and row.broken:
        return 0 if row.item.group in {Group.HEALTHY, Group.WALL, Group.LOGIN} else 1
    if not alive and not row.broken:
        return 2 if row.item.group in {Group.DEAD, Group.PARKED} else 3
    return 4


def attribute(log: Sequence[Sequence[Any]], urls: Mapping[str, str]) -> tuple[dict[str, int], int]:
    """Requests beyond the visits themselves, per link id; and how many belong to no link.

    `log` holds [scheme://host, target, status, Location] in the order served, `urls` address → link id. A link's
    first request and the hops that its redirects ask for are its visit; robots.txt is the host's. Everything else
    is put to the link asked for last on that host: a host is visited one link at a time.
    """
    extra = dict.fromkeys(urls.values(), 0)
    visited: set[str] = set()
    awaited: dict[str, list[bool]] = {}  # address → for each redirect to it: was that an extra request itself?
    current: dict[str, str] = {}
    strays = 0
    for origin, target, _status, location in log:
        url, host = f"{origin}{target}", str(origin).partition("://")[2]
        if target == "/robots.txt":
            continue
        link = urls.get(url)
        is_extra = True
        if awaited.get(url):
            is_extra = awaited[url].pop()
        elif link is not None and link not in visited:
            is_extra = False
            visited.add(link)
            current[host] = link
        if is_extra and host in current:
            extra[current[host]] += 1
        elif is_extra:
            strays += 1
        if location:
            awaited.setdefault(_absolute(origin, target, location), []).append(is_extra)
    return extra, strays


def _absolute(origin: str, target: str, location: str) -> str:
    if "://" in location:
        return location.partition("#")[0]
    return f"{origin}{location}" if location.startswith("/") else f"{origin}{target.rpartition('/')[0]}/{location}"
