"""Header fields that fold themselves (RFC 5322 §2.2.3): at spaces only, and never within an address.

The standard library's own fields break a long word without spaces, or turn it into encoded words: both ruin an address
of `List-Unsubscribe`, a `Message-ID` or a mailbox. These are made of words that stay whole.
"""

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from email.message import EmailMessage
from email.policy import EmailPolicy
from itertools import groupby
from typing import Self

from linkwatch.core.safe import plain
from linkwatch.notify.mailboxes import Mailbox

LONGEST_LINE = 76  # RFC 2047 §2, where there is an encoded word; RFC 5322 would allow 78
LONGEST_WORD = 900  # a line has 998 octets at most

_LONGEST_ENCODED = 75  # RFC 2047 §2
_PREFIX, _SUFFIX = "=?utf-8?", "?="
_AS_IS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")  # RFC 2047 §5 (3)
_ATOM = _AS_IS | frozenset("#$%&'=?^_`{|}~")
_UNFIT = re.compile("[^!-~]")


class _Field(str):
    """A field's value as it is read, with the words that say so on the wire.

    Takes part in `email.policy` by its `name` and `fold`: what has a name is stored as it is (`header_store_parse`).
    """

    __slots__ = ("_words", "name")

    name: str
    _words: tuple[str, ...]

    def __new__(cls, name: str, value: str, words: Iterable[str]) -> Self:
        self = super().__new__(cls, value)
        self.name, self._words = name, tuple(words)
        return self

    def fold(self, *, policy: EmailPolicy) -> str:
        lines = [f"{self.name}:"]
        for word in self._words:
            if len(lines[-1]) + 1 + len(word) <= LONGEST_LINE or lines[-1] == f"{self.name}:":
                lines[-1] += f" {word}"
            else:
                lines.append(f" {word}")
        return policy.linesep.join(lines) + policy.linesep


def put(message: EmailMessage, name: str, *words: str) -> None:
    """A field of words that are ready to go out. What can stand in none (RFC 5322 §2.2) is left out of them."""
    whole = [_UNFIT.sub("", word) for word in words]
    message[name] = _Field(name, " ".join(whole), whole)


def put_text(message: EmailMessage, name: str, text: str) -> None:
    """A field for people to read, whatever stands in it."""
    shown = plain(text)
    message[name] = _Field(name, shown, _unstructured(shown, len(name) + 2))


def put_mailboxes(message: EmailMessage, name: str, *mailboxes: tuple[str, Mailbox]) -> None:
    """A field of mailboxes, each with what it is called or ""."""
    written = [list(_named(display, str(one), len(name) + 2)) for display, one in mailboxes]
    for words in written[:-1]:
        words[-1] += ","
    value = ", ".join(" ".join(words) for words in written)
    message[name] = _Field(name, value, (word for words in written for word in words))


def put_named(message: EmailMessage, name: str, display: str, identity: str) -> None:
    """A field of a name and what it stands for in angle brackets (List-Id, RFC 2919)."""
    words = list(_named(display, _UNFIT.sub("", identity), len(name) + 2, always_bracketed=True))
    message[name] = _Field(name, " ".join(words), words)


# ---------------------------------------------------------------- words


def _named(display: str, identity: str, used: int, *, always_bracketed: bool = False) -> Iterator[str]:
    shown = plain(display)
    if shown:
        yield from _phrase(shown, used)
    yield f"<{identity}>" if shown or always_bracketed else identity


def _unstructured(text: str, used: int) -> Iterator[str]:
    return _words(text, used, _is_printable)


def _phrase(text: str, used: int) -> Iterator[str]:
    """Atoms and encoded words, or a quoted string that may be folded at its spaces."""
    words = text.split(" ")
    if all(map(_is_printable, words)) and not all(map(_is_atom, words)):
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        return iter(f'"{quoted}"'.split(" "))
    return _words(text, used, _is_atom)


def _words(text: str, used: int, is_fit: Callable[[str], bool]) -> Iterator[str]:
    """Words that are fit to go out as they are, and runs of those that are not, encoded.

    The space between two encoded words counts for nothing (RFC 2047 §6.2), so that of a run stands within them.
    """
    for fit, group in groupby(text.split(" "), key=is_fit):
        run = list(group)
        yield from run if fit else _encoded(" ".join(run), used)
        used = 1


def _is_printable(word: str) -> bool:
    return len(word) <= LONGEST_WORD and _UNFIT.search(word) is None and "=?" not in word


def _is_atom(word: str) -> bool:
    return _is_printable(word) and bool(word) and _ATOM.issuperset(word)


def _encoded(text: str, used: int) -> Iterator[str]:
    """Encoded words (RFC 2047): the shorter of Q and B, cut between letters; the first has less room on its line."""
    sound = text.encode("utf-8", "replace").decode("utf-8")
    quoted = sum(len(_q(letter)) for letter in sound)
    is_q = quoted <= len(sound.encode("utf-8")) * 4 / 3
    room = min(_LONGEST_ENCODED, LONGEST_LINE - used) - len(_PREFIX) - len("q?") - len(_SUFFIX)
    for piece in _pieces(sound, room, is_q=is_q):
        content = "".join(map(_q, piece)) if is_q else base64.b64encode(piece.encode("utf-8")).decode("ascii")
        yield f"{_PREFIX}{'q' if is_q else 'b'}?{content}{_SUFFIX}"


def _pieces(text: str, room: int, *, is_q: bool) -> Iterator[str]:
    following = _LONGEST_ENCODED - len(_PREFIX) - len("q?") - len(_SUFFIX)
    start, size = 0, 0
    for here, letter in enumerate(text):
        cost = len(_q(letter)) if is_q else len(letter.encode("utf-8"))
        if size + cost > (room if is_q else room // 4 * 3):
            yield text[start:here]
            start, size, room = here, 0, following
        size += cost
    yield text[start:]


def _q(letter: str) -> str:
    if letter == " ":
        return "_"
    return letter if letter in _AS_IS else "".join(f"={byte:02X}" for byte in letter.encode("utf-8"))
