"""Text compared: 4-word shingles, how much of one text is found in another, and what to overlook.

A shingle's hash is multiply-add hashing over the CRC-32 of its words (Dietzfelbinger et al. 1997: one random odd 64-bit
factor for each place), the same on every machine and in every version. All shingles of a text are computed at once, in
one long integer whose 128-bit digits hold one word each: 5,500 words take about a millisecond.
"""

import hashlib
import re
import string
import sys
from array import array
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from functools import lru_cache
from urllib.parse import unquote
from zlib import crc32

_INVISIBLE = "\u00ad\u200b\u2060\ufeff"  # soft hyphens and zero-width spaces: inside words
_ASCII_SIGNS = bytes(
    ord(" ") if chr(c) not in string.ascii_letters + string.digits and c < 128 else c for c in range(256)
)
_OTHER_SIGNS = "–—’‘”“„…·•«»\xa0"
_DIGIT = 16  # bytes a word has in the long integer: its hash, and room for the sums


def fold(text: str) -> str:
    """Text with each run of white space as one space, without soft hyphens and zero-width spaces."""
    return " ".join(_replaced(text, _INVISIBLE, "").split())


def _replaced(text: str, signs: str, by: str) -> str:
    for sign in signs:
        if sign in text:
            text = text.replace(sign, by)
    return text


def shingles(text: str, size: int = 4) -> frozenset[int]:
    """63-bit hashes, never negative, of all runs of `size` words: lower case, punctuation aside.

    A text of fewer words is one shingle, a text of none has none.
    """
    words = _words(text)
    if not words:
        return frozenset()
    width = min(size, len(words))
    hashes = array("Q", bytes(_DIGIT * len(words)))
    hashes[::2] = array("Q", list(map(crc32, words)))
    total = _long(hashes) * _factors(width) >> 8 * _DIGIT * (width - 1)
    return _low_halves(total, len(words) - width + 1)


def _words(text: str) -> list[bytes]:
    bare = _replaced(_replaced(text, _INVISIBLE, ""), _OTHER_SIGNS, " ")
    return bare.lower().encode("utf-8", "replace").translate(_ASCII_SIGNS).split()


@lru_cache(16)
def _factors(width: int) -> int:
    """Place by place, last word first, so that one product holds each window's sum in one digit."""
    factors = (hashlib.blake2b(b"linkwatch shingle %d" % place, digest_size=8).digest() for place in range(width))
    return int.from_bytes(b"".join((bytes([f[0] | 1]) + f[1:]).ljust(_DIGIT, b"\0") for f in factors), "little")


def _long(hashes: "array[int]") -> int:
    if sys.byteorder == "big":
        hashes.byteswap()
    return int.from_bytes(hashes.tobytes(), "little")


def _low_halves(total: int, count: int) -> frozenset[int]:
    """The lowest `count` digits of a long integer, each modulo 2^63."""
    length = _DIGIT * count
    total &= int.from_bytes((b"\xff" * 7 + b"\x7f").ljust(_DIGIT, b"\0") * count, "little")
    digits = array("Q", total.to_bytes(length, "little"))
    if sys.byteorder == "big":
        digits.byteswap()
    return frozenset(digits[::2])


def sample(hashes: Iterable[int], keep: int = 1024) -> tuple[int, ...]:
    """The `keep` smallest, sorted: a bottom-k sample (Broder 1997), the same part of any two texts' common shingles."""
    return tuple(sorted(hashes)[:keep])


def containment(sample_of_copy: Iterable[int], page: Collection[int]) -> float:
    """The share of a copy's (sampled) shingles that are found in a page's: 0 to 1, and 0 of an empty copy."""
    wanted = frozenset(sample_of_copy)
    return len(wanted & _set(page)) / len(wanted) if wanted else 0.0


def jaccard(a: Collection[int], b: Collection[int]) -> float:
    """How much two texts are the same: shingles in common by shingles in all; 0 where both are empty."""
    one, other = _set(a), _set(b)
    common = len(one & other)
    return common / (len(one) + len(other) - common) if one or other else 0.0


def _set(hashes: Collection[int]) -> AbstractSet[int]:
    return hashes if isinstance(hashes, AbstractSet) else frozenset(hashes)


# ---------------------------------------------------------------- what to overlook on error pages

_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"']+", re.IGNORECASE)
_WITH_DIGIT = re.compile(r"(?<![\w:.,/-])[\w:.,/-]*?\d[\w:.,/-]*")  # from a token's start: linear
_MONTHS = (
    "jan(?:uari|uary)? feb(?:ruari|ruary)? mar(?:s|ch)? apr(?:il)? maj may jun[ie]? jul[iy]? aug(?:usti|ust)? "
    "sep(?:t|tember)? o[kc]t(?:ober)? nov(?:ember)? dec(?:ember)?"
).replace(" ", "|")
_DAYS = (
    "mån(?:dag)? tis(?:dag)? ons(?:dag)? tor(?:s|sdag)? fre(?:dag)? lör(?:dag)? sön(?:dag)? "
    "mon(?:day)? tue(?:sday)? wed(?:nesday)? thu(?:rsday)? fri(?:day)? sat(?:urday)? sun(?:day)?"
).replace(" ", "|")
_AFTER = rf"(?: ?(?:kl\.?|gmt|utc|cest?|{_MONTHS})\b\.?(?:,? #)?| #)*"
_NUMBERS = re.compile(rf"(?:\b(?:{_DAYS}|{_MONTHS})\b[ ,.]{{1,3}}(?:den )?){{0,3}}#{_AFTER}", re.IGNORECASE)
_SHORTEST_ECHO = 4


def mask(text: str, *echoes: str) -> str:
    """Text with what differs between two error pages of one site overlooked, for comparing them.

    Each echoed address becomes "@" in all its spellings (whole, path, last name, words, decoded), and so does any other
    address; numbers, times, dates and identifiers with digits become "#".
    """
    spellings = sorted({word for echo in echoes for word in _spellings(echo)}, key=lambda word: (-len(word), word))
    if spellings:
        text = re.sub("|".join(map(re.escape, spellings)), "@", text, flags=re.IGNORECASE)
    return _NUMBERS.sub("#", _WITH_DIGIT.sub("#", _ADDRESS.sub("@", text)))


def _spellings(address: str) -> set[str]:
    bare = address.partition("://")[2] or address
    path = bare[bare.find("/") :] if "/" in bare else bare
    last = path.rstrip("/").rpartition("/")[2]
    stem = last.partition("?")[0].rpartition(".")[0] or last
    whole = {address, bare, path, path.partition("?")[0], path.strip("/"), last, stem}
    decoded = whole | {unquote(word) for word in whole}
    words = {re.sub(r"[-_+]+", " ", word) for word in decoded}
    return {word for word in decoded | words if len(word) >= _SHORTEST_ECHO}
