"""`linkwatch subscribers`: who is told, how often, and when next."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from linkwatch.config import load
from linkwatch.core.digest_records import Told
from linkwatch.core.due import Every, Rhythm
from linkwatch.core.outbox import Channel, Content, Fate, Kind, Outcome, Parcel, Result, Settled
from linkwatch.core.subscribers import Choice
from linkwatch.store import Outbox, Subscriptions
from linkwatch.store.subscriptions import Composed
from tests.cli.command import Done, Project, no_traceback

PEOPLE = """
[mail]
server = "127.0.0.1:1"
from = "lankar@example.se"
[[subscriber]]
address = "Anna@example.se"
every = "day"
[[subscriber]]
id = "bertil"
address = "bertil@example.se"
every = "month"
day = 31
hour = 15
"""
IN_A_WEEK = datetime.now(UTC).date() + timedelta(days=7)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.make(tmp_path, {"a": "http://127.0.0.1:1/"}, monitor="timezone = 'Europe/Stockholm'")
    with made.config.open("a", encoding="utf-8") as file:
        file.write(PEOPLE)
    return made


def run(project: Project, *arguments: str) -> Done:
    done = project.run("subscribers", *arguments)
    no_traceback(done)
    assert done.returncode == 0
    return done


def told(project: Project, at: datetime) -> None:
    """Anna has heard of something."""
    config = load(project.config)
    parcel = Parcel(
        kind=Kind.DIGEST, channel=Channel.MAIL, recipient="Anna@example.se", message_id="<1@example.se>",
        content=Content(subject="1", text="1"), subscriber="anna@example.se", told=Told(),
    )  # fmt: skip
    with Subscriptions.open(project.database) as subscriptions, Outbox.open(project.database) as outbox:
        subscriptions.sync(config.mail.subscribers, config.timezone, at - timedelta(days=1))
        anna = subscriptions.get("anna@example.se")
        assert anna
        subscriptions.move_on([Composed(subscription=anna, parcel=parcel, told=Told())], at)
        lease = outbox.claim(at)
        assert lease
        outbox.settle(lease, Settled(fate=Fate.SENT), Outcome(result=Result.SENT), at)


def choose(project: Project, choice: Choice) -> None:
    with Subscriptions.open(project.database) as subscriptions:
        assert subscriptions.choose("anna@example.se", choice, Rhythm(every=Every.DAY), datetime.now(UTC))


def test_it_shows_who_will_be_told_before_anything_was_sent(project: Project) -> None:
    anna, bertil = run(project).stdout.splitlines()
    assert anna.startswith("anna@example.se  last mail: never;  next: ")
    assert bertil.startswith("bertil  last mail: never;  next: ")
    assert not project.database.exists()


def test_it_shows_the_same_as_json(project: Project) -> None:
    anna, bertil = run(project, "--json").json
    due_at = datetime.fromisoformat(anna.pop("due_at"))
    assert timedelta(0) < due_at - datetime.now(UTC) <= timedelta(days=1, hours=1)
    assert due_at.utcoffset() == timedelta(0)
    assert anna == {
        "id": "anna@example.se",
        "address": "Anna@example.se",
        "every": "day",
        "last_at": None,
        "paused_until": None,
        "has_left": False,
    }
    assert (bertil["id"], bertil["address"], bertil["every"]) == ("bertil", "bertil@example.se", "month")


def test_it_shows_when_they_heard_last(project: Project) -> None:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
    told(project, at)
    anna, _ = run(project).stdout.splitlines()
    assert "never" not in anna
    assert datetime.fromisoformat(run(project, "--json").json[0]["last_at"]) == at


def test_it_shows_who_has_left(project: Project) -> None:
    told(project, datetime.now(UTC))
    choose(project, Choice(has_left=True))
    anna, bertil = run(project).stdout.splitlines()
    assert anna.endswith("has unsubscribed")
    assert "next: " in bertil
    assert [one["has_left"] for one in run(project, "--json").json] == [True, False]


def test_it_shows_who_has_paused_and_until_when(project: Project) -> None:
    told(project, datetime.now(UTC))
    choose(project, Choice(paused_until=IN_A_WEEK))
    anna, _ = run(project).stdout.splitlines()
    assert anna.endswith(f"paused until {IN_A_WEEK.isoformat()}")
    assert run(project, "--json").json[0]["paused_until"] == IN_A_WEEK.isoformat()


def test_a_pause_that_is_over_is_none(project: Project) -> None:
    told(project, datetime.now(UTC))
    choose(project, Choice(paused_until=date(2020, 1, 1)))
    assert "next: " in run(project).stdout.splitlines()[0]


def test_it_shows_the_rhythm_that_they_have_chosen(project: Project) -> None:
    told(project, datetime.now(UTC))
    choose(project, Choice(rhythm=Rhythm(every=Every.WEEK, weekday=3)))
    assert run(project, "--json").json[0]["every"] == "week"


def test_it_shows_nobody_whom_the_configuration_does_not_name(project: Project) -> None:
    told(project, datetime.now(UTC))
    text = project.config.read_text(encoding="utf-8")
    project.config.write_text(text.partition("[[subscriber]]")[0], encoding="utf-8")
    assert run(project) == Done(0, "", "")
    assert run(project, "--json").json == []


def test_looking_changes_nothing(project: Project) -> None:
    told(project, datetime.now(UTC))
    before = project.database.read_bytes()
    run(project)
    assert project.database.read_bytes() == before
