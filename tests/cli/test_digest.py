"""`linkwatch digest`, and the mail that `check` hands on: as processes of their own, with a mail server on loopback."""

import base64
import os
import re
import signal
import sqlite3
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from linkwatch.core.digest_records import Told
from linkwatch.core.models import LinkView
from linkwatch.core.outbox import Fate, Outcome, Result, Settled
from linkwatch.store.subscriptions import Composed
from tests.cli.command import Done, Project, linkwatch, no_traceback, start
from tests.mailing.world import ANNA, BERTIL, DESK, World, mails, well
from tests.notify.servers import HANG, Mailbox
from tests.report.sample import sample
from tests.web.desk import fill, write_project

IN_TWO_WEEKS = (datetime.now(UTC) + timedelta(days=14)).day
MONTHS = f'[[subscriber]]\naddress = "cecilia@example.se"\nevery = "month"\nday = {IN_TWO_WEEKS}\n'
USER, PASSWORD = "lankar", "mycket-hemligt"
WRONG = "fel-lösenord"

_LINKS = re.compile(r"/mail/[a-z]+/[\w.-]+")


@pytest.fixture
def server() -> Iterator[Mailbox]:
    with Mailbox() as opened:
        yield opened


def made(
    folder: Path, server: Mailbox, *subscribers: str, mail: str = "", links: Sequence[LinkView] | None = None
) -> World:
    """A world in which everybody who hears daily has been due for days, by the clock on the wall."""
    views = sample().links if links is None else links
    write_project(folder, [view.source for view in views], web=DESK, language="en")
    world = World(folder=folder)
    world.subscribe(server, *subscribers, mail=mail)
    fill(world.config, views)
    world.go_to(datetime.now(UTC) - timedelta(days=3))
    with world.subscriptions() as opened:
        opened.sync(world.config.mail.subscribers, world.config.timezone, world.clock())
    return world


def due_again(world: World) -> None:
    with world.subscriptions() as opened:
        known = opened.all()
        heard = opened.heard(one.id for one in known)
        opened.move_on(
            [Composed(subscription=one, parcel=None, told=heard[one.id].told or Told()) for one in known], world.clock()
        )


def run(world: World, *arguments: str, environment: dict[str, str] | None = None) -> Done:
    done = linkwatch(*arguments, "--config", str(world.path), environment=environment)
    no_traceback(done)
    return done


def on_a_terminal(world: World, *arguments: str) -> str:
    """What somebody sees who sits before it, complaints included."""
    above, below = os.openpty()
    with os.fdopen(below, "w", encoding="utf-8") as terminal:
        done = linkwatch(*arguments, "--config", str(world.path), stdout=terminal)
    seen = os.read(above, 65_536).decode() if done.returncode == 0 and not done.stderr else ""
    os.close(above)
    return seen + done.stderr


def dump(world: World) -> list[str]:
    with sqlite3.connect(world.config.database) as db:
        found = list(db.iterdump())
    db.close()
    return found


def plain_text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def without_links(text: str) -> str:
    """As long as the key is not made, the links in a preview are signed with none."""
    return _LINKS.sub("/mail/…", text)


# ---------------------------------------------------------------- sent


def test_it_sends_what_is_due_once_and_says_nothing(tmp_path: Path, server: Mailbox) -> None:
    world = made(tmp_path, server, ANNA, BERTIL, MONTHS)
    assert run(world, "digest") == Done(0, "", "")
    assert sorted(recipient for recipient, _ in mails(server)) == ["anna@example.se", "bertil@example.se"]
    assert run(world, "digest") == Done(0, "", "")
    assert len(server.kept) == 2


def test_nothing_due_is_no_failure_and_no_news(tmp_path: Path, server: Mailbox) -> None:
    world = made(tmp_path, server, MONTHS)
    assert run(world, "digest") == Done(0, "", "")
    assert server.kept == []


def test_it_says_on_a_terminal_what_it_did(tmp_path: Path, server: Mailbox) -> None:
    world = made(tmp_path, server, ANNA)
    assert on_a_terminal(world, "digest").strip() == "1 message sent."
    assert on_a_terminal(world, "digest").strip() == "0 messages sent."
    world.path.write_text(world.path.read_text(encoding="utf-8").partition("#mail")[0], encoding="utf-8")
    assert "Nobody subscribes" in on_a_terminal(world, "digest")
    assert "No mail would go out now" in on_a_terminal(world, "digest", "--dry-run")


def test_before_the_first_check_it_is_quiet_too(tmp_path: Path, server: Mailbox) -> None:
    project = Project.make(tmp_path, {"a": "http://127.0.0.1:1/"})
    assert project.run("digest") == Done(0, "", "")
    assert not project.database.exists()
    World(folder=tmp_path).subscribe(server, ANNA)
    assert project.run("digest", "--dry-run") == Done(0, "", "")
    assert not project.database.exists()
    assert project.run("digest") == Done(0, "", "")
    assert project.database.exists()
    assert server.kept == []


def test_two_at_the_same_time_send_each_mail_once(tmp_path: Path, server: Mailbox) -> None:
    numbers = range(12)
    many = [f'[[subscriber]]\naddress = "nr{number}@example.se"\nevery = "day"\n' for number in numbers]
    world = made(tmp_path, server, *many)
    processes = [start("digest", "--config", str(world.path)) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert [process.stderr.read() for process in processes if process.stderr] == ["", ""]
    assert sorted(recipient for recipient, _ in mails(server)) == sorted(f"nr{one}@example.se" for one in numbers)
    for process in processes:
        for stream in (process.stdout, process.stderr):
            assert stream
            stream.close()


# ---------------------------------------------------------------- not sent


def test_a_server_that_is_down_is_told_in_one_sentence_and_nothing_is_lost(tmp_path: Path) -> None:
    server = Mailbox()
    with server:
        world = made(tmp_path, server, ANNA)
    done = run(world, "digest")
    assert (done.returncode, done.stdout) == (1, "")
    (said,) = done.stderr.splitlines()
    assert said.startswith(f"linkwatch: Could not be sent now: anna@example.se: 127.0.0.1:{server.port} could not be")
    run(world, "outbox", "retry", "1")
    with server:
        assert run(world, "digest") == Done(0, "", "")
    assert [recipient for recipient, _ in mails(server)] == ["anna@example.se"]


def test_a_refused_recipient_is_told_with_what_the_server_said(tmp_path: Path, server: Mailbox) -> None:
    server.on("RCPT", "550 5.1.1 no such \x1b[31mmailbox", to="anna@example.se")
    done = run(made(tmp_path, server, ANNA, BERTIL), "digest")
    assert done.returncode == 1
    assert "anna@example.se" in done.stderr
    assert "550 5.1.1 no such" in done.stderr
    assert "\x1b" not in done.stderr
    assert [recipient for recipient, _ in mails(server)] == ["bertil@example.se"]


def test_a_password_file_that_is_not_there_is_told(tmp_path: Path, server: Mailbox) -> None:
    world = made(tmp_path, server, ANNA, mail=f'user = "{USER}"\npassword_file = "secrets/smtp"')
    done = run(world, "digest")
    assert done.returncode == 1
    assert f"{tmp_path / 'secrets/smtp'} cannot be read" in done.stderr
    assert server.connections == 0


@pytest.fixture
def guarded() -> Iterator[Mailbox]:
    with Mailbox(login=(USER, PASSWORD), auth_without_tls=True) as opened:
        yield opened


def test_it_logs_in_as_the_environment_says(tmp_path: Path, guarded: Mailbox) -> None:
    world = made(tmp_path, guarded, ANNA, mail='user = "another"\npassword_file = "smtp"')
    (tmp_path / "smtp").write_text("another\n", encoding="utf-8")
    environment = {"LINKWATCH_SMTP_USER": USER, "LINKWATCH_SMTP_PASSWORD": PASSWORD}
    assert run(world, "digest", environment=environment).returncode == 0
    assert [kept.user for kept in guarded.kept] == [USER]


def test_it_logs_in_as_the_file_says(tmp_path: Path, guarded: Mailbox) -> None:
    world = made(tmp_path, guarded, ANNA, mail=f'user = "{USER}"\npassword_file = "smtp"')
    (tmp_path / "smtp").write_text(f"{PASSWORD}\n", encoding="utf-8")
    assert run(world, "digest").returncode == 0
    assert [kept.user for kept in guarded.kept] == [USER]


@pytest.mark.parametrize("where", ["file", "environment"])
def test_a_wrong_password_is_told_of_and_never_shown(tmp_path: Path, guarded: Mailbox, where: str) -> None:
    is_file = where == "file"
    world = made(tmp_path, guarded, ANNA, mail=f'user = "{USER}"\n' + 'password_file = "smtp"' * is_file)
    (tmp_path / "smtp").write_text(f"{WRONG}\n", encoding="utf-8")
    done = run(world, "digest", environment={} if is_file else {"LINKWATCH_SMTP_PASSWORD": WRONG})
    assert done.returncode == 1
    assert "does not let lankar log in: 535" in done.stderr
    with world.outbox() as outbox:
        details = [one.detail or "" for one in outbox.listed()]
    assert details
    said = done.stdout + done.stderr + "".join(details)
    assert WRONG not in said
    assert base64.b64encode(WRONG.encode()).decode() not in said
    assert base64.b64encode(f"\0{USER}\0{WRONG}".encode()).decode() not in said


def test_a_password_from_the_environment_goes_in_clear_to_this_machine_only(tmp_path: Path) -> None:
    with Mailbox(host="127.0.0.2", login=(USER, PASSWORD), auth_without_tls=True) as elsewhere:
        world = made(tmp_path, elsewhere, ANNA)
        text = world.path.read_text(encoding="utf-8")
        world.path.write_text(
            text.replace(f"127.0.0.1:{elsewhere.port}", f"127.0.0.2:{elsewhere.port}"), encoding="utf-8"
        )
        environment = {"LINKWATCH_SMTP_USER": USER, "LINKWATCH_SMTP_PASSWORD": PASSWORD}
        assert run(world, "digest", environment=environment).returncode == 1
        assert not [line for line in elsewhere.heard if line.startswith("AUTH")]


def test_a_signal_ends_it_after_what_is_under_way_and_nothing_is_lost(tmp_path: Path, server: Mailbox) -> None:
    world = made(tmp_path, server, ANNA, BERTIL, mail="timeout_s = 1")
    server.on("MAIL", HANG)
    process = start("digest", "--config", str(world.path))
    deadline = time.monotonic() + 30
    while "MAIL" not in server.verbs() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 143
    assert stdout == ""
    assert "Traceback" not in stderr
    assert server.verbs().count("MAIL") == 1  # the second was not begun
    server.forget()
    run(world, "outbox", "retry", "1", "2")
    assert run(world, "digest").returncode == 0
    assert sorted(recipient for recipient, _ in mails(server)) == ["anna@example.se", "bertil@example.se"]


# ---------------------------------------------------------------- what would go out


def test_a_dry_run_prints_what_then_goes_out_and_changes_nothing(tmp_path: Path, server: Mailbox) -> None:
    world = made(tmp_path, server, ANNA, MONTHS)
    before = dump(world)
    done = run(world, "digest", "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert dump(world) == before
    assert server.connections == 0
    assert run(world, "digest").returncode == 0
    (kept,) = server.kept
    head, _, text = done.stdout.partition("\n\n")
    why, *headers = head.splitlines()
    assert why == "== anna@example.se: goes out now"
    shown = dict(line.split(": ", 1) for line in headers)
    for name in ("From", "To", "Subject", "Auto-Submitted"):
        assert shown[name] == str(kept.message[name])
    assert {"Date", "Message-ID", "List-Unsubscribe"} <= shown.keys()
    assert without_links(text).strip() == without_links(plain_text(kept.message)).strip()
    assert "/mail/answer/" in text
    assert "/mail/settings/" in text


def test_a_dry_run_signs_its_links_as_the_mail_does_once_there_is_a_key(tmp_path: Path, server: Mailbox) -> None:
    world = made(tmp_path, server, ANNA, links=well())
    run(world, "digest")
    world.clock.go(hours=1)
    world.break_("blekinge")
    due_again(world)
    settings = re.compile(r"https://\S+/mail/settings/\S+")
    shown = settings.findall(run(world, "digest", "--dry-run").stdout)
    run(world, "digest")
    assert len(server.kept) == 2
    assert shown == settings.findall(plain_text(server.kept[1].message))


def test_a_dry_run_for_all_says_who_is_not_due_and_why(tmp_path: Path, server: Mailbox) -> None:
    world = made(tmp_path, server, ANNA, BERTIL, MONTHS, links=well())
    run(world, "digest")
    due_again(world)
    before = dump(world)
    assert run(world, "digest", "--dry-run", "--all").stdout.count("== ") == 3
    said = [line for line in run(world, "digest", "--dry-run", "--all").stdout.splitlines() if line.startswith("== ")]
    assert any(line.startswith("== cecilia@example.se: does not go out now: next time ") for line in said)
    assert dump(world) == before


def test_a_dry_run_leaves_the_mails_as_files(tmp_path: Path, server: Mailbox) -> None:
    world = made(tmp_path, server, ANNA, BERTIL)
    out = tmp_path / "mails"
    done = run(world, "digest", "--dry-run", "--out", str(out))
    assert sorted(path.name for path in out.iterdir()) == ["001.eml", "002.eml"]
    for path in out.iterdir():
        message = message_from_bytes(path.read_bytes(), policy=default)
        assert isinstance(message, EmailMessage)
        assert f"Subject: {message['Subject']}" in done.stdout
        assert plain_text(message).strip() in done.stdout
        html = message.get_body(("html",))
        assert html is not None
        assert "<html" in html.get_content()


def test_a_dry_run_shows_what_waits_as_it_would_go_out_now(tmp_path: Path) -> None:
    server = Mailbox()
    with server:
        world = made(tmp_path, server, ANNA)
    run(world, "digest")
    run(world, "outbox", "retry", "1")
    shown = run(world, "digest", "--dry-run").stdout
    assert shown.startswith("== anna@example.se: waits in the outbox, goes out now\n")
    with server:
        run(world, "digest")
    (kept,) = server.kept
    assert f"Message-ID: {kept.message['Message-ID']}\n" in shown
    assert plain_text(kept.message).strip() in shown


def test_a_dry_run_shows_what_merges_once(tmp_path: Path) -> None:
    server = Mailbox()
    with server:
        world = made(tmp_path, server, ANNA)
    run(world, "digest")
    run(world, "outbox", "retry", "1")
    due_again_with_what_waits(world)
    shown = run(world, "digest", "--dry-run").stdout
    assert [line for line in shown.splitlines() if line.startswith("== ")] == ["== anna@example.se: goes out now"]
    with server:
        run(world, "digest")
    assert len(server.kept) == 1


def test_a_dry_run_shows_the_one_that_may_have_arrived_and_not_the_next(tmp_path: Path, server: Mailbox) -> None:
    """The next one waits until it is known whether the last has arrived."""
    world = made(tmp_path, server, ANNA, mail="timeout_s = 0.5")
    server.on("CONTENT", HANG, times=1)
    assert run(world, "digest").returncode == 1
    run(world, "outbox", "retry", "1")
    due_again_with_what_waits(world)
    shown = run(world, "digest", "--dry-run").stdout
    said = [line for line in shown.splitlines() if line.startswith("== ")]
    assert run(world, "digest").returncode == 0
    assert len(server.kept) == 1
    assert said == ["== anna@example.se: waits in the outbox, goes out now"]


def due_again_with_what_waits(world: World) -> None:
    with world.subscriptions() as opened, opened.writing() as db:
        db.execute("UPDATE subscriptions SET due_on = ?", (world.clock().date().isoformat(),))


@pytest.mark.parametrize("option", [["--all"], ["--out", "mails"], ["--all", "--out", "mails"]])
def test_what_only_a_dry_run_knows_is_refused_without_one(tmp_path: Path, server: Mailbox, option: list[str]) -> None:
    world = made(tmp_path, server, ANNA)
    done = run(world, "digest", *option)
    assert done.returncode == 2
    assert "--dry-run" in done.stderr
    assert server.kept == []


def test_a_mistake_in_the_configuration_is_one_of_usage(tmp_path: Path, server: Mailbox) -> None:
    world = made(tmp_path, server, ANNA)
    world.subscribe(server, ANNA, mail='password = "hemligt"')
    done = run(world, "digest")
    assert done.returncode == 2
    assert "a password does not belong in this file" in done.stderr
    assert "hemligt" not in done.stderr


# ---------------------------------------------------------------- handed on by a check


def checked(folder: Path, server: Mailbox, *subscribers: str, mail: str = "") -> Project:
    project = Project.make(folder, {"a": "http://127.0.0.1:1/"})
    world = World(folder=folder)
    world.subscribe(server, *subscribers, mail=mail)
    with world.subscriptions() as opened:
        opened.sync(world.config.mail.subscribers, world.config.timezone, datetime.now(UTC) - timedelta(days=2))
    return project


def test_a_check_hands_on_what_is_due(tmp_path: Path, server: Mailbox) -> None:
    project = checked(tmp_path, server, ANNA)
    done = project.run("check", "--json")
    assert done.returncode == 0
    assert done.json["outbox"] == {"pending": 0, "dead": 0}
    assert [recipient for recipient, _ in mails(server)] == ["anna@example.se"]
    assert project.run("check").returncode == 0
    assert len(server.kept) == 1


def test_a_check_does_not_fail_where_mail_does(tmp_path: Path) -> None:
    with Mailbox() as server:
        project = checked(tmp_path, server, ANNA)
    done = project.run("check", "--due")
    no_traceback(done)
    assert (done.returncode, done.stdout) == (0, "")
    assert "Could not be sent now: anna@example.se: 127.0.0.1" in done.stderr
    assert project.run("status", "--json").json["outbox"] == {"pending": 1, "dead": 0}


def test_a_check_of_who_tells_nobody_says_nothing_of_an_outbox(tmp_path: Path) -> None:
    project = Project.make(tmp_path, {"a": "http://127.0.0.1:1/"})
    assert project.run("check", "--json").json["outbox"] is None


# ---------------------------------------------------------------- the status


def test_the_status_shows_what_waits_and_what_was_given_up(tmp_path: Path, server: Mailbox) -> None:
    world = made(tmp_path, server, ANNA, BERTIL)
    assert "In the outbox" not in run(world, "status").stdout
    assert run(world, "status", "--json").json["outbox"] == {"pending": 0, "dead": 0}
    server.on("RCPT", "550 5.1.1 no such mailbox", to="anna@example.se")
    server.on("RCPT", "451 4.3.0 later", to="bertil@example.se")
    run(world, "digest")
    assert run(world, "status").stdout.endswith("\nIn the outbox: 1 waiting, 1 could not be sent.\n")
    assert run(world, "status", "--json").json["outbox"] == {"pending": 1, "dead": 1}


def test_the_status_of_a_mail_that_is_under_way_counts_it_as_waiting(tmp_path: Path, server: Mailbox) -> None:
    world = made(tmp_path, server, ANNA)
    server.on("RCPT", "451 4.3.0 later")
    run(world, "digest")
    with world.outbox() as outbox:
        lease = outbox.claim(datetime.now(UTC) + timedelta(hours=1))
        assert lease
        assert run(world, "status", "--json").json["outbox"] == {"pending": 1, "dead": 0}
        outbox.settle(lease, Settled(fate=Fate.SENT), Outcome(result=Result.SENT), datetime.now(UTC))
    assert run(world, "status", "--json").json["outbox"] == {"pending": 0, "dead": 0}
