"""What the API answers where it cannot do as asked: a problem (RFC 9457) with one sentence and a stable code."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from linkwatch.core.safe import plain
from linkwatch.locale import Words
from linkwatch.report.json import encoded

JSON = "application/json"
PROBLEM = "application/problem+json"
_SHOWN = 80


class Problem(Exception):
    """Ends a request. `code` is stable; its sentence is what `desk.api.<code>` says, where none is given.

    `key` is what it is about, `value` what was sent, `known` what could have been; `members` stand in the answer too.
    """

    def __init__(
        self,
        status: int,
        code: str,
        *,
        key: str = "",
        value: str = "",
        known: Iterable[object] = (),
        sentence: str | None = None,
        members: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {code} {key}")
        self.status = status
        self.code = code
        self.key = key
        self.value = value
        self.known = tuple(map(str, known))
        self.sentence = sentence
        self.members = members or {}

    def told(self, words: Words) -> str:
        if self.sentence is not None:
            return self.sentence
        told = {"field": plain(self.key, _SHOWN), "value": plain(self.value, _SHOWN), "known": ", ".join(self.known)}
        return words.text(f"desk.api.{self.code}", **told)


def problem(error: Problem, words: Words) -> Response:
    told = {
        "type": "about:blank",  # RFC 9457 §4.2.1: no more is to be said of it than its status
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "code": error.code,
        "detail": error.told(words),
        **error.members,
    }
    return Response(encoded(told), error.status, media_type=PROBLEM)


def answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(encoded(value) + "\n", status, headers, media_type=JSON)
