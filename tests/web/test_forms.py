"""Answers as a browser sends them."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from bs4 import BeautifulSoup

from linkwatch.core.reviews import Action
from linkwatch.web.flash import back_with, ids_in
from linkwatch.web.sessions import here
from tests.report.sample import sample
from tests.web.desk import OpenDesk, opened

HTMX = {"hx-request": "true"}


def shown(desk: OpenDesk, link_id: str) -> dict[str, str]:
    """What a form sends of a link: its id, and what it was shown with."""
    link = desk.current.desk.link(link_id, desk.clock())
    assert link is not None
    return {"id": link_id, f"seen:{link_id}": link.fingerprint or ""}


def post(desk: OpenDesk, path: str = "/answer", headers: dict[str, str] | None = None, **fields: object):  # type: ignore[no-untyped-def]
    return desk.client().post(path, data=fields, headers=headers or {})


def holding(desk: OpenDesk, link_id: str) -> dict[Action, str | None]:
    link = desk.current.desk.link(link_id, desk.clock())
    assert link is not None
    return {review.action: review.note for review in link.reviews}


def test_an_answer_comes_back_to_its_page_which_says_what_was_done_and_undoes_it(desk: OpenDesk) -> None:
    done = post(desk, **shown(desk, "blekinge"), action="acknowledge", note="vet om det", back="/links?state=broken")
    assert done.status_code == 303
    assert done.headers["location"] == "/links?state=broken&done=1#flash"
    assert holding(desk, "blekinge") == {Action.ACKNOWLEDGE: "vet om det"}
    page = BeautifulSoup(desk.client().get("/links?state=broken&done=1").text, "lxml")
    flash = page.select_one("#flash")
    assert flash is not None
    assert "Blekinge is acknowledged." in flash.get_text()
    undone = post(desk, "/undo", review="1", back="/links?state=broken&done=1")
    assert undone.headers["location"] == "/links?state=broken&done=2#flash"
    assert holding(desk, "blekinge") == {}


def test_in_place_of_the_card_comes_what_was_done(desk: OpenDesk) -> None:
    before = desk.current.desk.counts(desk.clock()).open
    done = post(desk, headers=HTMX, **shown(desk, "blekinge"), action="acknowledge", back="/")
    card = BeautifulSoup(done.text, "lxml")
    assert card.select_one("article.done [role=status][autofocus]")
    assert card.select_one("button[data-undo]")
    number = card.select_one("#todo-number[hx-swap-oob]")
    assert number is not None
    assert number.get_text() == str(before - 1)


def test_what_stays_to_be_done_comes_as_its_card_anew(desk: OpenDesk) -> None:
    done = post(desk, headers=HTMX, **shown(desk, "blekinge"), action="confirm", back="/")
    card = BeautifulSoup(done.text, "lxml")
    said = card.select_one("article.card .said")
    assert said is not None
    assert "The fault was confirmed" in said.get_text()


def test_what_has_changed_since_it_was_seen_is_not_answered(desk: OpenDesk) -> None:
    refused = post(desk, id="blekinge", **{"seen:blekinge": "0123456789abcdef"}, action="acknowledge", back="/")
    assert refused.headers["location"] == "/?refused=changed#flash"
    assert "flash" in desk.client().get("/?refused=changed").text
    assert holding(desk, "blekinge") == {}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"action": "acknowledge"}, "nothing_chosen"),
        ({"id": "blekinge", "action": "explode"}, "unknown_action"),
        ({"id": "blekinge", "action": "undo"}, "unknown_action"),
        ({"id": "blekinge", "action": "snooze", "until": "2026-11-23"}, "past_date"),
        ({"id": "blekinge", "action": "snooze", "until": "soon"}, "no_date"),
        ({"id": "blekinge", "action": "snooze"}, "no_date"),
        ({"id": "blekinge", "action": "ignore"}, "no_reason"),
        ({"id": "blekinge", "action": "assign", "assignee": " "}, "no_assignee"),
        ({"id": "blekinge", "action": "accept_this"}, "no_address"),
        ({"id": "blekinge", "action": "accept_this", "url": "javascript:alert(1)"}, "bad_address"),
        ({"id": "nobody", "action": "acknowledge"}, "no_such_link"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(desk: OpenDesk, fields: dict[str, str], why: str) -> None:
    refused = post(desk, **fields, back="/links")
    assert refused.headers["location"] == f"/links?refused={why}#flash"
    page = BeautifulSoup(desk.client().get(f"/links?refused={why}").text, "lxml")
    flash = page.select_one("#flash p")
    assert flash is not None
    assert flash.get_text().endswith(".")


def test_many_links_at_once_are_asked_back_about(tmp_path: Path) -> None:
    with opened(tmp_path, links=sample().links) as desk:
        asked = desk.client().post("/answer", data={"whole": "1", "query": "", "action": "pause", "back": "/links"})
        page = BeautifulSoup(asked.text, "lxml")
        fields = {str(field["name"]): str(field["value"]) for field in page.select('form[action="/answer"] input')}
        assert fields["sure"] == "1"
        done = desk.client().post("/answer", data=fields)
        assert done.status_code == 303
        first, last = ids_in(done.headers["location"].partition("done=")[2].partition("&")[0]) or (0, 0)
        assert last - first > 15
        undone = desk.client().post("/undo", data={"review": f"{first}-{last}", "back": "/links"})
        assert undone.status_code == 303
        assert desk.current.ledger.standing(["blekinge"])["blekinge"].link.source.paused is False


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("/links?state=broken", "/links?state=broken"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("", "/"),
        ("/owners/Region%20Sk%C3%A5ne", "/owners/Region%20Sk%C3%A5ne"),
    ],
)
def test_it_comes_back_to_no_other_host(given: str, safe: str) -> None:
    assert here(given) == safe


def test_what_was_told_before_is_told_no_more() -> None:
    assert back_with("/links?q=a&done=3&refused=changed", done="4") == "/links?q=a&done=4#flash"


def test_a_card_that_waits_for_a_check_asks_until_it_is_done(desk: OpenDesk) -> None:
    card = post(desk, headers=HTMX, **shown(desk, "blekinge"), action="check", back="/").text
    assert 'hx-get="/checking?id=blekinge"' in card
    assert desk.client().get("/checking?id=blekinge").status_code == 204
    (waiting,) = desk.current.ledger.waiting()
    desk.current.ledger.finish([waiting.id], desk.clock(), run_id=None, outcome="done")
    assert "<article" in desk.client().get("/checking?id=blekinge").text


def test_an_address_that_somebody_made_up_offers_to_undo_nothing(desk: OpenDesk) -> None:
    post(desk, id="blekinge", action="ignore", note="x", back="/")
    desk.clock.go(minutes=1)
    post(desk, id="dalarna", action="ignore", note="x", back="/")
    for made_up in ("1-2", "1-900000000000000000", "9"):
        assert 'name="review"' not in desk.client().get(f"/help?done={made_up}").text
        assert BeautifulSoup(desk.client().get(f"/?done={made_up}").text, "lxml").select_one("#flash") is None


def test_what_was_refused_of_many_is_said_with_what_was_done(desk: OpenDesk) -> None:
    done = post(desk, id=["blekinge", "no-such-link"], action="assign", assignee="Bo", back="/links")
    assert done.headers["location"] == "/links?done=1&refused=no_such_link#flash"
    flash = BeautifulSoup(desk.client().get("/links?done=1&refused=no_such_link").text, "lxml").select_one("#flash")
    assert flash is not None
    assert "no longer here" in flash.get_text()
    assert flash.select_one("button") is not None


def test_the_question_about_many_comes_in_the_place_of_the_page(desk: OpenDesk) -> None:
    asked = post(desk, headers=HTMX, whole="1", query="", action="pause", back="/")
    assert asked.headers["hx-retarget"] == asked.headers["hx-reselect"] == "#content"


def test_one_wish_to_undo_has_an_end(desk: OpenDesk) -> None:
    post(desk, id="blekinge", action="ignore", note="x", back="/")
    undone = post(desk, "/undo", review=["1-999999999999999999"] * 50, back="/")
    assert undone.headers["location"] == "/?done=2#flash"


def test_nobody_is_called_what_cannot_be_shown(desk: OpenDesk) -> None:
    named = post(desk, id="blekinge", action="assign", assignee="A\u202eB\0", back="/")
    assert named.headers["location"] == "/?refused=no_assignee#flash"


@pytest.mark.parametrize("owner", ["a?b", "a#b", "a\\b", "a%2Fb", "a/b"])
def test_a_form_comes_back_to_the_page_of_any_owner(tmp_path: Path, owner: str) -> None:
    (link, *_) = sample().links
    named = replace(link, source=replace(link.source, owner=owner))
    path = f"/owners/{quote(owner, safe='/')}"
    with opened(tmp_path, links=[named]) as desk, desk.serving() as url, urlopen(f"{url}{path}") as answer:
        page = BeautifulSoup(answer.read(), "lxml")
    back = page.select_one('form[action="/language"] input[name="back"]')
    assert back is not None
    assert back["value"] == path
