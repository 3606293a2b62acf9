"""Letters to owners that the desk sends: through the outbox, once, and with what they say of the links."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from linkwatch.core.models import LinkView, State
from linkwatch.core.outbox import Channel, Kind, Waiting
from linkwatch.core.reviews import Action
from linkwatch.core.roles import Role
from linkwatch.store import Store
from linkwatch.store.outbox import Outbox
from tests.report.sample import NOW, sample, shared
from tests.web.desk import OpenDesk, opened
from tests.web.mailing import MAIL, given, rewrite

OWNER = "/owners/Region%20Blekinge"
INCIDENT = "/incidents/20261120T130000-kalmar-1"
TO = "webb@region-blekinge.example"
TEXT = "Hej!\n\n   Länken är trasig.\n"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OpenDesk]:
    with opened(tmp_path, MAIL, language="sv") as one:
        yield one


def main(html: str) -> Tag:
    found = BeautifulSoup(html, "lxml").select_one("main")
    assert found is not None
    return found


def form_of(html: str) -> dict[str, Any]:
    """What a browser sends of the letter's form as it comes."""
    (form,) = main(html).select("form.send-form")
    fields: dict[str, Any] = {}
    for one in form.select("input"):
        fields.setdefault(str(one["name"]), []).append(str(one["value"]))
    (body,) = form.select("textarea")
    return fields | {"body": body.get_text().removeprefix("\n").replace("\n", "\r\n")}


def written(desk: OpenDesk, page: str = OWNER, **changes: object) -> dict[str, Any]:
    return form_of(desk.client().get(f"{page}?letter=sv").text) | changes


def outbox(desk: OpenDesk) -> list[Waiting]:
    """All that is to be sent, in order; nothing of it is sent."""
    with Outbox.open(desk.config.database) as box:
        leases = iter(lambda: box.claim(desk.clock()), None)
        return [lease.waiting for lease in leases]


# ---------------------------------------------------------------- sent


def test_a_letter_goes_out_as_it_was_written_and_its_links_stand_as_reported(desk: OpenDesk) -> None:
    sent = desk.client().post(f"{OWNER}/letter", data=written(desk, subject="Om en länk", body=TEXT))
    assert (sent.status_code, sent.headers["location"]) == (303, f"{OWNER}?sent=1#letter")
    (waiting,) = outbox(desk)
    parcel = waiting.parcel
    assert (parcel.kind, parcel.channel, parcel.recipient, parcel.to) == (Kind.LETTER, Channel.MAIL, TO, (TO,))
    assert (parcel.content.subject, parcel.content.text, parcel.content.html) == ("Om en länk", TEXT, "")
    assert (parcel.reply_to, parcel.subscriber) == ("svar@myndigheten.example", None)
    assert parcel.message_id.endswith("@myndigheten.example>")
    (review,) = given(desk)
    assert (review.action, review.until) == (Action.REPORT, NOW + timedelta(days=14))
    page = " ".join(main(desk.client().get(f"{OWNER}?sent=1").text).get_text(" ").split())
    assert f"Brevet är på väg till {TO}. Svaret kommer till svar@myndigheten.example." in page
    assert "Ägaren fick veta det den 23 november 2026. Väntar på svar; påminnelse 7 december 2026." in page


def test_it_comes_filled_in(desk: OpenDesk) -> None:
    fields = written(desk)
    assert fields["subject"] == ["Länken till Blekinge"]
    assert "https://www.region-blekinge.example/utveckling/serviceprogram" in fields["body"]
    page = main(desk.client().get(f"{OWNER}?letter=sv").text)
    assert [one.get_text() for one in page.select("form.send-form button")] == [f"Skicka till {TO}"]


def test_the_letter_as_it_comes_is_the_one_that_is_copied(desk: OpenDesk) -> None:
    desk.client().post(f"{OWNER}/letter", data=written(desk))
    (waiting,) = outbox(desk)
    page = main(desk.client().get(f"{OWNER}?letter=sv").text)
    (body,) = page.select("#letter-body")
    assert waiting.parcel.content.text == body.get_text().removeprefix("\n")


def test_a_double_click_sends_once(desk: OpenDesk) -> None:
    fields = written(desk)
    answers = [desk.client().post(f"{OWNER}/letter", data=fields) for _ in range(3)]
    assert {one.headers["location"] for one in answers} == {f"{OWNER}?sent=1#letter"}
    assert len(outbox(desk)) == 1
    assert len(desk.current.desk.reviews(limit=9)) == 1


def test_who_writes_again_later_writes_again(desk: OpenDesk) -> None:
    for _ in range(2):
        desk.client().post(f"{OWNER}/letter", data=written(desk))
        desk.clock.go(hours=2)
    assert len({one.parcel.message_id for one in outbox(desk)}) == 2


def test_each_mailbox_gets_it_and_each_sees_who_else_does(tmp_path: Path) -> None:
    links = [_with_contact(link, f"{link.source.id}@kalmar.example") for link in _failed_alike()]
    with opened(tmp_path, MAIL, links=links, language="sv") as desk:
        assert desk.client().post(f"{INCIDENT}/letter", data=written(desk, INCIDENT)).status_code == 303
        sent = outbox(desk)
        boxes = tuple(link.source.contact for link in links)
        assert tuple(one.parcel.recipient for one in sent) == boxes
        assert {one.parcel.to for one in sent} == {boxes}
        assert len({one.parcel.message_id for one in sent}) == 1
        assert [given(desk, link.source.id)[0].action for link in links] == [Action.REPORT] * len(links)
        assert "Brevet är på väg till" in desk.client().get(f"{INCIDENT}?sent=1").text


def test_the_log_says_who_sent_it(tmp_path: Path) -> None:
    with opened(tmp_path, f'auth = "token"{MAIL}') as desk:
        anna = desk.client(token=desk.token("Anna Ek", Role.EDITOR))
        fields = form_of(anna.get(f"{OWNER}?letter=en").text)
        assert anna.post(f"{OWNER}/letter", data=fields).status_code == 303
        assert given(desk)[0].who == "Anna Ek"
        assert outbox(desk)[0].parcel.content.language == "en"


def test_a_made_up_address_says_of_no_letter_that_it_is_on_its_way(desk: OpenDesk) -> None:
    link = desk.current.desk.link("blekinge", desk.clock())
    assert link is not None
    assert "är på väg till" not in desk.client().get(f"{OWNER}?sent=1").text
    told = {"id": "blekinge", "seen:blekinge": link.fingerprint, "action": "report", "remind": "2026-12-07"}
    assert "done=" in desk.client().post("/answer", data=told).headers["location"]
    assert "är på väg till" not in desk.client().get(f"{OWNER}?sent=1").text


# ---------------------------------------------------------------- not sent


def test_what_has_changed_meanwhile_is_not_written_about_and_nothing_typed_is_lost(desk: OpenDesk) -> None:
    fields = written(desk, subject="Mitt <ärende>", body="Min text\r\ni två rader")
    _finds_something_else(desk, "blekinge")
    refused = desk.client().post(f"{OWNER}/letter", data=fields)
    assert refused.status_code == 409
    page = main(refused.text)
    assert len(page.select("h1")) == 1
    alert = page.select_one("[role=alert]")
    assert alert is not None
    assert alert.get_text().strip() == (
        "Brevet har inte skickats. Länken har ändrats sedan du såg den. Titta på den igen och svara sedan."
    )
    assert outbox(desk) == []
    assert given(desk) == []
    anew = form_of(refused.text)
    assert (anew["subject"], anew["body"]) == (["Mitt <ärende>"], "Min text\r\ni två rader\r\n")
    assert desk.client().post(f"{OWNER}/letter", data=anew).status_code == 303
    assert outbox(desk)[0].parcel.content.text == "Min text\ni två rader\n"


def test_a_letter_about_several_links_goes_out_if_one_of_them_is_as_it_was(tmp_path: Path) -> None:
    links = _failed_alike()
    with opened(tmp_path, MAIL, links=links) as desk:
        fields = written(desk, INCIDENT)
        changed, kept = links[0].source.id, links[1].source.id
        _finds_something_else(desk, changed)
        assert desk.client().post(f"{INCIDENT}/letter", data=fields).status_code == 303
        assert outbox(desk) != []
        assert [one.action for one in given(desk, kept)] == [Action.REPORT]
        assert given(desk, changed) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"subject": " "}, "Skriv både ärende och brev."),
        ({"body": "\r\n \r\n"}, "Skriv både ärende och brev."),
        ({"subject": "x" * 201}, "Ärendet får ha högst 200 tecken"),
        ({"body": "x" * 20_001}, "Ärendet får ha högst 200 tecken"),
        ({"to": "someone@else.example"}, f"Kontaktadressen har ändrats. Nu är den {TO}."),
        ({"to": ""}, "Kontaktadressen har ändrats."),
        ({"id": "kalmar"}, "Välj minst en länk först."),
        ({"id": []}, "Välj minst en länk först."),
    ],
)
def test_what_cannot_be_sent_is_said_in_a_sentence(desk: OpenDesk, changes: dict[str, Any], sentence: str) -> None:
    refused = desk.client().post(f"{OWNER}/letter", data=written(desk, **changes))
    assert refused.status_code == 409
    assert sentence in main(refused.text).get_text()
    assert outbox(desk) == []
    assert desk.current.desk.reviews(limit=9) == ()


def test_as_long_as_it_may_be_it_is_sent(desk: OpenDesk) -> None:
    fields = written(desk, subject="x" * 200, body="å" * 20_000)
    assert desk.client().post(f"{OWNER}/letter", data=fields).status_code == 303


@pytest.mark.parametrize("once", ["", "short", "x" * 65, "a b c d e f g h i j", "å" * 20])
def test_a_form_that_is_none_of_ours_sends_nothing(desk: OpenDesk, once: str) -> None:
    assert desk.client().post(f"{OWNER}/letter", data=written(desk, once=once)).status_code == 400
    assert outbox(desk) == []


def test_what_is_typed_begins_no_header_and_stands_for_no_address_of_ours(desk: OpenDesk) -> None:
    fields = written(desk, subject="Om\r\nBcc: all@else.example", body="a\x02" + "0\x03b\x00c\td\u2028e")
    assert desk.client().post(f"{OWNER}/letter", data=fields).status_code == 303
    content = outbox(desk)[0].parcel.content
    assert content.subject == "Om Bcc: all@else.example"
    assert content.text == "a\ufffd0\ufffdb\ufffdc\td\u2028e\n"


def test_where_all_is_well_by_now_what_was_typed_is_shown(desk: OpenDesk) -> None:
    fields = written(desk, body="Min text")
    with Store.open(desk.config.database) as store, store.writing() as db:
        db.execute("UPDATE links SET state = 'ok', finding = 'ok', verdict = 'ok' WHERE id = 'blekinge'")
    page = main(desk.client().post(f"{OWNER}/letter", data=fields).text)
    assert "Det finns inget fel kvar att skriva om." in page.get_text()
    assert [one.get_text().strip() for one in page.select("textarea[readonly]")] == ["Min text"]
    assert page.select("form.send-form") == []


# ---------------------------------------------------------------- where nothing is sent


@pytest.mark.parametrize("allowed", ["letters = false", ""])
def test_without_leave_it_is_as_it_always_was(tmp_path: Path, allowed: str) -> None:
    with opened(tmp_path, MAIL.replace("letters = true", allowed)) as desk:
        page = main(desk.client().get(f"{OWNER}?letter=sv").text)
        assert page.select("form.send-form") == []
        assert len(page.select("#letter textarea[readonly]")) == 1
        fields = {"once": "x" * 20, "id": "blekinge", "to": TO, "subject": "a", "body": "b"}
        assert desk.client().post(f"{OWNER}/letter", data=fields).status_code == 404
        assert outbox(desk) == []


def test_the_configuration_may_take_it_back(desk: OpenDesk) -> None:
    fields = written(desk)
    rewrite(desk, "letters = true", "letters = false")
    assert desk.client().post(f"{OWNER}/letter", data=fields).status_code == 404
    assert outbox(desk) == []


def test_to_who_has_no_mailbox_nothing_is_sent(tmp_path: Path) -> None:
    links = [_with_contact(link, "0480-000 00") for link in sample().links if link.source.id == "blekinge"]
    with opened(tmp_path, MAIL, links=links, language="sv") as desk:
        assert main(desk.client().get(f"{OWNER}?letter=sv").text).select("form.send-form") == []
        refused = desk.client().post(f"{OWNER}/letter", data={"once": "x" * 20, "id": "blekinge"})
        assert "Det finns ingen adress att skicka till." in main(refused.text).get_text()


def test_only_editors_send(tmp_path: Path) -> None:
    with opened(tmp_path, f'auth = "token"\nanonymous = "viewer"{MAIL}') as desk:
        fields = {"once": "x" * 20, "id": "blekinge", "to": TO, "subject": "a", "body": "b"}
        viewer = desk.client(token=desk.token("Vera", Role.VIEWER))
        for client, status in ((desk.client(), 401), (viewer, 403)):
            assert main(client.get(f"{OWNER}?letter=sv").text).select("form.send-form") == []
            for page in (OWNER, INCIDENT):
                assert client.post(f"{page}/letter", data=fields).status_code == status
        assert outbox(desk) == []


@pytest.mark.parametrize("page", ["/owners/Nobody", "/incidents/none"])
def test_there_is_no_letter_to_nobody(desk: OpenDesk, page: str) -> None:
    fields = {"once": "x" * 20, "to": TO, "subject": "a", "body": "b"}
    assert desk.client().post(f"{page}/letter", data=fields).status_code in (404, 409)
    assert outbox(desk) == []


def _failed_alike() -> list[LinkView]:
    return list(shared(State.BROKEN, State.BROKEN).links[:2])


def _with_contact(link: LinkView, contact: str) -> LinkView:
    return replace(link, source=replace(link.source, contact=contact))


def _finds_something_else(desk: OpenDesk, link_id: str) -> None:
    with Store.open(desk.config.database) as store, store.writing() as db:
        db.execute("UPDATE links SET fingerprint = '0123456789abcdef' WHERE id = ?", (link_id,))
