"""The organisation's login as it describes itself (OpenID Connect Discovery 1.0), and what is asked of it."""

import base64
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol
from urllib.parse import quote, quote_plus, urlencode, urlsplit

from joserfc.jwk import Key

from linkwatch.config_web import Web
from linkwatch.core.safe import plain
from linkwatch.web.oidc.faults import Misconfigured, Stale, Unreachable, Untrusted
from linkwatch.web.oidc.id_token import Claims, Expected, claims_of, keys_of, pick
from linkwatch.web.oidc.tickets import Ticket
from linkwatch.web.oidc.wire import Answer

CALLBACK = "/login/oidc/callback"
SECRET_VARIABLE = "LINKWATCH_OIDC_SECRET"  # noqa: S105  (its name)
_KNOWN_FOR = timedelta(hours=1)
_BETWEEN_LOOKS = timedelta(minutes=1)  # for keys that we do not know
_LONGEST_URL = 2000


class Ask(Protocol):
    """Raises Unreachable."""

    def __call__(
        self, url: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where each thing is asked for."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    says_iss: bool  # its answers name their issuer (RFC 9207)
    secret_in_form: bool  # it takes the client's secret in the form only


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a code was exchanged for."""

    id_token: str
    access_token: str | None


class Provider:
    """Remembers where things are and which keys sign, for an hour. Threads may share it."""

    def __init__(self, settings: Web) -> None:
        self.issuer = settings.oidc_issuer or ""
        self.redirect_uri = f"{settings.public_url}{CALLBACK}"
        self._settings = settings
        self._client_id = settings.oidc_client_id or ""
        self._place: tuple[Place, datetime] | None = None
        self._keys: tuple[tuple[Key, ...], datetime] | None = None
        self._turn = threading.Lock()

    def place(self, ask: Ask, now: datetime) -> Place:
        """Raises Unreachable and Misconfigured."""
        known = self._place
        if known and _is_within(_KNOWN_FOR, known[1], now):
            return known[0]
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        place = _place(_found(url, ask), self.issuer)
        self._place = (place, now)
        return place

    def authorization(self, place: Place, ticket: Ticket, *, other_account: bool) -> str:
        """Where the browser is sent: OpenID Connect Core §3.1.2.1, RFC 7636 §4.3."""
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(dict.fromkeys(("openid", *self._settings.oidc_scopes))),
            "state": ticket.state,
            "nonce": ticket.nonce,
            "code_challenge": ticket.challenge,
            "code_challenge_method": "S256",
        } | ({"prompt": "select_account"} if other_account else {})
        return f"{place.authorization}{'&' if '?' in place.authorization else '?'}{urlencode(asked, quote_via=quote)}"

    def exchange(self, place: Place, code: str, ticket: Ticket, ask: Ask) -> Tokens:
        """Raises Unreachable, Misconfigured, Stale and Untrusted."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": ticket.verifier,
        }
        more, headers = self._as_client(place)
        answer = ask(place.token, form=form | more, headers=headers)
        if answer.status != 200:
            raise _refused(place.token, answer)
        id_token, access_token = answer.value.get("id_token"), answer.value.get("access_token")
        if not isinstance(id_token, str):
            raise Untrusted(f"{place.token}: there is no ID token in its answer")
        return Tokens(id_token=id_token, access_token=access_token if isinstance(access_token, str) else None)

    def claims(self, place: Place, token: str, ticket: Ticket, ask: Ask, now: datetime) -> Claims:
        """What the ID token says. Raises Untrusted and Unreachable."""
        expected = Expected(issuer=self.issuer, client_id=self._client_id, nonce=ticket.nonce)
        return claims_of(token, partial(self._key, place, ask, now), expected, now)

    def more_claims(self, place: Place, tokens: Tokens, claims: Claims, ask: Ask) -> Claims:
        """Those of the UserInfo endpoint too (OpenID Connect Core §5.3); nothing but them where there is none.

        Raises Unreachable and Untrusted.
        """
        if place.userinfo is None or tokens.access_token is None or not _is_header(tokens.access_token):
            return claims
        answer = ask(place.userinfo, headers={"Authorization": f"Bearer {tokens.access_token}"})
        if answer.status != 200:
            raise Unreachable(f"{place.userinfo}: it answers {answer.status}")
        if answer.value.get("sub") != claims["sub"]:  # §5.3.2
            raise Untrusted(f"{place.userinfo}: it tells of somebody else")
        return {**answer.value, **claims}

    def _key(self, place: Place, ask: Ask, now: datetime, header: Mapping[str, Any]) -> Key | None:
        """Issuers change their keys: one that we do not know is looked for again, but not each time."""
        with self._turn:
            keys, looked_at = self._keys or ((), None)
        found = pick(keys, header) if _is_within(_KNOWN_FOR, looked_at, now) else None
        if found or _is_within(_BETWEEN_LOOKS, looked_at, now):
            return found
        keys = keys_of(_found(place.keys, ask).get("keys"))
        with self._turn:
            self._keys = (keys, now)
        return pick(keys, header)

    def _as_client(self, place: Place) -> tuple[dict[str, str], dict[str, str]]:
        """How we say who we are (RFC 6749 §2.3.1): what stands in the form, and in the headers."""
        secret = secret_of(self._settings)
        if secret is None or place.secret_in_form:
            return {"client_id": self._client_id} | ({"client_secret": secret} if secret else {}), {}
        pair = f"{quote_plus(self._client_id)}:{quote_plus(secret)}".encode()
        return {}, {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def secret_of(settings: Web) -> str | None:
    """The client's secret; None for a client without one. Read anew each time: it can be changed while the desk runs.

    Raises Misconfigured.
    """
    path = settings.oidc_secret_file
    if path is None:
        return os.environ.get(SECRET_VARIABLE, "").strip() or None
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise Misconfigured(f"web.oidc_secret_file: {error}") from error
    if not secret:
        raise Misconfigured(f"web.oidc_secret_file: {path} is empty")
    return secret


def _found(url: str, ask: Ask) -> Mapping[str, Any]:
    answer = ask(url)
    if answer.status != 200:
        raise Unreachable(f"{url}: it answers {answer.status}")
    return answer.value


def _place(said: Mapping[str, Any], issuer: str) -> Place:
    if said.get("issuer") != issuer:  # Discovery §4.3: exactly, or it might speak for others
        other = plain(str(said.get("issuer")), 200)
        raise Misconfigured(f"web.oidc_issuer is {issuer!r}, but the login there calls itself {other!r}")
    methods = said.get("token_endpoint_auth_methods_supported")
    takes = methods if isinstance(methods, list) else ["client_secret_basic"]  # Discovery §3: where nothing is said
    return Place(
        authorization=_address(said, "authorization_endpoint"),
        token=_address(said, "token_endpoint"),
        keys=_address(said, "jwks_uri"),
        userinfo=_address(said, "userinfo_endpoint") if "userinfo_endpoint" in said else None,
        says_iss=said.get("authorization_response_iss_parameter_supported") is True,
        secret_in_form="client_secret_basic" not in takes and "client_secret_post" in takes,
    )


def _address(said: Mapping[str, Any], key: str) -> str:
    url = said.get(key)
    if isinstance(url, str) and len(url) <= _LONGEST_URL and _is_safe(url):
        return url
    raise Misconfigured(f"the login at web.oidc_issuer has no usable {key}: {plain(str(url), 200)}")


def _is_safe(url: str) -> bool:
    """An https address in plain ASCII, without a user or a fragment."""
    try:
        parts = urlsplit(url)
        is_named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return (
        parts.scheme == "https"
        and is_named
        and "@" not in parts.netloc
        and _is_header(url)
        and not {"#", "\\"} & set(url)
    )


def _is_header(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _refused(url: str, answer: Answer) -> Exception:
    """Why there are no tokens: RFC 6749 §5.2."""
    error = plain(str(answer.value.get("error", "")), 100)
    told = f"{url}: {answer.status} {error} {plain(str(answer.value.get('error_description', '')), 300)}".rstrip()
    if answer.status >= 500 or not error:
        return Unreachable(told)
    return Stale(told) if error == "invalid_grant" else Misconfigured(told)


def _is_within(span: timedelta, at: datetime | None, now: datetime) -> bool:
    return at is not None and timedelta(0) <= now - at < span
