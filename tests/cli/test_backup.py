"""`linkwatch backup` and `linkwatch restore`, as operators type them."""

import os
import pty
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from linkwatch.cli.common import now
from linkwatch.config import load
from linkwatch.core.outbox import Channel, Content, Kind, Parcel
from linkwatch.core.roles import Role
from linkwatch.core.subscribers import Choice, Subscriber
from linkwatch.store import Desk, Outbox, Store, Subscriptions, parcels, run_lock
from linkwatch.store.tokens import Tokens
from tests.cli.command import Done, Project, command_line, no_traceback, start, surroundings
from tests.store.storing import decision

AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """One link, looked at once."""
    made = Project.make(tmp_path / "project", {"a": "http://127.0.0.1:1/"})
    title(made, "First")
    return made


def title(project: Project, text: str, at: datetime = AT) -> None:
    (source,) = load(project.config).sources
    with Store.open(project.database) as store:
        store.sync_sources([source], at)
        run = store.begin_run(at, due=1)
        of = decision(source, at)
        store.commit(run, [replace(of, facts=replace(of.facts, title=text))])
        store.finish_run(run, at, conclusive=True, note=None, visited=1)


def shown(project: Project) -> str:
    return str(project.run("status", "--json").json["links"][0]["title"])


def one_sentence(done: Done, code: int = 1) -> str:
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    no_traceback(done)
    return done.stderr


def configure(project: Project, **backup: object) -> None:
    text = project.config.read_text(encoding="utf-8")
    lines = "".join(f"{key} = {value!r}\n" for key, value in backup.items())
    project.config.write_text(f"[backup]\n{lines}{text}", encoding="utf-8")


# ---------------------------------------------------------------- backup


def test_it_copies_to_a_file_and_says_nothing_to_cron(project: Project) -> None:
    to = project.folder / "copy.db"
    assert project.run("backup", str(to)) == Done(0, "", "")
    with closing(sqlite3.connect(to)) as db:
        assert db.execute("SELECT title FROM links").fetchall() == [("First",)]


def test_a_folder_takes_dated_copies_and_keeps_as_many_as_asked(project: Project) -> None:
    folder = project.folder / "copies"
    for number in range(3):
        old = folder / f"linkwatch-2026110{number + 1}T030000Z.db"
        assert project.run("backup", f"{folder}/").returncode == 0
        (made,) = set(folder.iterdir()) - {folder / f"linkwatch-2026110{n + 1}T030000Z.db" for n in range(number)}
        made.rename(old)
    assert project.run("backup", str(folder), "--keep", "2") == Done(0, "", "")
    assert len(list(folder.iterdir())) == 2
    assert (folder / "linkwatch-20261103T030000Z.db").exists()


def test_the_configuration_names_the_folder_and_how_many(project: Project) -> None:
    configure(project, folder="kopior", keep=1)
    assert project.run("backup") == Done(0, "", "")
    (first,) = (project.folder / "kopior").iterdir()
    first.rename(first.with_name("linkwatch-20260101T000000Z.db"))
    project.run("backup")
    (second,) = (project.folder / "kopior").iterdir()
    assert second.name > "linkwatch-20261"


def test_without_a_place_it_asks_for_one(project: Project) -> None:
    assert "[backup]" in one_sentence(project.run("backup"), 2)


def test_keep_goes_with_a_folder(project: Project) -> None:
    assert "--keep" in one_sentence(project.run("backup", str(project.folder / "copy.db"), "--keep", "2"), 2)
    assert project.run("backup", f"{project.folder}/new/", "--keep", "0").returncode == 2


def test_it_runs_while_a_run_and_a_desk_are_at_work(project: Project) -> None:
    to = project.folder / "copy.db"
    with (
        run_lock(project.database, AT),
        Desk.open(project.database, read_only=True),
        Store.open(project.database) as store,
        store.writing() as db,
    ):
        db.execute("UPDATE links SET title = 'Not said yet'")
        assert project.run("backup", str(to)) == Done(0, "", "")
    with closing(sqlite3.connect(to)) as db:
        assert db.execute("SELECT title FROM links").fetchall() == [("First",)]


def test_where_there_is_nothing_to_copy_it_makes_nothing(tmp_path: Path) -> None:
    project = Project.make(tmp_path / "project", {"a": "http://127.0.0.1:1/"})
    assert "run `linkwatch check`" in one_sentence(project.run("backup", str(tmp_path / "copy.db")))
    assert not (tmp_path / "copy.db").exists()
    assert not project.database.exists()


def test_a_place_that_does_not_do_is_one_sentence(project: Project) -> None:
    assert "no copy of ours" in one_sentence(project.run("backup", str(project.config)))
    assert "the database itself" in one_sentence(project.run("backup", str(project.database)))
    assert "cannot be written" in one_sentence(project.run("backup", "/proc/copy.db"))
    assert project.config.read_text(encoding="utf-8").startswith("[monitor]")


def test_it_takes_no_other_installations_database(project: Project, tmp_path: Path) -> None:
    other = Project.make(tmp_path / "other", {"a": "http://127.0.0.1:1/"})
    title(other, "Another's")
    assert "no copy of ours" in one_sentence(project.run("backup", str(other.database)))
    with Desk.open(other.database):
        assert "in use" in one_sentence(project.run("backup", str(other.database)))
    assert shown(other) == "Another's"


# ---------------------------------------------------------------- restore


@pytest.fixture
def copy(project: Project) -> Path:
    """What was known at first; it has become another since."""
    to = project.folder.parent / "copy.db"
    assert project.run("backup", str(to)).returncode == 0
    title(project, "Second", AT + timedelta(days=1))
    return to


def test_it_goes_back_and_says_where_the_rest_is(project: Project, copy: Path) -> None:
    done = project.run("restore", str(copy), "--yes")
    assert (done.returncode, done.stdout) == (0, "")
    (aside,) = project.database.parent.glob("linkwatch-before-restore-*.db")
    first, second = done.stderr.splitlines()
    assert str(aside) in first
    assert "next digest" in second
    assert shown(project) == "First"
    assert project.run("restore", str(aside), "--yes").returncode == 0
    assert shown(project) == "Second"


def test_it_says_who_stays_out_and_what_holds(project: Project) -> None:
    to = project.folder.parent / "copy.db"
    anna = Subscriber(id="anna@example.se", address="anna@example.se")
    with Tokens.open(project.database) as tokens, Subscriptions.open(project.database) as subscriptions:
        tokens.add("stolen", Role.EDITOR, AT)
        subscriptions.sync([anna], "Europe/Stockholm", AT)
        assert project.run("backup", str(to)).returncode == 0
        tokens.revoke("stolen")
        subscriptions.choose(anna.id, Choice(has_left=True), anna.rhythm, AT)
    done = project.run("restore", str(to), "--yes")
    _aside, _again, revoked, chose = done.stderr.splitlines()
    assert revoked == "linkwatch: Tokens of the copy that have been revoked stay revoked: stolen."
    assert chose == "linkwatch: What 1 subscriber has chosen since the copy was made still holds."
    assert project.run("token", "list").stdout == ""


def test_it_says_what_may_be_valid_again_where_that_is_not_known(project: Project, copy: Path, tmp_path: Path) -> None:
    other = Project.make(tmp_path / "other", {"a": "http://127.0.0.1:1/"})
    done = other.run("restore", str(copy), "--yes")
    assert "may be valid again" in done.stderr.splitlines()[-1]


def test_it_warns_where_the_newest_may_be_missing(project: Project, copy: Path) -> None:
    with Store.open(project.database) as store, store.writing() as db:
        db.execute("UPDATE links SET title = 'In the log'")
        without_log = copy.with_name("without log.db")
        without_log.write_bytes(project.database.read_bytes())
    done = project.run("restore", str(without_log), "--yes")
    assert done.returncode == 0
    assert "the newest changes are missing" in done.stderr.splitlines()[0]
    assert "changes are missing" not in project.run("restore", str(copy), "--yes").stderr


def test_it_asks_nobody_where_nobody_sits(project: Project, copy: Path) -> None:
    assert "--yes" in one_sentence(project.run("restore", str(copy)), 2)
    assert shown(project) == "Second"


@pytest.mark.parametrize(
    ("typed", "code", "then"), [("y\n", 0, "First"), ("n\n", 130, "Second"), ("\n", 130, "Second")]
)
def test_on_a_terminal_it_asks(project: Project, copy: Path, typed: str, code: int, then: str) -> None:
    ours, theirs = pty.openpty()
    command = command_line("restore", str(copy), "--config", str(project.config))
    process = subprocess.Popen(
        command, env=surroundings(), stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    os.write(ours, typed.encode())
    _, said = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == code
    asked = said.decode()
    assert "1 link" in asked
    assert "23 November 2026 at 08:00" in asked
    assert shown(project) == then


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:30_000])


def _later(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('linkwatch', 'm9', '')")


def _text(path: Path) -> None:
    path.write_text("a letter")


@pytest.mark.parametrize(
    ("spoil", "says"), [(_half, "is damaged"), (_later, "later linkwatch"), (_text, "not a SQLite database")]
)
def test_a_copy_that_does_not_do_is_one_sentence(project: Project, copy: Path, spoil: object, says: str) -> None:
    assert callable(spoil)
    spoil(copy)
    sentence = one_sentence(project.run("restore", str(copy), "--yes"))
    assert says in sentence
    assert "Nothing has been changed" in sentence
    assert shown(project) == "Second"


def test_while_a_run_goes_on_it_exits_75(project: Project, copy: Path) -> None:
    with run_lock(project.database, AT):
        one_sentence(project.run("restore", str(copy), "--yes"), 75)
    assert shown(project) == "Second"


@contextmanager
def served(project: Project) -> Iterator[None]:
    process = start("serve", "--listen", "127.0.0.1:0", "--config", str(project.config))
    try:
        assert process.stderr
        assert "http://" in process.stderr.readline()
        yield
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_while_the_desk_is_open_it_refuses(project: Project, copy: Path) -> None:
    title(project, "Second", now())  # not due: the desk leaves it as it is
    with served(project):
        assert "linkwatch serve" in one_sentence(project.run("restore", str(copy), "--yes"))
    assert shown(project) == "Second"
    assert project.run("restore", str(copy), "--yes").returncode == 0


def test_a_copy_lies_where_nothing_can_be_written(project: Project, copy: Path) -> None:
    copy.chmod(0o400)
    folder = copy.parent / "read only"
    folder.mkdir()
    copy = copy.rename(folder / copy.name)
    folder.chmod(0o500)
    assert project.run("restore", str(copy), "--yes").returncode == 0
    assert [one.name for one in folder.iterdir()] == [copy.name]
    assert shown(project) == "First"


# ---------------------------------------------------------------- disk full, locked, read-only, corrupt


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], check=False, capture_output=True
    ).returncode:
        pytest.skip("this machine does not let a test mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def _fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space"):
        while True:
            filler.write(bytes(512))


def test_a_full_disk_is_one_sentence_and_leaves_nothing(project: Project, disk: Path) -> None:
    _fill(disk)
    sentence = one_sentence(project.run("backup", str(disk / "copy.db")))
    assert "room" in sentence
    assert [one.name for one in disk.iterdir()] == ["filler"]
    (disk / "filler").unlink()
    assert project.run("backup", str(disk / "copy.db")).returncode == 0


def test_a_full_disk_loses_nothing_when_a_copy_is_put_back(disk: Path, copy: Path, project: Project) -> None:
    small = Project.make(disk / "project", {"a": "http://127.0.0.1:1/"})
    title(small, "On the small disk")
    with run_lock(small.database, AT):
        _fill(disk)
    assert "room" in one_sentence(small.run("restore", str(copy), "--yes"))
    (disk / "filler").unlink()
    assert shown(small) == "On the small disk"
    assert small.run("restore", str(copy), "--yes").returncode == 0
    assert shown(small) == "First"
    assert shown(project) == "Second"


def with_mail(project: Project) -> None:
    """Operators are told, by a server that is not there."""
    table = {"server": "127.0.0.1:1", "security": "none", "from": "l@myndigheten.se", "operators": ["d@myndigheten.se"]}
    lines = "".join(f"{key} = {value!r}\n" for key, value in table.items())
    text = project.config.read_text(encoding="utf-8")
    project.config.write_text(f"[mail]\n{lines}{text}", encoding="utf-8")


def test_mail_that_waits_is_not_lost_when_the_disk_is_full(disk: Path) -> None:
    small = Project.make(disk / "project", {"a": "http://127.0.0.1:1/"})
    with_mail(small)
    title(small, "First")
    parcel = Parcel(
        kind=Kind.LETTER, channel=Channel.MAIL, recipient="d@myndigheten.se", message_id="<1>",
        content=Content(subject="", text=""),
    )  # fmt: skip
    with Outbox.open(small.database) as outbox, outbox.writing() as db:
        parcels.post(db, parcel, now())
    _fill(disk)
    assert "disk" in one_sentence(small.run("digest"))
    (disk / "filler").unlink()
    assert small.run("digest").returncode == 1  # nothing listens there
    (waits,) = [one for one in small.run("outbox", "list", "--json").json if one["kind"] == "letter"]
    assert (waits["state"], waits["attempts"], waits["message_id"]) == ("pending", 1, "<1>")


@pytest.mark.parametrize("command", [("digest",), ("outbox", "list"), ("outbox", "retry", "--dead"), ("subscribers",)])
@pytest.mark.parametrize("spoil", ["corrupt", "foreign"])
def test_the_commands_of_mail_tell_plainly_that_the_database_cannot_be_used(
    project: Project, command: tuple[str, ...], spoil: str
) -> None:
    with_mail(project)
    if spoil == "corrupt":
        _half(project.database)
    else:
        _text(project.database)
    sentence = one_sentence(project.run(*command))
    assert str(project.database) in sentence
    assert "backup" in sentence


@pytest.mark.parametrize("command", [("digest",), ("outbox", "retry", "--dead")])
def test_a_read_only_database_is_one_sentence(project: Project, disk: Path, command: tuple[str, ...]) -> None:
    small = Project.make(disk / "project", {"a": "http://127.0.0.1:1/"})
    with_mail(small)
    title(small, "First")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    assert "writable" in one_sentence(small.run(*command))
