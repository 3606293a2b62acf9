import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import ValidationError

from linkwatch.core.models import LinkView, State
from linkwatch.core.roles import Role
from linkwatch.web.openapi import PREFIX
from linkwatch.web.problems import JSON
from tests.report import hostile
from tests.report.sample import NOW, shared, source
from tests.web.described import DOCUMENT, Api, validator
from tests.web.desk import OpenDesk, opened

NOT_DONE = "/links/blekinge/reviews"


@pytest.fixture
def api(desk: OpenDesk) -> Api:
    return Api(desk.client())


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[OpenDesk]:
    """Tokens for those who are known; others may look."""
    with opened(tmp_path, 'auth = "token"\nanonymous = "viewer"') as desk:
        yield desk


def ids(answer: Any) -> list[str]:
    return [link["id"] for link in answer["links"]]


def actions(answer: Any) -> list[str]:
    return [review["action"] for review in answer["reviews"]]


# ---------------------------------------------------------------- reading


def test_it_lists_links_a_part_at_a_time(api: Api) -> None:
    whole = api.get("/links?limit=1000")
    assert (whole["total"], len(whole["links"]), whole["next"]) == (21, 21, None)
    found, path = [], "/links?sort=page&limit=8"
    while path:
        part = api.get(path)
        found += ids(part)
        path = (part["next"] or "").removeprefix(PREFIX)
    assert found == ids(whole)


def test_it_lists_the_links_of_a_selection(api: Api) -> None:
    assert set(ids(api.get("/links?state=moved,broken&limit=2"))) < set(ids(api.get("/links?state=moved&state=broken")))
    assert ids(api.get("/links?owner=Region%20V%C3%A4stmanland")) == ["vastmanland"]
    assert ids(api.get("/links?q=%C3%B6rebro")) == ["orebro"]
    part = api.get("/links?state=broken&q=region&limit=1")
    assert part["next"].startswith(f"{PREFIX}/links?state=broken&q=region&limit=1&offset=1")
    assert api.get("/links?q=nowhere") == {"total": 0, "links": [], "next": None}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/links?limit=1001", "query_number"),
        ("/links?state=brokn", "query_unknown"),
        ("/links?owner=a&owner=b", "query_twice"),
        ("/links?page=2", "unknown_parameter"),
        ("/incidents?since=yesterday", "bad_date"),
        ("/incidents?since=9999-12-31T23:59:59-12:00", "bad_date"),
        ("/reviews?before=x", "bad_number"),
        ("/reviews?limit=0", "query_number"),
    ],
)
def test_it_says_what_is_wrong_with_a_query(path: str, code: str, api: Api) -> None:
    assert api.get(path, 400)["code"] == code


def test_it_tells_a_link_whole(api: Api) -> None:
    link = api.get("/links/blekinge")
    assert (link["state"], link["verdict"], link["owner"]) == ("broken", "not_found", "Region Blekinge")
    assert link["transitions"][0]["to"] == "broken"
    assert link["fingerprint"]
    assert link["request"] is None
    assert api.get("/links/listing:regional-samordning")["id"] == "listing:regional-samordning"


def test_it_tells_what_the_checks_have_found(api: Api) -> None:
    history = api.get("/links/blekinge/history")
    assert [check["verdict"] for check in history["checks"]] == ["not_found", "ok"]
    assert [title["title"] for title in history["titles"]][-1] == "Serviceprogram – Region Blekinge"
    short = api.get("/links/blekinge/history?limit=1")
    assert [len(short[key]) for key in ("checks", "transitions")] == [1, 1]


def test_it_tells_everything_in_numbers(api: Api) -> None:
    summary = api.get("/summary")
    assert summary["total"] == 21 == sum(summary["by_state"].values())
    assert summary["sentence"].startswith("6 of 19 links work")
    assert summary["open"] == summary["by_answer"]["open"] == api.get("/links?answer=open")["total"]
    assert summary["run"]["conclusive"] is True


def test_it_tells_who_answers_for_what(tmp_path: Path) -> None:
    views = list(shared(State.BROKEN, State.BROKEN, owners=("A/B & Söner?",)).links)
    with opened(tmp_path, links=views) as desk:
        api = Api(desk.client())
        owner = next(one for one in api.get("/owners")["owners"] if "/" in one["name"])
        assert owner == {"name": "A/B & Söner?", "total": 2, "broken": 2, "open": 2}
        path = f"{PREFIX}/owners/{quote('A/B & Söner?', safe='')}"
        whole = api.held("GET", "/owners/name", desk.client().get(path), 200)
        assert ids(whole) == ["kalmar-1", "kalmar-2"]


def test_it_tells_of_one_cause_and_its_links(tmp_path: Path) -> None:
    with opened(tmp_path, links=list(shared(State.BROKEN, State.BROKEN).links)) as desk:
        api = Api(desk.client())
        (incident,) = api.get("/incidents")["incidents"]
        whole = api.get(f"/incidents/{incident['id']}")
        assert {**incident, "members": whole["members"]} == whole
        assert [link["id"] for link in whole["members"]] == ["kalmar-1", "kalmar-2"]
        assert ids(api.get(f"/links?incident={incident['id']}")) == ["kalmar-1", "kalmar-2"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/links/nobody", "unknown_link"),
        ("/links/nobody/history", "unknown_link"),
        ("/links/%00%1b", "unknown_link"),
        ("/owners/nobody", "unknown_owner"),
        ("/incidents/nothing", "unknown_incident"),
        ("/reviews/7", "unknown_review"),
        ("/reviews/x", "unknown_review"),
        ("/reviews/" + "9" * 40, "unknown_review"),
    ],
)
def test_it_says_that_there_is_no_such_thing(path: str, code: str, api: Api) -> None:
    assert api.get(path, 404)["code"] == code


def test_it_answers_in_json_where_there_is_nothing(desk: OpenDesk) -> None:
    for response in (desk.client().get(f"{PREFIX}/nothing"), desk.client().put(f"{PREFIX}/reviews")):
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["code"] in ("not_found", "bad_method")


# ---------------------------------------------------------------- answering


def test_it_writes_an_answer_down_and_takes_it_back(api: Api) -> None:
    given = api.post(NOT_DONE, {"action": "acknowledge", "note": " Åtgärdas i maj \n"}, 201)
    (review,) = given["reviews"]
    assert (review["action"], review["note"], review["ended_at"]) == ("acknowledge", "Åtgärdas i maj", None)
    assert given["link"]["reviews"] == [review]
    assert ids(api.get("/links?answer=acknowledge")) == ["blekinge"]
    assert api.get(f"/reviews/{review['id']}") == review

    undone = api.post(f"/reviews/{review['id']}/undo")
    assert undone["reviews"][0]["undoes"] == review["id"]
    assert undone["link"]["reviews"] == []
    assert [one["ended_as"] for one in api.get("/reviews")["reviews"]] == ["over", "undone"]
    assert api.post(f"/reviews/{review['id']}/undo", {}, 409)["code"] == "not_undoable"
    assert api.post("/reviews/77/undo", status=404)["code"] == "unknown_review"


def test_it_says_where_the_answer_is(desk: OpenDesk) -> None:
    response = desk.client().post(f"{PREFIX}{NOT_DONE}", json={"action": "confirm"})
    assert Api(desk.client()).get(response.headers["location"].removeprefix(PREFIX))["action"] == "confirm"


@pytest.mark.parametrize(
    ("until", "stored"),
    [
        ("2026-12-24", "2026-12-23T23:00:00+00:00"),
        ("2027-06-24", "2027-06-23T22:00:00+00:00"),
        ("2026-12-24T08:30", "2026-12-24T07:30:00+00:00"),
        ("2026-12-24T08:30:00Z", "2026-12-24T08:30:00+00:00"),
        ("2026-12-24T08:30:00+05:00", "2026-12-24T03:30:00+00:00"),
    ],
)
def test_it_takes_a_day_as_its_first_moment_here(until: str, stored: str, api: Api) -> None:
    given = api.post(NOT_DONE, {"action": "snooze", "until": until}, 201)
    assert given["reviews"][0]["until"] == stored


def test_it_does_every_action(api: Api) -> None:
    new = "https://www.region-blekinge.example/nytt"
    wanted = [
        {"action": "acknowledge"}, {"action": "snooze", "until": "2027-01-01"}, {"action": "ignore", "note": "Ja"},
        {"action": "approve"}, {"action": "confirm"}, {"action": "report", "until": "2026-12-01"}, {"action": "report"},
        {"action": "assign", "assignee": "Åsa Ek"}, {"action": "check"}, {"action": "pause"}, {"action": "resume"},
    ]  # fmt: skip
    for body in wanted:
        link = "dalarna" if body["action"] in ("pause", "resume") else "blekinge"
        assert actions(api.post(f"/links/{link}/reviews", body, 201)) == [body["action"]], body
    assert api.get("/links/blekinge")["assignee"] == "Åsa Ek"
    assert ids(api.get("/links?assignee=%C3%85sa%20Ek")) == ["blekinge"]
    assert api.get("/links/blekinge")["request"]["done_at"] is None
    accepted = api.post(NOT_DONE, {"action": "accept", "url": new}, 201)
    assert accepted["link"]["url"] == new == accepted["reviews"][0]["details"]["url"]
    undone = api.post(f"/reviews/{accepted['reviews'][0]['id']}/undo")
    assert undone["link"]["url"] != new


def test_it_does_nothing_when_another_finding_has_come(api: Api) -> None:
    seen = api.get("/links/blekinge")["fingerprint"]
    told = api.post(NOT_DONE, {"action": "acknowledge", "fingerprint": "0" * 16}, 409)
    assert (told["code"], told["refused"][0]["link"]) == ("changed", "blekinge")
    assert api.get("/reviews")["reviews"] == []
    api.post(NOT_DONE, {"action": "acknowledge", "fingerprint": seen}, 201)


@pytest.mark.parametrize(
    ("link", "body", "status", "code"),
    [
        ("nobody", {"action": "check"}, 404, "unknown_link"),
        ("blekinge", {"action": "ignore"}, 422, "no_reason"),
        ("blekinge", {"action": "snooze"}, 422, "no_date"),
        ("blekinge", {"action": "snooze", "until": "2026-11-23"}, 422, "past_date"),
        ("blekinge", {"action": "assign"}, 422, "no_assignee"),
        ("blekinge", {"action": "accept", "url": "http://10.0.0.1/"}, 422, "private_address"),
        ("blekinge", {"action": "resume"}, 409, "not_paused"),
        ("gotland", {"action": "acknowledge"}, 409, "no_finding"),
        ("gotland", {"action": "accept"}, 409, "nothing_proposed"),
        ("vastmanland", {"action": "check"}, 409, "no_link"),
    ],
)
def test_it_refuses_what_cannot_be_done(link: str, body: object, status: int, code: str, api: Api) -> None:
    assert api.post(f"/links/{link}/reviews", body, status)["code"] == code
    assert api.get("/reviews")["reviews"] == []


def test_it_answers_many_at_once(api: Api) -> None:
    given = api.post("/reviews", {"ids": ["blekinge", "gotland", "blekinge", "nobody"], "action": "confirm"})
    assert [review["link"] for review in given["reviews"]] == ["blekinge"]
    assert {(one["link"], one["code"]) for one in given["refused"]} == {
        ("gotland", "no_finding"), ("nobody", "no_such_link"),
    }  # fmt: skip
    chosen = {"state": ["broken", "moved"], "q": "region"}
    given = api.post("/reviews", {"selection": chosen, "action": "acknowledge", "note": "alla"})
    assert sorted(one["link"] for one in given["reviews"]) == sorted(ids(api.get("/links?state=broken,moved&q=region")))
    assert api.post("/reviews", {"selection": {"q": "nowhere"}, "action": "check"}) == {"reviews": [], "refused": []}


def test_it_says_when_none_of_many_could_be_answered(api: Api) -> None:
    told = api.post("/reviews", {"ids": ["gotland", "halland"], "action": "confirm"}, 409)
    assert [one["link"] for one in told["refused"]] == ["gotland", "halland"]
    told = api.post("/reviews", {"ids": ["nobody"], "action": "check"}, 422)
    assert told["code"] == "no_such_link"


def test_it_tells_the_log_the_newest_first_and_a_part_at_a_time(api: Api) -> None:
    for link in ("blekinge", "dalarna", "blekinge", "skane", "blekinge"):
        api.post(f"/links/{link}/reviews", {"action": "confirm"}, 201)
    whole = api.get("/reviews")
    assert whole["next"] is None
    numbers = [review["id"] for review in whole["reviews"]]
    assert numbers == sorted(numbers, reverse=True)
    found, path = [], "/reviews?link=blekinge&limit=2"
    while path:
        part = api.get(path)
        found += part["reviews"]
        path = (part["next"] or "").removeprefix(PREFIX)
    assert found == [review for review in whole["reviews"] if review["link"] == "blekinge"]
    assert len(found) == 3


# ---------------------------------------------------------------- what cannot be understood


ONE = "#/components/schemas/AskOne"
MANY = "#/components/schemas/AskMany"
BAD = [
    ({}, "no_action"),
    ({"action": None}, "no_action"),
    ({"action": "undo"}, "unknown_action"),
    ({"action": "delete"}, "unknown_action"),
    ({"action": 1}, "not_text"),
    ({"action": ["check"]}, "not_text"),
    ({"action": "check", "x": 1}, "unknown_key"),
    ({"action": "check", "ids": ["a"]}, "unknown_key"),
    ({"action": "check", "note": 1}, "not_text"),
    ({"action": "check", "note": "x" * 2001}, "too_long"),
    ({"action": "assign", "assignee": ""}, "empty"),
    ({"action": "assign", "assignee": "x" * 101}, "too_long"),
    ({"action": "accept", "url": "x" * 4001}, "too_long"),
    ([], "not_object"),
    ("check", "not_object"),
    (None, "not_object"),
]
BAD_IN_WORDS = [
    ({"action": "check", "note": "\0"}, "bad_text"),
    ({"action": "check", "note": "\ud800"}, "bad_text"),
    ({"action": "assign", "assignee": "a\nb"}, "bad_text"),
    ({"action": "assign", "assignee": "\u202eakin"}, "bad_text"),
    ({"action": "assign", "assignee": "   "}, "empty"),
    ({"action": "check", "until": "2027-01-01"}, "not_taken"),
    ({"action": "check", "assignee": "Åsa"}, "not_taken"),
    ({"action": "ignore", "url": "https://www.example.org/"}, "not_taken"),
    ({"action": "snooze", "until": "tomorrow"}, "bad_date"),
    ({"action": "snooze", "until": "2027-02-30"}, "bad_date"),
    ({"action": "snooze", "until": "2027-W01-1"}, "bad_date"),
    ({"action": "snooze", "until": "2027-01-01T25:00"}, "bad_date"),
    ({"action": "snooze", "until": "0001-01-01T00:00:00+14:00"}, "bad_date"),
    ({"action": "accept", "url": "javascript:alert(1)"}, "bad_url"),
]
BAD_MANY = [
    ({"action": "check"}, "which_links"),
    ({"action": "check", "ids": ["a"], "selection": {"q": "a"}}, "which_links"),
    ({"action": "check", "ids": "a"}, "not_list"),
    ({"action": "check", "ids": []}, "empty"),
    ({"action": "check", "ids": [1]}, "not_text"),
    ({"action": "check", "ids": ["a"] * 10_001}, "too_many_links"),
    ({"action": "check", "ids": ["a"], "fingerprint": "a"}, "unknown_key"),
    ({"action": "check", "selection": "q=a"}, "not_selection"),
    ({"action": "check", "selection": {}}, "empty_selection"),
    ({"action": "check", "selection": {"sate": "broken"}}, "unknown_key"),
    ({"action": "check", "selection": {"q": ["a"]}}, "not_text"),
    ({"action": "check", "selection": {"state": ["brokn"]}}, "query_unknown"),
]


@pytest.mark.parametrize(("body", "code"), BAD + BAD_IN_WORDS)
def test_it_says_in_one_sentence_what_is_wrong_with_what_was_sent(body: object, code: str, api: Api) -> None:
    sent = {"content": json.dumps(body), "headers": {"content-type": JSON}}
    told = api.post(NOT_DONE, status=422, **sent)
    assert (told["code"], told["detail"].count("\n")) == (code, 0)


@pytest.mark.parametrize(("body", "code"), BAD_MANY)
def test_it_says_what_is_wrong_with_an_answer_to_many(body: object, code: str, api: Api) -> None:
    assert api.post("/reviews", body, 400 if code == "query_unknown" else 422)["code"] == code


@pytest.mark.parametrize(("body", "schema"), [(body, ONE) for body, _ in BAD] + [(body, MANY) for body, _ in BAD_MANY])
def test_it_describes_what_it_does_not_take(body: object, schema: str) -> None:
    with pytest.raises(ValidationError):
        validator({"$ref": schema}).validate(body)


def test_it_describes_what_it_takes() -> None:
    validator({"$ref": ONE}).validate({"action": "snooze", "until": "2027-01-01", "note": "x", "fingerprint": "0a"})
    validator({"$ref": MANY}).validate({"action": "check", "selection": {"state": ["broken"], "q": "x"}})


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"action": "check"', 400, "bad_json"),
        (b'{"action": "check", "note": NaN}', 400, "bad_json"),
        (b'{"action": "check", "note": Infinity}', 400, "bad_json"),
        (b'{"action": "check", "note": "\xff"}', 400, "bad_json"),
        ('{"action": "check"}'.encode("utf-16"), 400, "bad_json"),
        (b"[" * 100_000, 400, "bad_json"),
        (b"1" * 100_000, 400, "bad_json"),
        (b'{"action": "check", "action": "ignore"}', 400, "key_twice"),
        (b'{"action": "check", "note": {"a": 1, "a": 2}}', 400, "key_twice"),
        (b"", 400, "bad_json"),
        (b" " * 10_000_000, 413, "too_big"),
    ],
    ids=range(11),
)
def test_it_takes_nothing_but_json(body: bytes, status: int, code: str, api: Api) -> None:
    told = api.post(NOT_DONE, status=status, content=body, headers={"content-type": JSON})
    assert told["code"] == code


def test_it_reads_many_keys_and_ids_quickly(api: Api) -> None:
    keys = ", ".join(f'"{n}": 1' for n in range(100_000))
    told = api.post(NOT_DONE, status=422, content="{" + keys + "}", headers={"content-type": JSON})
    assert (told["code"], len(told["detail"]) < 300) == ("unknown_key", True)
    many = [f"{n:099}" for n in range(10_000)]
    assert len(api.post("/reviews", {"ids": many, "action": "check"}, 422)["refused"]) == 10_000


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "", "multipart/form-data"])
def test_it_takes_no_form(kind: str, api: Api) -> None:
    told = api.post(NOT_DONE, status=415, content=b'{"action": "check"}', headers={"content-type": kind})
    assert told["code"] == "not_json"
    assert api.get("/reviews")["reviews"] == []


# ---------------------------------------------------------------- who may


def test_it_says_who_asks(guarded: OpenDesk) -> None:
    anna = guarded.client(token=guarded.token("Anna", Role.EDITOR))
    assert Api(anna).get("/me") == {"name": "Anna", "role": "editor", "is_known": True, "language": "en"}
    stranger = {"name": None, "role": "viewer", "is_known": False, "language": "en"}
    assert Api(guarded.client()).get("/me") == stranger


def test_it_writes_down_who_answered_and_lets_viewers_answer_nothing(guarded: OpenDesk) -> None:
    anna = Api(guarded.client(token=guarded.token("Anna", Role.EDITOR)))
    assert anna.post(NOT_DONE, {"action": "confirm"}, 201)["reviews"][0]["who"] == "Anna"
    viewer = Api(guarded.client(token=guarded.token("Vera", Role.VIEWER)))
    for path in (NOT_DONE, "/reviews", "/reviews/1/undo"):
        assert viewer.post(path, {"action": "confirm"}, 403)["code"] == "not_allowed"
    assert len(anna.get("/reviews")["reviews"]) == 1


def test_it_shows_no_names_notes_or_contacts_to_strangers(guarded: OpenDesk) -> None:
    anna = Api(guarded.client(token=guarded.token("Anna Ek", Role.EDITOR)))
    anna.post(NOT_DONE, {"action": "assign", "assignee": "Åsa Berg", "note": "Ring Karin"}, 201)
    anna.post(NOT_DONE, {"action": "ignore", "note": "Ring Karin"}, 201)
    anna.post(NOT_DONE, {"action": "check"}, 201)
    paths = ["/links", "/links/blekinge", "/links/blekinge/history", "/owners/Region%20Blekinge", "/reviews",
             "/reviews/1", "/incidents", "/summary"]  # fmt: skip
    stranger = Api(guarded.client())
    for secret in ("Anna", "Åsa", "Karin", "@region", "@"):
        assert [path for path in paths if secret in json.dumps(stranger.get(path), ensure_ascii=False)] == [], secret
    assert "Karin" in json.dumps(anna.get("/links/blekinge"))
    assert actions(stranger.get("/links/blekinge")) == ["assign", "ignore"]
    assert stranger.get("/links?assignee=%C3%85sa%20Berg", 403)["code"] == "names_hidden"
    assert ids(anna.get("/links?assignee=%C3%85sa%20Berg")) == ["blekinge"]


def test_it_is_closed_where_strangers_may_not_look(tmp_path: Path) -> None:
    with opened(tmp_path, 'auth = "token"') as desk:
        for told in DOCUMENT["paths"]:
            path = PREFIX + told.format(id="1", name="x")
            assert desk.client().get(path).status_code in (401, 405), path


def test_it_speaks_the_language_of_the_desk(tmp_path: Path) -> None:
    with opened(tmp_path, language="sv") as desk:
        assert Api(desk.client()).get("/links/x", 404)["detail"] == "Det finns ingen länk med id ”x”."
        assert "fungerar" in Api(desk.client()).get("/summary")["sentence"]


# ---------------------------------------------------------------- hostile words


def of_others(number: int, text: str) -> LinkView:
    """A link of ours to a page that says `text` wherever a page can say anything."""
    ours = source("K", id=f"k-{number}", url=f"https://www.region-blekinge.example/{number}")
    theirs = hostile.link(number, text)
    seen = replace(theirs.facts, http_status=404, elapsed_ms=7, last_modified=NOW, tls_expires_at=NOW)
    return replace(theirs, source=ours, facts=seen, incident=None, suggestion=None)


def test_it_passes_on_what_others_wrote_as_values(tmp_path: Path) -> None:
    with opened(tmp_path, links=[of_others(n, text) for n, text in enumerate(hostile.TEXTS)]) as desk:
        api = Api(desk.client())
        titles = [link["title"] for link in api.get("/links")["links"]]
        assert titles[0] == "<script>alert(1)</script>"
        assert len(titles) == len(hostile.TEXTS)
        for number, text in enumerate(hostile.TEXTS):
            api.get(f"/links/k-{number}")
            api.get(f"/links/k-{number}/history")
            api.get(f"/links?q={quote(text[:100], safe='', errors='replace')}")


@pytest.mark.parametrize("text", [text for text in hostile.TEXTS if text.strip() and len(text) < 2000])
def test_it_keeps_a_note_as_it_was_written_or_refuses_it(text: str, api: Api) -> None:
    sent = json.dumps({"action": "confirm", "note": text})
    response = api.client.post(PREFIX + NOT_DONE, content=sent, headers={"content-type": JSON})
    if response.status_code == 422:
        assert response.json()["code"] == "bad_text"
    else:
        assert api.get("/links/blekinge")["reviews"][0]["note"] == text.strip()
