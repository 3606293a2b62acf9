"""axe-core (from axe-playwright-python) on a page, and what it does not look at."""

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

_CONTRAST = "color-contrast"  # the one rule that depends on the theme, and as slow as all others together
_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_ALL = {"runOnly": {"type": "tag", "values": _TAGS}, "resultTypes": ["violations"]}


def findings(page: Page, *, contrast: bool = True) -> list[str]:
    """What is wrong, one line for each element, as axe tells it."""
    return _told(page, _ALL | {"rules": {_CONTRAST: {"enabled": contrast}}})


def low_contrast(page: Page) -> list[str]:
    """The letters that cannot be told well from their ground, in the colours of now."""
    return _told(page, {"runOnly": {"type": "rule", "values": [_CONTRAST]}, "resultTypes": ["violations"]})


def _told(page: Page, options: dict[str, Any]) -> list[str]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source())
    told = page.evaluate("options => axe.run(document, options)", options)
    return [_line(violation, node) for violation in told["violations"] for node in violation["nodes"]]


def _line(violation: dict[str, Any], node: dict[str, Any]) -> str:
    why = [one["message"] for kind in ("any", "all", "none") for one in node[kind]]
    return f"{violation['id']}: {node['html'][:200]} ({'; '.join(why)[:300]})"


@cache
def _source() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


# ---------------------------------------------------------------- what axe leaves to others

_HEADINGS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
    .filter(one => !one.closest("dialog:not([open])")).map(one => Number(one.tagName[1]))"""

# Wider than the window; or text that its own box cuts off, but for what may be scrolled, or is shortened on purpose.
_TOO_WIDE = """() => {
    const page = document.documentElement;
    const found = page.scrollWidth > page.clientWidth ? [`the page: ${page.scrollWidth} in ${page.clientWidth}`] : [];
    for (const one of document.querySelectorAll("body *")) {
        const style = getComputedStyle(one);
        if (one.closest(".hidden, svg, input, dialog:not([open])") || style.textOverflow === "ellipsis") continue;
        const clips = ["hidden", "clip"].includes(style.overflowX) && one.clientWidth > 1;
        if (clips && one.scrollWidth > one.clientWidth + 1)
            found.push(`cut off: ${one.outerHTML.slice(0, 120)}`);
    }
    return found;
}"""

# Where the focus is: something that can be seen, and that shows that it has it.
_FOCUS = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const label = one.outerHTML.slice(0, 160), style = getComputedStyle(one), box = one.getBoundingClientRect();
    if (one.dataset.met) return {again: one.dataset.met === "before", wrong: [], label};
    document.querySelectorAll("[data-met=now]").forEach(other => { other.dataset.met = "before"; });
    one.dataset.met = "now";  // a field for a date is several stops
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
        && !/rgba\\(.*, 0\\)|transparent/.test(style.outlineColor);
    const seen = box.width > 1 && box.height > 1 && box.right > 0 && box.left < innerWidth
        && box.bottom > 0 && box.top < innerHeight;
    return {again: false, wrong: [ring ? null : "no ring", seen ? null : "out of sight"].filter(Boolean), label};
}"""

_FOCUSABLE = """() => [...document.querySelectorAll(
    "a[href], button:not([disabled]), input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    .filter(one => !document.querySelector("dialog:modal") || one.closest("dialog:modal"))
    .filter(one => one.checkVisibility() && !one.dataset.met).map(one => one.outerHTML.slice(0, 160))"""


def headings(page: Page) -> list[int]:
    """The levels of the headings that are there, in their order."""
    levels: list[int] = page.evaluate(_HEADINGS)
    return levels


def too_wide(page: Page) -> list[str]:
    found: list[str] = page.evaluate(_TOO_WIDE)
    return found


def tabbed_through(page: Page, *, most: int = 400) -> list[str]:
    """What is wrong on the way through a page with Tab, once around; what it does not come to."""
    wrong = []
    for _ in range(most):
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUS)
        if focus is None:  # the end, or the beginning
            continue
        if focus["again"]:
            break
        wrong += [f"{what}: {focus['label']}" for what in focus["wrong"]]
    return wrong + [f"not reached: {label}" for label in page.evaluate(_FOCUSABLE)]
