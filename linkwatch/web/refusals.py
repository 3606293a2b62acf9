"""What somebody is told who does not get what they asked for: one clear page, or under /api a problem (RFC 9457)."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from linkwatch.core.roles import Role
from linkwatch.locale import Words
from linkwatch.web.problems import PROBLEM
from linkwatch.web.showing import show, words_of

# The stable word of each refusal that has only a status.
_BY_STATUS = {
    400: "bad_request",
    401: "not_logged_in",
    403: "forbidden",
    404: "not_found",
    405: "bad_method",
    413: "too_big",
    415: "bad_type",
    503: "unavailable",
}


class Refused(Exception):
    """Ends a request with a status and a sentence, the words of `desk.error.<why>`."""

    def __init__(self, status: int, why: str, headers: dict[str, str] | None = None, **values: object) -> None:
        super().__init__(f"{status} {why}")
        self.status = status
        self.why = why
        self.headers = headers or {}
        self.values = values


def refuse(request: Request, refused: Refused, *, detail: str | None = None) -> Response:
    """The answer to whoever asked. `detail` is a sentence in English for those who run linkwatch."""
    words, why = words_of(request), refused.why
    sentence = _sentence(refused, words)
    if is_for_programs(request):
        response = _problem(refused.status, why, sentence, detail)
    else:
        title = words.text(f"desk.error.{why}.title")
        response = show(
            request, "desk/error.html", status=refused.status, title=title, sentence=sentence, detail=detail, why=why
        )
    response.headers.update(refused.headers)
    return response


def _problem(status: int, why: str, sentence: str, detail: str | None) -> Response:
    value = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": why,
        "detail": sentence,
    }
    return JSONResponse(value | ({"cause": detail} if detail else {}), status, media_type=PROBLEM)


def is_for_programs(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def from_http(error: HTTPException) -> Refused:
    """What Starlette itself refuses: no such page, no such method."""
    why = _BY_STATUS.get(error.status_code, "bad_request" if error.status_code < 500 else "fault")
    return Refused(error.status_code, why, dict(error.headers or {}))


def _sentence(refused: Refused, words: Words) -> str:
    """A role among the values in the reader's language; a number `n` in the form that goes with it."""
    values = {k: words.text(f"desk.role.{v.word}") if isinstance(v, Role) else v for k, v in refused.values.items()}
    n = values.pop("n", None)
    if isinstance(n, int):
        return words.count(f"desk.error.{refused.why}.text", n, **values)
    return words.text(f"desk.error.{refused.why}.text", **values)
