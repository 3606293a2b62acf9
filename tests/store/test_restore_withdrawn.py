"""Tokens that were revoked and what subscribers have chosen, when a copy is put back that is older or younger."""

import gzip
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from linkwatch.core.due import Every, Rhythm
from linkwatch.core.roles import Role
from linkwatch.core.subscribers import Choice, Subscriber
from linkwatch.store import Store, Subscriptions
from linkwatch.store.backup import backup
from linkwatch.store.restore import Restored, restore
from linkwatch.store.tokens import Tokens
from tests.store.storing import NOW, after

ZONE = "Europe/Stockholm"
DAILY, WEEKLY = Rhythm(every=Every.DAY, hour=7), Rhythm(every=Every.WEEK, hour=7)
ANNA = Subscriber(id="anna@example.se", address="anna@example.se", rhythm=DAILY)
BERTIL = Subscriber(id="bertil@example.se", address="bertil@example.se", rhythm=DAILY)
LEFT = Choice(has_left=True)
M0006 = Path(__file__).parent / "released" / "m0006.db.gz"


def ran(path: Path, at: datetime) -> None:
    with Store.open(path) as store:
        store.begin_run(at, due=0)


def add(path: Path, name: str, at: datetime = NOW) -> None:
    with Tokens.open(path) as tokens:
        tokens.add(name, Role.EDITOR, at)


def revoke(path: Path, name: str) -> None:
    with Tokens.open(path) as tokens:
        assert tokens.revoke(name)


def valid(path: Path) -> list[str]:
    with Tokens.open(path) as tokens:
        return [one.name for one in tokens.all()]


def choose(path: Path, who: Subscriber, choice: Choice, at: datetime) -> None:
    with Subscriptions.open(path) as subscriptions:
        assert subscriptions.choose(who.id, choice, who.rhythm, at)


def chosen(path: Path) -> dict[str, Choice]:
    with Subscriptions.open(path) as subscriptions:
        return {one.id: one.choice for one in subscriptions.all()}


def sql(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(statement, values)


def begun_at(path: Path, at: datetime) -> None:
    sql(path, "UPDATE _sqlite_migrations SET applied_at = ? WHERE id = 1", str(at))


@pytest.fixture
def watched(path: Path) -> Path:
    """One run, one token, two subscribers."""
    ran(path, NOW)
    add(path, "old")
    with Subscriptions.open(path) as subscriptions:
        subscriptions.sync([ANNA, BERTIL], ZONE, NOW)
    return path


@pytest.fixture
def copy(watched: Path, tmp_path: Path) -> Path:
    return backup(watched, tmp_path / "copy.db", now=NOW)


def on_a_new_disk(path: Path, copy: Path) -> Restored:
    for one in path.parent.iterdir():
        one.unlink()
    return restore(copy, path, now=after(30))


# ---------------------------------------------------------------- tokens


def test_what_was_revoked_since_stays_revoked_and_nothing_else(watched: Path, tmp_path: Path) -> None:
    add(watched, "stolen")
    copy = backup(watched, tmp_path / "copy.db", now=NOW)
    revoke(watched, "stolen")
    done = restore(copy, watched, now=after(24))
    assert (done.kept.is_all, done.kept.revoked) == (True, ("stolen",))
    assert valid(watched) == ["old"]
    assert done.aside
    assert restore(copy, watched, now=after(25)).kept.revoked == ("stolen",)  # it is written down here too


def test_who_undoes_a_restore_has_every_token_back(watched: Path, copy: Path) -> None:
    add(watched, "new", after(1))
    ran(watched, after(2))
    aside = restore(copy, watched, now=after(3)).aside
    assert valid(watched) == ["old"]
    ran(watched, after(4))
    assert aside
    restore(aside, watched, now=after(5))
    assert valid(watched) == ["new", "old"]


def test_what_was_revoked_stays_so_though_the_first_run_is_forgotten(watched: Path, copy: Path) -> None:
    ran(watched, after(24))
    revoke(watched, "old")
    sql(watched, "DELETE FROM runs WHERE id = 1")
    assert restore(copy, watched, now=after(25)).kept.revoked == ("old",)
    assert valid(watched) == []


def test_a_younger_copy_brings_its_tokens_and_says_that_others_may_be_valid_again(
    watched: Path, copy: Path, tmp_path: Path
) -> None:
    ran(watched, after(24))
    add(watched, "new", after(25))
    younger = backup(watched, tmp_path / "younger.db", now=after(26))
    assert not on_a_new_disk(watched, copy).kept.is_all
    ran(watched, after(48))
    assert not restore(younger, watched, now=after(49)).kept.is_all
    assert valid(watched) == ["new", "old"]


def test_two_databases_that_have_seen_no_run_are_two(path: Path, tmp_path: Path) -> None:
    add(path, "good")
    copy, other = backup(path, tmp_path / "copy.db", now=NOW), tmp_path / "other" / "linkwatch.db"
    with Tokens.open(other):
        pass
    assert not restore(copy, other, now=after(1)).kept.is_all
    assert valid(other) == ["good"]


def test_the_same_database_begun_on_another_machine_is_another(copy: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "linkwatch.db"
    ran(other, NOW)
    ran(other, after(99))
    assert not restore(copy, other, now=after(100)).kept.is_all
    assert valid(other) == ["old"]


@pytest.mark.parametrize(
    ("written_down_since", "ran_at", "left"),
    [
        (after(48), after(24), []),
        (after(-24), after(24), ["old"]),  # it would have been written down
        (after(48), after(-24), ["old"]),  # nothing here is later than the token
    ],
)
def test_before_it_was_written_down_what_is_missing_later_was_revoked(
    watched: Path, copy: Path, written_down_since: datetime, ran_at: datetime, left: list[str]
) -> None:
    begun_at(watched, after(-99))
    begun_at(copy, after(-99))
    revoke(watched, "old")
    sql(watched, "DELETE FROM withdrawn_tokens")
    sql(watched, "UPDATE _sqlite_migrations SET applied_at = ? WHERE name = 'm0007_withdrawn'", str(written_down_since))
    if ran_at < NOW:
        sql(watched, "UPDATE runs SET started_at = ?", ran_at.isoformat())
        sql(copy, "UPDATE runs SET started_at = ?", ran_at.isoformat())
    else:
        ran(watched, ran_at)
    restore(copy, watched, now=after(72))
    assert valid(watched) == left


def test_of_a_younger_copy_what_is_missing_was_not_revoked(watched: Path, copy: Path, tmp_path: Path) -> None:
    """Also from before it was written down."""
    add(watched, "new", after(20))
    ran(watched, after(24))
    younger = backup(watched, tmp_path / "younger.db", now=after(26))
    on_a_new_disk(watched, copy)
    ran(watched, after(48))
    for one in (watched, younger):
        begun_at(one, after(-99))
    sql(watched, "UPDATE _sqlite_migrations SET applied_at = ? WHERE name = 'm0007_withdrawn'", str(after(99)))
    restore(younger, watched, now=after(50))
    assert valid(watched) == ["new", "old"]


def test_a_copy_whose_runs_are_all_forgotten_is_the_older_one(watched: Path, copy: Path) -> None:
    ran(watched, after(24))
    sql(watched, "DELETE FROM runs WHERE id = 1")
    assert restore(copy, watched, now=after(25)).kept.is_all


def test_a_database_that_has_always_written_it_down_tells_nothing_else(watched: Path, copy: Path) -> None:
    """Whatever the clock said when the token was made."""
    sql(copy, "UPDATE tokens SET made_at = '2001-01-01T00:00:00+00:00'")
    sql(watched, "DELETE FROM tokens")
    ran(watched, after(24))
    restore(copy, watched, now=after(72))
    assert valid(watched) == ["old"]


def test_a_database_of_before_it_was_written_down_tells_it_too(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(gzip.decompress(M0006.read_bytes()))
    made_at = datetime(2020, 1, 1, tzinfo=UTC)
    begun_at(path, made_at - timedelta(days=1))
    for name in ("good", "stolen"):
        sql(
            path,
            "INSERT INTO tokens (name, role, digest, made_at) VALUES (?, 'editor', ?, ?)",
            name,
            name,
            made_at.isoformat(),
        )
    copy = backup(path, tmp_path / "copy.db", now=NOW)
    sql(path, "DELETE FROM tokens WHERE name = 'stolen'")
    before = path.read_bytes()
    done = restore(copy, path, now=after(24))
    assert (done.kept.is_all, done.kept.revoked) == (True, ("stolen",))
    assert valid(path) == ["good"]
    assert done.aside
    assert len(done.aside.read_bytes()) == len(before)
    assert {one.name for one in path.parent.iterdir()} == {path.name, f"{path.name}.lock", done.aside.name}
    with closing(sqlite3.connect(done.aside)) as db:
        assert db.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (6,)


# ---------------------------------------------------------------- choices


def test_what_was_chosen_since_holds(watched: Path, copy: Path) -> None:
    choose(watched, ANNA, LEFT, after(1))
    with Subscriptions.open(watched) as subscriptions:
        cecilia = Subscriber(id="cecilia@example.se", address="cecilia@example.se", rhythm=DAILY)
        subscriptions.sync([ANNA, BERTIL, cecilia], ZONE, after(1))
    choose(watched, cecilia, LEFT, after(1))
    done = restore(copy, watched, now=after(24))
    assert done.kept.chose == 1
    assert chosen(watched) == {ANNA.id: LEFT, BERTIL.id: Choice(), cecilia.id: LEFT}


def test_who_has_left_by_a_younger_copy_stays_away(watched: Path, copy: Path, tmp_path: Path) -> None:
    choose(watched, ANNA, LEFT, after(1))
    choose(watched, BERTIL, LEFT, after(1))
    younger = backup(watched, tmp_path / "younger.db", now=after(2))
    on_a_new_disk(watched, copy)
    ran(watched, after(48))
    choose(watched, BERTIL, Choice(rhythm=WEEKLY), after(49))
    done = restore(younger, watched, now=after(50))
    assert done.kept.chose == 1
    assert chosen(watched) == {ANNA.id: LEFT, BERTIL.id: Choice(rhythm=WEEKLY)}


@pytest.mark.parametrize(("copys", "presents", "left"), [(0, 24, True), (24, 0, False)])
def test_before_that_was_written_down_the_later_run_tells(
    watched: Path, copy: Path, copys: int, presents: int, left: bool
) -> None:
    choose(watched, ANNA, LEFT, after(1))
    sql(watched, "UPDATE subscriptions SET changed_at = NULL")
    for path, hours in ((copy, copys), (watched, presents)):
        sql(path, "UPDATE runs SET started_at = ?", (NOW + timedelta(hours=hours)).isoformat())
    restore(copy, watched, now=after(48))
    assert chosen(watched)[ANNA.id].has_left == left
