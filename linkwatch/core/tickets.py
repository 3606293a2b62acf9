"""Links that only we can have made: who may do what with them, signed, and for how long.

A ticket is bound to its recipient, to the mailbox that they had when the mail was made and, where it answers a finding,
to that finding. It says nothing secret, but nobody can make one or change it without the key (HMAC-SHA-256, RFC 2104,
cut to 128 bits).
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

ANSWERS_FOR = timedelta(days=30)  # so long a mail's links answer a finding; those to the settings always work

_FOR = b"linkwatch mail link 2\0"  # the number goes up when what is signed changes: older tickets are none then
_MAC_BYTES = 16
_HASH_LETTERS = 8
_LONGEST = 2_000


class Purpose(StrEnum):
    ANSWER = "answer"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    purpose: Purpose
    subscriber: str
    address_hash: str = ""  # of the mailbox that the mail went to: it may be another's by now
    link_id: str = ""
    fingerprint: str = ""  # of the finding, as it was when the mail was made
    ends: datetime | None = None  # None: never. Whole seconds

    def is_over(self, now: datetime) -> bool:
        return self.ends is not None and self.ends <= now


def hash_of(address: str) -> str:
    """Tells one recipient's address from another's, however it is capitalised."""
    return hashlib.sha256(address.lower().encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LETTERS]


def sign(ticket: Ticket, key: bytes) -> str:
    """As it stands in an address: letters, digits, `-`, `_` and one `.`."""
    ends = int(ticket.ends.timestamp()) if ticket.ends else 0
    said = [ticket.purpose.value, ticket.subscriber, ticket.address_hash, ticket.link_id, ticket.fingerprint, ends]
    body = json.dumps(said, separators=(",", ":")).encode()
    return f"{_text(body)}.{_text(_mac(body, key))}"


def read(text: str, key: bytes) -> Ticket | None:
    """The ticket; None where it is not one that we signed with this key."""
    body_text, _, mac_text = text.partition(".")
    body, mac = _bytes(body_text), _bytes(mac_text)
    if len(text) > _LONGEST or body is None or mac is None or not hmac.compare_digest(mac, _mac(body, key)):
        return None
    purpose, subscriber, address_hash, link_id, fingerprint, ends = json.loads(body)
    return Ticket(
        purpose=Purpose(purpose),
        subscriber=subscriber,
        address_hash=address_hash,
        link_id=link_id,
        fingerprint=fingerprint,
        ends=datetime.fromtimestamp(ends, UTC) if ends else None,
    )


def _mac(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, _FOR + body, hashlib.sha256)[:_MAC_BYTES]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes | None:
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    return data if _text(data) == text else None  # one ticket has one spelling
