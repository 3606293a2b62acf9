"""Logging in and out, and choosing a language."""

import re
from collections.abc import Sequence
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from linkwatch.config_web import Auth
from linkwatch.locale import LANGUAGES
from linkwatch.web.bodies import form_of
from linkwatch.web.people import SESSION_COOKIE, by_token, person_of
from linkwatch.web.showing import LANGUAGE_COOKIE, current_of, offers_login, settings_of, show, words_of

_A_YEAR_S = 365 * 24 * 3600
_HERE = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


def begin(
    request: Request, name: str, *, token: str | None, groups: Sequence[str] = (), following: str = "/"
) -> Response:
    """The way on for somebody who has shown who they are: a session begins, and the browser is told.

    With `token`, the name of one, the session has its role and ends with it; without, the role is what `[web]` says
    of `name`, or of the `groups` that the organisation's login puts them into.
    """
    settings, current = settings_of(request), current_of(request)
    now = current.now()
    if before := request.cookies.get(SESSION_COOKIE):
        current.tokens.end(before)
    secret = current.tokens.begin(name, token=token, groups=groups, now=now, ends_at=now + settings.session)
    # Back by way of the login page, which sees whether the browser took the cookie.
    response = _to(f"/login?took=1&next={quote(following, safe='/')}")
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=int(settings.session.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )
    return response


def login_page(request: Request) -> Response:
    following = here(request.query_params.get("next"))
    if not offers_login(settings_of(request)) or person_of(request).is_known:
        return _to(following)
    return _login(request, following, trouble="no_cookie" if "took" in request.query_params else None)


def login(request: Request) -> Response:
    form = form_of(request)
    following = here(form.get("next"))
    if settings_of(request).auth is not Auth.TOKEN:
        return _to(following)
    person = by_token(request, form.get("token", "").strip())
    if person is None:
        return _login(request, following, trouble="wrong", status=403)
    return begin(request, person.name, token=person.name, following=following)


def logout(request: Request) -> Response:
    if secret := request.cookies.get(SESSION_COOKIE):
        current_of(request).tokens.end(secret)
    response = _to("/login" if offers_login(settings_of(request)) else "/")
    response.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


def choose_language(request: Request) -> Response:
    form = form_of(request)
    response = _to(here(form.get("back")))
    if form.get("language") in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, form["language"], max_age=_A_YEAR_S, path="/", httponly=True, samesite="lax"
        )
    return response


def here(path: str | None) -> str:
    """A path of our own to go on to; "/" for anything that might lead elsewhere."""
    return path if path and _HERE.fullmatch(path) else "/"


def _login(request: Request, following: str, *, trouble: str | None, status: int = 200) -> Response:
    settings = settings_of(request)
    return show(
        request,
        "desk/login.html",
        status=status,
        following=following,
        trouble=words_of(request).text(f"desk.login.{trouble}") if trouble else None,
        is_wrong=trouble == "wrong",
        by_token=settings.auth is Auth.TOKEN,
        until=current_of(request).now() + settings.session,
    )


def _to(path: str) -> Response:
    return RedirectResponse(path, 303)


routes: list[BaseRoute] = [
    Route("/login", login_page),
    Route("/login", login, methods=["POST"]),
    Route("/logout", logout, methods=["POST"]),
    Route("/language", choose_language, methods=["POST"]),
]
