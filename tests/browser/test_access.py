"""WCAG 2.2 AA on every page: as axe sees it, as the keyboard meets it, as a small window or large letters show it."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser

from tests.browser.axe import findings, headings, low_contrast, tabbed_through, too_wide
from tests.browser.conftest import Opens
from tests.browser.places import PLACES, come_to, unfold
from tests.browser.window import Window, Windows
from tests.browser.worlds import Served, lived_in


@pytest.fixture(scope="module")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with lived_in(tmp_path_factory.mktemp("desk")) as one:
        yield one


@pytest.fixture(scope="module", params=PLACES)
def there(request: pytest.FixtureRequest, windows: Windows, house: Served) -> Iterator[Window]:
    """At one of the places, for all that is to be seen there."""
    window = come_to(PLACES[request.param], windows, house)
    unfold(window)
    yield window
    windows.give_back(window)


def test_axe_finds_nothing_in_any_light_at_any_width(there: Window) -> None:
    there.resize(1280)
    assert findings(there.page) == []
    there.page.emulate_media(color_scheme="dark")
    assert low_contrast(there.page) == []
    there.resize(320)
    assert low_contrast(there.page) == []
    there.page.emulate_media(color_scheme="light")
    assert findings(there.page, contrast=False) == []


def test_nothing_is_cut_off_in_a_small_window_or_in_large_letters(there: Window) -> None:
    """200 % of a window 1280 wide is one of 640, and 400 % one of 320; letters alone can be made larger in any."""
    for width in (320, 640, 1280):
        there.resize(width)
        assert too_wide(there.page) == [], width
    with there.letters_of("200%"):
        assert too_wide(there.page) == []


def test_tab_comes_to_everything_and_one_sees_where_it_is(there: Window) -> None:
    there.resize(1280)
    assert tabbed_through(there.page) == []


def test_it_has_a_language_a_name_and_headings_in_order(there: Window) -> None:
    assert there.page.locator("html").get_attribute("lang") == "sv"
    assert there.page.title().endswith(" – Regionala serviceprogram")
    levels = headings(there.page)
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels)), levels


_ONE_OF_EACH = "overview links link-difference owners owner-letter incident log help login not-found".split()


def test_every_page_is_there_in_english_too(house: Served, window: Opens) -> None:
    readers = {role: window(house.url, token=token, language="en") for role, token in house.tokens.items()}
    for name in _ONE_OF_EACH:
        place = PLACES[name]
        reader = readers[place.role]
        reader.go(place.path, status=place.status)
        assert reader.page.locator("html").get_attribute("lang") == "en", name
        assert reader.page.locator("h1").count() == 1, name
