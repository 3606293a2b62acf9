"""Every page of the desk, each in the dress that shows the most, and how to come to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from linkwatch.core.roles import Role
from tests.browser.window import Window, Windows
from tests.browser.worlds import INCIDENT, Served


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`role` None: somebody who has not said who they are. `then`: what is done there before one looks."""

    path: str
    role: Role | None = Role.EDITOR
    status: int = 200
    then: Callable[[Window], None] | None = None


def _help_open(window: Window) -> None:
    window.page.keyboard.press("?")
    window.page.locator("#help").wait_for()


def _asked_back(window: Window) -> None:
    window.page.locator("[data-all]").check()
    window.button("acknowledge").click()
    window.page.wait_for_url("**/answer")


def _wrong_token(window: Window) -> None:
    window.page.get_by_label(window.text("desk.login.token"), exact=True).fill("lw_nonsense")
    window.page.get_by_role("main").get_by_role("button").click()
    window.page.locator("#trouble").wait_for()
    window.expected("status of 403")


PLACES = {
    "overview": Place(path="/"),
    "links": Place(path="/links"),
    "links-filtered": Place(path="/links?state=broken,moved&q=region&sort=gravity"),
    "links-of-owner": Place(path="/links?owner=Region+Blekinge&all=1"),
    "links-none": Place(path="/links?q=zzz"),
    "link-difference": Place(path="/links/kalmar"),
    "link-suggestion": Place(path="/links/jamtland"),
    "link-answered": Place(path="/links/blekinge"),
    "link-checking": Place(path="/links/kronoberg"),
    "link-never": Place(path="/links/ostergotland"),
    "link-paused": Place(path="/links/halland"),
    "link-stranger": Place(path="/links/blekinge", role=None),
    "owners": Place(path="/owners"),
    "owner-letter": Place(path="/owners/Region%20Blekinge?letter=sv"),
    "owner-well": Place(path="/owners/Region%20Gotland", role=Role.VIEWER),
    "incident": Place(path=f"/incidents/{INCIDENT}"),
    "log": Place(path="/log?done=3"),
    "log-refused": Place(path="/log?refused=no_reason"),
    "help": Place(path="/help"),
    "help-open": Place(path="/log", then=_help_open),
    "confirm": Place(path="/links", then=_asked_back),
    "login": Place(path="/login", role=None),
    "login-wrong": Place(path="/login?next=/links", role=None, then=_wrong_token),
    "not-found": Place(path="/links/nobody", status=404),
    "not-understood": Place(path="/links?state=strange", status=400),
    "not-allowed": Place(path="/links.atom?assignee=Bo", role=None, status=403),
}


_UNFOLD = """() => {
    const cards = [...document.querySelectorAll("article")].slice(2);
    for (const one of document.querySelectorAll("details")) one.open ||= !cards.some(card => card.contains(one));
}"""


def come_to(place: Place, windows: Windows, house: Served, **how: Any) -> Window:
    """A window at that place."""
    window = windows.take(house.url, token=house.tokens[place.role], **how)
    window.go(place.path, status=place.status)
    if place.then:
        place.then(window)
    return window


def unfold(window: Window) -> None:
    """All that is folded away; of many cards in the first two, since what is in there is the same in all of them."""
    window.page.evaluate(_UNFOLD)
