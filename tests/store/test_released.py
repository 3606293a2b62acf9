"""Databases of every released schema, kept as the linkwatch of that time left them, come forward.

Each was made by `linkwatch demo` of the commit that stands in the file beside it, with the states that its own
`linkwatch status --json` told.
"""

import gzip
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linkwatch.core.models import Code, Confirm, Decision, Known, Source, Verdict
from linkwatch.core.transitions import step
from linkwatch.errors import DatabaseUnavailable
from linkwatch.store import Desk, Ledger, Outbox, Store, Subscriptions
from linkwatch.store.backup import backup
from linkwatch.store.migrations import STEP_NAMES
from linkwatch.store.restore import restore

NOW = datetime(2026, 11, 27, tzinfo=UTC)
KEPT = sorted((Path(__file__).parent / "released").glob("m*.db.gz"))
each = pytest.mark.parametrize("kept", KEPT, ids=lambda kept: kept.name[:5])


def told(kept: Path) -> Any:
    return json.loads(kept.with_name(f"{kept.name[:5]}.json").read_text(encoding="utf-8"))


def unpacked(kept: Path, path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.decompress(kept.read_bytes()))
    return path


def states(store: Store, at: datetime) -> dict[str, str]:
    return {link.source.id: link.belief.state.value for link in store.snapshot(at).links if not link.source.is_listing}


def steps(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [name for (name,) in db.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]


def test_every_schema_before_the_present_one_is_kept() -> None:
    assert [kept.name[:5] for kept in KEPT] == [name[:5] for name in STEP_NAMES[: len(KEPT)]]
    assert len(KEPT) >= len(STEP_NAMES) - 1


@each
def test_it_is_what_that_version_left(kept: Path, path: Path) -> None:
    number = int(kept.name[1:5])
    assert steps(unpacked(kept, path)) == list(STEP_NAMES[:number])
    assert kept.stat().st_size < 200_000


@each
def test_it_comes_forward_with_every_state_as_it_was(kept: Path, path: Path) -> None:
    unpacked(kept, path)
    at = datetime.fromisoformat(told(kept)["generated_at"])
    with Store.open(path, create=False) as store:
        store.verify()
        assert states(store, at) == told(kept)["states"]
    assert steps(path) == list(STEP_NAMES)


@each
def test_it_takes_a_runs_commit(kept: Path, path: Path) -> None:
    unpacked(kept, path)
    with Store.open(path, create=False) as store:
        links = [link for link in store.snapshot(NOW).links if link.source.url]
        last = max(link.belief.checked_at for link in links if link.belief.checked_at)
        at, known = last + timedelta(days=1), store.known()
        run = store.begin_run(at, due=len(links))
        store.commit(run, [_well(link.source, known[link.source.id], at) for link in links])
        store.finish_run(run, at, conclusive=True, note=None, visited=len(links))
        store.verify()
        assert {link.belief.checked_at for link in store.snapshot(at).links if link.source.url} == {at}
        assert all(store.link_history(link.source.id)[0].last_at == at for link in links)


def _well(source: Source, known: Known, at: datetime) -> Decision:
    verdict = Verdict(code=Code.OK, saw_page=True)
    believed, change = step(known.belief, verdict, link_id=source.id, now=at, confirm=Confirm())
    return Decision(source=source, at=at, verdict=verdict, facts=known.facts, belief=believed, transition=change)


@each
def test_everything_that_looks_or_writes_opens_it(kept: Path, path: Path) -> None:
    unpacked(kept, path)
    if steps(path) != list(STEP_NAMES):
        with pytest.raises(DatabaseUnavailable, match="by an earlier linkwatch"):
            Desk.open(path, create=False, read_only=True)
    for kind in (Ledger, Outbox, Subscriptions, Desk):
        with kind.open(path, create=False):
            pass


@each
def test_a_copy_from_that_time_can_be_put_back(kept: Path, path: Path, tmp_path: Path) -> None:
    now = datetime.fromisoformat(told(kept)["generated_at"]) + timedelta(days=30)
    made = backup(unpacked(kept, tmp_path / "of_that_time.db"), tmp_path / "copy.db", now=now)
    assert steps(made) == list(STEP_NAMES[: int(kept.name[1:5])])
    restore(made, path, now=now)
    with Store.open(path, create=False) as store:
        store.verify()
        assert states(store, now) == told(kept)["states"]
