"""`linkwatch outbox`: what waits, what was given up, and what becomes of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from linkwatch.core.outbox import Channel, Content, Fate, Kind, Outcome, Parcel, Result, Settled
from linkwatch.store import Outbox, parcels
from tests.cli.command import Done, Project, no_traceback

AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
REFUSED = "mail.example.se:25 refuses the recipient: 550 5.1.1 no such \x1b[31mmailbox"


def posted(outbox: Outbox, recipient: str, kind: Kind, settled: Settled | None = None) -> int:
    channel = Channel.WEBHOOK if kind is Kind.EVENT else Channel.MAIL
    parcel = Parcel(
        kind=kind, channel=channel, recipient=recipient, message_id=f"<{recipient}>",
        content=Content(subject="hemligt ämne", text="hemlig text"),
    )  # fmt: skip
    with outbox.writing() as db:
        parcels.post(db, parcel, AT)
    number = outbox.listed()[-1].id
    if settled:
        lease = outbox.claim(AT, [channel])
        assert lease
        outbox.settle(lease, settled, Outcome(result=Result.NEVER, detail=REFUSED), AT + timedelta(hours=1))
    return number


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.make(tmp_path, {"a": "http://127.0.0.1:1/"})


@pytest.fixture
def outbox(project: Project) -> Iterator[Outbox]:
    """1 was given up, 2 is tried again in four hours, 3 has not been tried."""
    with Outbox.open(project.database) as opened:
        posted(opened, "anna@example.se", Kind.DIGEST, Settled(fate=Fate.DEAD))
        later = Settled(fate=Fate.PENDING, not_before=AT + timedelta(hours=4))
        posted(opened, "region@example.se", Kind.LETTER, later)
        posted(opened, "hook", Kind.EVENT)
        yield opened


def run(project: Project, *arguments: str) -> Done:
    done = project.run("outbox", *arguments)
    no_traceback(done)
    return done


def test_it_lists_what_waits_and_what_was_given_up(project: Project, outbox: Outbox) -> None:
    first, second, third = run(project, "list").stdout.splitlines()
    assert first.startswith("    1  digest to anna@example.se, of ")
    assert "given up" in first
    assert "550 5.1.1 no such" in first
    assert "\x1b" not in first
    assert second.startswith("    2  letter to an owner to region@example.se, of ")
    assert "tried again" in second
    assert third.startswith("    3  ")
    assert " to hook, of " in third
    assert third.endswith("waits to be sent")
    assert "hemlig" not in first + second + third
    assert len(outbox.listed()) == 3


def test_it_lists_the_same_as_json(project: Project, outbox: Outbox) -> None:
    first, second, third = run(project, "list", "--json").json
    assert first == {
        "id": 1,
        "kind": "digest",
        "channel": "mail",
        "recipient": "anna@example.se",
        "message_id": "<anna@example.se>",
        "subscriber": None,
        "made_at": "2026-11-23T07:00:00+00:00",
        "state": "dead",
        "attempts": 1,
        "not_before": None,
        "ended_at": "2026-11-23T08:00:00+00:00",
        "detail": REFUSED,
    }
    assert (second["state"], second["not_before"], second["attempts"]) == ("pending", "2026-11-23T11:00:00+00:00", 1)
    assert (third["kind"], third["channel"], third["detail"], third["attempts"]) == ("event", "webhook", None, 0)


@pytest.mark.parametrize(
    ("arguments", "pending", "dead"),
    [
        (["retry", "1"], 3, 0),
        (["retry", "--dead"], 3, 0),
        (["retry", "2", "1", "1"], 3, 0),
        (["drop", "1"], 2, 0),
        (["drop", "2"], 1, 1),
        (["drop", "--dead"], 2, 0),
        (["drop", "3", "--dead"], 1, 0),
        (["drop", "1", "2", "3"], 0, 0),
    ],
)
def test_it_tries_again_or_drops_what_is_named(
    project: Project, outbox: Outbox, arguments: list[str], pending: int, dead: int
) -> None:
    assert run(project, *arguments) == Done(0, "", "")
    counts = outbox.counts()
    assert (counts.pending, counts.dead) == (pending, dead)


def test_what_is_tried_again_begins_anew(project: Project, outbox: Outbox) -> None:
    run(project, "retry", "1", "2")
    found = {one["id"]: one for one in run(project, "list", "--json").json}
    assert [(found[one]["state"], found[one]["attempts"]) for one in (1, 2)] == [("pending", 0)] * 2


@pytest.mark.parametrize("command", ["retry", "drop"])
@pytest.mark.parametrize(
    ("arguments", "said"), [([], "--dead"), (["9"], "number 9"), (["1", "9"], "number 9"), (["x"], "x")]
)
def test_what_is_not_there_is_a_mistake_and_nothing_is_done(
    project: Project, outbox: Outbox, command: str, arguments: list[str], said: str
) -> None:
    done = run(project, command, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert [one.fate for one in outbox.listed()] == [Fate.DEAD, Fate.PENDING, Fate.PENDING]


def test_what_is_under_way_is_left_alone(project: Project, outbox: Outbox) -> None:
    assert outbox.claim(datetime.now(UTC), [Channel.WEBHOOK])
    done = run(project, "drop", "3")
    assert (done.returncode, done.stdout) == (1, "")
    assert "being sent just now" in done.stderr
    assert [one.id for one in outbox.listed()] == [1, 2, 3]


def test_nothing_given_up_is_nothing_to_do(project: Project, outbox: Outbox) -> None:
    outbox.drop([1], AT)
    assert run(project, "retry", "--dead") == run(project, "drop", "--dead") == Done(0, "", "")


def test_an_empty_outbox_is_no_news(project: Project) -> None:
    with Outbox.open(project.database):
        pass
    assert run(project, "list") == Done(0, "", "")
    assert run(project, "list", "--json").json == []


def test_where_there_is_no_database_yet_nothing_is_made(project: Project) -> None:
    assert run(project, "list") == Done(0, "", "")
    assert run(project, "list", "--json").json == []
    assert run(project, "retry", "1").returncode == 2
    done = run(project, "retry", "--dead")
    assert done.returncode in (0, 1)
    assert len(done.stderr.splitlines()) == done.returncode
    assert not project.database.exists()
