"""/metrics: who may read it, and that it is what Prometheus reads."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from linkwatch import __version__
from linkwatch.core.roles import Role
from tests.web.desk import OpenDesk, opened


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDesk]:
    with opened(tmp_path_factory.mktemp("guarded"), 'auth = "token"') as one:
        yield one


def samples(text: str) -> dict[str, float]:
    """By name and the values of its labels."""
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in parse(text)
        for sample in family.samples
    }


def test_it_tells_on_loopback_how_the_links_are(tmp_path: Path) -> None:
    with opened(tmp_path) as desk:
        answer = desk.client().get("/metrics")
        counts = desk.current.desk.counts(desk.clock())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    found = samples(answer.text)
    assert {state: found[f"linkwatch_links {state}"] for state in counts.by_state} == counts.by_state
    assert found["linkwatch_last_run_timestamp_seconds"] == desk.clock.now.timestamp() - 58 * 60
    assert found[f"linkwatch_build_info {__version__}"] == 1


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.OPERATOR])
def test_it_takes_the_token_of_anybody_who_may_look(guarded: OpenDesk, role: Role) -> None:
    client = guarded.client(token=guarded.token(f"Prometheus {role.word}", role))
    assert "linkwatch_links" in client.get("/metrics").text


@pytest.mark.parametrize("headers", [{}, {"accept": "text/html"}, {"authorization": f"Bearer lw_{'A' * 43}"}])
def test_it_leads_nobody_to_the_login_page(guarded: OpenDesk, headers: dict[str, str]) -> None:
    answer = guarded.client().get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "linkwatch_links" not in answer.text


def test_it_is_for_strangers_where_they_may_look(tmp_path: Path) -> None:
    with opened(tmp_path, 'auth = "token"\nanonymous = "viewer"') as desk:
        assert "linkwatch_links" in desk.client().get("/metrics").text


def test_behind_a_proxy_it_is_for_whom_the_proxy_names_and_for_tokens(tmp_path: Path) -> None:
    web = 'auth = "proxy"\nproxy_header = "X-Remote-User"\nproxy_from = ["10.0.0.2"]\nviewers = ["anna"]'
    with opened(tmp_path, web) as desk:
        assert desk.client(peer="10.0.0.2", x_remote_user="anna").get("/metrics").status_code == 200
        assert desk.client(peer="10.0.0.2").get("/metrics").status_code == 403
        secret = desk.token("Prometheus", Role.VIEWER)
        assert desk.client(peer="10.0.0.2", token=secret).get("/metrics").status_code == 200


def test_it_answers_only_to_its_own_names(guarded: OpenDesk) -> None:
    client = guarded.client(token=guarded.token("Elsewhere", Role.VIEWER), host="evil.example")
    assert client.get("/metrics").status_code == 421


def test_it_names_nobody(guarded: OpenDesk) -> None:
    editor = guarded.client(token=guarded.token("Hemliga Hulda", Role.EDITOR))
    answered = editor.post(
        "/api/v1/links/blekinge/reviews", json={"action": "acknowledge", "note": "hemlig anteckning"}
    )
    assert answered.status_code < 300
    text = editor.get("/metrics").text.lower()
    assert [word for word in ("hulda", "hemlig", "blekinge", "region", "example") if word in text] == []


def test_it_changes_nothing(guarded: OpenDesk) -> None:
    client = guarded.client(token=guarded.token("Poster", Role.OPERATOR))
    assert client.post("/metrics").status_code == 405
    assert client.head("/metrics").content == b""
