"""What may stand in the fields of a source, whatever file it is written in."""

import re
from collections.abc import Mapping

from linkwatch.core.counties import COUNTIES
from linkwatch.core.urls import normalise

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
LONGEST_TEXT = 500
LONGEST_URL = 4000
REQUIRED = ("name", "owner", "url")
TEXTS = ("name", "owner", "contact")

BAD_ID = "must be letters (a-z), digits, '.', '_' or '-', beginning with a letter or digit"
EMPTY = "must not be empty"
TOO_LONG = "is too long (at most {max_length} characters)"
UNSHOWN = "holds a line break or another character that cannot be shown"

_ID = re.compile(ID_PATTERN.removesuffix("$") + r"\Z")


def wrong_id(text: str) -> str | None:
    return None if _ID.match(text) else BAD_ID


def wrong_text(text: str) -> str | None:
    if not text:
        return EMPTY
    if len(text) > LONGEST_TEXT:
        return TOO_LONG.format(max_length=LONGEST_TEXT)
    return None if text.isprintable() else UNSHOWN


def wrong_url(url: str) -> str | None:
    if len(url) > LONGEST_URL:
        return TOO_LONG.format(max_length=LONGEST_URL)
    return f"{url!r} is not an http or https address" if url and normalise(url) is None else None


def wrong_county(letter: str) -> str | None:
    return None if letter in COUNTIES else f"{letter!r} is not a county letter ({', '.join(COUNTIES)})"


_NEEDED = ("name", "owner")
_CHECKS = (
    ("name", wrong_text), ("owner", wrong_text), ("contact", wrong_text), ("county", wrong_county), ("url", wrong_url),
)  # fmt: skip


def mistakes(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is wrong in which field. Fields that are optional may be empty."""
    found = list[tuple[str, str]]()
    for key, wrong in _CHECKS:
        text = fields.get(key)
        if text or (text is not None and key in _NEEDED):
            what = wrong(text)
            if what:
                found.append((key, what))
    return found
