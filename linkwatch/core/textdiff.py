"""Two texts side by side: what stayed, what is gone, what is new.

Sentences are aligned as lines are (`core.diff`); a sentence that was rewritten is found again by the rare words that it
kept, and compared word by word. Time and size are bounded by the length of the texts, whatever is in them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, groupby, pairwise, starmap, zip_longest
from typing import NamedTuple

from linkwatch.core.diff import Opcode, opcodes, rising
from linkwatch.core.safe import plain
from linkwatch.core.sentences import sentences
from linkwatch.core.text import containment, sample, shingles

LONGEST = 300_000  # characters of each text that are read
MOST_ROWS = 200

_AROUND = 1  # unchanged sentences that stay to be seen before and after what changed
_FEWEST_FOLDED = 3
_MOST_WORK = 1_000_000  # see `core.diff`
_MOST_WORK_IN_SENTENCE = 4_000
_RARE = 4  # a word found in no more sentences says which one is meant
_ALIKE = 0.4  # the share of words in common from which two sentences are one, rewritten
_SHORT_WORD = 3  # letters: alone between two changes it is noise


class Kind(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some words. The parts of one side are joined by a space each."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One sentence of each text, or of one of them; or `folded` sentences that are the same in both and not shown."""

    left: tuple[Part, ...] = ()
    right: tuple[Part, ...] = ()
    folded: int = 0

    @property
    def is_changed(self) -> bool:
        return any(part.kind is not Kind.SAME for part in (*self.left, *self.right))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`kept` is the share of the old text found in the new (`core.text.containment`), None where there was no old."""

    rows: tuple[Row, ...]
    left_out: int  # rows with changes that are not among `rows`
    kept: float | None
    gone: int  # words of the old text
    new: int  # words of the new one

    @property
    def is_same(self) -> bool:
        return not self.left_out and not any(row.is_changed for row in self.rows)


def side_by_side(old: str, new: str, most: int = MOST_ROWS) -> Comparison:
    """At most `most` rows, from the start; of each text the first `LONGEST` characters, on one line, safe to show."""
    old, new = old[:LONGEST], new[:LONGEST]
    pairs = list(_pairs(sentences(old), sentences(new)))
    known = sample(shingles(old))
    counts = [_words(pair) for pair in pairs if pair.is_changed]
    return Comparison(
        rows=tuple(_row(pair) for pair in pairs[:most]),
        left_out=sum(pair.is_changed for pair in pairs[most:]),
        kept=containment(known, shingles(new)) if known else None,
        gone=sum(gone for gone, _ in counts),
        new=sum(new for _, new in counts),
    )


# ---------------------------------------------------------------- sentences


class _Pair(NamedTuple):
    """A row in the making: two sentences, one of which may be "", or how many are folded."""

    left: str = ""
    right: str = ""
    folded: int = 0

    @property
    def is_changed(self) -> bool:
        return self.left != self.right


def _pairs(old: Sequence[str], new: Sequence[str]) -> Iterator[_Pair]:
    codes = list(opcodes(old, new, _MOST_WORK))
    for number, (kind, a, b, c, d) in enumerate(codes, 1):
        if kind == "equal":
            yield from _unchanged(old[a:b], is_first=number == 1, is_last=number == len(codes))
        else:
            yield from _changed(old[a:b], new[c:d])


def _unchanged(same: Sequence[str], *, is_first: bool, is_last: bool) -> Iterator[_Pair]:
    """Those next to a change, and how many are between them."""
    start = 0 if is_first else _AROUND
    end = len(same) if is_last else max(len(same) - _AROUND, 0)
    if end - start < _FEWEST_FOLDED:
        start = end = len(same)
    yield from (_Pair(sentence, sentence) for sentence in same[:start])
    if end > start:
        yield _Pair(folded=end - start)
    yield from (_Pair(sentence, sentence) for sentence in same[end:])


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[_Pair]:
    """Sentences that were rewritten beside what became of them, the others beside each other as they come."""
    points = [(-1, -1), *_rewritten(old, new), (len(old), len(new))]
    for (a, c), (b, d) in pairwise(points):
        yield from starmap(_Pair, zip_longest(old[a + 1 : b], new[c + 1 : d], fillvalue=""))
        if b < len(old) and d < len(new):
            yield _Pair(old[b], new[d])


def _rewritten(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Places of one sentence in both, rising."""
    words = [frozenset(sentence.split()) for sentence in new]
    places: dict[str, list[int]] = {}
    for place, found in enumerate(words):
        for word in found:
            places.setdefault(word, []).append(place)
    return rising(list(_likely(old, words, {word: at for word, at in places.items() if len(at) <= _RARE})))


def _likely(
    old: Sequence[str], new: Sequence[frozenset[str]], places: Mapping[str, Sequence[int]]
) -> Iterator[tuple[int, int]]:
    """Of each old sentence the new one that has most of its rare words, where the two are alike at all."""
    for at, sentence in enumerate(old):
        words = frozenset(sentence.split())
        votes = Counter(place for word in words for place in places.get(word, ()))
        best = max(votes, key=lambda place: (votes[place], -place), default=None)
        if best is not None and _is_alike(words, new[best]):
            yield at, best


def _is_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return 2 * len(one & other) >= _ALIKE * (len(one) + len(other))


# ---------------------------------------------------------------- words


def _words(pair: _Pair) -> tuple[int, int]:
    """How many are gone and how many are new; a word in another place in its sentence is neither."""
    old, new = Counter(pair.left.split()), Counter(pair.right.split())
    if not _is_alike(frozenset(old), frozenset(new)):
        return old.total(), new.total()
    return (old - new).total(), (new - old).total()


def _row(pair: _Pair) -> Row:
    if not pair.is_changed:
        same = _side(Kind.SAME, pair.left)
        return Row(left=same, right=same, folded=pair.folded)
    old, new = pair.left.split(), pair.right.split()
    if not _is_alike(frozenset(old), frozenset(new)):
        return Row(left=_side(Kind.GONE, pair.left), right=_side(Kind.NEW, pair.right))
    runs = list(_runs(old, new))
    left = (_side(Kind.SAME if is_same else Kind.GONE, " ".join(words)) for is_same, words, _ in runs)
    right = (_side(Kind.SAME if is_same else Kind.NEW, " ".join(words)) for is_same, _, words in runs)
    return Row(left=tuple(chain.from_iterable(left)), right=tuple(chain.from_iterable(right)))


def _side(kind: Kind, text: str) -> tuple[Part, ...]:
    return (Part(kind=kind, text=plain(text)),) if text else ()


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    """What is the same and what is not, by turns; a short word between two changes has changed with them."""
    codes = list(opcodes(old, new, _MOST_WORK_IN_SENTENCE))
    ends = (codes[:1], codes[-1:])
    for is_same, run in groupby(codes, lambda code: _stays(code, old, is_at_end=[code] in ends)):
        spans = list(run)
        (_, a, _, c, _), (_, _, b, _, d) = spans[0], spans[-1]
        yield is_same, old[a:b], new[c:d]


def _stays(code: Opcode, old: Sequence[str], *, is_at_end: bool) -> bool:
    kind, a, b, _, _ = code
    return kind == "equal" and (is_at_end or len(" ".join(old[a:b])) > _SHORT_WORD)
