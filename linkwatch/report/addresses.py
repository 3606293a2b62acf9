"""Which texts become links: web and mail addresses that are nothing else."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from linkwatch.core.safe import plain

_WEB = re.compile(r"https?://[^\s\"'<>\\^`{|}]+", re.IGNORECASE)
_MAIL = re.compile(r"[A-Za-z0-9.!#$*+/=_~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_LONGEST_LINK = 8_000  # what servers take at most
_LONGEST_SHOWN = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address to show: `href` only where following it is safe."""

    text: str
    href: str | None


def web(url: str) -> Address:
    """`javascript:`, `data:`, hidden characters and the like are shown, never linked."""
    followed = len(url) <= _LONGEST_LINK and plain(url) == url and _WEB.fullmatch(url)
    return Address(text=plain(url, _LONGEST_SHOWN), href=url if followed else None)


def contact(text: str, *, subject: str, body: str) -> Address:
    """A mailbox becomes a letter that is begun already, a web address a link; a telephone number stays text."""
    text = text.strip()
    if len(text) <= 254 and _MAIL.fullmatch(text):
        return Address(text=text, href=f"mailto:{text}?subject={quote(subject)}&body={quote(body)}")
    return web(text)
