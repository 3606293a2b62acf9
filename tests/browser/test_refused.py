"""An answer that could not be given is never silent."""

import sqlite3

from playwright.sync_api import expect

from tests.browser.conftest import Opens
from tests.browser.worlds import Served


def test_a_desk_that_cannot_be_reached_is_told_of_until_it_can(desk: Served, window: Opens) -> None:
    editor = window(desk.url)
    editor.go("/")
    acknowledge = editor.button("acknowledge", editor.card("Dalarna")).first
    editor.page.route("**/answer", lambda route: route.abort())
    editor.press(acknowledge)
    expect(editor.page.get_by_role("alert")).to_have_text(editor.text("desk.unreachable"))
    for trouble in ("htmx:sendError", "htmx:afterRequest", "net::ERR_FAILED"):
        editor.expected(trouble)
    editor.page.unroute("**/answer")
    editor.press(acknowledge)
    expect(editor.page.locator("article.done")).to_be_visible()
    expect(editor.page.get_by_role("alert")).to_have_count(0)


def test_a_locked_database_is_told_of_in_place_of_the_page(desk: Served, window: Opens) -> None:
    editor = window(desk.url)
    editor.go("/")
    other = sqlite3.connect(desk.desk.config.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with desk.desk.current.ledger.reading() as db:
        db.execute("PRAGMA busy_timeout = 100")
    editor.press(editor.button("acknowledge", editor.card("Dalarna")).first)
    expect(editor.page.get_by_role("heading", level=1)).to_have_text(editor.text("desk.error.unavailable.title"))
    other.close()
    editor.expected("status of 503")
    assert desk.answers("dalarna") == {}
