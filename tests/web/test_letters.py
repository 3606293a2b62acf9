"""Letters to owners that the desk sends: through the outbox, once, and with what they say of the links."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from linkwatch.core.models import LinkView, State
from linkwatch.core.outbox import Channel, Fate, Kind, Outcome, Result, Settled, Waiting
from linkwatch.core.reviews import Action
from linkwatch.core.roles import Role
from linkwatch.store import Store, rows
from linkwatch.store.outbox import Outbox
from tests.report.sample import NOW, sample, shared
from tests.web.desk import OpenDesk, TestClient, opened
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


# ---------------------------------------------------------------- two at the same time

GUARDED = f'auth = "token"{MAIL}'


def editors(desk: OpenDesk) -> tuple[TestClient, TestClient]:
    anna, bo = (desk.client(token=desk.token(name, Role.EDITOR)) for name in ("Anna Ek", "Bo Öst"))
    return anna, bo


def alert_of(html: str) -> str:
    (found,) = main(html).select("[role=alert]")
    return " ".join(found.get_text().split())


def test_two_with_the_letter_open_send_one_and_the_second_may_send_theirs_all_the_same(tmp_path: Path) -> None:
    with opened(tmp_path, GUARDED, language="sv") as desk:
        anna, bo = editors(desk)
        first, second = (form_of(one.get(f"{OWNER}?letter=sv").text) for one in (anna, bo))
        assert anna.post(f"{OWNER}/letter", data=first).status_code == 303
        refused = bo.post(f"{OWNER}/letter", data=second | {"subject": "Bos ärende", "body": "Bos brev"})
        assert refused.status_code == 409
        assert alert_of(refused.text) == (
            "Brevet har inte skickats. Anna Ek skickade ett brev nyss. Du kan skicka ditt ändå."
        )
        assert [one.get_text() for one in main(refused.text).select("form.send-form button")] == [
            f"Skicka ändå till {TO}"
        ]
        assert [one.who for one in desk.current.desk.reviews(limit=9)] == ["Anna Ek"]
        anew = form_of(refused.text)
        assert (anew["subject"], anew["body"]) == (["Bos ärende"], "Bos brev\r\n")
        assert bo.post(f"{OWNER}/letter", data=anew).status_code == 303
        assert [one.parcel.content.text for one in outbox(desk)][1:] == ["Bos brev\n"]
        assert [one.who for one in given(desk)] == ["Bo Öst"]


def test_what_was_typed_wrongly_first_does_not_hide_what_another_has_sent(tmp_path: Path) -> None:
    with opened(tmp_path, GUARDED, language="sv") as desk:
        anna, bo = editors(desk)
        first, second = (form_of(one.get(f"{OWNER}?letter=sv").text) for one in (anna, bo))
        anna.post(f"{OWNER}/letter", data=first)
        anew = form_of(bo.post(f"{OWNER}/letter", data=second | {"subject": ""}).text)
        refused = bo.post(f"{OWNER}/letter", data=anew | {"subject": "Om en länk"})
        assert (refused.status_code, "Anna Ek skickade" in refused.text) == (409, True)
        assert len(outbox(desk)) == 1


@pytest.mark.parametrize("then", ["acknowledge", "undo"])
def test_a_letter_counts_as_sent_whatever_was_said_of_the_link_since(tmp_path: Path, then: str) -> None:
    with opened(tmp_path, GUARDED, language="sv") as desk:
        anna, bo = editors(desk)
        first, second = (form_of(one.get(f"{OWNER}?letter=sv").text) for one in (anna, bo))
        anna.post(f"{OWNER}/letter", data=first)
        if then == "undo":
            assert "done=" in anna.post("/undo", data={"review": given(desk)[0].id}).headers["location"]
        else:
            _says(anna, desk, action=then)
        assert bo.post(f"{OWNER}/letter", data=second).status_code == 409
        assert bo.post(f"{OWNER}/letter", data=form_of(bo.get(f"{OWNER}?letter=sv").text)).status_code == 303


def test_who_was_told_otherwise_meanwhile_is_not_written_to_unseen(desk: OpenDesk) -> None:
    fields = written(desk)
    _says(desk.client(), desk, action="report", remind="2026-12-07")
    refused = desk.client().post(f"{OWNER}/letter", data=fields)
    assert refused.status_code == 409
    assert "Någon noterade nyss att ägaren har fått veta. Du kan skicka ditt brev ändå." in alert_of(refused.text)
    assert outbox(desk) == []


def test_a_word_that_was_taken_back_stops_nobody(desk: OpenDesk) -> None:
    fields = written(desk)
    _says(desk.client(), desk, action="report", remind="2026-12-07")
    desk.client().post("/undo", data={"review": given(desk)[0].id})
    assert desk.client().post(f"{OWNER}/letter", data=fields).status_code == 303


@pytest.mark.parametrize("told", [[], "", "-1", "1e3", "٣", "9" * 40])
def test_a_form_that_does_not_say_what_it_knew_of_knew_of_nothing(desk: OpenDesk, told: object) -> None:
    desk.client().post(f"{OWNER}/letter", data=written(desk))
    assert desk.client().post(f"{OWNER}/letter", data=written(desk, told=told)).status_code == 409
    assert len(outbox(desk)) == 1


def test_of_two_letters_at_the_same_moment_one_goes_out(tmp_path: Path) -> None:
    """About an incident, and about all that its owner has."""
    with opened(tmp_path, MAIL, links=_failed_alike(), language="sv") as desk:
        pages = (INCIDENT, "/owners/Region%20Kalmar")
        forms = [(page, written(desk, page)) for page in pages]
        with ThreadPoolExecutor(2) as both:
            statuses = sorted(
                both.map(lambda one: desk.client().post(f"{one[0]}/letter", data=one[1]).status_code, forms)
            )
        assert statuses == [303, 409]
        assert len({one.parcel.message_id for one in outbox(desk)}) == 1


# ---------------------------------------------------------------- what did not arrive


def test_a_letter_that_did_not_arrive_is_said_to_until_another_is_sent(desk: OpenDesk) -> None:
    desk.client().post(f"{OWNER}/letter", data=written(desk))
    _bounces(desk, "550 <b>no such user</b>")
    page = desk.client().get(f"{OWNER}?sent=1")
    assert alert_of(page.text) == f"Brevet till {TO} kom inte fram: 550 <b>no such user</b>"
    assert "<b>no such" not in page.text
    for gone in ("är på väg till", "Ägaren fick veta det"):
        assert gone not in page.text
    assert "Brevet kom inte fram." in main(desk.client().get("/log").text).get_text()
    assert desk.client().post(f"{OWNER}/letter", data=written(desk)).status_code == 303
    shown = desk.client().get(f"{OWNER}?sent=1").text
    assert "Brevet till" not in shown
    assert f"Brevet är på väg till {TO}." in shown


def test_the_outbox_gives_a_letter_up_and_the_page_says_so(desk: OpenDesk) -> None:
    desk.client().post(f"{OWNER}/letter", data=written(desk))
    with Outbox.open(desk.config.database) as box:
        lease = box.claim(desk.clock())
        assert lease is not None
        refused = Outcome(result=Result.NEVER, detail="550 no such user")
        box.settle(lease, Settled(fate=Fate.DEAD), refused, desk.clock())
    assert alert_of(desk.client().get(OWNER).text).startswith(f"Brevet till {TO} kom inte fram")
    assert given(desk) == []


def test_a_letter_that_failed_for_a_reason_nobody_knows_is_said_to_have_failed(desk: OpenDesk) -> None:
    desk.client().post(f"{OWNER}/letter", data=written(desk))
    _bounces(desk, None)
    assert alert_of(desk.client().get(OWNER).text) == f"Brevet till {TO} kom inte fram."


def test_on_an_incidents_page_it_is_said_once_and_with_every_mailbox(tmp_path: Path) -> None:
    links = [_with_contact(link, f"{link.source.id}@kalmar.example") for link in _failed_alike()]
    with opened(tmp_path, MAIL, links=links, language="sv") as desk:
        desk.client().post(f"{INCIDENT}/letter", data=written(desk, INCIDENT))
        _bounces(desk, "5.1.1")
        assert alert_of(desk.client().get(INCIDENT).text) == (
            "Brevet till kalmar-1@kalmar.example och kalmar-2@kalmar.example kom inte fram: 5.1.1"
        )
        _says(desk.client(), desk, "kalmar-1", action="report", remind="2026-12-07")
        assert "Brevet till" in desk.client().get(INCIDENT).text  # of the other link it is the latest word still
        _says(desk.client(), desk, "kalmar-2", action="report", remind="2026-12-07")
        assert "Brevet till" not in desk.client().get(INCIDENT).text


def test_a_letter_that_did_not_arrive_stops_no_other(desk: OpenDesk) -> None:
    fields = written(desk)
    desk.client().post(f"{OWNER}/letter", data=written(desk))
    _bounces(desk, "550")
    assert desk.client().post(f"{OWNER}/letter", data=fields).status_code == 303


def test_to_whom_a_letter_went_is_not_for_who_has_not_logged_in(tmp_path: Path) -> None:
    with opened(tmp_path, f'auth = "token"\nanonymous = "viewer"{MAIL}', language="sv") as desk:
        anna, _ = editors(desk)
        anna.post(f"{OWNER}/letter", data=form_of(anna.get(f"{OWNER}?letter=sv").text))
        _bounces(desk, "550 no such user")
        assert "Brevet till" in anna.get(OWNER).text
        for path in (OWNER, "/log", "/api/v1/links/blekinge", "/api/v1/reviews"):
            shown = desk.client().get(path).text
            assert TO not in shown
            assert "no such user" not in shown


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


def _says(client: TestClient, desk: OpenDesk, link_id: str = "blekinge", **answer: str) -> None:
    link = desk.current.desk.link(link_id, desk.clock())
    assert link is not None
    told = {"id": link_id, f"seen:{link_id}": link.fingerprint or "", **answer}
    assert "done=" in client.post("/answer", data=told).headers["location"]


def _bounces(desk: OpenDesk, detail: str | None) -> None:
    """Every letter that is under way, as the store writes it down."""
    with Store.open(desk.config.database) as store, store.writing() as db:
        db.execute(
            "UPDATE reviews SET ended_at = ?, ended_as = 'undelivered', details = CASE WHEN ?2 IS NULL THEN details "
            "ELSE json_set(details, '$.detail', ?2) END WHERE action = 'report' AND ended_at IS NULL",
            (rows.iso(desk.clock()), detail),
        )


def _failed_alike() -> list[LinkView]:
    return list(shared(State.BROKEN, State.BROKEN).links[:2])


def _with_contact(link: LinkView, contact: str) -> LinkView:
    return replace(link, source=replace(link.source, contact=contact))


def _finds_something_else(desk: OpenDesk, link_id: str) -> None:
    with Store.open(desk.config.database) as store, store.writing() as db:
        db.execute("UPDATE links SET fingerprint = '0123456789abcdef' WHERE id = ?", (link_id,))
