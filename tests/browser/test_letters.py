"""The letter to an owner: read, copied, taken along, sent, and noted as sent."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from linkwatch.core.reviews import Action
from tests.browser.conftest import Opens
from tests.browser.ways import either_way, with_and_without_scripts
from tests.browser.window import Window
from tests.browser.worlds import Served

Way = dict[str, bool]
_ADDRESS = "https://www.region-blekinge.example/utveckling/serviceprogram"


def open_letter(window: Window) -> str:
    """From the link to its owner, and unfold the letter; what it says."""
    window.go("/links/blekinge")
    window.press(window.page.get_by_role("link", name="Region Blekinge", exact=True))
    window.press(window.page.locator("#letter summary"))
    return window.page.get_by_role("textbox", name=window.text("desk.letter.body"), exact=True).input_value()


@either_way
def test_it_is_written_and_sent_and_awaits_its_answer(desk: Served, window: Opens, way: Way) -> None:
    editor = window(desk.url, **way)
    body = open_letter(editor)
    assert _ADDRESS in body
    assert "Hej" in body
    editor.press(editor.page.get_by_role("button", name=editor.text("desk.letter.sent")))
    expect(editor.flash).to_contain_text("Blekinge: ägaren har fått veta. Länken väntar på svar.")
    expect(editor.page.locator("#letter .said")).to_contain_text("7 december 2026")
    assert Action.REPORT in desk.answers("blekinge")
    editor.go("/links?answer=report")
    expect(editor.row("Blekinge")).to_be_visible()


def test_it_is_copied_and_opened_in_the_mail_program(desk: Served, window: Opens) -> None:
    editor = window(desk.url)
    editor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    body = open_letter(editor)
    editor.press(editor.page.get_by_role("button", name=editor.text("desk.letter.copy")))
    expect(editor.page.get_by_role("button", name=editor.text("desk.letter.copied"))).to_be_visible()
    assert editor.page.evaluate("() => navigator.clipboard.readText()") == body
    mailto = editor.page.get_by_role("link", name=editor.text("desk.letter.open")).get_attribute("href") or ""
    assert urlsplit(mailto).path == "webb@region-blekinge.example"
    assert parse_qs(urlsplit(mailto).query)["body"][0].splitlines() == body.splitlines()


@with_and_without_scripts
def test_it_comes_as_a_file_in_either_language(desk: Served, window: Opens, way: Way, tmp_path: Path) -> None:
    editor = window(desk.url, **way)
    open_letter(editor)
    for language, word in (("English", "Hello"), ("Svenska", "Hej")):
        editor.press(editor.page.locator("#letter").get_by_role("link", name=language))
        body = editor.page.get_by_role("textbox", name=editor.text("desk.letter.body"), exact=True)
        expect(body).to_contain_text(word)
        with editor.page.expect_download() as download:
            editor.press(editor.page.get_by_role("link", name=editor.text("desk.letter.download")))
        download.value.save_as(tmp_path / language)
        letter = message_from_bytes((tmp_path / language).read_bytes(), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        assert letter["to"] == "webb@region-blekinge.example"
        assert letter.get_content().split() == body.input_value().split()
