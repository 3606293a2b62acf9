import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import chromium
from tests.browser.window import Window, Windows
from tests.browser.worlds import Served, served

Opens = Callable[..., Window]

collect_ignore = [] if os.environ.get("LINKWATCH_SCREENSHOTS") else ["test_screenshots.py"]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all tests of this folder that a process runs. It ends with them: while playwright is at work, no test
    can have an event loop of its own.
    """
    with chromium() as one:
        yield one


@pytest.fixture(scope="package")
def windows(browser: Browser) -> Windows:
    return Windows(browser=browser)


@pytest.fixture
def window(windows: Windows) -> Iterator[Opens]:
    """Opens windows. When it is over, none of them may have done what a page must never do."""
    opened: list[Window] = []

    def opens(url: str, **how: Any) -> Window:
        opened.append(windows.take(url, **how))
        return opened[-1]

    yield opens
    for one in opened:
        windows.give_back(one)


@pytest.fixture
def desk(browser: Browser, tmp_path: Path) -> Iterator[Served]:
    """A desk in Swedish with the links of tests.report.sample; whoever asks may do everything."""
    with served(tmp_path) as one:
        yield one
