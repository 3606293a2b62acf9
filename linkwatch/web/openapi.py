"""The API's own description (OpenAPI 3.1), made of the very lists that it speaks of.

`document()` is served at /api/v1/openapi.json; `QUERY` says which parameters a path takes, and the API refuses others.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from linkwatch import __version__
from linkwatch.answers import LONGEST_NAME, LONGEST_NOTE
from linkwatch.core.counties import COUNTIES
from linkwatch.core.fields import LONGEST_TEXT, LONGEST_URL
from linkwatch.core.models import Code, Severity, State
from linkwatch.core.reviews import Action
from linkwatch.core.roles import GRANTED
from linkwatch.core.selection import Answer, Order
from linkwatch.locale import LANGUAGES
from linkwatch.web.asked import ACTIONS, MOST_LINKS
from linkwatch.web.problems import JSON, PROBLEM
from linkwatch.web.query import LONGEST_LIMIT, SELECTION_KEYS

PREFIX = "/api/v1"

Schema = dict[str, Any]

QUERY: Mapping[str, tuple[str, ...]] = {
    "/links": (*SELECTION_KEYS, "limit", "offset"),
    "/links/{id}/history": ("limit",),
    "/incidents": ("since",),
    "/reviews": ("link", "before", "limit"),
}


def document() -> Schema:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "linkwatch",
            "version": __version__,
            "summary": "What is believed of the links that are watched, and what people have answered.",
        },
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}, {}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Made with `linkwatch token`. A desk for this machine only asks for none.",
                }
            },
        },
    }


# ---------------------------------------------------------------- what can be asked


def _paths() -> Schema:
    link, review = _in_path("id", "The link's id."), _in_path("id", "The answer's number.", {"type": "integer"})
    return {
        "/links": {"get": _get("listLinks", "The links of a selection.", "Links", _query("/links"), "400 403")},
        "/links/{id}": {"get": _get("getLink", "All that is known of a link.", "WholeLink", [link], "404")},
        "/links/{id}/history": {
            "get": _get("getHistory", "What the checks of a link have found, the newest first.", "History",
                        [link, *_query("/links/{id}/history")], "400 404"),
        },
        "/links/{id}/reviews": {
            "post": _post("answerLink", "Answer what was found of a link.", "Answered", done="201",
                          problems="400 403 404 409 413 415 422", at=link, body="AskOne"),
        },
        "/summary": {"get": _get("getSummary", "Everything in numbers and one sentence.", "Summary")},
        "/owners": {"get": _get("listOwners", "Who answers for the pages.", "Owners")},
        "/owners/{name}": {
            "get": _get("getOwner", "All links of one owner.", "Owned", [_in_path("name", "The owner's name.")], "404"),
        },
        "/incidents": {
            "get": _get("listIncidents", "What is open, and what has been closed since a date.", "Incidents",
                        _query("/incidents"), "400"),
        },
        "/incidents/{id}": {
            "get": _get("getIncident", "One cause, and its links.", "WholeIncident",
                        [_in_path("id", "The incident's id.")], "404"),
        },
        "/reviews": {
            "get": _get("listReviews", "The audit log: every answer, the newest first.", "Reviews", _query("/reviews"),
                        "400"),
            "post": _post("answerLinks", "Answer many links at once.", "AnsweredMany", done="200",
                          problems="400 403 409 413 415 422", at=None, body="AskMany"),
        },
        "/reviews/{id}": {"get": _get("getReview", "One answer.", "Review", [review], "404")},
        "/reviews/{id}/undo": {
            "post": _post("undoReview", "Take an answer back.", "Answered", done="200",
                          problems="400 403 404 409 413 415 422", at=review, body=None),
        },
        "/me": {"get": _get("getMe", "Who asks, and what they may.", "Me")},
        "/openapi.json": {"get": _get("getDescription", "This document.", "Description")},
    }  # fmt: skip


def _get(name: str, told: str, shape: str, parameters: Iterable[Schema] = (), problems: str = "") -> Schema:
    return {
        "operationId": name,
        "summary": told,
        "parameters": list(parameters),
        "responses": _responses("200", shape, problems),
    }


def _post(name: str, told: str, shape: str, *, done: str, problems: str, at: Schema | None, body: str | None) -> Schema:
    sent = {"requestBody": {"required": True, "content": {JSON: {"schema": _ref(body)}}}} if body else {}
    return {
        "operationId": name,
        "summary": told,
        "parameters": [at] if at else [],
        "responses": _responses(done, shape, problems),
        **sent,
    }


def _responses(done: str, shape: str, problems: str) -> Schema:
    """Who may not look at all gets 401 or 403, and the rate of log-ins is limited, whatever is asked."""
    wrong = {"description": "Why not, in one sentence.", "content": {PROBLEM: {"schema": _ref("Problem")}}}
    fine = {"description": "Done.", "content": {JSON: {"schema": _ref(shape)}}}
    return {done: fine, **dict.fromkeys([*problems.split(), "default"], wrong)}


def _in_path(name: str, told: str, schema: Schema | None = None) -> Schema:
    return {"name": name, "in": "path", "required": True, "description": told, "schema": schema or {"type": "string"}}


def _query(path: str) -> list[Schema]:
    return [{"name": name, "in": "query", **_PARAMETERS[name]} for name in QUERY[path]]


def _said(told: str, **schema: Any) -> Schema:
    return {"description": told, "schema": {"type": "string", **schema}}


_PARAMETERS: Mapping[str, Schema] = {
    "state": {
        "description": "Only these states; repeated, or with commas between.",
        "schema": {"type": "array", "items": {"enum": list(State)}},
        "style": "form",
        "explode": False,
    },
    "answer": _said("Only links that are answered so; `open`: not answered yet.", enum=list(Answer)),
    "owner": _said("Only links of this owner.", maxLength=LONGEST_TEXT),
    "county": _said("Only links of the county with this letter.", enum=list(COUNTIES)),
    "tag": _said("Only links with this tag.", maxLength=LONGEST_TEXT),
    "assignee": _said("Only links that this person has. Not for viewers without login.", maxLength=LONGEST_TEXT),
    "incident": _said("Only links of this incident.", maxLength=LONGEST_TEXT),
    "q": _said("Every word must occur in id, name, owner, address, title or tags.", maxLength=LONGEST_TEXT),
    "sort": _said("In which order; `page` is that of the configuration.", enum=list(Order), default=Order.PAGE),
    "limit": _said("How many at most.", type="integer", minimum=1, maximum=LONGEST_LIMIT, default=100),
    "offset": _said("How many to pass over.", type="integer", minimum=0, default=0),
    "since": _said("A day, or a time with its offset; 30 days ago where nothing is said."),
    "link": _said("Only answers to this link.", maxLength=LONGEST_TEXT),
    "before": _said("Only answers with a lower number than this.", type="integer", minimum=1),
}


# ---------------------------------------------------------------- what is sent and answered


def _schemas() -> Schema:
    return {
        "Link": _object(_LINK),
        "WholeLink": _object({
            **_LINK, "transitions": _list(_ref("Transition")), "request": _nullable(_ref("Request")),
        }),
        "Links": _object({"total": _COUNT, "links": _list(_ref("Link")), "next": _TEXT_OR_NULL}),
        "History": _object({
            "transitions": _list(_ref("Transition")), "checks": _list(_ref("Check")), "titles": _list(_ref("Title")),
        }),
        "Transition": _object({
            "link": _TEXT, "at": _TIME, "from": _STATE, "to": _STATE, "verdict": _VERDICT_OR_NULL,
            "reason": _TEXT_OR_NULL,
        }),
        "Check": _object({
            "first_at": _TIME, "last_at": _TIME, "times": _COUNT, "kinds": _COUNT, "verdict": _enum(Code),
            "reason": _TEXT_OR_NULL, **_FACTS, "evidence": _ANYTHING,
        }),
        "Title": _object({
            "first_at": _TIME, "last_at": _TIME, "title": _TEXT_OR_NULL, "last_modified": _TIME_OR_NULL,
        }),
        "Request": _object({
            "asked_at": _TIME, "who": _TEXT_OR_NULL, "done_at": _TIME_OR_NULL, "outcome": _TEXT_OR_NULL,
        }),
        "Run": _object({
            "id": _COUNT, "conclusive": {"type": ["boolean", "null"]}, "started_at": _TIME,
            "finished_at": _TIME_OR_NULL, "note": _TEXT_OR_NULL, "visited": _COUNT,
        }),
        "Summary": _object({
            "sentence": _TEXT, "total": _COUNT, "working": _COUNT, "open": _COUNT,
            "by_state": {"type": "object", "propertyNames": _enum(State), "additionalProperties": _COUNT},
            "by_answer": _object(dict.fromkeys(Answer, _COUNT)),
            "run": _nullable(_ref("Run")),
        }),
        "Owner": _object(_OWNER),
        "Owners": _object({"owners": _list(_ref("Owner"))}),
        "Owned": _object({**_OWNER, "links": _list(_ref("Link"))}),
        "Incident": _object(_INCIDENT),
        "Incidents": _object({"incidents": _list(_object(_WHOLE_INCIDENT))}),
        "WholeIncident": _object({**_WHOLE_INCIDENT, "members": _list(_ref("Link"))}),
        "Review": _object(_REVIEW),
        "Reviews": _object({"reviews": _list(_ref("Review")), "next": _TEXT_OR_NULL}),
        "Answered": _object({"reviews": _list(_ref("Review")), "link": _nullable(_ref("Link"))}),
        "AnsweredMany": _object({"reviews": _list(_ref("Review")), "refused": _list(_ref("Refused"))}),
        "Refused": _object({"link": _TEXT, "code": _TEXT, "detail": _TEXT}),
        "Me": _object({
            "name": _TEXT_OR_NULL, "role": {"enum": list(GRANTED)}, "is_known": {"type": "boolean"},
            "language": {"enum": list(LANGUAGES)},
        }),
        "Description": {"type": "object", "required": ["openapi", "info", "paths"]},
        "Problem": {
            **_object({
                "type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "code": _TEXT, "detail": _TEXT,
            }),
            "properties": {
                "type": _TEXT, "title": _TEXT, "status": {"type": "integer"},
                "code": {"type": "string", "description": "Stable: programs decide by it."},
                "detail": {"type": "string", "description": "One sentence in the reader's language."},
                "fingerprint": _TEXT_OR_NULL, "refused": _list(_ref("Refused")),
            },
        },
        "AskOne": _asking({"fingerprint": {**_TEXT, "maxLength": LONGEST_NAME, "description":
            "The link's, as the asker saw it: where another finding has come since, nothing is done (409)."}}),
        "AskMany": {
            **_asking({
                "ids": {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": MOST_LINKS},
                "selection": {
                    "type": "object", "minProperties": 1, "additionalProperties": False,
                    "properties": {
                        "state": {"anyOf": [_TEXT, _list(_enum(State))]},
                        **{key: _TEXT for key in SELECTION_KEYS if key != "state"},
                    },
                },
            }),
            "oneOf": [{"required": ["ids"]}, {"required": ["selection"]}],
        },
    }  # fmt: skip


def _asking(more: Schema) -> Schema:
    properties = {
        "action": {"enum": list(ACTIONS)},
        "note": {"type": "string", "maxLength": LONGEST_NOTE},
        "until": {
            "type": "string",
            "description": "For snooze and report: a day (its first moment in the configuration's zone), or a time.",
        },
        "assignee": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "description": "For assign."},
        "url": {
            "type": "string",
            "maxLength": LONGEST_URL,
            "description": "For accept; the proposed address where nothing is said.",
        },
        **more,
    }
    return {"type": "object", "required": ["action"], "properties": properties, "additionalProperties": False}


def _object(properties: Mapping[str, Schema]) -> Schema:
    """An answer has all of its members, always; later versions may have more."""
    return {"type": "object", "required": [str(key) for key in properties], "properties": dict(properties)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _enum(words: Iterable[str]) -> Schema:
    return {"enum": [str(word) for word in words]}


_TEXT: Schema = {"type": "string"}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_TIME: Schema = {"type": "string", "format": "date-time"}
_TIME_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_ANYTHING: Schema = {"type": "object"}
_STATE = _enum(State)
_VERDICT_OR_NULL: Schema = {"enum": [*(code.value for code in Code), None]}

_FACTS: Schema = {
    "http_status": {"type": ["integer", "null"]},
    "final_url": _TEXT_OR_NULL,
    "redirects": _list(_object({"status": {"type": "integer"}, "url": _TEXT})),
    "title": _TEXT_OR_NULL,
    "last_modified": _TIME_OR_NULL,
    "content_type": _TEXT_OR_NULL,
    "elapsed_ms": {"type": ["integer", "null"]},
}
_REVIEW: Schema = {
    "id": _COUNT, "link": _TEXT, "at": _TIME, "who": _TEXT_OR_NULL, "action": _enum(Action), "note": _TEXT_OR_NULL,
    "until": _TIME_OR_NULL, "fingerprint": _TEXT_OR_NULL, "details": _ANYTHING, "ended_at": _TIME_OR_NULL,
    "ended_as": _TEXT_OR_NULL, "undoes": {"type": ["integer", "null"]},
}  # fmt: skip
_INCIDENT: Schema = {
    "id": _TEXT, "verdict": _enum(Code), "reason": _TEXT_OR_NULL, "opened_at": _TIME, "closed_at": _TIME_OR_NULL,
    "closed_as": _TEXT_OR_NULL, "links": _list(_TEXT), "open_links": _list(_TEXT),
}  # fmt: skip
_WHOLE_INCIDENT: Schema = {**_INCIDENT, "owner": _TEXT, "host": _TEXT, "last_at": _TIME}
_OWNER: Schema = {"name": _TEXT, "total": _COUNT, "broken": _COUNT, "open": _COUNT}
_GROUNDS = _object({"first_seen": _TIME, "last_seen": _TIME, "times": _COUNT, "evidence": _ANYTHING})
_LINK: Schema = {
    "id": _TEXT, "name": _TEXT, "owner": _TEXT, "url": _TEXT, "state": _STATE, "verdict": _VERDICT_OR_NULL,
    "reason": _TEXT_OR_NULL, "since": _TIME_OR_NULL, "checked_at": _TIME_OR_NULL, "failures": _COUNT,
    **_FACTS, "tls_expires_at": _TIME_OR_NULL,
    "suggestion": _nullable(_object({"url": _TEXT, "score": {"type": ["number", "null"]}, "why": _TEXT})),
    "possible": _list(_object({"url": _TEXT, "score": {"type": ["number", "null"]}})),
    "county": _TEXT_OR_NULL, "listing": _TEXT_OR_NULL, "tags": _list(_TEXT), "contact": _TEXT_OR_NULL,
    "severity": {"enum": [*(severity.name.lower() for severity in Severity), None]},
    "finding": _VERDICT_OR_NULL, "finding_reason": _TEXT_OR_NULL, "seen_at": _TIME_OR_NULL, "evidence": _ANYTHING,
    "grounds": _nullable(_GROUNDS), "incident": _nullable(_ref("Incident")), "mended": _nullable(_ref("Incident")),
    "reviews": _list(_ref("Review")), "assignee": _TEXT_OR_NULL, "fingerprint": _TEXT_OR_NULL,
}  # fmt: skip
