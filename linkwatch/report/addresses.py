"""Which texts become links: web and mail addresses that are nothing else."""

import re
from dataclasses import dataclass

from linkwatch.core.safe import plain

_WEB = re.compile(r"https?://[^\s\"'<>\\^`{|}]+", re.IGNORECASE)
_MAIL = re.compile(r"[A-Za-z0-9.!#$*+/=_~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_LONGEST_LINK = 8_000  # what servers take at most
_LONGEST_SHOWN = 1_000
_LONGEST_MAILBOX = 254  # RFC 5321


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address to show: `href` only where following it is safe."""

    text: str
    href: str | None


def web(url: str) -> Address:
    """`javascript:`, `data:`, hidden characters and the like are shown, never linked."""
    followed = len(url) <= _LONGEST_LINK and plain(url) == url and _WEB.fullmatch(url)
    return Address(text=plain(url, _LONGEST_SHOWN), href=url if followed else None)


def mailbox(text: str) -> str | None:
    """`text` where it is one mailbox and nothing else: no name, no list, no header."""
    text = text.strip()
    return text if len(text) <= _LONGEST_MAILBOX and _MAIL.fullmatch(text) else None
