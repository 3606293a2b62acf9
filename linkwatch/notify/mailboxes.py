"""Mail addresses as they go over the wire: the domain in ASCII (UTS 46), the local part as it is."""

import re
from dataclasses import dataclass

from linkwatch.core import urls

# RFC 5322 §3.2.3, and what RFC 6531 adds; dots anywhere, as some providers have handed out.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.\u00a1-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U0001f9ff]+")
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9.\-]*[a-z0-9])?")
_LONGEST = 320  # RFC 3696 with its errata would have 254, and servers differ


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`str` of it is what stands between angle brackets."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def needs_utf8(self) -> bool:
        """Whether only servers with SMTPUTF8 (RFC 6531) can take it."""
        return not self.local.isascii()


def mailbox(address: str) -> Mailbox | None:
    """None where it is no address, or one that only quotes could hold."""
    local, _, domain = address.strip().rpartition("@")
    name = domain.lower() if domain.isascii() else urls.host(f"http://{domain}/")
    if len(address) > _LONGEST or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(name):
        return None
    return Mailbox(local, name)
