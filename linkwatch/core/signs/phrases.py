"""Does a heading, or a very short text, say that the page is not there?

Only whole sentences count, and only in a title, an h1 or a text of a few lines: in the running text of real pages the
same words are a false alarm in 3.7 % of cases, in title and h1 in 0 of 882.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

from linkwatch.core.signs import grammar

_LONGEST = 240  # characters of one heading that are looked at

# A hyphen parts a title only between spaces or after a number; a pipe or an arrow always.
_SEPARATOR = re.compile(r"\s*[|»›·•←→]+\s*|\s+[-–—:/>]+\s+|:\s+|(?<=\d)\s*[-–—]\s+|\s+[-–—](?=\w)")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[!?])")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "´": "'", "“": "", "”": "", '"': "", "«": "", "„": "", "\u00ad": ""})


class Phrase(StrEnum):
    """What such words amount to, the strongest first."""

    MISSING = "missing"  # a whole sentence: the page is not there
    NUMBER = "number"  # a bare "404"
    VAGUE = "vague"  # "Hoppsan! Något gick fel"


def segments(title: str | None) -> list[str]:
    """The parts of a title or heading, each without surrounding space: phrase, page name, site name."""
    if not title:
        return []
    folded = " ".join(title[:_LONGEST].translate(_QUOTES).split())
    return [part for part in _SEPARATOR.split(folded) if part]


def in_heading(heading: str | None) -> Phrase | None:
    """The strongest phrase that one whole sentence of a title or h1 is."""
    return _strongest(sentence for part in segments(heading) for sentence in _SENTENCE.split(part))


def in_short_text(text: str) -> Phrase | None:
    """The same for the sentences of a text of a few lines; a heading may run into the sentence after it."""
    folded = " ".join(text[: 4 * _LONGEST].translate(_QUOTES).split())
    found = _strongest([folded, *_SENTENCE.split(folded)])
    if found is Phrase.MISSING:
        return found
    opens = any(grammar.MISSING_FIRST.match(_bare(sentence)) for sentence in _SENTENCE.split(folded))
    return Phrase.MISSING if opens else found


def _strongest(sentences: Iterable[str]) -> Phrase | None:
    found = {phrase for sentence in sentences if (phrase := _phrase(sentence))}
    return next((phrase for phrase in Phrase if phrase in found), None)


def _phrase(sentence: str) -> Phrase | None:
    if sentence.rstrip().endswith("?"):  # "Hittar du inte det du söker?" stands on every healthy page
        return None
    whole = sentence.strip(" .!,:;…()[]*–—-")
    if not whole:
        return None
    if grammar.BARE.fullmatch(whole):
        return Phrase.NUMBER
    rest = _bare(whole)
    if not rest:
        return Phrase.VAGUE
    if grammar.MISSING.fullmatch(rest):
        return Phrase.MISSING
    return Phrase.VAGUE if grammar.VAGUE.fullmatch(whole) or grammar.VAGUE.fullmatch(rest) else None


def _bare(sentence: str) -> str:
    """The sentence without numbers and interjections around it."""
    rest = sentence.strip()
    for _ in range(4):
        before = rest
        for opening in (grammar.NUMBER_FIRST, grammar.INTERJECTION):
            if found := opening.match(rest):
                rest = rest[found.end() :]
        rest = grammar.NUMBER_LAST.sub("", rest).strip(" .!,:;…()[]*–—-")
        if rest == before:
            break
    return rest
