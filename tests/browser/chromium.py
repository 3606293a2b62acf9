"""The system's own Chromium, driven by playwright: found, started, and kept from every other machine.

LINKWATCH_BROWSER=required    a missing browser fails the tests (.ci/run says so); without it they are skipped
LINKWATCH_CHROMIUM=PATH       a browser in a place of its own
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

HOW = "apt-get install chromium, or name another with LINKWATCH_CHROMIUM=PATH"
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-site-isolation-trials",  # all pages are ours: one process for them, not a new one for each visit
    "--renderer-process-limit=1",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser. Skips, or fails where it is required, when there is none."""
    with sync_playwright() as playwright:
        program = found(playwright)
        if program is None:
            _missing()
        else:
            browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
            try:
                yield browser
            finally:
                browser.close()


def found(playwright: Playwright) -> str | None:
    named = os.environ.get("LINKWATCH_CHROMIUM")
    if named:
        return named
    installed = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    own = playwright.chromium.executable_path
    return installed or (own if Path(own).exists() else None)


def _missing() -> None:
    if os.environ.get("LINKWATCH_BROWSER") == "required":
        pytest.fail(f"No Chromium was found, and LINKWATCH_BROWSER=required: {HOW}.", pytrace=False)
    pytest.skip(f"no Chromium was found: {HOW}")
