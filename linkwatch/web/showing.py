"""A page for whoever asked: the template with what every page of the desk needs beside its own values."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, StreamingResponse

from linkwatch.config_web import Auth, Web
from linkwatch.core.safe import plain
from linkwatch.locale import LANGUAGES, Words
from linkwatch.report.pages import page, stream
from linkwatch.report.reading import Reading
from linkwatch.web.current import Current
from linkwatch.web.static import Files

LANGUAGE_COOKIE = "linkwatch-language"


def show(request: Request, template: str, /, *, status: int = 200, **values: object) -> HTMLResponse:
    """`template` ("desk/link.html") filled in with `values` and `context`."""
    return HTMLResponse(page(template, **(context(request) | values)), status_code=status)


def show_in_pieces(request: Request, template: str, /, **values: object) -> StreamingResponse:
    """As `show`, sent while it is made."""
    return StreamingResponse(stream(template, **(context(request) | values)), media_type="text/html")


def context(request: Request) -> dict[str, Any]:
    """What each template gets:

    person      who asks (web.people.Person): name, role, is_known, may_view, may_edit, may_operate, has_session
    words, reading    in the person's language; `reading.now` is the moment of the request
    site        the configuration's title
    path        the address asked for, with its query: where a form comes back to
    here        the path alone, also of what a form was sent to
    static      name of a file ("desk.css", "vendor/htmx.min.js") → its address, which changes with its content
    settings    the `[web]` table (config_web.Web)
    login       the address of the login page that comes back here; None where nobody can log in, or they have
    complaint   why the configuration on disk is not the one in use, for those who may answer; None when it is
    languages   those that there are words for
    """
    current, words = current_of(request), words_of(request)
    person, settings, path = request.state.person, settings_of(request), address_of(request)
    return {
        "person": person,
        "words": words,
        "reading": Reading(words=words, timezone=current.config.timezone, now=current.now()),
        "site": plain(current.config.title),
        "path": path,
        "here": request.url.path,
        "static": static_of(request),
        "settings": settings,
        "login": login_address(path) if _leads_to_login(request, settings) else None,
        "complaint": current.complaint if person.may_edit else None,
        "languages": tuple(LANGUAGES),
    }


def current_of(request: Request) -> Current:
    current: Current = request.app.state.current
    return current


def settings_of(request: Request) -> Web:
    settings: Web = request.app.state.settings
    return settings


def static_of(request: Request) -> Callable[[str], str]:
    files: Files = request.app.state.files
    return files.address


def words_of(request: Request) -> Words:
    return Words(language_of(request))


def language_of(request: Request) -> str:
    """The one that this browser has chosen, else the configuration's."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in LANGUAGES else current_of(request).config.language


def address_of(request: Request) -> str:
    """Path and query, as a form may bring them back; "/" for what is not asked for with GET or in a step of a login."""
    if request.method not in ("GET", "HEAD") or request.url.path.startswith("/login/"):
        return "/"
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{quote(request.scope['path'], safe='/:@!$&()*+,;=~')}{query}"


def offers_login(settings: Web) -> bool:
    return settings.auth in (Auth.TOKEN, Auth.OIDC)


def _leads_to_login(request: Request, settings: Web) -> bool:
    return offers_login(settings) and not request.state.person.is_known and request.url.path != "/login"


def login_address(path: str) -> str:
    return "/login" if path == "/" else f"/login?next={quote(path, safe='/')}"
