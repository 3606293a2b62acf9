"""Whose requests are refused before anybody asks who sent them, and what browsers are told to refuse.

Headers     a strict policy on everything that is answered
Faults      what goes wrong on our side is a page and a line in the log, never a traceback
Hosts       only by the names that the desk goes by: another name is somebody's page leading a browser here
SameOrigin  what changes anything comes from our own pages, or from no browser at all
"""

import logging
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from linkwatch.config_web import Web
from linkwatch.core.safe import plain
from linkwatch.errors import DatabaseUnavailable, StoreError
from linkwatch.web.people import person_of
from linkwatch.web.refusals import Refused, from_http, refuse
from linkwatch.web.showing import settings_of, words_of

_log = logging.getLogger("linkwatch.web")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_FEATURES = (
    "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone", "midi",
    "payment", "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
    # Not `no-referrer`: browsers then send `Origin: null` with our own forms (Fetch, "append a request Origin header"),
    # and the older ones, or any over plain http, send nothing else by which to know them.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


class Headers:
    """Puts the policy on every answer. What says nothing of being kept is not kept: it is about people's work."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_policy if scope["type"] == "http" else send)


# ---------------------------------------------------------------- faults


class Faults:
    """Answers what nobody else has: refusals of the guards below, and our own failures."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception as error:
            if has_begun:
                raise
            response = await run_in_threadpool(answer_to, Request(scope), error)
            await response(scope, receive, send)


def answer_to(request: Request, error: Exception) -> Response:
    """The page for whatever ended a request."""
    try:
        if isinstance(error, Refused):
            return refuse(request, error)
        if isinstance(error, HTTPException):
            return refuse(request, from_http(error))
        refused = _own_fault(request, error)
        return refuse(request, refused, detail=_detail(request, error))
    except Exception:
        _log.exception("even the page that says so failed")
        return PlainTextResponse("linkwatch has failed. Its log says why.", 500)


def _own_fault(request: Request, error: Exception) -> Refused:
    asked = f"{request.method} {plain(request.url.path, 200)}"
    if isinstance(error, StoreError):
        _log.error("%s: %s", asked, error)
        if isinstance(error, DatabaseUnavailable):
            return Refused(503, "unavailable", {"Retry-After": "10"})
        return Refused(500, "unavailable")
    _log.error("%s failed", asked, exc_info=error)
    return Refused(500, "fault")


def _detail(request: Request, error: Exception) -> str | None:
    """The sentence itself, for those who can do something about it."""
    return str(error) if person_of(request).may_operate and isinstance(error, StoreError) else None


# ---------------------------------------------------------------- by which name


class Hosts:
    """Refuses requests for another host. A page elsewhere can point its own name at this machine and then read what its
    reader may read (DNS rebinding); the name it goes by is the one thing that it cannot change.
    """

    def __init__(self, app: ASGIApp, *, allowed: frozenset[str]) -> None:
        self.app = app
        self.allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != "/healthz":
            request = Request(scope)
            host = host_of(request)
            if host is None or host not in self.allowed:
                # No page of ours, which would ask that host for its stylesheet.
                sentence = words_of(request).text("desk.error.bad_host.text", host=plain(host or "", 100))
                await PlainTextResponse(f"{sentence}\n", 421)(scope, receive, send)
                return
        await self.app(scope, receive, send)


_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:/@\[\]]+)(:\d{1,5})?")


def host_of(request: Request) -> str | None:
    """The name that the request was sent to, in lower case and without its port."""
    sent = request.headers.getlist("host")
    found = _HOST.fullmatch(sent[0].lower()) if len(sent) == 1 else None
    return found[1].rstrip(".") if found else None


def allowed_hosts(settings: Web) -> frozenset[str]:
    """The names that the desk goes by."""
    here = {"localhost", "127.0.0.1", "[::1]"} if settings.listen.is_only_here else set()
    public = settings.public_host
    named = {settings.listen.host.lower(), *settings.hosts, *([public] if public else ())}
    return frozenset(here | {f"[{name}]" if ":" in name and not name.startswith("[") else name for name in named})


# ---------------------------------------------------------------- from which page


class SameOrigin:
    """Refuses what another site's page makes a browser send (CSRF), by what browsers themselves say of it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not is_own(Request(scope)):
            raise Refused(403, "cross_site")
        await self.app(scope, receive, send)


def is_own(request: Request) -> bool:
    """Whether a request changes nothing, comes from a page of ours, or from no browser (as Go's CrossOriginProtection).

    Browsers have said so in Sec-Fetch-Site since 2023 at the latest, but only over https and on loopback; older ones,
    and plain http, leave Origin, which must name the host asked. Whoever sends neither is no browser.
    """
    if request.method in SAFE_METHODS:
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return True
    return _place(origin) == request.headers.get("host", "").lower() or origin == settings_of(request).public_url


def _place(origin: str) -> str | None:
    """Host and port of an origin; None for "null" and anything that is none."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None
