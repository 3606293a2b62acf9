"""The keys: j k o a u / ? – and without them."""

from playwright.sync_api import expect

from linkwatch.core.reviews import Action
from tests.browser.conftest import Opens
from tests.browser.window import Window
from tests.browser.worlds import Served


def here(window: Window) -> str:
    return window.page.locator(".is-here h3, .is-here th").inner_text()


def press(window: Window, keys: str) -> None:
    for key in keys:
        window.page.keyboard.press(key)


def test_through_the_cards_and_back(desk: Served, window: Opens) -> None:
    editor = window(desk.url)
    editor.go("/")
    cards = editor.page.locator("article h3").all_inner_texts()
    press(editor, "j")
    assert here(editor) == cards[0]
    press(editor, "jj")
    assert here(editor) == cards[2]
    press(editor, "k")
    assert here(editor) == cards[1]
    expect(editor.page.locator(".is-here :focus")).to_have_count(1)
    press(editor, "o")
    expect(editor.page.get_by_role("heading", level=1)).to_have_text(cards[1])


def test_acknowledge_undo_and_go_on_from_there(desk: Served, window: Opens) -> None:
    editor = window(desk.url)
    editor.go("/")
    cards = editor.page.locator("article h3").all_inner_texts()
    press(editor, "jja")
    expect(editor.page.locator("article.done")).to_contain_text(f"{cards[1]} är kvitterad.")
    press(editor, "u")
    expect(editor.page.locator("article.done")).to_have_count(0)
    expect(editor.card(cards[1])).to_be_visible()
    press(editor, "a")
    expect(editor.page.locator("article.done")).to_have_count(1)
    press(editor, "j")
    assert here(editor) == cards[2]
    press(editor, "a")
    expect(editor.page.locator("article.done")).to_have_count(2)
    assert sum(Action.ACKNOWLEDGE in desk.answers(link.source.id) for link in _todo(desk)) == 0


def _todo(desk: Served) -> list:  # type: ignore[type-arg]
    return list(desk.desk.current.desk.todo(desk.desk.clock(), limit=None).links)


def test_no_key_leads_to_a_page_of_somebody_else(desk: Served, window: Opens) -> None:
    editor = window(desk.url)
    editor.go("/links/jamtland")
    press(editor, "jo")
    editor.page.wait_for_timeout(100)
    assert editor.path == "/links/jamtland"


def test_search_and_help(desk: Served, window: Opens) -> None:
    editor = window(desk.url)
    editor.go("/links")
    press(editor, "/")
    search = editor.page.get_by_role("search").get_by_role("searchbox")
    expect(search).to_be_focused()
    editor.page.keyboard.type("jak?")
    expect(search).to_have_value("jak?")
    editor.page.locator("h1").click()
    press(editor, "?")
    help = editor.page.get_by_role("dialog")
    expect(help).to_be_visible()
    expect(help.locator(":focus")).to_have_count(1)
    editor.page.keyboard.press("Escape")
    expect(help).to_be_hidden()


def test_they_can_be_turned_off_and_stay_off(desk: Served, window: Opens) -> None:
    editor = window(desk.url, keyboard=True)
    editor.go("/links")
    editor.press(editor.page.get_by_role("link", name=editor.text("desk.nav.help"), exact=True))
    switch = editor.page.get_by_role("dialog").get_by_role("checkbox")
    editor.press(switch)
    expect(switch).not_to_be_checked()
    editor.press(editor.page.get_by_role("button", name=editor.text("desk.help.close")))
    editor.go("/")
    press(editor, "ja?")
    expect(editor.page.locator(".is-here, dialog:modal")).to_have_count(0)
    editor.go("/help")
    editor.press(editor.page.get_by_role("main").get_by_role("checkbox"))
    editor.go("/")
    press(editor, "j")
    expect(editor.page.locator(".is-here")).to_have_count(1)


def test_with_control_or_alt_they_are_the_browsers(desk: Served, window: Opens) -> None:
    editor = window(desk.url)
    editor.go("/")
    for key in ("Control+j", "Alt+a", "Meta+k"):
        editor.page.keyboard.press(key)
    expect(editor.page.locator(".is-here, article.done")).to_have_count(0)
