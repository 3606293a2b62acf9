"""On which line of a TOML file a key stands: tomllib and pydantic do not tell.

A scan by line, good enough for files that tomllib has accepted: headers, dotted and quoted keys, and values over
several lines (strings in triple quotes, lists) are told apart.
"""

import re

Location = tuple[int | str, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*=(.*)$"""
)
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+)""")
_NOISE = re.compile(r""""(?:\\.|[^"\\])*"|'[^']*'|#.*$""")


class Lines:
    """The places of a file's keys. `of` answers for the nearest place that is known."""

    def __init__(self, text: str) -> None:
        self._places: dict[Location, int] = {}
        self._scan(text.splitlines())

    def of(self, location: Location) -> int:
        """The line (from 1) of a key, or of the table that lacks it."""
        while location and location not in self._places:
            location = location[:-1]
        return self._places.get(location, 1)

    def _scan(self, lines: list[str]) -> None:
        table: Location = ()
        counts: dict[Location, int] = {}
        until, depth = "", 0
        for number, line in enumerate(lines, start=1):
            if until or depth > 0:
                until, depth = _open_after(line, until, depth)
            elif header := _HEADER.match(line):
                table = self._table(header, counts, number)
            elif key := _KEY.match(line):
                self._places.setdefault(table + _parts(key[1]), number)
                until, depth = _open_after(key[2], "", 0)

    def _table(self, header: re.Match[str], counts: dict[Location, int], number: int) -> Location:
        name = _parts(header[2])
        if header[1] == "[[":
            counts[name] = counts.get(name, -1) + 1
            self._places.setdefault(name, number)
            name = (*name, counts[name])
        elif name[:1] in counts:
            name = (*name[:1], counts[name[:1]], *name[1:])
        self._places.setdefault(name, number)
        return name


def _parts(dotted: str) -> Location:
    return tuple(next(group for group in match.groups() if group is not None) for match in _PART.finditer(dotted))


def _open_after(text: str, until: str, depth: int) -> tuple[str, int]:
    """Which triple quote and how many brackets are still open after this piece of a value."""
    while True:
        if until:
            _, found, text = text.partition(until)
            if not found:
                return until, depth
            until = ""
        starts = [(at, quote) for quote in ('"""', "'''") if (at := text.find(quote)) >= 0]
        at, quote = min(starts, default=(len(text), ""))
        plain = _NOISE.sub("", text[:at])
        depth += plain.count("[") + plain.count("{") - plain.count("]") - plain.count("}")
        if not quote:
            return "", max(depth, 0)
        text, until = text[at + 3 :], quote
