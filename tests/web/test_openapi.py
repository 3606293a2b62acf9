"""The description against the app: every route with its methods and parameters, and nothing that is not there."""

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.routing import Route

from linkwatch.core.models import Code, State
from linkwatch.core.reviews import Action
from linkwatch.core.selection import Answer, Order
from linkwatch.web import api
from linkwatch.web.openapi import PREFIX, QUERY, document
from tests.web.described import DOCUMENT, Api
from tests.web.desk import OpenDesk

SAMPLE = {
    "state": "broken", "answer": "open", "owner": "Region Blekinge", "county": "K", "tag": "a", "assignee": "a",
    "incident": "a", "q": "a", "sort": "gravity", "limit": "1", "offset": "1", "since": "2026-01-01", "link": "dalarna",
    "before": "7",
}  # fmt: skip


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    paths = DOCUMENT["paths"].items()
    return {(path, method.upper()): told for path, methods in paths for method, told in methods.items()}


def test_it_describes_every_route_and_no_other() -> None:
    routes = [route for route in api.routes if isinstance(route, Route)]
    assert len(routes) == len(api.routes)
    found = {
        (route.path.removeprefix(PREFIX).replace(":path", ""), method)
        for route in routes
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert found == operations().keys()


@pytest.mark.parametrize(("path", "method"), operations())
def test_it_describes_every_parameter_of_a_path(path: str, method: str) -> None:
    given = operations()[path, method]["parameters"]
    assert [one["name"] for one in given if one["in"] == "path"] == re.findall(r"{(\w+)}", path)
    asked = tuple(one["name"] for one in given if one["in"] == "query")
    assert asked == (QUERY.get(path, ()) if method == "GET" else ())


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, names in QUERY.items() for name in names])
def test_it_takes_the_parameters_that_are_described(path: str, name: str, desk: OpenDesk) -> None:
    where = path.format(id="blekinge")
    Api(desk.client()).get(f"{where}?{name}={SAMPLE[name]}")


@pytest.mark.parametrize("path", [path for path, method in operations() if method == "GET"])
def test_it_refuses_a_parameter_that_is_not(path: str, desk: OpenDesk) -> None:
    where = path.format(id="blekinge", name="Region%20Blekinge")
    answer = desk.client().get(f"{PREFIX}{where}?sate=broken")
    assert (answer.status_code, "sate" in answer.json()["detail"]) == (400, True)


def test_it_has_schemas_that_are_schemas_and_leads_nowhere_else() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    named = set(re.findall(r"'#/components/schemas/(\w+)'", repr(DOCUMENT)))
    assert named == schemas.keys()


def test_it_names_each_operation_once() -> None:
    names = [told["operationId"] for told in operations().values()]
    assert len(set(names)) == len(names)


def test_it_lists_every_word_that_the_program_has() -> None:
    schemas = document()["components"]["schemas"]
    link = schemas["Link"]["properties"]
    assert link["state"]["enum"] == list(State)
    assert link["verdict"]["enum"] == [*Code, None]
    assert schemas["AskOne"]["properties"]["action"]["enum"] == [one for one in Action if one is not Action.UNDO]
    asked = {one["name"]: one["schema"] for one in operations()["/links", "GET"]["parameters"]}
    assert asked["answer"]["enum"] == list(Answer)
    assert asked["sort"]["enum"] == list(Order)


def test_it_serves_the_description(desk: OpenDesk) -> None:
    assert Api(desk.client()).get("/openapi.json") == document()
