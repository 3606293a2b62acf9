"""What others may send us to show is shown, as text, and does nothing: no script, no dialog, no request, no layout."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from linkwatch.core.fields import wrong_text
from linkwatch.core.models import LinkView
from tests.browser.axe import too_wide
from tests.browser.conftest import Opens
from tests.browser.worlds import Served, served
from tests.report.hostile import TEXTS, link

_NAMES = [text for text in TEXTS if wrong_text(text) is None and text.strip() == text]
_NOTE = "\n".join(text for text in TEXTS if text.isprintable())[:2_000]


@pytest.fixture(scope="module")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Every text as a title; those that a configuration may hold as names, owners, contacts and tags too."""
    links = [_configured(n, link(n, text), text) for n, text in enumerate(TEXTS)]
    with served(tmp_path_factory.mktemp("desk"), links=links) as one:
        for n in (0, 1):
            one.desk.client().post("/answer", data={"id": f"h{n}", "action": "acknowledge", "note": _NOTE, "back": "/"})
            one.desk.client().post(
                "/answer", data={"id": f"h{n}", "action": "assign", "assignee": TEXTS[n], "back": "/"}
            )
        yield one


def _configured(number: int, hostile: LinkView, text: str) -> LinkView:
    name = text if text in _NAMES else f"Länk {number}"
    source = replace(
        hostile.source, id=f"h{number}", name=name, url=f"https://h{number}.example/", owner=name, contact=None,
        county=None, tags=(name,), listing=None,
    )  # fmt: skip
    shared = hostile.incident and replace(
        hostile.incident, id=f"i{number}", links=(f"h{number}",), open_links=(f"h{number}",)
    )
    return replace(hostile, source=source, incident=shared)


@pytest.mark.parametrize("width", [1280, 320])
def test_every_page_shows_it_as_text(house: Served, window: Opens, width: int) -> None:
    reader = window(house.url, width=width)
    links = [f"/links/h{n}" for n, text in enumerate(TEXTS) if len(text) > 40 or not text.isprintable()]
    for path in (
        "/",
        "/links",
        "/links?q=%3Cscript%3E",
        "/owners",
        "/incidents/i0",
        "/log",
        *(links if width == 320 else ()),
    ):
        reader.go(path)
        assert too_wide(reader.page) == [], path
        assert (
            reader.page.locator(
                "script:not([src^='/static/']), img, iframe, [onerror], [onclick], [onmouseover]"
            ).count()
            == 0
        )


def test_a_hostile_name_is_found_opened_and_answered(house: Served, window: Opens) -> None:
    editor = window(house.url)
    editor.go("/links")
    editor.press(editor.page.get_by_role("link", name=_NAMES[0]).first)
    expect(editor.page.get_by_role("heading", level=1)).to_have_text(_NAMES[0])
    editor.press(editor.page.locator(".eyebrow").get_by_role("link"))
    expect(editor.page.get_by_role("heading", level=1)).to_have_text(_NAMES[0])
    editor.press(editor.page.locator("#letter summary"))
    expect(editor.page.locator("#letter-body")).to_be_visible()
    editor.go("/links/h3")
    editor.press(editor.button("acknowledge"))
    expect(editor.flash).to_contain_text(_NAMES[3])
