"""From a mail to its pages, without a login: answered, chosen, left; and a letter that the desk sends."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from linkwatch.core.reviews import Action
from linkwatch.store import Store
from tests.browser.axe import findings, low_contrast, tabbed_through, too_wide
from tests.browser.conftest import Opens
from tests.browser.ways import either_way
from tests.browser.worlds import Served, served
from tests.web.mailing import MAIL, SUBSCRIBER, about, answering, subscription

Way = dict[str, bool]
_BOUNCED = """
INSERT INTO reviews (link_id, at, who, action, details, ended_at, ended_as) VALUES ('blekinge', '2026-11-23T12:00:00Z',
    '', 'report', '{"letter": "<1@a.example>", "to": ["webb@region-blekinge.example"], "detail": "550 no such user"}',
    '2026-11-23T12:30:00Z', 'undelivered')
"""


@pytest.fixture
def shut(browser: Browser, tmp_path: Path) -> Iterator[Served]:
    """A desk that only those with a token may see."""
    with served(tmp_path, f'auth = "token"{MAIL}{SUBSCRIBER}') as one:
        yield one


@either_way
def test_a_finding_is_answered_from_the_mail_and_the_answer_taken_back(shut: Served, window: Opens, way: Way) -> None:
    reader = window(shut.url, **way)
    reader.go(answering(shut.desk))
    reader.press(reader.page.get_by_role("link", name=reader.text("desk.mail.do.snooze")))
    reader.press(reader.page.get_by_role("button"))
    expect(reader.page.get_by_role("status")).to_contain_text("Klart: felet tas upp igen den 30 november 2026")
    assert set(shut.answers("blekinge")) == {Action.SNOOZE}
    reader.press(reader.page.get_by_role("button", name=reader.text("desk.undo")))
    expect(reader.page.get_by_role("status")).to_contain_text("Ångrat.")
    assert shut.answers("blekinge") == {}


def test_what_has_changed_meanwhile_is_not_answered(shut: Served, window: Opens) -> None:
    reader = window(shut.url)
    reader.go(answering(shut.desk))
    shut.finds_something_else("blekinge")
    reader.press(reader.page.get_by_role("button"))
    expect(reader.page.get_by_role("alert")).to_contain_text("Något har ändrats sedan mejlet skickades")
    reader.expected("status of 409")
    assert shut.answers("blekinge") == {}


@either_way
def test_how_often_is_chosen_and_the_mail_ended_and_begun_again(shut: Served, window: Opens, way: Way) -> None:
    reader = window(shut.url, **way)
    reader.go(about(shut.desk, "settings"))
    reader.page.get_by_label(reader.text("desk.mail.every.month")).check()
    reader.page.get_by_label(reader.text("desk.mail.day"), exact=True).select_option("31")
    reader.press(reader.page.get_by_role("button", name=reader.text("desk.mail.save")))
    expect(reader.page.locator(".lead")).to_contain_text("Nästa mejl kommer måndag 30 november kl. 7")
    reader.page.get_by_label(reader.text("desk.mail.until")).fill("2026-12-24")
    reader.press(reader.page.get_by_role("button", name=reader.text("desk.mail.do_pause")))
    expect(reader.page.locator(".lead")).to_contain_text("Nästa mejl kommer torsdag 31 december kl. 7")
    reader.go(about(shut.desk, "unsubscribe"))
    reader.press(reader.page.get_by_role("button"))
    expect(reader.page.get_by_role("heading", level=1)).to_have_text(reader.text("desk.mail.left"))
    assert subscription(shut.desk).choice.has_left
    reader.press(reader.page.get_by_role("link", name=reader.text("desk.mail.may_return")))
    reader.press(reader.page.get_by_role("button", name=reader.text("desk.mail.return")))
    expect(reader.page.locator(".lead")).to_contain_text("Du får mejl den 31 varje månad kl. 7.")


@pytest.mark.parametrize("page", ["answer", "changed", "settings", "unsubscribe", "over"])
def test_everybody_can_use_them(shut: Served, window: Opens, page: str) -> None:
    path = about(shut.desk, page) if page in ("settings", "unsubscribe") else answering(shut.desk)
    if page == "changed":
        shut.finds_something_else("blekinge")
    if page == "over":
        shut.desk.clock.go(days=31)
    reader = window(shut.url)
    reader.go(path, status=410 if page == "over" else 200)
    assert findings(reader.page) == []
    # Of radio buttons Tab comes to the chosen one; the arrows to the others.
    assert [one for one in tabbed_through(reader.page) if 'type="radio"' not in one] == []
    reader.page.emulate_media(color_scheme="dark")
    assert low_contrast(reader.page) == []
    reader.resize(320)
    assert too_wide(reader.page) == []


@either_way
def test_a_letter_is_sent_from_the_desk(browser: Browser, tmp_path: Path, window: Opens, way: Way) -> None:
    with served(tmp_path, MAIL) as desk:
        editor = window(desk.url, **way)
        editor.go("/owners/Region%20Blekinge?letter=sv")
        subject = editor.page.get_by_label(editor.text("desk.letter.subject"), exact=True)
        subject.fill("Om er sida")
        editor.press(editor.page.get_by_role("button", name="Skicka till webb@region-blekinge.example"))
        expect(editor.page.locator("#letter")).to_contain_text("Brevet är på väg till webb@region-blekinge.example.")
        assert Action.REPORT in desk.answers("blekinge")
        with Store.open(desk.desk.config.database) as store, store.reading() as db:
            assert db.execute("SELECT recipient FROM outbox").fetchall() == [("webb@region-blekinge.example",)]


@either_way
def test_the_second_of_two_sends_all_the_same_if_they_wish(
    browser: Browser, tmp_path: Path, window: Opens, way: Way
) -> None:
    with served(tmp_path, MAIL) as desk:
        first, second = window(desk.url, **way), window(desk.url, **way)
        for one, subject in ((first, "Om er sida"), (second, "Vår länk till er")):
            one.go("/owners/Region%20Blekinge?letter=sv")
            one.page.get_by_label(one.text("desk.letter.subject"), exact=True).fill(subject)
        for one in (first, second):
            one.press(one.page.get_by_role("button", name="Skicka till webb@region-blekinge.example"))
        alert = second.page.locator("main").get_by_role("alert")
        expect(alert).to_contain_text("Någon skickade ett brev nyss. Du kan skicka ditt ändå.")
        second.expected("status of 409")
        second.press(second.page.get_by_role("button", name="Skicka ändå till webb@region-blekinge.example"))
        expect(second.page.locator("#letter")).to_contain_text("Brevet är på väg till webb@region-blekinge.example.")
        with Store.open(desk.desk.config.database) as store, store.writing() as db:
            assert db.execute("SELECT count(*) FROM outbox").fetchone() == (2,)
            db.execute("UPDATE reviews SET ended_at = at, ended_as = 'undelivered' WHERE ended_at IS NULL")
        second.go("/owners/Region%20Blekinge")
        expect(second.page.locator("#letter").get_by_role("alert")).to_have_text(
            "Brevet till webb@region-blekinge.example kom inte fram."
        )


def test_everybody_can_send_a_letter(browser: Browser, tmp_path: Path, window: Opens) -> None:
    with served(tmp_path, MAIL) as desk:
        editor = window(desk.url)
        editor.go("/owners/Region%20Blekinge?letter=sv")
        assert findings(editor.page) == []
        desk.finds_something_else("blekinge")
        editor.press(editor.page.get_by_role("button", name="Skicka till webb@region-blekinge.example"))
        expect(editor.page.get_by_role("alert").first).to_contain_text("Brevet har inte skickats.")
        editor.expected("status of 409")
        assert findings(editor.page) == []
        editor.resize(320)
        assert too_wide(editor.page) == []
        with Store.open(desk.desk.config.database) as store, store.writing() as db:
            db.execute(_BOUNCED)
        editor.go("/owners/Region%20Blekinge?letter=sv")
        expect(editor.page.locator("#letter").get_by_role("alert")).to_be_visible()
        assert findings(editor.page) == []
        assert too_wide(editor.page) == []
