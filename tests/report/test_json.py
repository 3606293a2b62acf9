import json
from dataclasses import replace
from typing import Any

from linkwatch.core.models import Snapshot, State
from linkwatch.core.reviews import Action, Review
from linkwatch.report.json import document, dumps, lines, review_document
from tests.report import hostile
from tests.report.sample import NOW, run, sample, shared

CONTRACT = [
    "id", "name", "owner", "url", "state", "verdict", "reason", "since", "checked_at", "failures", "http_status",
    "final_url", "redirects", "title", "last_modified", "content_type", "elapsed_ms", "tls_expires_at", "suggestion",
    "possible",
]  # fmt: skip


def test_it_has_the_contracts_fields_in_its_order_and_then_additions() -> None:
    shape = document(sample())
    assert list(shape) == ["generated_at", "run", "summary", "links", "listings", "outbox"]
    assert list(shape["run"])[:4] == ["id", "conclusive", "started_at", "finished_at"]
    for link in shape["links"]:
        assert list(link)[: len(CONTRACT)] == CONTRACT
        assert {
            "county",
            "listing",
            "tags",
            "severity",
            "finding",
            "evidence",
            "contact",
            "grounds",
            "incident",
        } <= link.keys()


def test_it_tells_one_link_whole() -> None:
    link = next(link for link in document(sample())["links"] if link["id"] == "blekinge")
    assert (link["state"], link["verdict"], link["severity"], link["failures"]) == ("broken", "not_found", "broken", 2)
    assert link["since"] == "2026-11-20T13:00:00+00:00"
    assert link["suggestion"] == {
        "url": "https://www.region-blekinge.example/service-2023-2030", "score": 0.83, "why": "sitemap",
    }  # fmt: skip
    assert link["possible"][0] == {"url": "https://www.region-blekinge.example/landsbygd/service", "score": 0.52}
    assert link["reason"] is None


def test_it_says_which_links_have_one_cause() -> None:
    links = document(shared(State.BROKEN, State.BROKEN))["links"]
    assert links[0]["incident"] == links[1]["incident"]
    assert links[0]["incident"] == {
        "id": "20261120T130000-kalmar-1", "verdict": "moved_to_home", "reason": "front_page", "closed_at": None,
        "closed_as": None, "opened_at": "2026-11-18T13:00:00+00:00", "links": ["kalmar-1", "kalmar-2"],
        "open_links": ["kalmar-1", "kalmar-2"],
    }  # fmt: skip
    assert links[2]["incident"] is None


def test_it_gives_no_incident_where_none_is_open() -> None:
    assert document(shared(State.UNVERIFIABLE, State.BROKEN))["links"][0]["incident"] is None


def test_it_gives_what_the_state_stands_on_beside_the_latest_evidence() -> None:
    link = next(link for link in document(sample())["links"] if link["id"] == "skane")
    assert link["evidence"]["rule"] == "inconclusive_run"
    assert link["grounds"] == {
        "first_seen": "2026-11-19T13:00:00+00:00", "last_seen": "2026-11-22T13:00:00+00:00", "times": 3,
        "evidence": {"rule": "led_to_front", "others_ending_here": 2, "sibling_ends_here": True},
    }  # fmt: skip


def test_it_lists_every_hop_that_redirected_with_its_own_address() -> None:
    link = next(link for link in document(sample())["links"] if link["id"] == "jamtland")
    assert link["redirects"] == [
        {"status": 301, "url": "http://region-jamtland.example/service"},
        {"status": 308, "url": "https://region-jamtland.example/service"},
    ]


def test_it_gives_null_for_what_is_not_known() -> None:
    link = document(sample())["links"][-1]
    unknown = (
        "verdict",
        "reason",
        "since",
        "checked_at",
        "http_status",
        "final_url",
        "title",
        "suggestion",
        "severity",
    )
    assert {link[key] for key in unknown} == {None}
    assert (link["redirects"], link["possible"], link["evidence"]) == ([], [], {})


def test_it_counts_by_state_in_the_order_of_the_states() -> None:
    summary = document(sample())["summary"]
    assert sum(summary.values()) == 21
    assert list(summary) == [state for state in State if state in summary]


def test_it_says_whether_the_run_was_conclusive() -> None:
    snapshot = replace(sample(), run=run(conclusive=False, note="own_network"))
    assert document(snapshot)["run"] == {
        "id": 12, "conclusive": False, "started_at": "2026-11-23T11:58:00+00:00",
        "finished_at": "2026-11-23T12:00:00+00:00", "note": "own_network", "visited": 18,
    }  # fmt: skip
    assert document(Snapshot(generated_at=NOW, run=None, links=()))["run"] is None


def test_it_reads_back_as_what_was_told() -> None:
    for snapshot in (sample(), hostile.snapshot()):
        assert json.loads(dumps(snapshot)) == document(snapshot)


def test_it_is_strict_json_that_cannot_command_a_terminal() -> None:
    text = dumps(hostile.snapshot())
    json.loads(text, parse_constant=no_json)
    assert not set(text) & {chr(n) for n in (*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066)} - {"\n"}


def test_it_says_the_same_a_line_at_a_time() -> None:
    for snapshot in (sample(), hostile.snapshot(), Snapshot(generated_at=NOW, run=None, links=())):
        text = "".join(lines(snapshot))
        assert json.loads(text, parse_constant=no_json) == document(snapshot)
        assert list(json.loads(text)) == list(document(snapshot))
        assert not set(text) & {chr(n) for n in (*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066)} - {"\n"}


def answer(**changes: Any) -> Review:
    given: dict[str, Any] = {"id": 7, "link_id": "blekinge", "at": NOW, "who": "Karin", "action": Action.ASSIGN}
    return Review(**{**given, **changes})


def test_it_tells_of_the_answers_that_hold() -> None:
    review = answer(note="Ringt dem", details={"assignee": "Åsa", "before": {"state": "ok"}, "replaced": [3]})
    snapshot = replace(sample(), links=(replace(sample().links[0], reviews=(review,), fingerprint="0a1b"),))
    link = document(snapshot)["links"][0]
    assert (link["assignee"], link["fingerprint"]) == ("Åsa", "0a1b")
    assert link["reviews"] == [{
        "id": 7, "link": "blekinge", "at": "2026-11-23T13:00:00+00:00", "who": "Karin", "action": "assign",
        "note": "Ringt dem", "until": None, "fingerprint": None, "details": {"assignee": "Åsa"}, "ended_at": None,
        "ended_as": None, "undoes": None,
    }]  # fmt: skip
    assert document(sample())["links"][0]["reviews"] == []


def test_it_names_nobody_where_nobody_is_told_from_anybody() -> None:
    assert review_document(answer(who=""))["who"] is None


def no_json(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def test_it_keeps_swedish_letters_legible() -> None:
    assert '"Östergötland"' in dumps(sample())
