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
_TOKEN = re.compile(r"""\"{3}|'{3}|"(?:\\.|[^"\\])*"|'[^']*'|\#.*|[][{}]""")
_ENDS = {'"""': re.compile(r'(?:\\.|[^\\])*?"{3,5}'), "'''": re.compile(r"[^\n]*?'{3,5}")}


class Lines:
    """The places of a file's keys. `of` answers for the nearest place that is known."""

    def __init__(self, text: str) -> None:
        self._places: dict[Location, int] = {}
        self._headers: list[tuple[int, Location]] = []
        self._scan(text.split("\n"))

    @property
    def headers(self) -> list[tuple[int, Location]]:
        """The line (from 1) and the name of every [table] and [[table]], the latter with its number."""
        return self._headers

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
        self._headers.append((number, name))
        return name


def _parts(dotted: str) -> Location:
    return tuple(next(group for group in match.groups() if group is not None) for match in _PART.finditer(dotted))


def _open_after(text: str, until: str, depth: int) -> tuple[str, int]:
    """Which triple quote and how many brackets are still open after this piece of a value."""
    at = 0
    while True:
        if until:
            end = _ENDS[until].match(text, at)
            if not end:
                return until, depth
            until, at = "", end.end()
        found = _TOKEN.search(text, at)
        if not found:
            return "", max(depth, 0)
        sign, at = found.group(), found.end()
        until = sign if sign in _ENDS else ""
        depth += (sign in "[{") - (sign in "]}")
