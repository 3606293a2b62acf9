"""Links that are looked at again at once: what comes of it is there without loading the page anew."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from linkwatch.core.models import State
from linkwatch.core.reviews import Action
from tests.browser.conftest import Opens
from tests.browser.window import Window
from tests.browser.worlds import Served, at_work
from tests.servers import Site, page, running
from tests.small_web import PROSE
from tests.web.desk import eventually

_NOT_THERE = "sidan hittades inte"
_ANOTHER = page(f"<title>Serviceprogram</title><main><h1>Serviceprogram 2030</h1><p>{PROSE * 4}</p></main>")


@pytest.fixture
def site(browser: Browser) -> Iterator[Site]:
    with running(one := Site()):
        yield one


@pytest.fixture
def desk(site: Site, tmp_path: Path) -> Iterator[Served]:
    with at_work(tmp_path, site) as one:
        yield one


def test_the_card_changes_by_itself_when_the_check_is_done(desk: Served, site: Site, window: Opens) -> None:
    editor = window(desk.url)
    editor.go("/")
    mark = editor.mark()
    editor.press(editor.button("check", editor.card("Gävleborg")))
    expect(editor.card("Gävleborg")).to_contain_text(_NOT_THERE)  # the site knows no such page
    assert editor.has(mark)
    assert desk.state("gavleborg") is State.FAILING
    expect(editor.page.locator(".checking")).to_have_count(0)
    assert next(asked.path for asked in site.asked()) == "/gavleborg"


def test_what_somebody_is_writing_is_not_taken_from_them(desk: Served, window: Opens) -> None:
    editor = window(desk.url)
    editor.go("/links/gavleborg")
    editor.press(editor.button("check"))
    expect(editor.page.locator(".checking")).to_be_visible()
    note = editor.unfold().locator("[name=note]")
    note.fill("Jag har ringt")
    for _ in range(2):  # once to ask, and once more when the check was surely done
        with editor.page.expect_response("**/links/gavleborg?checking=1"):
            eventually(lambda: desk.state("gavleborg") is State.FAILING)
    expect(note).to_have_value("Jag har ringt")
    note.fill("")
    expect(editor.page.get_by_role("article")).to_contain_text(_NOT_THERE)


def test_without_scripts_one_looks_whether_it_is_done(desk: Served, window: Opens) -> None:
    editor = window(desk.url, scripts=False, keyboard=True)
    editor.go("/links/gavleborg")
    editor.press(editor.button("check"))
    expect(editor.flash).to_contain_text("Gävleborg kontrolleras nu.")
    eventually(lambda: desk.state("gavleborg") is State.FAILING)
    _look(editor)
    expect(editor.page.get_by_role("article")).to_contain_text(_NOT_THERE)


def _look(editor: Window) -> None:
    look = editor.page.get_by_role("link", name=editor.text("desk.checking.look"))
    if look.count():  # the check may have been quicker than the page
        editor.press(look)


def test_a_false_alarm_is_over_when_the_page_was_approved(desk: Served, site: Site, window: Opens) -> None:
    site.on("/gavleborg", _ANOTHER)
    editor = window(desk.url)
    editor.go("/links/gavleborg")
    editor.press(editor.button("check"))
    expect(editor.page.locator("#difference")).to_be_visible()
    form = editor.unfold()
    editor.press(editor.button("approve", form))
    expect(editor.flash).to_contain_text("Gävleborg är godkänd som rätt och kontrolleras igen.")
    expect(editor.page.get_by_role("article")).to_contain_text("Fungerar")
    expect(editor.page.locator("#difference")).to_have_count(0)
    assert desk.state("gavleborg") is State.OK
    assert Action.APPROVE not in desk.answers("gavleborg")  # it has done its work


def test_a_link_with_its_new_address_is_looked_at_there(desk: Served, site: Site, window: Opens) -> None:
    site.on("/new", _ANOTHER)
    editor = window(desk.url)
    editor.go("/")
    editor.press(editor.button("accept", editor.card("Jämtland")))
    expect(editor.page.locator("article.done").or_(editor.card("Jämtland"))).to_be_visible()
    eventually(lambda: "/new" in [asked.path for asked in site.asked()])
    assert f'"{site.url("/new")}"' in desk.sources()
