"""What an ID token says of a person, where it can be believed: OpenID Connect Core 1.0 §3.1.3.7, RFC 8725."""

import hmac
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

from linkwatch.core.safe import plain
from linkwatch.web.oidc.faults import Untrusted

# Only such as are signed with a key that nobody but the issuer has: never "none", and never HS256, which takes the
# issuer's public key for a shared secret (RFC 8725 §2.1).
_KEY_TYPES: Mapping[str, type[Key]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSAKey),
    **dict.fromkeys(("ES256", "ES384", "ES512"), ECKey),
    **dict.fromkeys(("EdDSA", "Ed25519"), OKPKey),
}
SKEW = timedelta(minutes=2)  # that two clocks may differ
_OLDEST = timedelta(minutes=10)
_LONGEST_HEADER = 4096
_MOST_KEYS = 100
_SMALLEST_RSA = 2048

Claims = Mapping[str, Any]
KeyFor = Callable[[Mapping[str, Any]], Key | None]  # of a token's header


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    issuer: str
    client_id: str
    nonce: str


def claims_of(token: str, key_for: KeyFor, expected: Expected, now: datetime) -> Claims:
    """The claims of a token that the issuer made for us, for this login, just now. Raises Untrusted, which says why."""
    claims = _signed(token, key_for)
    for complaint in (_wrong_people(claims, expected), _wrong_times(claims, now)):
        if complaint:
            raise Untrusted(f"the ID token {complaint}")
    return claims


# ---------------------------------------------------------------- who signed it


class _Signatures(jws.JWSRegistry):
    max_header_length = _LONGEST_HEADER


# Not strict: what a header says beside what we know is to be left aside (RFC 7515 §4).
_SIGNATURES = _Signatures(algorithms=tuple(_KEY_TYPES), strict_check_header=False)


def _signed(token: str, key_for: KeyFor) -> Claims:
    try:
        header = jws.extract_compact(token.encode(), registry=_SIGNATURES).headers()
    except (JoseError, ValueError, RecursionError) as error:
        raise Untrusted(f"the ID token cannot be read: {plain(str(error), 200)}") from error
    algorithm = header.get("alg") if isinstance(header, dict) else None
    if not isinstance(algorithm, str) or algorithm not in _KEY_TYPES:
        raise Untrusted(f"the ID token is signed with {plain(str(algorithm), 40)!r}, which proves nothing")
    if (
        "crit" in header
    ):  # there is none that we know (RFC 7515 §4.1.11), and a token's body is always encoded (RFC 7797 §7)
        raise Untrusted("the ID token has a header that must be understood, and is not")
    key = key_for(header)
    if key is None:
        raise Untrusted(f"the ID token is signed with a key that is none of the issuer's: {_kid(header)}")
    try:
        return jwt.decode(token, key, registry=_SIGNATURES).claims
    except (JoseError, ValueError, RecursionError) as error:
        raise Untrusted(f"the signature of the ID token is not right: {plain(str(error), 200)}") from error


def _kid(header: Mapping[str, Any]) -> str:
    return plain(str(header.get("kid", "it names none")), 100)


def keys_of(said: object) -> tuple[Key, ...]:
    """The keys of a JWK set for checking signatures. What is none, or is weak, or secret, is left aside."""
    found = (_key(one) for one in said[:_MOST_KEYS]) if isinstance(said, list) else ()
    return tuple(key for key in found if key is not None)


def _key(said: object) -> Key | None:
    if not isinstance(said, dict) or said.get("kty") not in ("RSA", "EC", "OKP") or "d" in said:
        return None
    try:
        key = JWKRegistry.import_key(said)
        is_weak = isinstance(key, RSAKey) and key.public_key.key_size < _SMALLEST_RSA
    except (JoseError, ValueError, TypeError, KeyError, OverflowError):
        return None
    return None if is_weak or said.get("use", "sig") != "sig" else key


def pick(keys: Iterable[Key], header: Mapping[str, Any]) -> Key | None:
    """The key that a token's header names. One that names none is taken at its word where only one can be meant."""
    kid, algorithm = header.get("kid"), header["alg"]
    fitting = [key for key in keys if isinstance(key, _KEY_TYPES[algorithm]) and key.alg in (None, algorithm)]
    if kid is None:
        return fitting[0] if len(fitting) == 1 else None
    return next((key for key in fitting if key.kid == kid), None)


# ---------------------------------------------------------------- for whom, about whom, and when


def _wrong_people(claims: Claims, expected: Expected) -> str | None:
    if claims.get("iss") != expected.issuer:
        return f"is of another issuer: {plain(str(claims.get('iss')), 200)}"
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if expected.client_id not in audiences:
        return f"is for somebody else: {plain(str(audience), 200)}"
    party = claims.get("azp")
    if party != expected.client_id and (party is not None or len(audiences) > 1):
        return f"was made for somebody else: {plain(str(party), 200)}"
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode("utf-8", "replace"), expected.nonce.encode()):
        return "is of another login: its nonce is not ours"
    subject = claims.get("sub")
    return None if isinstance(subject, str) and 0 < len(subject) <= 255 else "says nothing of whom it is about"


def _wrong_times(claims: Claims, now: datetime) -> str | None:
    at, skew = now.timestamp(), SKEW.total_seconds()
    ends, begins, issued = (_number(claims.get(name)) for name in ("exp", "nbf", "iat"))
    if ends is None or issued is None or ("nbf" in claims and begins is None):
        return "does not say when it was made, and until when it holds"
    if ends + skew <= at:
        return f"is over since {at - ends:.0f} s: is this machine's clock right?"
    if max(issued, begins or 0) > at + skew:
        return f"is from the future, by {max(issued, begins or 0) - at:.0f} s: is this machine's clock right?"
    if issued < at - _OLDEST.total_seconds() - skew:
        return f"was made {at - issued:.0f} s ago: is this machine's clock right?"
    return None


def _number(value: object) -> float | None:
    """A NumericDate (RFC 7519 §2)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None
