"""The app: every route, with the guards around them.

request ─▶ Headers ─▶ Faults ─▶ Hosts ─▶ People ─▶ SameOrigin ─▶ Bodies ─▶ handler
             policy on    a page      by our     who, and     from our      bounded,
             every answer for each    own name   what they    own pages     read whole
                          failure                may
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from linkwatch.config_web import Auth, Web
from linkwatch.errors import UsageError
from linkwatch.web import api, exports, forms, letters, link_page, mail, metrics, pages, sessions
from linkwatch.web.attempts import Attempts
from linkwatch.web.bodies import Bodies
from linkwatch.web.current import Current
from linkwatch.web.people import People
from linkwatch.web.security import Faults, Headers, Hosts, SameOrigin, allowed_hosts, answer_to
from linkwatch.web.showing import current_of
from linkwatch.web.static import Files, package_files

ROUTES: tuple[BaseRoute, ...] = (
    *mail.routes, *letters.routes, *exports.routes, *pages.routes, *link_page.routes, *forms.routes, *api.routes,
    *metrics.routes,
)  # fmt: skip


class Works(Protocol):
    """Does its work beside the desk, until it is told to stop: visits what people ask for, sends what waits."""

    async def run(self, stop: asyncio.Event) -> None: ...


def make_app(current: Current, settings: Web, *workers: Works, routes: Iterable[BaseRoute] = ROUTES) -> Starlette:
    """The desk. `settings` say who may come from where as long as it runs, whatever sources.toml says later; who has
    which role is read from there anew. `routes` in place of all that there are.
    """
    files = Files(package_files())
    shell = [*sessions.routes, Route("/healthz", health), Route("/static/{name:path}", files.serve)]
    login = _login_of_the_organisation(settings) if settings.auth is Auth.OIDC else []
    app = Starlette(
        routes=[*shell, *login, *routes],
        middleware=[
            Middleware(Headers),
            Middleware(Faults),
            Middleware(Hosts, allowed=allowed_hosts(settings)),
            Middleware(People),
            Middleware(SameOrigin),
            Middleware(Bodies),
        ],
        exception_handlers={HTTPException: answer_to},
        lifespan=_at_work(workers),
    )
    app.router.redirect_slashes = False  # it would lead to http where a proxy speaks https
    app.state.current, app.state.settings, app.state.files, app.state.attempts = current, settings, files, Attempts()
    return app


def health(request: Request) -> Response:
    """Whether the desk can answer at all: one look into the database. It says nothing of what is in there."""
    current = current_of(request)
    current.database.look()
    current.desk.last_run()
    return JSONResponse({"status": "ok"})


def _login_of_the_organisation(settings: Web) -> list[BaseRoute]:
    """From linkwatch.web.oidc, which needs a library that not everybody has."""
    try:
        routes: list[BaseRoute] = import_module("linkwatch.web.oidc").routes(settings)
    except ImportError as error:
        raise UsageError(
            'auth = "oidc" needs a library that is not installed: pip install "linkwatch[oidc]"'
        ) from error
    return routes


def _at_work(workers: Sequence[Works]) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001
        stop = asyncio.Event()
        tasks = [asyncio.create_task(worker.run(stop)) for worker in workers]
        yield
        stop.set()
        await asyncio.gather(*tasks, return_exceptions=True)

    return lifespan
