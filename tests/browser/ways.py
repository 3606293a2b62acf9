"""The four ways to do a thing: a pointer or none, scripts or none. Each has to do."""

import pytest

WAYS = {
    "mouse": {},
    "keyboard": {"keyboard": True},
    "mouse, no scripts": {"scripts": False},
    "keyboard, no scripts": {"keyboard": True, "scripts": False},
}

every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
with_and_without_scripts = pytest.mark.parametrize("way", [WAYS["keyboard"], WAYS["mouse, no scripts"]], ids=str)
