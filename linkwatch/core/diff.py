"""Two texts → what differs, in a time that grows with their length also where a thousand lines differ.

Lines that occur once in both, in the same order, are fixed points (patience diff); difflib compares what is between.
Where the same few lines come again and again that would take a time that grows with the square of their number: what
is over the limit is one replacement.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

Kind = Literal["replace", "delete", "insert", "equal"]
Opcode = tuple[Kind, int, int, int, int]

_MOST_WORK = 20_000_000  # pairs of equal lines that difflib may look at, in all: a few seconds


class _Matched(SequenceMatcher[str]):
    """What difflib makes of opcodes that are known already."""

    def __init__(self, codes: list[Opcode]) -> None:
        super().__init__()
        self._codes = codes

    def get_opcodes(self) -> list[Opcode]:
        return self._codes


def unified(old: Sequence[str], new: Sequence[str], name: str) -> Iterator[str]:
    """The lines of `diff -u`, without ends of their own where the compared lines have them."""
    grouped = _Matched(list(opcodes(old, new))).get_grouped_opcodes(3)
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


def opcodes(old: Sequence[str], new: Sequence[str], most_work: int = _MOST_WORK) -> Iterator[Opcode]:
    """As SequenceMatcher.get_opcodes, neighbours that are equal joined."""
    equal: tuple[int, int, int, int] | None = None
    for kind, i, j, m, n in _pieces(old, new, most_work):
        if kind == "equal":
            equal = (equal[0], j, equal[2], n) if equal else (i, j, m, n)
            continue
        if equal:
            yield ("equal", *equal)
            equal = None
        yield kind, i, j, m, n
    if equal:
        yield ("equal", *equal)


def _pieces(old: Sequence[str], new: Sequence[str], most_work: int) -> Iterator[Opcode]:
    """Fixed points, and what is between them."""
    points = [(-1, -1), *_fixed_points(old, new), (len(old), len(new))]
    for (a, c), (b, d) in pairwise(points):
        before, after = old[a + 1 : b], new[c + 1 : d]
        work = _work(before, after)
        codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if work <= most_work else None
        most_work -= work if codes else 0
        for kind, i, j, m, n in codes or _replaced(before, after):
            yield kind, i + a + 1, j + a + 1, m + c + 1, n + c + 1
        if b < len(old) and d < len(new):
            yield "equal", b, b + 1, d, d + 1


def _work(old: Sequence[str], new: Sequence[str]) -> int:
    """No less than the pairs of equal lines that difflib looks at: all of them once for every line that it matches."""
    if not old or not new:
        return 0
    in_new = Counter(new)
    return sum(in_new[line] for line in old) * min(len(old), len(new))


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Opcode]:
    """All but what is the same at both ends."""
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    i, m = len(old) - end, len(new) - end
    if start:
        yield "equal", 0, start, 0, start
    if start < i and start < m:
        yield "replace", start, i, start, m
    elif start < i or start < m:
        yield "delete" if start < i else "insert", start, i, start, m
    if end:
        yield "equal", i, i + end, m, m + end


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """How many are equal from the start on."""
    different = (number for number, (one, other) in enumerate(zip(old, new, strict=False)) if one != other)
    return next(different, min(len(old), len(new)))


def _fixed_points(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    in_old, in_new = Counter(old), Counter(new)
    places = {line: at for at, line in enumerate(new) if in_new[line] == 1}
    return rising([(at, places[line]) for at, line in enumerate(old) if in_old[line] == 1 and line in places])


def rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of pairs with rising firsts, the longest sequence whose seconds rise too (Fredman 1975)."""
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
