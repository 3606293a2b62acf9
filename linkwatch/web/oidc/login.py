"""The two steps of a login that the browser takes here: away, and back."""

import logging
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from linkwatch.config_web import Web
from linkwatch.core.safe import plain
from linkwatch.errors import UsageError
from linkwatch.web.attempts import Attempts, sender_of, too_many
from linkwatch.web.oidc.faults import Fault, Misconfigured, Stale, Unreachable, Untrusted
from linkwatch.web.oidc.person import lacks, named
from linkwatch.web.oidc.provider import CALLBACK, Ask, Place, Provider, Tokens, secret_of
from linkwatch.web.oidc.tickets import LASTS, Ticket, Tickets
from linkwatch.web.oidc.wire import ask
from linkwatch.web.people import person_of
from linkwatch.web.refusals import Refused
from linkwatch.web.sessions import begin, here
from linkwatch.web.showing import current_of

_log = logging.getLogger("linkwatch.web")

COOKIE = "__Host-linkwatch-oidc"
_LONGEST_CODE = 8192

# What the other side may answer in place of a code (RFC 6749 §4.1.2.1) that is nobody's mistake.
_PASSING = frozenset({"temporarily_unavailable", "server_error"})
_DECLINED = frozenset({"access_denied", "login_required", "interaction_required", "account_selection_required"})


def routes(settings: Web) -> list[BaseRoute]:
    """Raises UsageError for a secret that cannot be read."""
    try:
        secret_of(settings)
    except Misconfigured as error:
        raise UsageError(str(error)) from error
    steps = _Steps(settings)
    return [Route("/login/oidc", told(steps.away)), Route(CALLBACK, told(steps.back))]


def told(step: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """A page for what went wrong, and the reason in the log."""

    @wraps(step)
    def answer(request: Request) -> Response:
        try:
            return step(request)
        except Fault as fault:
            _log.warning("a login from %s failed: %s", sender_of(request), fault)
            raise Refused(fault.status, fault.why) from fault

    return answer


class _Steps:
    def __init__(self, settings: Web) -> None:
        self._provider = Provider(settings)
        self._tickets = Tickets()

    def away(self, request: Request) -> Response:
        following, now = here(request.query_params.get("next")), current_of(request).now()
        if person_of(request).is_known:
            return RedirectResponse(following, 303)
        place = self._provider.place(_asking(request), now)
        ticket, cookie = self._tickets.issue(following, now)
        other = "other" in request.query_params
        response = RedirectResponse(self._provider.authorization(place, ticket, other_account=other), 303)
        response.set_cookie(
            COOKIE, cookie, max_age=int(LASTS.total_seconds()), path="/", secure=True, httponly=True, samesite="lax"
        )
        return response

    def back(self, request: Request) -> Response:
        """The ticket first: without it nothing that stands in the address counts, not even that it went wrong."""
        current, query = current_of(request), request.query_params
        attempts: Attempts = request.app.state.attempts
        if wait := attempts.wait(sender_of(request), current.now()):
            raise too_many(wait)
        ticket = self._tickets.redeem(request.cookies.get(COOKIE, ""), _one(query, "state"), current.now())
        if ticket is None:
            raise Refused(400, "oidc_not_begun")
        try:
            return self._begun(request, ticket)
        except (Stale, Untrusted):
            attempts.failed(sender_of(request), current.now())
            raise

    def _begun(self, request: Request, ticket: Ticket) -> Response:
        current, provider, asking = current_of(request), self._provider, _asking(request)
        place = provider.place(asking, current.now())
        code = _code(request.query_params, place, provider.issuer)
        tokens = provider.exchange(place, code, ticket, asking)
        person = named(self._claims(request, place, tokens, ticket), current.config.web)
        if not person.name:
            raise Refused(403, "oidc_no_name", claim=current.config.web.oidc_name)
        response = begin(request, person.name, token=None, groups=person.groups, following=ticket.following)
        response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
        return response

    def _claims(self, request: Request, place: Place, tokens: Tokens, ticket: Ticket) -> Mapping[str, Any]:
        current, asking = current_of(request), _asking(request)
        claims = self._provider.claims(place, tokens.id_token, ticket, asking, current.now())
        if lacks(claims, current.config.web):
            claims = self._provider.more_claims(place, tokens, claims, asking)
        return claims


def _asking(request: Request) -> Ask:
    return partial(ask, ca_file=current_of(request).config.fetch.ca_file)


def _code(query: QueryParams, place: Place, issuer: str) -> str:
    """The code, in an answer of the login that was asked (RFC 9207 §2.4). Raises the Fault family and Refused."""
    said = query.getlist("iss")
    if said != [issuer] and (said or place.says_iss):
        raise Untrusted(f"the answer is of another issuer: {plain(', '.join(said), 200)}")
    if "error" in query:
        raise _declined(query)
    code = _one(query, "code")
    if not code or len(code) > _LONGEST_CODE:
        raise Untrusted("the answer has no code")
    return code


def _declined(query: QueryParams) -> Exception:
    error, more = plain(query["error"], 100), plain(query.get("error_description", ""), 300)
    if error in _DECLINED:
        return Refused(403, "oidc_declined")
    sentence = f"the organisation's login answers {error}: {more}"
    return Unreachable(sentence) if error in _PASSING else Misconfigured(sentence)


def _one(query: QueryParams, key: str) -> str:
    """A parameter that stands there once (RFC 6749 §3.1); "" for others."""
    said = query.getlist(key)
    return said[0] if len(said) == 1 else ""
