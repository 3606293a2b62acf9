"""The letter to an owner: on the owner's and the incident's page, and as a file that a mail program opens."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from linkwatch.core.models import LinkView
from linkwatch.core.reviews import Action
from linkwatch.locale import LANGUAGES
from linkwatch.report import answers
from linkwatch.report.letter import Letter, in_trouble, letter
from linkwatch.report.reading import Reading
from linkwatch.web.people import person_of
from linkwatch.web.refusals import Refused
from linkwatch.web.showing import current_of
from linkwatch.web.view import prepared, reading_of


def letter_values(
    request: Request, links: Sequence[LinkView], owner: str, base: str, reading: Reading
) -> dict[str, Any]:
    """What `letter.html` draws: nothing where there is nothing to write about, or nobody known who would write."""
    language = _language(request, reading)
    written = _written(request, links, owner, language)
    if written is None:
        return {"letter": None}
    reported = [one for link in links for one in link.reviews if one.action is Action.REPORT]
    return {
        "letter": written,
        "letter_language": language,
        "letter_base": base,
        "letter_links": in_trouble(links),
        "letter_is_open": "letter" in request.query_params,
        "reported": list(dict.fromkeys(answers.sentence(one, reading) for one in reported)),
    }


def _language(request: Request, reading: Reading) -> str:
    asked = request.query_params.get("letter") or request.query_params.get("language") or ""
    return asked if asked in LANGUAGES else reading.words.language


def _written(request: Request, links: Sequence[LinkView], owner: str, language: str) -> Letter | None:
    told = in_trouble(links)
    if not told or not person_of(request).is_known:
        return None
    config = current_of(request).config
    return letter(
        told,
        owner=owner,
        reading=reading_of(request),
        sender=config.fetch.contact,
        site=config.title,
        page=next((listing.url for listing in config.listings), None),
        language=language,
    )


def owner_letter(request: Request) -> Response:
    name = request.path_params["name"]
    return _file(request, current_of(request).desk.by_owner(name, current_of(request).now()), name)


def incident_letter(request: Request) -> Response:
    desk, now = current_of(request).desk, current_of(request).now()
    incident = desk.incident(request.path_params["id"])
    if incident is None:
        raise Refused(404, "not_found")
    return _file(request, desk.links(incident.open_links, now), incident.owner)


def _file(request: Request, links: Sequence[LinkView], owner: str) -> Response:
    written = _written(request, prepared(request, links), owner, _language(request, reading_of(request)))
    if written is None:
        raise Refused(404, "not_found")
    headers = {"Content-Disposition": 'attachment; filename="linkwatch.eml"'}
    return Response(written.eml, media_type="message/rfc822", headers=headers)


routes: list[BaseRoute] = [
    Route("/owners/{name:path}/letter.eml", owner_letter),
    Route("/incidents/{id}/letter.eml", incident_letter),
]
