"""Who may come in, what they see, and in which language."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from linkwatch.core.reviews import Action
from linkwatch.core.roles import Role
from tests.browser.conftest import Opens
from tests.browser.ways import either_way, with_and_without_scripts
from tests.browser.worlds import Served, lived_in, served

Way = dict[str, bool]


@pytest.fixture(scope="module")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Editors log in; who does not may look."""
    with lived_in(tmp_path_factory.mktemp("desk")) as one:
        yield one


@either_way
def test_in_with_a_token_to_where_one_was_going_and_out_again(
    browser: Browser, tmp_path: Path, window: Opens, way: Way
) -> None:
    with served(tmp_path, 'auth = "token"') as desk:
        token = desk.desk.token("Anna Ek", Role.EDITOR)
        editor = window(desk.url, **way)
        editor.go("/links?state=broken")
        expect(editor.page).to_have_url(f"{desk.url}/login?next=/links%3Fstate%3Dbroken")
        field = editor.page.get_by_label(editor.text("desk.login.token"), exact=True)
        enter = editor.page.get_by_role("main").get_by_role("button", name=editor.text("desk.login.button"))
        editor.write("lw_nonsense", field)
        editor.press(enter)
        expect(editor.page.get_by_role("alert")).to_contain_text("Nyckeln stämmer inte.")
        editor.expected("status of 403")
        editor.write(token, field)
        editor.press(enter)
        expect(editor.page).to_have_url(f"{desk.url}/links?state=broken")
        expect(editor.page.get_by_role("banner")).to_contain_text("Anna Ek")
        editor.go("/links/kalmar")
        editor.press(editor.button("acknowledge"))
        expect(editor.flash).to_contain_text("Kalmar är kvitterad.")
        assert desk.answers("kalmar")[Action.ACKNOWLEDGE].who == "Anna Ek"
        editor.go("/log")
        expect(editor.page.locator(".log")).to_contain_text("Kvitterad av Anna Ek den 23 november 2026.")
        editor.press(editor.page.get_by_role("button", name=editor.text("desk.nav.logout")))
        expect(editor.page).to_have_url(f"{desk.url}/login")
        editor.go("/")
        expect(editor.page.get_by_role("heading", level=1)).to_have_text(editor.text("desk.login.title"))


@pytest.mark.parametrize("path", ["/", "/links", "/links/blekinge", "/owners/Region%20Blekinge", "/log"])
def test_who_may_only_look_is_offered_nothing_else(house: Served, window: Opens, path: str) -> None:
    for role in (Role.VIEWER, None):
        reader = window(house.url, token=house.tokens[role])
        reader.go(path)
        expect(
            reader.page.locator("form[action='/answer'], form[action='/undo'], input[type=checkbox]:visible")
        ).to_have_count(0)
        text = reader.page.content()
        names = [name for name in ("Anna Ek", "Bo Öst", "023-22 50 00", "service@region.example") if name in text]
        assert bool(names) is (role is not None and path != "/owners")


@with_and_without_scripts
def test_another_language_and_still_the_same_page(desk: Served, window: Opens, way: Way) -> None:
    reader = window(desk.url, **way)
    reader.go("/links?state=broken&sort=name")
    reader.press(reader.page.get_by_role("button", name="English"))
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("Links")
    assert reader.path == "/links?state=broken&sort=name"
    expect(reader.page.locator("html")).to_have_attribute("lang", "en")
    reader.press(reader.page.get_by_role("button", name="Svenska"))
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("Länkar")
