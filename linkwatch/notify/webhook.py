"""Webhooks as Standard Webhooks has them (https://www.standardwebhooks.com): signed, and told apart by their id.

The request itself is made by `linkwatch.fetch.post`. The id stays the same however often one is tried, so that who gets
it twice can see that it is the same.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from linkwatch.core.outbox import Outcome, Result
from linkwatch.core.safe import plain

_SECRET_PREFIX = "whsec_"  # noqa: S105 - what begins one
_SHORTEST_SECRET, _LONGEST_SECRET = 24, 64  # bytes: "Signature scheme" of the specification
_GONE = 410
_LONGEST_WAIT = timedelta(hours=24)
_LONGEST_DETAIL = 300


def key(secret: str) -> bytes | None:
    """The key in a secret (`whsec_` and base64 of 24 to 64 bytes); None where it is not one."""
    try:
        found = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except (ValueError, binascii.Error):
        return None
    return found if _SHORTEST_SECRET <= len(found) <= _LONGEST_SECRET else None


def signed(body: bytes, *, message_id: str, now: datetime, secret: str) -> dict[str, str]:
    """The headers that go with a body: its type, its id, when it was sent, and the signature over all three.

    `secret` may be several, with white space between, while one takes the place of another. `message_id` has no full
    stop, with which a part of it could pass for a time. Raises ValueError for a secret that is none (see `key`).
    """
    seconds = int(now.timestamp())
    said = f"{message_id}.{seconds}.".encode() + body
    return {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(_signature(said, one) for one in secret.split() or [""]),
    }


def _signature(said: bytes, secret: str) -> str:
    found = key(secret)
    if found is None:
        raise ValueError(f"a webhook's secret is {_SECRET_PREFIX} and base64 of 24 to 64 bytes")
    return f"v1,{base64.b64encode(hmac.digest(found, said, hashlib.sha256)).decode('ascii')}"


def outcome(
    status: int | None,
    headers: Iterable[tuple[str, str]],
    detail: str,
    *,
    now: datetime,
    is_doubtful: bool = False,
) -> Outcome:
    """What an answer means; `status` is None where there was none. Each endpoint stands for itself: none `is_down`.

    Header names are lower-case. `is_doubtful`: the request had begun to go out when the answer to it was lost.
    """
    said = f"{status} {plain(detail, _LONGEST_DETAIL)}".strip() if status else plain(detail, _LONGEST_DETAIL)
    if status is None:
        return Outcome(result=Result.LATER, detail=said, is_doubtful=is_doubtful)
    if 200 <= status < 300:
        return Outcome(result=Result.SENT, detail=said)
    if status == _GONE:  # "the endpoint should be disabled"
        return Outcome(result=Result.NEVER, detail=said)
    wait = next((value for name, value in headers if name == "retry-after"), None)
    return Outcome(result=Result.LATER, detail=said, not_before=_deadline(wait, now) if wait is not None else None)


def _deadline(value: str, now: datetime) -> datetime | None:
    """RFC 9110 §10.2.3: seconds, or a date; at most 24 hours away."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return now + min(timedelta(seconds=int(value[:9])), _LONGEST_WAIT)
    try:
        deadline = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if deadline.tzinfo is None:
        deadline = deadline.replace(tzinfo=UTC)
    return min(deadline, now + _LONGEST_WAIT) if deadline > now else None
