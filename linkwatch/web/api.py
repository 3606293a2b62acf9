"""The JSON API under /api/v1: the desk's data and actions, for programs. `openapi.py` describes it.

Every answer is an object; what cannot be done is a problem (RFC 9457) with a stable code. Names, notes and contacts of
people are left out for those who have not said who they are, as everywhere.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from linkwatch import answers
from linkwatch.core import reviews
from linkwatch.core.models import LinkView
from linkwatch.core.selection import Selection
from linkwatch.report import story
from linkwatch.report.discretion import nameless_review
from linkwatch.report.json import link_document, review_document, transition_document
from linkwatch.web import asked, openapi, shapes
from linkwatch.web.asked import Asked
from linkwatch.web.bodies import body_of
from linkwatch.web.openapi import PREFIX, QUERY
from linkwatch.web.pages import tally_of
from linkwatch.web.people import person_of
from linkwatch.web.problems import JSON, Problem, answer, problem
from linkwatch.web.query import query_of, selection_of, window_of
from linkwatch.web.refusals import Refused
from linkwatch.web.showing import current_of, words_of
from linkwatch.web.view import prepared

_LATELY = timedelta(days=30)
_CHANGES = 1000  # transitions that a history tells of at most

# What is refused is at odds with how a link stands (409), unless the asker has asked for what cannot be.
_STATUS = dict.fromkeys(
    ("unknown_action", "no_such_link", "no_such_answer", "note_too_long", "no_date", "past_date", "no_reason",
     "no_assignee", "own_page", "one_address", "bad_address", "private_address"),
    422,
)  # fmt: skip

Handler = Callable[[Request], Response]


# ---------------------------------------------------------------- links


def list_links(request: Request) -> Response:
    params = request.query_params.multi_items()
    selection, window = selection_of(params), window_of(params)
    _may_select(request, selection)
    current = current_of(request)
    found = current.desk.find(selection, current.now(), limit=window.limit, offset=window.offset)
    after = window.offset + len(found.links)
    more = found.links and after < found.total
    following = _address(request, query_of(selection, limit=window.limit, offset=after)) if more else None
    return answer(shapes.links(prepared(request, found.links), found.total, following))


def get_link(request: Request) -> Response:
    link = _link(request)
    asking = current_of(request).desk.requests([link.source.id]).get(link.source.id)
    return answer(shapes.whole_link(link, asking, is_known=person_of(request).is_known))


def get_history(request: Request) -> Response:
    link_id, desk = _link(request).source.id, current_of(request).desk
    limit = window_of(request.query_params.multi_items()).limit or 100
    return answer({
        "transitions": [transition_document(one) for one in desk.transitions(link_id, min(limit, _CHANGES))],
        "checks": [shapes.check(one) for one in desk.history(link_id, limit)],
        "titles": [shapes.title(one) for one in desk.titles(link_id)],
    })  # fmt: skip


# ---------------------------------------------------------------- what the links have in common


def get_summary(request: Request) -> Response:
    current = current_of(request)
    counts = current.desk.counts(current.now())
    sentence = story.headline(tally_of(counts), words_of(request)).sentence(words_of(request))
    return answer(shapes.summary(counts, current.desk.last_run(), sentence))


def list_owners(request: Request) -> Response:
    current = current_of(request)
    return answer({"owners": [shapes.owner(one) for one in current.desk.owners(current.now())]})


def get_owner(request: Request) -> Response:
    current, name = current_of(request), request.path_params["name"]
    count = next((one for one in current.desk.owners(current.now()) if one.name == name), None)
    if count is None:
        raise Problem(404, "unknown_owner", value=name)
    links = prepared(request, current.desk.by_owner(name, current.now()))
    return answer({**shapes.owner(count), "links": [link_document(link) for link in links]})


def list_incidents(request: Request) -> Response:
    return answer({"incidents": [shapes.incident(one) for one in current_of(request).desk.incidents(_since(request))]})


def get_incident(request: Request) -> Response:
    current, incident_id = current_of(request), request.path_params["id"]
    incident = current.desk.incident(incident_id)
    if incident is None:
        raise Problem(404, "unknown_incident", value=incident_id)
    links = prepared(request, current.desk.links(incident.links, current.now()))
    return answer({**shapes.incident(incident), "members": [link_document(link) for link in links]})


# ---------------------------------------------------------------- answers


def list_reviews(request: Request) -> Response:
    given = request.query_params
    limit = window_of(given.multi_items()).limit or 100
    link_id, before = given.get("link") or None, _number(given.get("before"), "before")
    found = current_of(request).desk.reviews(link_id, limit=limit, before_id=before)
    query = {"link": link_id, "limit": limit, "before": found[-1].id if found else None}
    following = _address(request, query_of(Selection(), **query)) if len(found) == limit else None
    return answer(shapes.reviews(_told(request, found), following))


def get_review(request: Request) -> Response:
    (review,) = _told(request, [_review(request)])
    return answer(review_document(review))


def answer_link(request: Request) -> Response:
    link_id, current = _link(request).source.id, current_of(request)
    wanted = asked.asked_of_one(_sent(request), current.config.timezone)
    given = _give(request, wanted, (link_id,))
    first = given.reviews[0].id if given.reviews else None
    headers = {"Location": f"{PREFIX}/reviews/{first}"} if first else None
    return answer(_answered(request, given.reviews, link_id), 201, headers)


def answer_links(request: Request) -> Response:
    current = current_of(request)
    wanted = asked.asked_of_many(_sent(request), current.config.timezone)
    if wanted.selection is not None:
        _may_select(request, wanted.selection)
    given = _give(request, wanted, wanted.ids or current.desk.ids(wanted.selection or Selection(), current.now()))
    told = [review_document(review) for review in _told(request, given.reviews)]
    return answer({"reviews": told, "refused": _refusals(request, given.refused)})


def undo_review(request: Request) -> Response:
    asked.refuse_body(_sent(request))
    review, current = _review(request), current_of(request)
    given = answers.take_back(current.config, current.ledger, review.id, person_of(request).name, current.now())
    _refuse(request, given)
    return answer(_answered(request, given.reviews, review.link_id))


def _give(request: Request, wanted: Asked, link_ids: Sequence[str]) -> reviews.Given:
    current = current_of(request)
    seen = {} if wanted.fingerprint is None else dict.fromkeys(link_ids, wanted.fingerprint)
    wish = answers.Wish(
        action=wanted.action,
        link_ids=tuple(link_ids),
        who=person_of(request).name,
        note=wanted.note,
        until=wanted.until,
        assignee=wanted.assignee,
        url=wanted.url,
        seen=seen,
    )
    given = answers.give(current.config, current.ledger, wish, current.now())
    _refuse(request, given)
    return given


def _refuse(request: Request, given: reviews.Given) -> None:
    """Nothing was done: that is no answer but a problem."""
    if given.refused and not given.reviews:
        told = _refusals(request, given.refused)
        why, detail = told[0]["code"], told[0]["detail"]
        raise Problem(_STATUS.get(why, 409), why, sentence=detail, members={"refused": told})


def _refusals(request: Request, refused: Sequence[reviews.Refused]) -> list[shapes.Shape]:
    words, may_operate = words_of(request), person_of(request).may_operate
    sentences = {why: words.text(f"answers.refused.{why}") for why in {one.why for one in refused}}
    return [
        {
            "link": one.link_id,
            "code": one.why,
            "detail": f"{sentences[one.why]} {one.detail if may_operate else ''}".strip(),
        }
        for one in refused
    ]


def _answered(request: Request, given: Sequence[reviews.Review], link_id: str) -> shapes.Shape:
    """What was done, and how the link stands after it."""
    current = current_of(request)
    link = current.desk.link(link_id, current.now())
    return {
        "reviews": [review_document(review) for review in _told(request, given)],
        "link": link_document(*prepared(request, [link])) if link else None,
    }


# ---------------------------------------------------------------- who asks, and what there is


def get_me(request: Request) -> Response:
    return answer(shapes.me(person_of(request), words_of(request).language))


def get_description(_: Request) -> Response:
    return answer(openapi.document())


# ---------------------------------------------------------------- parts


def _link(request: Request) -> LinkView:
    current, link_id = current_of(request), request.path_params["id"]
    link = current.desk.link(link_id, current.now())
    if link is None:
        raise Problem(404, "unknown_link", value=link_id)
    return prepared(request, [link])[0]


def _review(request: Request) -> reviews.Review:
    number = request.path_params["id"]
    review = current_of(request).desk.review(int(number)) if _is_number(number) else None
    if review is None:
        raise Problem(404, "unknown_review", value=number)
    return review


def _told(request: Request, found: Sequence[reviews.Review]) -> Sequence[reviews.Review]:
    return found if person_of(request).is_known else [nameless_review(review) for review in found]


def _may_select(request: Request, selection: Selection) -> None:
    """Who has what is for those who have said who they are."""
    if selection.assignee is not None and not person_of(request).is_known:
        raise Refused(403, "names_hidden")


def _since(request: Request) -> datetime:
    current, text = current_of(request), request.query_params.get("since")
    if not text:
        return current.now() - _LATELY
    try:
        return asked.moment_of(text, current.config.timezone)
    except ValueError:
        raise Problem(400, "bad_date", key="since", value=text) from None


def _number(text: str | None, key: str) -> int | None:
    if not text:
        return None
    if not _is_number(text):
        raise Problem(400, "bad_number", key=key, value=text)
    return int(text)


def _is_number(text: str) -> bool:
    """As SQLite takes it."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def _address(request: Request, query: str) -> str:
    return f"{request.url.path}?{query}"


# ---------------------------------------------------------------- the way in and out


def _route(path: str, *, get: Handler | None = None, post: Handler | None = None) -> Route:
    handlers = {name: handler for name, handler in (("GET", get), ("POST", post)) if handler}

    def respond(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        try:
            _refuse_unknown(request, QUERY.get(path.replace(":path", ""), ()) if method == "GET" else ())
            return handlers[method](request)
        except Problem as error:
            return problem(error, words_of(request))

    return Route(PREFIX + path, respond, methods=list(handlers))


def _sent(request: Request) -> bytes:
    """JSON and nothing else: a form on another site cannot send that. Raises `Problem`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body_of(request) and kind != JSON:
        raise Problem(415, "not_json", value=kind)
    return body_of(request)


def _refuse_unknown(request: Request, known: Sequence[str]) -> None:
    """A filter that is misspelt would select all links; programs are told."""
    for key in request.query_params:
        if key not in known:
            raise Problem(400, "unknown_parameter" if known else "no_parameters", key=key, known=known)


routes: Sequence[BaseRoute] = (
    _route("/links", get=list_links),
    _route("/links/{id}", get=get_link),
    _route("/links/{id}/history", get=get_history),
    _route("/links/{id}/reviews", post=answer_link),
    _route("/summary", get=get_summary),
    _route("/owners", get=list_owners),
    _route("/owners/{name:path}", get=get_owner),
    _route("/incidents", get=list_incidents),
    _route("/incidents/{id}", get=get_incident),
    _route("/reviews", get=list_reviews, post=answer_links),
    _route("/reviews/{id}", get=get_review),
    _route("/reviews/{id}/undo", post=undo_review),
    _route("/me", get=get_me),
    _route("/openapi.json", get=get_description),
)
