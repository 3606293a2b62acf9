"""A page's text, whose lines are folded away → sentences, for Swedish and English.

A full stop ends a sentence only where what follows begins one: not after an abbreviation, an ordinal or an initial, and
never inside a number, a date or an address. What has no full stops, as lists and menus, is cut at other marks, then at
words chosen by what they are: so the pieces of two texts stay the same where the texts do.
"""

import re
from collections.abc import Iterator
from zlib import crc32

LONGEST = 400  # characters of a piece
LONGEST_WORD = 200  # what is longer is read as several words

_LONG = 240  # characters: from here on a sentence is cut where it has other marks
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?= [^\Wa-zåäöéüæø_]| [\"'”’»“‘(\[–•·*-])")
_SHORT = 40  # a phrase is no shorter
_MARK = re.compile(r"(?:[;:•|·]| [–—-])(?= )")
_RUN = re.compile(rf"(\S{{{LONGEST_WORD}}})(?=\S)")

# Those that are followed by what they belong to. Others ("m.m.", "etc.", "osv.") may well end a sentence.
_NEVER_LAST = frozenset(
    "t.ex. bl.a. d.v.s. dvs. s.k. f.d. fr.o.m. t.o.m. from. p.g.a. pga. i.o.m. m.a.o. dr. doc. prof. kl. nr. ca. c:a. "
    "resp. jfr. inkl. exkl. kap. sid. tel. tfn. max. min. st. s:t. mr. mrs. ms. e.g. i.e. cf. vs. no. vol. fig. "
    "approx. dept. incl. excl. art. sec. ev. avd. enl. ang. adr. förf. red. övers. ordf. gen. rev. hon. gov. jan. feb. "
    "febr. apr. jun. jul. aug. sep. sept. okt. oct. nov. dec. mån. tis. tors. fre. lör. sön. mon. tue. wed. thu. fri. "
    "sat.".split()
)
_LONGEST_ORDINAL = 2  # digits: "3." counts, "2030." ends a sentence


def sentences(text: str) -> list[str]:
    """All words of the text, in order; each piece at most `LONGEST` characters, folded, none empty."""
    folded = _RUN.sub(r"\1 ", " ".join(text.split()))
    return [piece for sentence in _sentences(folded) for piece in _phrases(sentence)]


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(text):
        if not _goes_on(text, start, end):
            yield text[start : end.end()]
            start = end.end() + 1
    if start < len(text):
        yield text[start:]


def _goes_on(text: str, start: int, end: re.Match[str]) -> bool:
    """Whether this full stop belongs to the word before it."""
    if end.group() != ".":
        return False
    word = text[max(start, end.start() - LONGEST_WORD) : end.start()].rpartition(" ")[2].lstrip("(\"'”“’‘»[")
    if word.isdecimal():
        return len(word) <= _LONGEST_ORDINAL
    return len(word) == 1 or f"{word.lower()}." in _NEVER_LAST


def _phrases(sentence: str) -> Iterator[str]:
    if len(sentence) <= _LONG:
        yield sentence
        return
    start = 0
    for mark in _MARK.finditer(sentence):
        if mark.end() - start >= _SHORT:
            yield from _pieces(sentence[start : mark.end()])
            start = mark.end() + 1
    if start < len(sentence):
        yield from _pieces(sentence[start:])


def _pieces(phrase: str) -> Iterator[str]:
    """Cut before about every twelfth word where a phrase is long; never longer than `LONGEST`."""
    if len(phrase) <= _LONG:
        yield phrase
        return
    piece, length = list[str](), 0
    for word in phrase.split(" "):
        if length + len(word) >= LONGEST or (length >= _SHORT and _is_a_place_to_cut(word)):
            yield " ".join(piece)
            piece, length = [], 0
        piece.append(word)
        length += len(word) + 1
    yield " ".join(piece)


def _is_a_place_to_cut(word: str) -> bool:
    return crc32(word.encode("utf-8", "replace")) % 12 == 0
