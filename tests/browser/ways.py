"""The four ways to do a thing: a pointer or none, scripts or none. Each has to do."""

import pytest

WAYS = {
    "mouse": {},
    "keyboard": {"keyboard": True},
    "mouse, no scripts": {"scripts": False},
    "keyboard, no scripts": {"keyboard": True, "scripts": False},
}

every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)

# Enough where only the scripts could make a difference, and where the keyboard goes a way that it goes elsewhere.
either_way = pytest.mark.parametrize("way", [{"keyboard": True}, {"scripts": False}], ids=["keyboard", "no scripts"])
with_and_without_scripts = pytest.mark.parametrize("way", [{}, {"scripts": False}], ids=["scripts", "no scripts"])
