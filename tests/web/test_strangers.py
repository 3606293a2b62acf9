"""Where strangers may look, no page of any kind shows them who did what, what people wrote, or whom to reach."""

from collections.abc import Iterator

import pytest
from starlette.routing import Route

from linkwatch.core.roles import Role
from linkwatch.web.app import ROUTES
from tests.web.desk import OpenDesk, opened
from tests.web.mailing import MAIL, SUBSCRIBER, about, answering

SECRETS = ("Hemliga Hulda", "Hemliga%20Hulda", "Hemliga+Hulda", "Tilda Tilldelad", "en privat anteckning",
           "hemlig@region.example", "webb@region-blekinge.example", "0480-000 00")  # fmt: skip
PARAMETERS = {"{id}": "blekinge", "{name}": "Region Blekinge", "{name:path}": "Region Blekinge"}
PATHS = sorted({route.path for route in ROUTES if isinstance(route, Route) and "GET" in (route.methods or ())})


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDesk]:
    web = f'auth = "token"\nanonymous = "viewer"{MAIL}{SUBSCRIBER}'
    with opened(tmp_path_factory.mktemp("open"), web, contacts="hemlig@region.example") as one:
        hulda = one.client(token=one.token("Hemliga Hulda", Role.EDITOR))
        note = {"note": "en privat anteckning"}
        for link, answer in {
            "blekinge": {"action": "acknowledge", **note},
            "dalarna": {"action": "assign", "assignee": "Tilda Tilldelad", **note},
            "kalmar": {"action": "report", **note},
            "jamtland": {"action": "check", **note},
        }.items():
            assert hulda.post(f"/api/v1/links/{link}/reviews", json=answer).status_code < 300
        yield one


def _address(desk: OpenDesk, path: str) -> str:
    if path.startswith("/mail/"):  # a stranger to whom somebody has passed their mail on
        page = path.split("/")[2]
        return answering(desk) if page == "answer" else about(desk, page)
    for name, value in PARAMETERS.items():
        path = path.replace(name, "1" if "reviews/" in path else value)
    return path


@pytest.mark.parametrize("path", PATHS)
def test_it_shows_strangers_no_names(desk: OpenDesk, path: str) -> None:
    answer = desk.client().get(_address(desk, path))
    assert answer.status_code in (200, 204, 303, 401, 403, 404)
    assert [secret for secret in SECRETS if secret in answer.text] == []


@pytest.mark.parametrize("path", ["/links", "/links.csv", "/links.json", "/links.atom", "/api/v1/links"])
def test_it_lets_strangers_find_out_nothing_by_asking_for_a_name(desk: OpenDesk, path: str) -> None:
    asked = [desk.client().get(f"{path}?assignee={name}") for name in ("Tilda+Tilldelad", "Nils+Ingenstans")]
    assert asked[0].status_code == asked[1].status_code
    assert ["dalarna" in one.text for one in asked] == [False, False]


@pytest.mark.parametrize("path", ["/links/blekinge", "/links/dalarna", "/links/kalmar", "/log"])
def test_it_shows_them_to_those_who_are_known(desk: OpenDesk, path: str) -> None:
    known = desk.client(token=desk.token(f"Vera {path}", Role.VIEWER)).get(path).text
    assert "Hemliga Hulda" in known
    assert "en privat anteckning" in known
