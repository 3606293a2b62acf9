"""A few routes to stand behind the guards: what matters is who gets as far as them."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from linkwatch.errors import DamagedDatabase, DatabaseUnavailable
from linkwatch.web.bodies import body_of, form_of
from linkwatch.web.people import Role, needs, person_of


def _who(request: Request) -> Response:
    person = person_of(request)
    return JSONResponse({"name": person.name, "role": person.role.word, "known": person.is_known})


def _did(request: Request) -> Response:
    return PlainTextResponse(f"done by {person_of(request).name}")


@needs(Role.OPERATOR)
def _operate(request: Request) -> Response:
    return _did(request)


def _form(request: Request) -> Response:
    return JSONResponse(form_of(request).multi_items())


async def _read(request: Request) -> Response:
    """As handlers do that read the body themselves."""
    return PlainTextResponse(await request.body())


def _length(request: Request) -> Response:
    return PlainTextResponse(str(len(body_of(request))))


def _locked(request: Request) -> Response:
    raise DatabaseUnavailable("The database /srv/secret.db has been locked: close what holds it open and run again.")


def _damaged(request: Request) -> Response:
    raise DamagedDatabase("The database /srv/secret.db is damaged: restore it from a backup.")


def _bug(request: Request) -> Response:
    raise ZeroDivisionError("a <secret> detail")


def both(path: str, handler: object, method: str = "GET") -> list[BaseRoute]:
    """The same as a page and in the API."""
    assert callable(handler)
    return [Route(prefix + path, handler, methods=[method]) for prefix in ("", "/api/v1")]


ROUTES: list[BaseRoute] = [
    *both("/who", _who),
    *both("/act", _did, "POST"),
    *both("/operate", _operate),
    *both("/form", _form, "POST"),
    *both("/read", _read, "POST"),
    *both("/length", _length, "POST"),
    *both("/locked", _locked),
    *both("/damaged", _damaged),
    *both("/bug", _bug),
]
