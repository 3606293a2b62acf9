"""Who may use the review desk: tokens that people are given, and the sessions of browsers that have logged in.

Both are 256 random bits, of which only the SHA-256 digest is kept: whoever reads the database, or a backup of it, can
log in with nothing of what they find. So many random bits need no slow hash. A session is a row of its own, and not a
signed cookie, since logging out and revoking a token must end it at once.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from linkwatch.core.roles import GRANTED, Role
from linkwatch.errors import UsageError
from linkwatch.store import rows
from linkwatch.store.transactions import Connected

_PREFIX = "lw_"  # so that programs that look for leaked secrets can know one
_BYTES = 32
_LONGEST = 100

_ADD = "INSERT INTO tokens (name, role, digest, made_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_FIND = "SELECT name, role, made_at, digest FROM tokens WHERE digest = ?"
_ALL = "SELECT name, role, made_at FROM tokens ORDER BY name"
_WITHDRAW = """
INSERT INTO withdrawn_tokens (digest, at)
SELECT digest, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') FROM tokens WHERE name = ?
"""
_REVOKE = "DELETE FROM tokens WHERE name = ?"
_BEGIN = 'INSERT INTO sessions (digest, name, token, "groups", made_at, ends_at) VALUES (?, ?, ?, ?, ?, ?)'
_SESSION = """
SELECT sessions.name, tokens.role, sessions."groups", sessions.ends_at, sessions.digest
FROM sessions LEFT JOIN tokens ON tokens.name = sessions.token
WHERE sessions.digest = ?
"""
_END = "DELETE FROM sessions WHERE digest = ?"
_FORGET_OVER = "DELETE FROM sessions WHERE ends_at <= ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    name: str
    role: Role
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser that has logged in. `role` is that of its token now; None where it was not begun with one.

    `groups` are those that the organisation's login put its person into when it began.
    """

    name: str
    role: Role | None
    ends_at: datetime
    groups: tuple[str, ...] = ()


class Tokens(Connected):
    """Every method is one transaction."""

    # ------------------------------------------------------------ tokens

    def add(self, name: str, role: Role, now: datetime) -> str:
        """A new token's secret, which nobody can be told again. Raises UsageError for a name that cannot be used."""
        if sentence := _wrong(name, role):
            raise UsageError(sentence)
        secret = _secret()
        with self.writing() as db:
            if not db.execute(_ADD, (name, role.word, _digest(secret), rows.iso(now))).rowcount:
                raise UsageError(f"There is a token of the name {name!r} already: revoke it first, or choose another")
        return secret

    def revoke(self, name: str) -> bool:
        """Ends a token and every session that was begun with it, also where a copy of before is put back; False where
        there is none of that name."""
        with self.writing() as db:
            db.execute(_WITHDRAW, (name,))
            return bool(db.execute(_REVOKE, (name,)).rowcount)

    def all(self) -> tuple[Token, ...]:
        with self.reading() as db:
            return tuple(_token(row) for row in db.execute(_ALL))

    def find(self, secret: str) -> Token | None:
        """Whose secret it is."""
        wanted = _digest(secret)
        with self.reading() as db:
            row = db.execute(_FIND, (wanted,)).fetchone()
            return _token(row[:3]) if row and hmac.compare_digest(row[3], wanted) else None

    # ------------------------------------------------------------ sessions

    def begin(
        self, name: str, *, token: str | None, groups: Sequence[str] = (), now: datetime, ends_at: datetime
    ) -> str:
        """A new session's secret. With `token`, the name of one, it ends when that is revoked."""
        secret = _secret()
        with self.writing() as db:
            db.execute(_FORGET_OVER, (rows.iso(now),))
            db.execute(_BEGIN, (_digest(secret), name, token, json.dumps(groups), rows.iso(now), rows.iso(ends_at)))
        return secret

    def session(self, secret: str, now: datetime) -> Session | None:
        """The session of that secret, unless it is over."""
        wanted = _digest(secret)
        with self.reading() as db:
            row = db.execute(_SESSION, (wanted,)).fetchone()
            session = _session(row) if row and hmac.compare_digest(row[-1], wanted) else None
        return session if session and session.ends_at > now else None

    def end(self, secret: str) -> None:
        with self.writing() as db:
            db.execute(_END, (_digest(secret),))


def _secret() -> str:
    return _PREFIX + secrets.token_urlsafe(_BYTES)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _wrong(name: str, role: Role) -> str | None:
    if not name.strip() or len(name) > _LONGEST or not name.isprintable() or name != name.strip():
        return f"The name of a token must be 1 to {_LONGEST} characters on one line, without blanks around them"
    if role.word not in GRANTED:
        return f"A token must have one of the roles {', '.join(GRANTED)}"
    return None


def _token(row: rows.Row) -> Token:
    name, role, made_at = row
    return Token(name=name, role=Role.of(role), made_at=datetime.fromisoformat(made_at))


def _session(row: rows.Row) -> Session:
    name, role, groups, ends_at, _ = row
    return Session(
        name=name,
        role=Role.of(role) if role else None,
        ends_at=datetime.fromisoformat(ends_at),
        groups=tuple(json.loads(groups)),
    )
