"""How SQLite goes about what the desk asks: never through a table that grows, and through links by an index alone."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from linkwatch.core.models import State
from linkwatch.core.selection import Answer, Order, Selection
from linkwatch.store import Desk, Store, desk, desk_statements, statements
from linkwatch.store.desk_selection import chosen
from tests.store.desking import fill_at_random
from tests.store.storing import NOW

_WHOLE = {name: text for name, text in vars(desk_statements).items()
          if name.isupper() and isinstance(text, str) and re.match(r"\s*(SELECT|WITH)\b", text)}  # fmt: skip
_SHARED = {
    name: getattr(statements, name)
    for name in ("LAST_RUN", "VIEWS", "NEWEST_TRANSITIONS", "GROUNDS", "HISTORY", "INCIDENTS", "INCIDENTS_OF_LINKS",
                 "REVIEWS_THAT_HOLD", "CURRENT_COPY", "DAYS_OF_LINK")
}  # fmt: skip
_ONE_FILTER: tuple[dict[str, Any], ...] = (
    {}, {"states": (State.OK,)}, {"states": (State.BROKEN, State.MOVED)}, {"answer": Answer.OPEN},
    {"answer": Answer.SNOOZED}, {"owner": "å"}, {"county": "K"}, {"tag": "å"}, {"assignee": "å"}, {"incident": "å"},
    {"text": "å ä"}, {"text": "å", "states": (State.OK,), "owner": "å"}, {"tag": "å", "county": "K", "text": "å"},
)  # fmt: skip
_MAY_BE_SCANNED = re.compile(
    r"SCAN (wanted|listed) VIRTUAL TABLE|SCAN named|SCAN link_tags|SCAN l USING (COVERING )?INDEX|SCAN runs"
)


@pytest.fixture(scope="module")
def opened_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    path = tmp_path_factory.mktemp("desk") / "linkwatch.db"
    with Store.open(path) as store:
        fill_at_random(store, 1)
    with Desk.open(path, read_only=True) as opened:
        yield opened


def scans(opened: Desk, statement: str, values: Any) -> list[str]:
    """The steps of its plan that read all of something."""
    plan = [row[3] for row in opened._db.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert plan
    return [step for step in plan if step.startswith("SCAN") and not _MAY_BE_SCANNED.match(step)]


@pytest.mark.parametrize("name", [*_WHOLE, *_SHARED])
def test_no_statement_reads_a_table_that_grows(opened_desk: Desk, name: str) -> None:
    statement = (_WHOLE | _SHARED)[name]
    named = dict.fromkeys(re.findall(r"(?<!')[:]([a-z_]+)", statement), "[]")
    assert scans(opened_desk, statement, named or ("[]",) * statement.count("?")) == []


@pytest.mark.parametrize(("filters", "order"), list(product(_ONE_FILTER, Order)))
def test_no_selection_reads_a_table_that_grows(opened_desk: Desk, filters: dict[str, Any], order: Order) -> None:
    assert scans(opened_desk, *chosen(Selection(**filters, order=order), NOW)) == []


def test_every_statement_is_looked_at() -> None:
    source = Path(desk.__file__).read_text(encoding="utf-8")
    asked = set(re.findall(r"\bsql\.([A-Z_]+)", source))
    assert asked <= _WHOLE.keys()
    assert len(asked) > 15
