"""A login under way: begun in one browser, ended in the same one, once and soon.

What has to be known at its end travels in a cookie that only we can have made. `nonce` and `verifier` follow from its
`state` by a key that never leaves this process: they stand in no cookie. Nothing is kept for logins that nobody ends.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

LASTS = timedelta(minutes=10)
_LONGEST = 3800  # a cookie holds 4096 bytes, with its name and attributes
_MOST_USED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """`state`, `nonce` (OpenID Connect Core §3.1.2.1) and PKCE's `verifier` (RFC 7636 §4.1) of one login.

    `following` is the page to go on to.
    """

    state: str
    nonce: str
    verifier: str
    following: str

    @property
    def challenge(self) -> str:
        """RFC 7636 §4.2: S256."""
        return _encoded(hashlib.sha256(self.verifier.encode()).digest())


class Tickets:
    """Those of this process: a login under way when it ends must be begun again."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._used: dict[str, datetime] = {}  # state → when its ticket ends; the oldest first
        self._turn = threading.Lock()

    def issue(self, following: str, now: datetime) -> tuple[Ticket, str]:
        """A new ticket, and the cookie's value."""
        state = secrets.token_urlsafe(32)
        cookie = self._cookie(state, following, now)
        if len(cookie) > _LONGEST:
            following = "/"
            cookie = self._cookie(state, following, now)
        return self._ticket(state, following), cookie

    def redeem(self, cookie: str, state: str, now: datetime) -> Ticket | None:
        """The ticket that was issued to this browser for this `state`; None where there is none, or it was used."""
        said = self._opened(cookie)
        if said is None:
            return None
        issued, following, ends_at = json.loads(said)
        if not hmac.compare_digest(issued.encode(), state.encode("utf-8", "replace")):
            return None
        is_valid = now.timestamp() < ends_at and self._use(issued, now)
        return self._ticket(issued, following) if is_valid else None

    def _use(self, state: str, now: datetime) -> bool:
        """Whether it is for the first time."""
        with self._turn:
            for old in [one for one, ends_at in self._used.items() if ends_at <= now]:
                del self._used[old]
            if state in self._used:
                return False
            # Who fills this up with logins of their own gains nothing: a code is good for once, its issuer sees to it.
            while len(self._used) >= _MOST_USED:
                del self._used[next(iter(self._used))]
            self._used[state] = now + LASTS
        return True

    def _ticket(self, state: str, following: str) -> Ticket:
        said = state.encode()
        nonce, verifier = self._sealed(b"nonce", said), self._sealed(b"verifier", said)
        return Ticket(state=state, nonce=nonce, verifier=verifier, following=following)

    def _cookie(self, state: str, following: str, now: datetime) -> str:
        said = json.dumps([state, following, (now + LASTS).timestamp()]).encode()
        return f"{_encoded(said)}.{self._sealed(b'cookie', said)}"

    def _opened(self, cookie: str) -> bytes | None:
        """What stands in it, where the seal is ours."""
        encoded, _, seal = cookie.partition(".")
        try:
            said = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except ValueError:
            return None
        ours = hmac.compare_digest(self._sealed(b"cookie", said).encode(), seal.encode("utf-8", "replace"))
        return said if ours else None

    def _sealed(self, purpose: bytes, said: bytes) -> str:
        return _encoded(hmac.digest(self._key, purpose + b":" + said, hashlib.sha256))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
