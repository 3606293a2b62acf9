"""A person before a browser window: looks, presses, types. With the mouse or with the keyboard alone.

Whatever a page must never do is written down as it happens, and fails the test when the window closes: a request to
another host, an error or a warning in the console (which is where a broken Content-Security-Policy shows), an exception
in a script, a dialog.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    Request,
    Response,
    expect,
)

from linkwatch.locale import Words

_MOST_TABS = 400  # a page has fewer stops

# How many stops there are at least from where the focus is: not to ask after each one.
_STOPS_UNTIL = """wanted => {
    const stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
        .filter(one => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({visibilityProperty: true}));
    const before = one => one.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_PRECEDING;
    const from = document.activeElement === document.body ? 0 : stops.findIndex(before);
    return from < 0 ? 0 : Math.max(0, stops.indexOf(wanted) - from);
}"""
_PATIENCE_MS = 8_000

expect.set_options(timeout=_PATIENCE_MS)


@dataclass(kw_only=True)  # no slots: playwright keeps things of its own on whoever listens to it
class Window:
    context: BrowserContext
    page: Page
    words: Words
    scripts: bool
    url: str = ""  # of the desk that is looked at
    keyboard: bool = False  # nothing is done with the mouse
    troubles: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, browser: Browser, *, language: str = "sv", scripts: bool = True, **more: Any) -> "Window":
        context = browser.new_context(
            java_script_enabled=scripts,
            reduced_motion="reduce",
            locale="sv-SE" if language == "sv" else "en-GB",
            **more,
        )
        context.set_default_timeout(_PATIENCE_MS)
        window = cls(context=context, page=context.new_page(), words=Words(language), scripts=scripts)
        window._watch()
        return window

    def begin(self, url: str, *, keyboard: bool = False, token: str | None = None, width: int = 1280) -> None:
        """A new person sits down at it. `token`: every request says who it is from, as a program's would."""
        self.url, self.keyboard = url, keyboard
        self.context.set_extra_http_headers({"Authorization": f"Bearer {token}"} if token else {})
        self.context.add_cookies([{"name": "linkwatch-language", "value": self.words.language, "url": url}])
        self.page.emulate_media(color_scheme="light", media="screen")
        self.resize(width)

    def end(self) -> None:
        """They leave, and nothing of them is left behind."""
        self.page.goto("about:blank")
        self.context.clear_cookies()
        troubles, self.troubles = self.troubles, []
        assert troubles == []

    # ---- looking

    def go(self, path: str, *, status: int = 200) -> Response:
        """To a page of the desk, which answers with `status`."""
        response = self.page.goto(f"{self.url}{path}")
        assert response is not None
        assert response.status == status, f"{path}: {response.status}"
        if status >= 400:  # the browser complains of it in its console, as it should
            self.expected(f"status of {status}")
        return response

    def text(self, key: str, **values: object) -> str:
        return self.words.text(key, **values)

    @property
    def path(self) -> str:
        """Where the window is now, without what was told there."""
        return self.page.url.removeprefix(self.url).partition("#")[0]

    def button(self, action: str, within: Locator | Page | None = None) -> Locator:
        """The button of an answer, by the words on it."""
        return (within or self.page).get_by_role("button", name=self.text(f"desk.action.{action}"), exact=True)

    def card(self, name: str) -> Locator:
        return self.page.get_by_role("article", name=name, exact=True)

    def row(self, name: str) -> Locator:
        return self.page.get_by_role("row").filter(has=self.page.get_by_role("rowheader", name=name, exact=True))

    @property
    def flash(self) -> Locator:
        return self.page.locator("#flash")

    def resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 900})

    @contextmanager
    def letters_of(self, size: str) -> Iterator[None]:
        """As for a reader who has the browser show larger letters."""
        self.page.evaluate("size => { document.documentElement.style.fontSize = size; }", size)
        yield
        self.page.evaluate("() => { document.documentElement.style.fontSize = ''; }")

    def expected(self, trouble: str) -> None:
        """What the browser complains of, and should."""
        self.troubles[:] = [one for one in self.troubles if trouble not in one]

    def mark(self) -> str:
        """Something that is gone when the page is loaded anew."""
        self.page.evaluate("() => { window.linkwatchMark = 'here'; }")
        return "here"

    def has(self, mark: str) -> bool:
        return bool(self.page.evaluate("mark => window.linkwatchMark === mark", mark))

    # ---- doing

    def press(self, what: Locator) -> None:
        """A click; with the keyboard, Tab until it has the focus and then its key."""
        if not self.keyboard:
            what.click()
            return
        self.reach(what)
        is_box = what.evaluate("one => one.matches('input[type=checkbox]')")
        self.page.keyboard.press("Space" if is_box else "Enter")

    def reach(self, what: Locator) -> None:
        """With Tab, from where the focus is."""
        expect(what).to_be_visible()
        for _ in range(what.evaluate(_STOPS_UNTIL)):
            self.page.keyboard.press("Tab")
        for _ in range(_MOST_TABS):
            if what.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never came to {what}")

    def write(self, text: str, what: Locator) -> None:
        if not self.keyboard:
            what.fill(text)
            return
        self.reach(what)
        self.page.keyboard.type(text)

    def unfold(self, within: Locator | Page | None = None) -> Locator:
        """More answers than the usual ones; the form that they stand in."""
        details = (within or self.page).locator("details.more-answers")
        if details.get_attribute("open") is None:
            self.press(details.locator("summary"))
        return details.locator("form")

    # ---- what a page must never do

    def _watch(self) -> None:
        self.page.on("request", self._asked)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("dialog", self._dismiss)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "data:", "about:")):
            self.troubles.append(f"request to {request.url}")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"console: {message.text}")

    def _dismiss(self, dialog: Dialog) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@dataclass(kw_only=True)
class Windows:
    """Of one browser. One that nobody sits at is used again: to open one takes longer than most tests."""

    browser: Browser
    free: dict[tuple[object, ...], list[Window]] = field(default_factory=dict)

    def take(self, url: str, *, language: str = "sv", scripts: bool = True, **how: Any) -> Window:
        kept = self.free.get((language, scripts), [])
        window = kept.pop() if kept else Window.open(self.browser, language=language, scripts=scripts)
        window.begin(url, **how)
        return window

    def give_back(self, window: Window) -> None:
        window.end()
        self.free.setdefault((window.words.language, window.scripts), []).append(window)
