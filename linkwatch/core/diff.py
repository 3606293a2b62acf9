"""Two texts → a unified diff, in a time that grows with their length also where a thousand lines differ.

Lines that occur once in both, in the same order, are fixed points (patience diff); difflib compares what is between.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

_Kind = Literal["replace", "delete", "insert", "equal"]
_Opcode = tuple[_Kind, int, int, int, int]


class _Matched(SequenceMatcher[str]):
    """What difflib makes of opcodes that are known already."""

    def __init__(self, codes: list[_Opcode]) -> None:
        super().__init__()
        self._codes = codes

    def get_opcodes(self) -> list[_Opcode]:
        return self._codes


def unified(old: Sequence[str], new: Sequence[str], name: str) -> Iterator[str]:
    """The lines of `diff -u`, without ends of their own where the compared lines have them."""
    grouped = _Matched(list(_opcodes(old, new))).get_grouped_opcodes(3)
    groups = [group for group in grouped if any(code[0] != "equal" for code in group)]
    if groups:
        yield from (f"--- {name}\n", f"+++ {name}\n")
    for group in groups:
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"
        for kind, a, b, c, d in group:
            if kind == "equal":
                yield from (f" {line}" for line in old[a:b])
                continue
            yield from (f"-{line}" for line in old[a:b])
            yield from (f"+{line}" for line in new[c:d])


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Iterator[_Opcode]:
    """As SequenceMatcher.get_opcodes, neighbours that are equal joined."""
    equal: tuple[int, int, int, int] | None = None
    points = [(-1, -1), *_fixed_points(old, new), (len(old), len(new))]
    for (a, c), (b, d) in pairwise(points):
        between = SequenceMatcher(None, old[a + 1 : b], new[c + 1 : d], autojunk=False).get_opcodes()
        shifted = [(k, i + a + 1, j + a + 1, m + c + 1, n + c + 1) for k, i, j, m, n in between]
        if b < len(old) and d < len(new):
            shifted.append(("equal", b, b + 1, d, d + 1))
        for kind, i, j, m, n in shifted:
            if kind == "equal":
                equal = (equal[0], j, equal[2], n) if equal else (i, j, m, n)
                continue
            if equal:
                yield ("equal", *equal)
                equal = None
            yield kind, i, j, m, n
    if equal:
        yield ("equal", *equal)


def _fixed_points(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The longest rising sequence of lines that are unique on both sides (Fredman 1975)."""
    in_old, in_new = Counter(old), Counter(new)
    places = {line: at for at, line in enumerate(new) if in_new[line] == 1}
    pairs = [(at, places[line]) for at, line in enumerate(old) if in_old[line] == 1 and line in places]
    ends: list[int] = []
    chain: list[int] = []
    before: list[int | None] = []
    for number, (_, place) in enumerate(pairs):
        at = bisect_left(ends, place)
        before.append(chain[at - 1] if at else None)
        ends[at : at + 1], chain[at : at + 1] = [place], [number]
    found: list[tuple[int, int]] = []
    step = chain[-1] if chain else None
    while step is not None:
        found.append(pairs[step])
        step = before[step]
    return found[::-1]


def _range(start: int, stop: int) -> str:
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start + bool(length)},{length}"
