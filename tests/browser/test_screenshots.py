"""Pictures of every page, for people to look at: LINKWATCH_SCREENSHOTS=FOLDER keeps them there.

FOLDER/overview-sv-light-desk.png … one for each place, language, theme and width; overview-sv.pdf as it is printed
"""

import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.places import PLACES, come_to
from tests.browser.window import Windows
from tests.browser.worlds import Served, lived_in

_FOLDER = Path(os.environ.get("LINKWATCH_SCREENSHOTS", "."))
_WIDTHS = {"desk": 1280, "phone": 390}


@pytest.fixture(scope="module")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with lived_in(tmp_path_factory.mktemp("desk")) as one:
        yield one


@pytest.mark.parametrize("name", PLACES)
def test_a_picture_of_it(windows: Windows, house: Served, name: str) -> None:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    for language in ("sv", "en"):
        there = come_to(PLACES[name], windows, house, language=language)
        for theme, (kind, width) in product(("light", "dark"), _WIDTHS.items()):
            there.page.emulate_media(color_scheme=theme)
            there.resize(width)
            path = _FOLDER / f"{name}-{language}-{theme}-{kind}.png"
            there.page.screenshot(path=path, full_page=True)
            assert path.stat().st_size
        there.page.emulate_media(media="print", color_scheme="light")
        there.page.pdf(path=_FOLDER / f"{name}-{language}.pdf", format="A4", prefer_css_page_size=True)
        windows.give_back(there)
