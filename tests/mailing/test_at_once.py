"""What a run tells at once: changes to programs, faults of our own to the operators; with the run or not at all."""

import base64
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from linkwatch.config import load
from linkwatch.core.models import Decision, RunSummary, State
from linkwatch.core.outbox import Parcel
from linkwatch.mailing.heralds import Herald, disk_problems
from linkwatch.run import run_once
from linkwatch.store import Store
from tests.cli.command import Project
from tests.mailing.world import World, at, mails, well
from tests.notify.servers import Mailbox
from tests.report.sample import NOW
from tests.small_web import Web, page

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
OPERATORS = 'operators = ["drift@example.se", "jour@example.se"]\ntimeout_s = 0.5\n'


def hooked(folder: Path, server: Mailbox, hooks: HTTPServer) -> World:
    (folder / "secret").write_text(SECRET)
    hook = f'[[webhook]]\nid = "chat"\nurl = "{hooks.url_for("/hook")}"\nsecret_file = "secret"\n'
    world = World.made(folder, server, more=hook, links=well())
    world.go_to(at(2026, 11, 24))
    return world


def test_a_program_is_told_of_each_change_signed(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("", status=204)
    with Mailbox() as server:
        world = hooked(tmp_path, server, httpserver)
        world.break_("blekinge")
        assert world.tell().sent == 1
        (request, _) = httpserver.log[0]
        said = json.loads(request.data)
        assert (said["type"], said["data"]["id"], said["data"]["new"]) == ("link.changed", "blekinge", "broken")
        assert said["data"]["desk_url"] == "https://lankar.example.se/links/blekinge"
        assert request.headers["webhook-id"].startswith("msg_")
        assert request.headers["webhook-signature"].startswith("v1,")
        world.clock.go(days=1)
        world.check_all()
        assert world.tell().sent == 0
        world.mend("blekinge")
        assert world.tell().sent == 1


def test_a_program_that_fails_is_tried_again_under_the_same_id(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/hook").respond_with_data("", status=500)
    httpserver.expect_ordered_request("/hook").respond_with_data("", status=200)
    with Mailbox() as server:
        world = hooked(tmp_path, server, httpserver)
        world.break_("blekinge")
        assert (world.tell().later, world.tell().sent) == (1, 0)
        world.clock.go(minutes=2)
        assert world.tell().sent == 1
        assert len({request.headers["webhook-id"] for request, _ in httpserver.log}) == 1


def test_an_event_is_there_exactly_when_its_change_is(tmp_path: Path, httpserver: HTTPServer) -> None:
    """Written in one transaction: a check that cannot be committed tells nobody."""
    with Mailbox() as server:
        world = hooked(tmp_path, server, httpserver)
        config = world.config
        with Store.open(config.database) as store:
            before = store.known()["blekinge"].belief.state
            store._db.execute("CREATE TRIGGER no BEFORE INSERT ON transitions BEGIN SELECT raise(ABORT, 'no'); END")
            with pytest.raises(Exception, match="no"):
                world.break_("blekinge")
            assert store.known()["blekinge"].belief.state is before
        with world.outbox() as outbox:
            assert outbox.counts().pending == 0


# ---------------------------------------------------------------- operators


def run(moment: datetime, *, conclusive: bool, visited: int = 21, asked: bool = False) -> RunSummary:
    return RunSummary(
        id=1,
        started_at=moment,
        finished_at=moment,
        conclusive=conclusive,
        note=None if conclusive else "own_network",
        visited=visited,
        asked=asked,
    )


def ended(world: World, summary: RunSummary, listings: tuple[Decision, ...] = ()) -> None:
    """As `run_once` ends a run."""
    config, now = world.config, world.clock()
    with Store.open(config.database) as store:
        number = store.begin_run(now, due=summary.visited)
        notices = Herald(config).ended(summary, listings, store.problems(), now)
        found = {"conclusive": bool(summary.conclusive), "note": summary.note, "visited": summary.visited}
        store.finish_run(number, now, notices=notices, **found)


def test_the_operators_hear_of_an_inconclusive_run_when_it_begins_and_when_it_is_over(tmp_path: Path) -> None:
    with Mailbox() as server:
        world = World.made(tmp_path, server, mail=OPERATORS, links=well())
        for hours in range(0, 72, 24):
            world.clock.go(hours=24 if hours else 0)
            ended(world, run(world.clock(), conclusive=False))
            world.tell()
        assert [recipient for recipient, _ in mails(server)] == ["drift@example.se", "jour@example.se"]
        world.clock.go(days=6)
        ended(world, run(world.clock(), conclusive=False))
        world.tell()
        assert len(server.kept) == 4  # it lasts: told again after a week
        ended(world, run(world.clock(), conclusive=True, visited=1, asked=True))  # says nothing of the network
        ended(world, run(world.clock(), conclusive=True, visited=0))
        world.tell()
        assert len(server.kept) == 4
        ended(world, run(world.clock(), conclusive=True))
        world.tell()
        assert len(server.kept) == 6
        assert len({subject for _, subject in mails(server)}) == 3


def test_the_disk_is_told_of_when_it_is_nearly_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Mailbox() as server:
        world = World.made(tmp_path, server, mail=OPERATORS, links=well())
        assert list(disk_problems(world.config, ())) == []
        monkeypatch.setattr("linkwatch.mailing.heralds.LEAST_FREE_BYTES", 10**18)
        world.tell()
        assert len(server.kept) == 2
        world.clock.go(hours=1)
        world.tell()
        assert len(server.kept) == 2
        monkeypatch.setattr("linkwatch.mailing.heralds.LEAST_FREE_BYTES", 0)
        world.clock.now += timedelta(hours=1)
        world.tell()
        assert len(server.kept) == 4


# ---------------------------------------------------------------- our own mistakes


class Mistaken:
    """A herald with a bug in each of its sentences."""

    def changed(self, decision: Decision) -> tuple[Parcel, ...]:
        raise KeyError("a planted mistake")

    def ended(self, *_: object) -> None:
        raise KeyError("a planted mistake")


async def test_a_mistake_in_telling_keeps_no_check_and_no_run_from_being_written_down(tmp_path: Path) -> None:
    async with Web() as web:
        web.say("/", page("Well"))
        links = {f"s{n}": web.url(f"s{n}.example", "/") for n in range(3)}
        config = load(Project.make(tmp_path, links, fetch=web.pins).config)
        with Store.open(config.database) as store:
            store.sync_sources(config.watched, NOW)
            report = await run_once(config=config, store=store, sources=config.sources, now=NOW, herald=Mistaken())
            states = {link: known.belief.state for link, known in store.known().items()}
    assert states == dict.fromkeys(links, State.OK)
    assert (report.run.conclusive, report.run.note) == (True, None)
