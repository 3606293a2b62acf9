"""Text as people look for it and as Swedes sort it: what stands in the search and sort columns of a link.

å, ä and ö are letters of their own; any other letter is found without its accent, and capitals are no matter.
"""

import re
import unicodedata

from linkwatch.core.models import Source
from linkwatch.core.urls import display

LONGEST = 2_000  # characters of one field that can be found
MOST_WORDS = 24

_OWN_LETTERS = frozenset("åäöÅÄÖ")
_LAST_LETTERS = str.maketrans({"å": "{", "ä": "|", "ö": "}", "æ": "|", "ø": "}"})  # these follow z in ASCII
_NUMBER = re.compile(r"[0-9]+")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")


def fold(text: str) -> str:
    """Small letters without accents, white space as one space; å, ä and ö stay. At most `LONGEST` characters."""
    composed = unicodedata.normalize("NFC", _UNSEEN.sub(" ", text[:LONGEST]))
    plain = composed if composed.isascii() else "".join(map(_bare, composed))
    return " ".join(plain.casefold().split())


def _bare(letter: str) -> str:
    if letter in _OWN_LETTERS or letter.isascii():
        return letter
    return "".join(mark for mark in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(mark))


def searched(source: Source) -> str:
    """What of a source is looked in, one field a line, so that no word is found across two."""
    fields = (source.id, source.name, source.owner, source.url, display(source.url), *source.tags)
    return "\n".join(dict.fromkeys(filter(None, map(fold, fields))))


def words(text: str) -> tuple[str, ...]:
    """The words that must all occur; as many as somebody types."""
    return tuple(dict.fromkeys(fold(text).split()))[:MOST_WORDS]


def sort_key(name: str) -> str:
    """Sorts as text: å, ä and ö last, in that order, and a number by its value."""
    return _NUMBER.sub(lambda found: found[0].zfill(12), fold(name).translate(_LAST_LETTERS))
