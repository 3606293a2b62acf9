"""Who sent a request, and what they may. Nothing is answered before this is known, but what is public by name."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from linkwatch.config_web import Auth, Listen
from linkwatch.core.roles import Role
from linkwatch.web.attempts import Attempts, sender_of, too_many
from linkwatch.web.refusals import Refused, is_for_programs
from linkwatch.web.showing import (
    address_of,
    current_of,
    language_of,
    login_address,
    offers_login,
    settings_of,
)

__all__ = ["Handler", "People", "Person", "Role", "needs", "person_of"]

_log = logging.getLogger("linkwatch.web")

# Only this host may set a cookie of this name, only over https, and for all its paths (RFC 6265bis §4.1.3.2).
SESSION_COOKIE = "__Host-linkwatch"
_CHANGES = frozenset({"/login", "/logout", "/language"})  # these anybody may send; what else changes takes an editor
_OPEN = ("/login/", "/static/", "/mail/")  # under /mail/ a signed ticket says who may what
_PUBLIC = frozenset({"/healthz", "/help"})
_LONGEST_NAME = 200
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")

Handler = Callable[[Request], Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who asks. `name` goes into the audit log; it is "" where nobody is told from anybody.

    `is_known` is False for a viewer who has not logged in: names, notes and contacts are not for them.
    """

    name: str
    role: Role
    is_known: bool
    language: str
    has_session: bool = False  # they can log out

    @property
    def may_view(self) -> bool:
        return self.role >= Role.VIEWER

    @property
    def may_edit(self) -> bool:
        return self.role >= Role.EDITOR

    @property
    def may_operate(self) -> bool:
        return self.role >= Role.OPERATOR


def person_of(request: Request) -> Person:
    person: Person = request.state.person
    return person


def needs(role: Role) -> Callable[[Handler], Handler]:
    """A handler that answers only those who have the role. Everything but GET and HEAD needs an editor anyway."""

    def guarded(handler: Handler) -> Handler:
        @wraps(handler)
        def answer(request: Request) -> Response:
            if person_of(request).role < role:
                raise _refusal(request, role)
            return handler(request)

        return answer

    return guarded


class People:
    """Finds out who asks, and lets through what they may."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.app
        if scope["type"] == "http":
            request = Request(scope)
            request.state.person = _nobody(request)
            request.state.person = await run_in_threadpool(identify, request)
            app = _admitted(request) or app
        await app(scope, receive, send)


# ---------------------------------------------------------------- who


def identify(request: Request) -> Person:
    """Refuses a token that is none: whoever sends one does not mean to look as a stranger."""
    settings = settings_of(request)
    if settings.auth is Auth.NONE:
        return _person(request, "", Role.OPERATOR) if _sits_here(request) else _stranger(request)
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _by_token(request, secret.strip())
    found = _by_proxy(request) if settings.auth is Auth.PROXY else _by_session(request)
    return found or _stranger(request)


def _sits_here(request: Request) -> bool:
    """Whether it was sent to this machine by its own name, and by nobody for somebody else: a proxy that leads people
    here from elsewhere asks for the public name, or says for whom."""
    if any(header in request.headers for header in _FORWARDED):
        return False
    name = (request.url.hostname or "").rstrip(".")
    return name != settings_of(request).public_host or Listen(host=name).is_only_here


def by_token(request: Request, secret: str) -> Person | None:
    """Whose token this is; None for nobody's. Refuses an address that has failed too often."""
    attempts: Attempts = request.app.state.attempts
    current, address = current_of(request), sender_of(request)
    if wait := attempts.wait(address, current.now()):
        raise too_many(wait)
    token = current.tokens.find(secret)
    if token is None:
        attempts.failed(address, current.now())
        _log.warning("a login from %s was refused: no such token", address)
        return None
    return _person(request, token.name, token.role)


def _by_token(request: Request, secret: str) -> Person:
    person = by_token(request, secret)
    if person is None:
        raise Refused(401, "bad_token", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
    return person


def _by_session(request: Request) -> Person | None:
    secret, current = request.cookies.get(SESSION_COOKIE), current_of(request)
    session = current.tokens.session(secret, current.now()) if secret else None
    if session is None:
        return None
    role = session.role
    if role is None:
        role = current.config.web.role_of(session.name, session.groups)
    return _person(request, session.name, role, has_session=True)


def _by_proxy(request: Request) -> Person | None:
    """Whom the proxy names. Its header from anywhere else is not looked at; sent twice, one is somebody else's."""
    settings = settings_of(request)
    peer = request.client.host if request.client else ""
    said = request.headers.getlist(settings.proxy_header) if settings.is_proxy(peer) else []
    name = _decoded(said[0]) if len(said) == 1 else ""
    if not name:
        return None
    return _person(request, name, current_of(request).config.web.role_of(name))


def _decoded(header: str) -> str:
    """A header's bytes as UTF-8 where they are that; "" for what cannot be a name."""
    try:
        name = header.encode("latin-1").decode("utf-8").strip()
    except UnicodeDecodeError:
        name = header.strip()
    return name if name.isprintable() and len(name) <= _LONGEST_NAME else ""


def _person(request: Request, name: str, role: Role, *, has_session: bool = False) -> Person:
    return Person(name=name, role=role, is_known=True, language=language_of(request), has_session=has_session)


def _stranger(request: Request) -> Person:
    return Person(name="", role=settings_of(request).anonymous, is_known=False, language=language_of(request))


def _nobody(request: Request) -> Person:
    return Person(name="", role=Role.NOBODY, is_known=False, language=language_of(request))


# ---------------------------------------------------------------- what they may


def _admitted(request: Request) -> Response | None:
    """None where the request may go on; a way to the login page for a browser that should begin there."""
    path, is_looking = request.url.path, request.method in ("GET", "HEAD")
    if path in _CHANGES or path in _PUBLIC or path.startswith(_OPEN):
        return None
    role = Role.VIEWER if is_looking else Role.EDITOR
    person = person_of(request)
    if person.role >= role:
        return None
    if is_looking and not person.is_known and offers_login(settings_of(request)) and not _is_script(request):
        return RedirectResponse(login_address(address_of(request)), 303)
    raise _refusal(request, role)


def _is_script(request: Request) -> bool:
    return is_for_programs(request) or request.url.path == "/metrics" or "hx-request" in request.headers


def _refusal(request: Request, role: Role) -> Refused:
    person = person_of(request)
    if person.is_known:
        return Refused(403, "not_allowed", role=role) if person.may_view else Refused(403, "no_role", name=person.name)
    if not offers_login(settings_of(request)):
        return Refused(403, "no_proxy")
    # htmx goes there by itself (https://htmx.org/headers/hx-redirect/)
    headers = {"WWW-Authenticate": "Bearer"} | ({"HX-Redirect": "/login"} if "hx-request" in request.headers else {})
    return Refused(401, "not_logged_in", headers)
