"""Finding links, and answering many at once."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from linkwatch.core.models import State
from linkwatch.core.reviews import Action
from tests.browser.conftest import Opens
from tests.browser.ways import either_way, with_and_without_scripts
from tests.browser.window import Window
from tests.browser.worlds import Served, served
from tests.report.sample import sample

Way = dict[str, bool]
_MANY = 130


@pytest.fixture
def many(browser: Browser, tmp_path: Path) -> Iterator[Served]:
    """More broken links than one page shows."""
    broken = next(link for link in sample().links if link.source.id == "blekinge")
    links = [replace(broken, source=replace(broken.source, id=f"k{n}", name=f"Länk {n}")) for n in range(_MANY)]
    with served(tmp_path, links=links) as one:
        yield one


def rows(window: Window) -> list[str]:
    return window.page.locator("tbody th").all_inner_texts()


def choose(window: Window, name: str) -> None:
    window.press(window.page.get_by_role("checkbox", name=window.text("desk.bulk.choose", name=name), exact=True))


@with_and_without_scripts
def test_a_selection_is_an_address_to_share(desk: Served, window: Opens, way: Way) -> None:
    editor = window(desk.url, **way)
    editor.go("/links")
    editor.page.get_by_label(editor.text("desk.filter.state")).select_option("broken")
    editor.page.get_by_label(editor.text("desk.filter.sort")).select_option("name")
    editor.write("region", editor.page.get_by_label(editor.text("desk.filter.q")))
    editor.press(editor.page.get_by_role("button", name=editor.text("desk.filter.show"), exact=True))
    expect(editor.page.locator("tbody tr")).to_have_count(4)
    found = rows(editor)
    if editor.scripts:
        assert editor.path == "/links?q=region&state=broken&sort=name"
    other = window(desk.url)
    other.go(editor.path)
    assert rows(other) == found
    other.press(other.page.get_by_role("link", name=other.text("desk.filter.clear")).first)
    expect(other.page.locator("tbody tr")).to_have_count(21)


def test_one_searches_with_letters_as_they_are(desk: Served, window: Opens) -> None:
    editor = window(desk.url, keyboard=True)
    editor.go("/help")
    for wanted, found in (
        ("sörmland", ["Södermanland"]), ("SÖRMLAND region", ["Södermanland"]), ("sormland", []), ("skåne", ["Skåne"]),
        ("götalandsregionen", ["Västra Götaland"]), ("gotalandsregionen", []),
        ("väster", ["Västerbotten", "Västernorrland"]),
    ):  # fmt: skip
        field = editor.page.get_by_role("search").get_by_role("searchbox")
        editor.write(wanted, field)
        with editor.page.expect_navigation():
            editor.page.keyboard.press("Enter")
        assert sorted(rows(editor)) == sorted(found), wanted


def test_the_selection_as_files(desk: Served, window: Opens, tmp_path: Path) -> None:
    editor = window(desk.url)
    editor.go("/links?state=broken&sort=name")
    names = rows(editor)
    for key in ("csv", "json"):
        with editor.page.expect_download() as download:
            editor.press(editor.page.get_by_role("link", name=editor.text(f"desk.export.{key}")))
        assert download.value.suggested_filename == f"links-2026-11-23.{key}"
        download.value.save_as(tmp_path / key)
    table = list(csv.reader((tmp_path / "csv").read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert {row[1] for row in table[1:]} == set(names)
    assert {link["name"] for link in json.loads((tmp_path / "json").read_text())["links"]} == set(names)
    feed = editor.page.get_by_role("link", name=editor.text("desk.export.atom")).get_attribute("href")
    answer = editor.context.request.get(f"{editor.url}{feed}")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert answer.text().count("<entry>") == len(names)


@either_way
def test_some_links_at_once_and_back(desk: Served, window: Opens, way: Way) -> None:
    editor = window(desk.url, **way)
    editor.go("/links?state=broken")
    choose(editor, "Blekinge")
    choose(editor, "Kalmar")
    editor.write("Sommaren", editor.page.locator(".bulk [name=note]"))
    editor.press(editor.button("acknowledge"))
    expect(editor.flash).to_contain_text("2 länkar är kvitterade.")
    expect(editor.row("Kalmar")).to_contain_text("Kvitterad")
    assert editor.path.startswith("/links?state=broken")
    assert [desk.answers(one)[Action.ACKNOWLEDGE].note for one in ("blekinge", "kalmar")] == ["Sommaren"] * 2
    editor.press(editor.flash.get_by_role("button", name=editor.text("desk.undo")))
    expect(editor.flash).to_contain_text("Ångrat: 2 länkar är som förut.")
    assert desk.answers("blekinge") == desk.answers("kalmar") == {}


def test_none_chosen_is_said(desk: Served, window: Opens) -> None:
    editor = window(desk.url)
    editor.go("/links")
    editor.press(editor.button("pause"))
    expect(editor.flash).to_contain_text("Välj minst en länk först.")


def test_all_of_a_page_is_asked_back_about(desk: Served, window: Opens) -> None:
    editor = window(desk.url, keyboard=True)
    editor.go("/links")
    editor.press(editor.page.get_by_label(editor.text("desk.bulk.choose_all")))
    expect(editor.page.locator("input[name=id]:checked")).to_have_count(21)
    editor.press(editor.button("pause"))
    expect(editor.page.get_by_role("main")).to_contain_text("”Pausa kontrollen” för 21 länkar")
    assert desk.state("blekinge") is State.BROKEN
    editor.press(editor.page.get_by_role("link", name=editor.text("desk.confirm.no")))
    expect(editor.page).to_have_url(f"{desk.url}/links")


@with_and_without_scripts
def test_a_whole_selection_of_more_than_a_page(many: Served, window: Opens, way: Way) -> None:
    editor = window(many.url, **way)
    editor.go("/links?state=broken")
    expect(editor.page.locator("tbody tr")).to_have_count(100)
    editor.press(editor.page.get_by_label(editor.words.count("desk.bulk.whole", _MANY)))
    editor.press(editor.button("acknowledge"))
    expect(editor.page.get_by_role("main")).to_contain_text(f"”Kvittera” för {_MANY} länkar")
    editor.press(editor.page.get_by_role("button", name=editor.text("desk.confirm.yes")))
    expect(editor.flash).to_contain_text(f"{_MANY} länkar är kvitterade.")
    assert all(Action.ACKNOWLEDGE in many.answers(f"k{n}") for n in (0, 99, _MANY - 1))
    editor.press(editor.flash.get_by_role("button", name=editor.text("desk.undo")))
    expect(editor.flash).to_contain_text(f"Ångrat: {_MANY} länkar är som förut.")
    assert many.answers(f"k{_MANY - 1}") == {}


def test_one_turns_pages_or_sees_all(many: Served, window: Opens) -> None:
    editor = window(many.url)
    editor.go("/links?state=broken")
    editor.press(editor.page.get_by_role("link", name=editor.text("desk.pages.next"), exact=True))
    expect(editor.page.locator("tbody tr")).to_have_count(30)
    editor.press(editor.page.get_by_role("link", name=editor.words.count("desk.overview.show_all", _MANY)))
    expect(editor.page.locator("tbody tr")).to_have_count(_MANY)
