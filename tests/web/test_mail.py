"""The pages that mails lead to: what a ticket opens, to whom, and what it leaves shut."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from linkwatch.core.due import Every, Rhythm
from linkwatch.core.reviews import Action
from linkwatch.core.roles import Role
from linkwatch.core.subscribers import Choice
from linkwatch.store import Store
from tests.web.desk import OpenDesk, opened
from tests.web.mailing import ADDRESS, MAIL, SUBSCRIBER, WHO, about, answering, given, rewrite, subscription

GUARDED = f'auth = "token"{MAIL}{SUBSCRIBER}'
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
SECRETS = ("Hemliga Hulda", "en privat anteckning", "webb@region-blekinge.example", "service@region.example")


APPROVABLE = "kalmar"  # a page was seen there


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OpenDesk]:
    """Nobody gets in without a token."""
    with opened(tmp_path, GUARDED) as one:
        yield one


def text_of(desk: OpenDesk, path: str, status: int = 200) -> str:
    answer = desk.client().get(path)
    assert answer.status_code == status
    return said(answer.text)


def said(html: str) -> str:
    main = BeautifulSoup(html, "lxml").select_one("main")
    assert main is not None
    return " ".join(main.get_text(" ").split())


def finds_something_else(desk: OpenDesk, link_id: str, found: str = "0123456789abcdef") -> None:
    with Store.open(desk.config.database) as store, store.writing() as db:
        db.execute("UPDATE links SET fingerprint = ? WHERE id = ?", (found, link_id))


# ---------------------------------------------------------------- an answer


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "do", ["", "?do=acknowledge", "?do=approve", "?do=snooze", "?do=undo", "?do=nonsense&undone=1"]
)
def test_looking_changes_nothing(desk: OpenDesk, method: str, do: str) -> None:
    assert desk.client().request(method, answering(desk) + do).status_code == 200
    assert given(desk) == []
    assert desk.current.ledger.waiting() == ()


@pytest.mark.parametrize(
    ("do", "button"), [("acknowledge", "Kvittera"), ("approve", "Sidan är rätt"), ("snooze", "Påminn om en vecka")]
)
def test_it_says_what_it_is_about_and_has_one_button(desk: OpenDesk, do: str, button: str) -> None:
    page = BeautifulSoup(desk.client().get(f"{answering(desk, APPROVABLE)}?do={do}").text, "lxml")
    assert [one["lang"] for one in page.select("html")] == ["sv"]
    assert [one.get_text() for one in page.select("h1")] == ["Kalmar"]
    assert [(one["name"], one["value"], one.get_text()) for one in page.select("button")] == [("do", do, button)]
    for sentence in ("Trasig: ", "Ansvarig: Region Kalmar", "Sedan "):
        assert sentence in page.get_text()
    others = {str(link["href"]).partition("?do=")[2] for link in page.select('.ways a[href^="/mail/"]')}
    assert others == {"acknowledge", "approve", "snooze"} - {do}


@pytest.mark.parametrize("action", [Action.ACKNOWLEDGE, Action.APPROVE, Action.SNOOZE])
def test_the_button_answers_and_says_so_and_can_be_undone(desk: OpenDesk, action: Action) -> None:
    path, client = answering(desk, APPROVABLE), desk.client()
    done = client.post(path, data={"do": action})
    assert (done.status_code, done.headers["location"]) == (303, f"{path}?do={action}#said")
    (review,) = given(desk, APPROVABLE)
    assert (review.action, review.who, review.note) == (action, WHO, None)
    page = BeautifulSoup(client.get(f"{path}?do={action}").text, "lxml")
    assert page.select_one("[role=status]").get_text().startswith("Klart: ")  # type: ignore[union-attr]
    assert [one["value"] for one in page.select("button")] == ["undo"]
    undone = client.post(path, data={"do": "undo"})
    assert undone.headers["location"] == f"{path}?do={action}&undone=1#said"
    assert given(desk, APPROVABLE) == []
    assert "Ångrat." in text_of(desk, f"{path}?do={action}&undone=1")


def test_it_is_brought_up_again_in_a_week(desk: OpenDesk) -> None:
    desk.client().post(answering(desk), data={"do": "snooze"})
    (review,) = given(desk)
    assert review.until == datetime(2026, 11, 29, 23, tzinfo=UTC)
    assert "den 30 november 2026" in text_of(desk, f"{answering(desk)}?do=snooze")


def test_who_has_no_name_goes_by_their_address(tmp_path: Path) -> None:
    with opened(tmp_path, f"{MAIL}[[subscriber]]\naddress = '{ADDRESS}'") as desk:
        desk.client().post(answering(desk), data={"do": "acknowledge"})
        assert [one.who for one in given(desk)] == [ADDRESS]


def test_the_same_answer_twice_is_one(desk: OpenDesk) -> None:
    for _ in range(3):
        assert desk.client().post(answering(desk), data={"do": "snooze"}).status_code == 303
        desk.clock.go(hours=1)
    assert len(desk.current.desk.reviews("blekinge", limit=9)) == 1


def test_undoing_twice_is_once(desk: OpenDesk) -> None:
    path = answering(desk)
    for do in ("acknowledge", "undo", "undo"):
        assert desk.client().post(path, data={"do": do}).status_code == 303
    assert [one.action for one in desk.current.desk.reviews("blekinge", limit=9)] == [Action.UNDO, Action.ACKNOWLEDGE]


def test_another_answer_comes_in_place_of_the_first(desk: OpenDesk) -> None:
    path = answering(desk)
    desk.client().post(path, data={"do": "acknowledge"})
    assert "Kvitterad den 23 november 2026." in text_of(desk, f"{path}?do=snooze")
    desk.client().post(path, data={"do": "snooze"})
    assert [one.action for one in given(desk)] == [Action.SNOOZE]


def test_it_undoes_nothing_that_others_have_answered(desk: OpenDesk) -> None:
    hulda = desk.client(token=desk.token("Hemliga Hulda", Role.EDITOR))
    note = {"action": "acknowledge", "note": "en privat anteckning"}
    assert hulda.post("/api/v1/links/blekinge/reviews", json=note).status_code < 300
    desk.client().post(answering(desk), data={"do": "undo"})
    assert [one.who for one in given(desk)] == ["Hemliga Hulda"]


@pytest.mark.parametrize("do", ["acknowledge", "approve", "snooze"])
def test_what_has_changed_since_is_not_answered(desk: OpenDesk, do: str) -> None:
    path = answering(desk)
    finds_something_else(desk, "blekinge")
    refused = desk.client().post(path, data={"do": do})
    assert refused.status_code == 409
    assert given(desk) == []
    for shown in (said(refused.text), text_of(desk, path)):
        assert "Något har ändrats sedan mejlet skickades" in shown
        assert "Så här är det nu Blekinge Trasig" in shown
    page = BeautifulSoup(refused.text, "lxml")
    assert page.select("button") == []
    assert page.select_one('a[href="/links/blekinge"]')


def test_a_change_between_looking_and_answering_is_refused_by_the_ledger(
    desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = desk.current.ledger.record

    def overtaken(*args: Any, **more: Any) -> object:
        finds_something_else(desk, "blekinge")
        return record(*args, **more)

    monkeypatch.setattr(desk.current.ledger, "record", overtaken)
    refused = desk.client().post(answering(desk), data={"do": "acknowledge"})
    assert refused.status_code == 409
    assert "Något har ändrats sedan mejlet skickades" in said(refused.text)


def test_an_approval_stays_done_when_the_next_check_finds_the_page_well(desk: OpenDesk) -> None:
    path = answering(desk, APPROVABLE)
    desk.client().post(path, data={"do": "approve"})
    with Store.open(desk.config.database) as store, store.writing() as db:
        db.execute("UPDATE reviews SET ended_at = '2026-11-23T14:00:00Z', ended_as = 'changed'")
        db.execute("UPDATE links SET fingerprint = NULL, state = 'ok', finding = 'ok', verdict = 'ok'")
    assert "Klart: sidan är godkänd som rätt" in text_of(desk, f"{path}?do=approve")
    assert desk.client().post(path, data={"do": "approve"}).status_code == 303


def test_a_finding_from_before_there_were_fingerprints_is_answered_too(desk: OpenDesk) -> None:
    with Store.open(desk.config.database) as store, store.writing() as db:
        db.execute("UPDATE links SET fingerprint = NULL WHERE id = 'blekinge'")
    assert desk.client().post(answering(desk), data={"do": "acknowledge"}).status_code == 303
    assert [one.action for one in given(desk)] == [Action.ACKNOWLEDGE]


def test_where_no_page_was_seen_nobody_can_say_that_it_is_right(desk: OpenDesk) -> None:
    path, client = answering(desk), desk.client()
    for do in ("", "?do=approve"):
        page = BeautifulSoup(client.get(path + do).text, "lxml")
        assert [one["value"] for one in page.select("button")] == ["acknowledge"]
        assert [str(one["href"]).partition("?do=")[2] for one in page.select('.ways a[href^="/mail/"]')] == ["snooze"]
    client.post(path, data={"do": "acknowledge"})
    refused = client.post(path, data={"do": "approve"})
    assert refused.status_code == 409
    alert = BeautifulSoup(refused.text, "lxml").select_one("[role=alert]")
    assert alert is not None
    assert alert.get_text().strip().startswith("Ingen sida gick att läsa här, så den kan inte godkännas som rätt.")
    assert [one.action for one in given(desk)] == [Action.ACKNOWLEDGE]


@pytest.mark.parametrize("do", ["", "ignore", "pause", "report", "accept"])
def test_it_takes_no_other_answers(desk: OpenDesk, do: str) -> None:
    assert desk.client().post(answering(desk), data={"do": do}).status_code == 400
    assert given(desk) == []


def test_after_its_time_a_ticket_answers_nothing(desk: OpenDesk) -> None:
    path = answering(desk)
    desk.clock.go(days=30, seconds=-1)
    assert desk.client().get(path).status_code == 200
    desk.clock.go(seconds=1)
    assert desk.client().post(path, data={"do": "acknowledge"}).status_code == 410
    assert "Svarslänkarna i ett mejl gäller i 30 dagar." in text_of(desk, path, 410)
    assert given(desk) == []


def test_who_has_left_or_is_no_longer_told_answers_nothing(desk: OpenDesk) -> None:
    path = answering(desk)
    desk.client().post(about(desk, "unsubscribe"), data=ONE_CLICK)
    assert "Adressen får inga mejl härifrån" in text_of(desk, path, 403)
    assert desk.client().post(path, data={"do": "acknowledge"}).status_code == 403
    desk.client().post(about(desk, "settings"), data={"do": "return"})
    assert desk.client().get(path).status_code == 200
    rewrite(desk, SUBSCRIBER, "")
    assert desk.client().post(path, data={"do": "acknowledge"}).status_code == 403
    assert given(desk) == []


def test_a_link_that_is_gone_is_said_to_be(desk: OpenDesk) -> None:
    assert "Länken bevakas inte längre" in text_of(desk, answering(desk, "nobody"), 410)
    assert desk.client().post(answering(desk, "nobody"), data={"do": "acknowledge"}).status_code == 410


# ---------------------------------------------------------------- tickets


@pytest.mark.parametrize("page", ["answer", "settings", "unsubscribe"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_no_ticket_opens_nothing_and_says_nothing(desk: OpenDesk, page: str, method: str) -> None:
    true = (answering(desk) if page == "answer" else about(desk, page)).rpartition("/")[2]
    body, _, mac = true.partition(".")
    other = (about(desk, "settings") if page == "answer" else answering(desk)).rpartition("/")[2]
    flipped = mac[:-2] + ("A" if mac[-2] != "A" else "B") + mac[-1]
    for forged in ("x", ".", f"{body}.", f".{mac}", f"{body}.{flipped}", f"{true}=", f"A{true}", "å.ä", other):
        answer = desk.client().request(method, f"/mail/{page}/{forged}", data=ONE_CLICK | {"do": "acknowledge"})
        assert answer.status_code == 404, forged
        assert ADDRESS not in answer.text
        assert "Blekinge" not in answer.text
    assert given(desk) == []
    assert not subscription(desk).choice.has_left


@pytest.mark.parametrize(
    "web",
    [
        'auth = "token"',
        'auth = "proxy"\nproxy_header = "X-User"\nproxy_from = ["10.0.0.1"]',
        'auth = "oidc"\noidc_issuer = "https://127.0.0.1:9/"\noidc_client_id = "x"\npublic_url = "https://links.example"',
        'auth = "token"\nanonymous = "viewer"',
        "",
    ],
)
def test_a_ticket_is_enough_however_people_log_in(tmp_path: Path, web: str) -> None:
    with opened(tmp_path, f"{web}{MAIL}{SUBSCRIBER}") as desk:
        client = desk.client()
        assert client.get(answering(desk)).status_code == 200
        assert client.post(answering(desk), data={"do": "acknowledge"}).status_code == 303
        assert client.get(about(desk, "settings")).status_code == 200
        assert client.post(about(desk, "unsubscribe"), data=ONE_CLICK).status_code == 200
        if web and "viewer" not in web:
            assert client.get("/links").status_code in (303, 403)
            assert client.post("/answer", data={"id": "blekinge"}).status_code in (401, 403)


def test_an_old_mailbox_has_no_power_over_its_successors(tmp_path: Path) -> None:
    """Its mail lies there still, and somebody reads it."""
    role = SUBSCRIBER.replace("[[subscriber]]", '[[subscriber]]\nid = "redaktion"')
    with opened(tmp_path, f"{MAIL}{role}", language="sv") as desk:
        client, successor = desk.client(), "ny@myndigheten.example"
        settings, leaving = (about(desk, page, "redaktion", address=ADDRESS) for page in ("settings", "unsubscribe"))
        answer = answering(desk, subscriber="redaktion")
        assert [client.get(path).status_code for path in (settings, leaving, answer)] == [200, 200, 200]
        rewrite(desk, ADDRESS, successor)
        assert client.post(settings, data={"do": "pause", "until": "2026-12-24"}).status_code == 410
        assert client.post(answer, data={"do": "acknowledge"}).status_code == 403
        assert client.post(leaving, data=ONE_CLICK).status_code == 200  # as for anybody who is told nothing
        for path, status in ((settings, 410), (leaving, 410), (answer, 403)):
            shown = client.get(path)
            assert (shown.status_code, successor in shown.text) == (status, False)
            assert "så länkarna i gamla" in said(shown.text)
        own = desk.current.subscriptions.get("redaktion")
        assert own is not None
        assert own.choice == Choice()
        assert given(desk) == []
        theirs = about(desk, "unsubscribe", "redaktion", address=successor.upper())
        assert client.post(theirs, data=ONE_CLICK).status_code == 200
        left = desk.current.subscriptions.get("redaktion")
        assert left is not None
        assert left.choice.has_left


def test_another_site_makes_no_browser_answer(desk: OpenDesk) -> None:
    for path, fields in ((answering(desk), {"do": "acknowledge"}), (about(desk, "unsubscribe"), ONE_CLICK)):
        refused = desk.client(sec_fetch_site="cross-site").post(path, data=fields)
        assert refused.status_code == 403
    assert given(desk) == []
    assert not subscription(desk).choice.has_left


def test_it_names_nobody(tmp_path: Path) -> None:
    with opened(tmp_path, GUARDED, contacts="service@region.example") as desk:
        hulda = desk.client(token=desk.token("Hemliga Hulda", Role.EDITOR))
        answer = {"action": "assign", "assignee": "Hemliga Hulda", "note": "en privat anteckning"}
        assert hulda.post("/api/v1/links/blekinge/reviews", json=answer).status_code < 300
        page = desk.client().get(answering(desk)).text
        assert "någon har hand om den" in page
        assert [secret for secret in SECRETS if secret in page] == []


def test_it_needs_no_script_and_asks_nobody_else(desk: OpenDesk) -> None:
    for path in (answering(desk), about(desk, "settings"), about(desk, "unsubscribe")):
        answer = desk.client().get(path)
        page = BeautifulSoup(answer.text, "lxml")
        assert page.select("script, style, [style], img, iframe") == []
        assert all(str(one["href"]).startswith("/static/") for one in page.select("link"))
        assert len(page.select("h1")) == 1
        assert (answer.headers["referrer-policy"], answer.headers["cache-control"]) == ("same-origin", "no-store")


def test_it_speaks_the_language_of_the_mail(tmp_path: Path) -> None:
    english = SUBSCRIBER.replace('"sv"', '"en"')
    with opened(tmp_path, f'auth = "token"{MAIL}{english}', language="sv") as desk:
        client = desk.client()
        client.cookies.set("linkwatch-language", "sv")
        assert '<html lang="en">' in client.get(answering(desk)).text
        assert "Your mail" in client.get(about(desk, "settings")).text


# ---------------------------------------------------------------- settings


def test_it_says_how_it_is_and_when_the_next_mail_comes(desk: OpenDesk) -> None:
    shown = text_of(desk, about(desk, "settings"))
    assert "Du får mejl varje måndag kl. 7." in shown
    assert "Nästa mejl kommer måndag 30 november kl. 7, om det finns något nytt." in shown
    assert "Alla länkar som bevakas." in shown


def test_it_promises_a_mail_where_one_always_comes(tmp_path: Path) -> None:
    with opened(tmp_path, f"{MAIL}{SUBSCRIBER}always = true") as desk:
        assert "Nästa mejl kommer måndag 30 november kl. 7. " in text_of(desk, about(desk, "settings"))


@pytest.mark.parametrize(
    ("fields", "rhythm", "sentence"),
    [
        ({"every": "day", "hour": "6"}, Rhythm(every=Every.DAY, hour=6, weekday=2, day=31),
         "Du får mejl varje dag kl. 6. Nästa mejl kommer tisdag 24 november kl. 6"),
        ({"every": "week", "hour": "0"}, Rhythm(every=Every.WEEK, hour=0, weekday=2, day=31),
         "Du får mejl varje onsdag kl. 0. Nästa mejl kommer onsdag 25 november kl. 0"),
        ({"every": "month", "hour": "23"}, Rhythm(every=Every.MONTH, hour=23, weekday=2, day=31),
         "Du får mejl den 31 varje månad kl. 23. Nästa mejl kommer måndag 30 november kl. 23"),
    ],
)  # fmt: skip
def test_how_often_is_changed(desk: OpenDesk, fields: dict[str, str], rhythm: Rhythm, sentence: str) -> None:
    path = about(desk, "settings")
    done = desk.client().post(path, data={"do": "change", "weekday": "2", "day": "31", **fields})
    assert (done.status_code, done.headers["location"]) == (303, f"{path}?saved=1#said")
    assert subscription(desk).choice == Choice(rhythm=rhythm)
    page = text_of(desk, f"{path}?saved=1")
    assert page.startswith("Sparat.")
    assert sentence in page


@pytest.mark.parametrize(
    "fields",
    [
        {"every": "hour"}, {"hour": "24"}, {"hour": "-1"}, {"hour": ""}, {"weekday": "7"}, {"day": "0"}, {"day": "32"},
        {"day": "1e1"}, {"hour": "٣"}, {"weekday": " 1"},
    ],
)  # fmt: skip
def test_what_no_form_of_ours_says_changes_nothing(desk: OpenDesk, fields: dict[str, str]) -> None:
    sent = {"do": "change", "every": "week", "weekday": "2", "day": "3", "hour": "4"} | fields
    refused = desk.client().post(about(desk, "settings"), data=sent)
    assert refused.status_code == 400
    assert "Välj hur ofta" in said(refused.text)
    assert subscription(desk).choice == Choice()


def test_it_is_paused_and_goes_on_by_itself_or_when_asked(desk: OpenDesk) -> None:
    path, client = about(desk, "settings"), desk.client()
    assert client.post(path, data={"do": "pause", "until": "2026-12-10"}).status_code == 303
    assert subscription(desk).choice.paused_until == date(2026, 12, 10)
    shown = text_of(desk, path)
    assert "Mejlen är pausade till den 10 december 2026." in shown
    assert "Nästa mejl kommer måndag 14 december kl. 7" in shown
    client.post(path, data={"do": "resume"})
    assert subscription(desk).choice.paused_until is None
    client.post(path, data={"do": "pause", "until": "2026-11-25"})
    desk.clock.go(days=2)
    assert "Mejlen är pausade" not in text_of(desk, path)


@pytest.mark.parametrize("until", ["", "soon", "2026-11-23", "2020-01-01", "2027-11-25", "9999-12-31", "0001-01-01"])
def test_it_is_paused_for_a_time_that_is_to_come_and_not_for_ever(desk: OpenDesk, until: str) -> None:
    refused = desk.client().post(about(desk, "settings"), data={"do": "pause", "until": until})
    assert refused.status_code == 400
    assert "högst ett år fram" in said(refused.text)
    assert subscription(desk).choice == Choice()


def test_who_leaves_may_come_back(desk: OpenDesk) -> None:
    path, client = about(desk, "settings"), desk.client()
    client.post(path, data={"do": "leave"})
    page = BeautifulSoup(client.get(path).text, "lxml")
    assert subscription(desk).choice.has_left
    assert "Du får inga fler mejl härifrån." in page.get_text()
    assert [one["value"] for one in page.select("button")] == ["return"]
    client.post(path, data={"do": "return"})
    assert not subscription(desk).choice.has_left
    assert "Nästa mejl kommer måndag 30 november kl. 7" in text_of(desk, path)


def test_looking_at_the_settings_changes_nothing(desk: OpenDesk) -> None:
    before = subscription(desk)
    for page in ("settings", "unsubscribe"):
        for method in ("GET", "HEAD"):
            address = f"{about(desk, page)}?do=leave&List-Unsubscribe=One-Click"
            assert desk.client().request(method, address).status_code == 200
    assert subscription(desk) == before


def test_it_says_which_links_the_mails_are_about(tmp_path: Path) -> None:
    only = (
        '[subscriber.only]\ncounties = ["K", "H"]\nowners = ["<b>Region & Co"]\ntags = ["viktig"]\n'
        'severities = ["warning", "broken"]'
    )
    with opened(tmp_path, f"{MAIL}{SUBSCRIBER}{only}") as desk:
        page = desk.client().get(about(desk, "settings")).text
        assert "<b>Region" not in page
        shown = said(page)
        for sentence in ("Län Blekinge och Kalmar", "Ägare <b>Region & Co", "Etiketter viktig", "trasiga länkar och"):
            assert sentence in shown
        assert "Alla länkar som bevakas." not in shown


def test_settings_open_for_ever_but_not_for_who_is_no_longer_told(desk: OpenDesk) -> None:
    path = about(desk, "settings")
    desk.clock.go(days=4000)
    assert desk.client().get(path).status_code == 200
    assert desk.client().get(about(desk, "settings", "someone@else.example")).status_code == 410
    assert desk.client().post(path, data={"do": "explode"}).status_code == 400
    rewrite(desk, SUBSCRIBER, "")
    assert desk.client().get(path).status_code == 410
    assert desk.client().post(path, data={"do": "leave"}).status_code == 410


# ---------------------------------------------------------------- one click in a mail program


@pytest.mark.parametrize("kind", ["form", "multipart"])
def test_one_click_ends_the_mail_and_a_second_one_is_no_mistake(desk: OpenDesk, kind: str) -> None:
    sent = {"data": ONE_CLICK} if kind == "form" else {"files": {"List-Unsubscribe": (None, "One-Click")}}
    for _ in range(2):
        done = desk.client().post(about(desk, "unsubscribe"), **sent)
        assert done.status_code == 200
        assert "set-cookie" not in done.headers
        assert "Mejlen är avslutade" in said(done.text)
    assert subscription(desk).choice.has_left


def test_one_click_of_who_is_no_longer_told_is_done_already(desk: OpenDesk) -> None:
    path = about(desk, "unsubscribe")
    rewrite(desk, SUBSCRIBER, "")
    assert desk.client().post(path, data=ONE_CLICK).status_code == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/x-www-form-urlencoded", 400),
        (b"List-Unsubscribe=No", "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"List-Unsubscribe=One-Click", "multipart/form-data", 400),
        (b"--x\r\n\r\nOne-Click\r\n--x--", "multipart/form-data; boundary=x", 400),
        (b"\xff\x00", 'multipart/form-data; boundary="', 400),
        (b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nNo\r\n--x--\r\n',
         "multipart/form-data; boundary=x", 400),
    ],
)  # fmt: skip
def test_what_is_not_that_click_ends_nothing(desk: OpenDesk, body: bytes, kind: str, status: int) -> None:
    answer = desk.client().post(about(desk, "unsubscribe"), content=body, headers={"content-type": kind})
    assert answer.status_code == status
    assert not subscription(desk).choice.has_left


def test_its_page_asks_first_with_a_button_that_does_it(desk: OpenDesk) -> None:
    path, client = about(desk, "unsubscribe"), desk.client()
    page = BeautifulSoup(client.get(path).text, "lxml")
    (form,) = page.select("form")
    assert len(page.select("button")) == 1
    fields = {str(one["name"]): str(one["value"]) for one in form.select("input")}
    assert client.post(str(form["action"]), data=fields).status_code == 200
    assert subscription(desk).choice.has_left
    assert "Mejlen är avslutade" in text_of(desk, path)
