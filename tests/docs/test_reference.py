"""docs/reference.md is what the code says of itself."""

import importlib.util
from pathlib import Path
from types import ModuleType

import click
import pytest

from linkwatch.cli import cli
from linkwatch.core.models import Code, State

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", DOCS / "reference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(generator: ModuleType) -> None:
    page = (DOCS / "reference.md").read_text(encoding="utf-8")
    assert page == generator.reference(), "run: python3 do.py python docs/reference.py"


def test_nothing_is_left_out(generator: ModuleType) -> None:
    page = generator.reference()
    assert all(f"### linkwatch {name}\n" in page for name in cli.list_commands(click.Context(cli)))
    assert all(f"| `{one}` |" in page for one in (*Code, *State))


@pytest.mark.parametrize(
    "row",
    [
        '| `language` | `"sv"` `"en"` | `"sv"` |',
        "| `nightly_hour` | a whole number from 0 to 23 | `3` |",
        "| `allow_networks` | a list of: a network | `[]` |",
        "| `url` | text | required |",
        "| `timeout_s` | a number above 0 to 600 | `30` |",
        '| `oidc_scopes` | a list of: text | `["profile"]` |',
        "| `from` | text | – |",
    ],
)
def test_a_key_has_its_values_and_its_default(generator: ModuleType, row: str) -> None:
    assert row in generator.reference().splitlines()
