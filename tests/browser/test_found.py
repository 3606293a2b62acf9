"""Each state that a link can be in is found, understood and answered within three clicks from the overview."""

from collections.abc import Iterable

import pytest
from playwright.sync_api import expect

from linkwatch.core.models import State
from tests.browser.conftest import Opens
from tests.browser.worlds import Served

_ANSWER = {
    State.OK: "check", State.UNKNOWN: "check", State.PAUSED: "resume", State.UNVERIFIABLE: "acknowledge",
    State.FAILING: "acknowledge", State.BROKEN: "acknowledge", State.ATTENTION: "acknowledge", State.MOVED: "accept",
}  # fmt: skip
_LINK = {
    State.OK: "Uppsala", State.UNKNOWN: "Östergötland", State.PAUSED: "Gotland", State.UNVERIFIABLE: "Värmland",
    State.FAILING: "Västernorrland", State.BROKEN: "Dalarna", State.ATTENTION: "Jönköping", State.MOVED: "Jämtland",
}  # fmt: skip


@pytest.mark.parametrize(("keyboard", "states"), [(False, _LINK), (True, (State.BROKEN, State.PAUSED))])
def test_any_state_within_three_clicks(desk: Served, window: Opens, keyboard: bool, states: Iterable[State]) -> None:
    desk.desk.client().post("/answer", data={"id": "gotland", "action": "pause", "back": "/"})
    editor = window(desk.url, keyboard=keyboard)
    for state in states:
        name = _LINK[state]
        editor.go("/")
        if keyboard:  # all of them stand on the overview too, further down
            links = editor.text("desk.nav.links")
            editor.press(editor.page.get_by_role("navigation").get_by_role("link", name=links, exact=True))
        editor.press(editor.row(name).get_by_role("link", name=name, exact=True))
        card = editor.page.get_by_role("article")
        expect(card.get_by_role("heading").first).to_contain_text(editor.text(f"state.{state}.name"), ignore_case=True)
        expect(card.locator(".do")).to_be_visible()
        editor.press(editor.button(_ANSWER[state], card).first)
        expect(editor.flash).to_contain_text(name)
        expect(editor.flash.locator(".is-broken")).to_have_count(0)
