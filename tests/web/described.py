"""The API as a program meets it, every answer held against its description."""

from copy import deepcopy
from typing import Any
from urllib.parse import urlsplit

import httpx
from jsonschema import Draft202012Validator, FormatChecker
from starlette.testclient import TestClient

from linkwatch.web.openapi import PREFIX, document


def _closed(schema: Any) -> Any:
    """Nothing but what is described: later versions may add, this one describes all."""
    if isinstance(schema, dict):
        closed = {key: _closed(value) for key, value in schema.items()}
        return {"additionalProperties": False, **closed} if "properties" in closed else closed
    return [_closed(value) for value in schema] if isinstance(schema, list) else schema


DOCUMENT = document()
_SCHEMAS = _closed(deepcopy(DOCUMENT["components"]["schemas"]))
_SCHEMAS["Description"] = DOCUMENT["components"]["schemas"]["Description"]


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    whole = {**schema, "components": {"schemas": _SCHEMAS}}
    return Draft202012Validator(whole, format_checker=FormatChecker())


def described(path: str) -> tuple[str, dict[str, Any]]:
    """The path of the description that an address belongs to, and what can be done there."""
    parts = urlsplit(path).path.removeprefix(PREFIX).split("/")
    for template, methods in DOCUMENT["paths"].items():
        wanted = template.split("/")
        if len(wanted) == len(parts) and all(w == p or w.startswith("{") for w, p in zip(wanted, parts, strict=True)):
            return template, methods
    raise AssertionError(f"{path} is not described")


class Api:
    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str, status: int = 200) -> Any:
        return self.held("GET", path, self.client.get(PREFIX + path), status)

    def post(self, path: str, body: Any = None, status: int = 200, **more: Any) -> Any:
        sent = {"json": body} if body is not None else {}
        return self.held("POST", path, self.client.post(PREFIX + path, **sent, **more), status)

    def held(self, method: str, path: str, response: httpx.Response, status: int) -> Any:
        """The answer's JSON, when it has that status and is as described."""
        assert response.status_code == status, response.text
        responses = described(path)[1][method.lower()]["responses"]
        assert str(status) in responses, f"{method} {path}: {status} is not described"
        ((kind, content),) = responses[str(status)]["content"].items()
        assert response.headers["content-type"].partition(";")[0] == kind
        told = response.json()
        validator(content["schema"]).validate(told)
        if kind == "application/problem+json":
            assert told["status"] == status
            assert told["detail"].endswith(".")
        return told
