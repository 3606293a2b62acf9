"""Links that people want looked at now: looked at soon, once, in turn with all other runs, whatever befalls them."""

import asyncio
import contextlib
import functools
import shutil
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from linkwatch.config import Config
from linkwatch.config_watch import WatchedConfig
from linkwatch.core.models import Source, State, Transition
from linkwatch.core.reviews import Action, Request, Review
from linkwatch.errors import AlreadyRunning
from linkwatch.look import Looker
from linkwatch.store import Ledger, Store, run_lock
from linkwatch.web.worker import Worker
from tests.answering import Office, living
from tests.cli.command import surroundings
from tests.small_web import Web, page


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with Web() as web:
        opened = Office.open(web, tmp_path / "project")
        yield opened
        opened.close()


def worker(office: Office, ledger: Ledger | None = None) -> Worker:
    return Worker(
        config=WatchedConfig(office.project.config).newest,
        ledger=ledger or office.ledger,
        now=lambda: office.now,
        poll_s=0.02,
    )


@contextlib.asynccontextmanager
async def working(*workers: Worker) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(one.run(stop)) for one in workers]
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(10):
            await asyncio.gather(*tasks)


async def all_done(office: Office, *, within: float = 10) -> dict[str, Request]:
    async with asyncio.timeout(within):
        while office.ledger.waiting():
            await asyncio.sleep(0.01)
    return requests(office)


def requests(office: Office) -> dict[str, Request]:
    """The newest of each link."""
    with office.ledger.reading() as db:
        found = db.execute("SELECT id, link_id, at, who, done_at, run_id, outcome FROM requests ORDER BY id").fetchall()
    return {
        link_id: Request(id=id, link_id=link_id, at=at, who=who, done_at=done_at, run_id=run_id, outcome=outcome)
        for id, link_id, at, who, done_at, run_id, outcome in found
    }


def outcomes(found: dict[str, Request]) -> dict[str, str | None]:
    return {link_id: one.outcome for link_id, one in found.items()}


async def test_what_is_asked_for_is_looked_at_and_done(office: Office) -> None:
    office.web.say("/b", page("Borta"), status=404)
    async with working(worker(office)):
        office.give(Action.CHECK, "a", "b")
        done = await all_done(office)
    assert outcomes(done) == {"a": "done", "b": "done"}
    assert [office.state(letter) for letter in "abc"] == [State.OK, State.FAILING, State.UNKNOWN]
    last = office.store.last_run()
    assert last is not None
    assert (last.asked, last.visited, done["a"].run_id) == (True, 2, last.id)


async def test_a_page_of_ours_is_looked_at_too(office: Office) -> None:
    office.text += f"\n[[listing]]\nid = 'ours'\nurl = '{office.links['c']}'\n"
    office.store.sync_sources(office.config.watched, office.now)
    async with working(worker(office)):
        office.give(Action.CHECK, "listing:ours")
        assert outcomes(await all_done(office)) == {"listing:ours": "done"}
    assert {asked.path for asked in office.web.log} <= {"/c", "/robots.txt"}


async def test_it_takes_the_configuration_as_it_is_by_then(office: Office) -> None:
    office.ledger.ask(["a"], "", office.now)
    office.text = office.text.replace(office.links["a"], office.web.url("new.example", "/new"))
    async with working(worker(office)):
        await all_done(office)
    assert (office.view().source.url, office.state()) == ("http://new.example/new", State.OK)


async def test_what_cannot_be_looked_at_is_done_with_the_word_why(office: Office) -> None:
    office.project.add("d", "")
    office.store.sync_sources(office.config.watched, office.now)
    office.ledger.ask("abcd", "", office.now)
    office.give(Action.PAUSE, "a")
    office.text = office.text.replace('id = "b"', 'id = "e"')
    async with working(worker(office)):
        done = await all_done(office)
    assert outcomes(done) == {"a": "paused", "b": "gone", "c": "done", "d": "no_link"}


async def test_it_says_where_nothing_could_be_said(office: Office) -> None:
    await office.run(0)
    for letter in "abc":
        office.web.behave(f"/{letter}", _hang_up)
    async with working(worker(office)):
        office.give(Action.CHECK, "a", "b", "c")
        done = await all_done(office)
    assert outcomes(done) == dict.fromkeys("abc", "inconclusive")
    assert office.state() is State.OK


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    """Without a word."""


async def test_it_waits_while_another_run_goes_on(office: Office) -> None:
    visits = len(office.web.log)
    with run_lock(office.project.database, office.now):
        async with working(worker(office)):
            office.give(Action.CHECK, "a")
            await asyncio.sleep(0.3)
            assert len(office.web.log) == visits
            assert len(office.ledger.waiting()) == 1
    async with working(worker(office)):
        assert outcomes(await all_done(office)) == {"a": "done"}


async def test_two_workers_look_at_a_link_once(office: Office) -> None:
    with Ledger.open(office.project.database) as other:
        async with working(worker(office), worker(office, other)):
            for _ in range(3):
                office.give(Action.CHECK, "a", "b", "c")
                await all_done(office)
    visits = [asked.path for asked in office.web.log if asked.path != "/robots.txt"]
    assert {visits.count(f"/{letter}") for letter in "abc"} == {3}


async def test_while_it_looks_other_runs_are_kept_out_and_answers_are_taken(office: Office) -> None:
    office.web.hang("/a", 0.5)
    async with working(worker(office)):
        office.give(Action.CHECK, "a")
        await office.web.visited("/a")
        with pytest.raises(AlreadyRunning), run_lock(office.project.database, office.now):
            pass
        office.answer(Action.ASSIGN, "b", assignee="Olle")
        await all_done(office)


async def test_an_address_that_is_accepted_while_the_old_one_is_looked_at_is_looked_at_next(office: Office) -> None:
    office.web.hang("/a", 0.5)
    async with working(worker(office)):
        office.give(Action.CHECK, "a")
        await office.web.visited("/a")
        office.answer(Action.ACCEPT, url=office.web.url("new.example", "/new"))
        await all_done(office)
    assert [asked.path for asked in office.web.log if asked.path != "/robots.txt"] == ["/a", "/new"]
    assert (office.view().source.url, office.state()) == ("http://new.example/new", State.OK)


async def test_an_address_that_is_accepted_before_it_begins_to_look_is_the_one_it_looks_at(office: Office) -> None:
    """Whatever it knew of the configuration when it saw that there is something to do."""
    watched, asked = WatchedConfig(office.project.config), list[Config]()

    def config() -> Config:
        asked.append(watched.newest())
        if len(asked) == 2:  # first to know the database, then because something waits
            office.answer(Action.ACCEPT, url=office.web.url("new.example", "/new"))
        return asked[-1]

    office.ledger.ask("b", "", office.now)
    async with working(Worker(config=config, ledger=office.ledger, now=lambda: office.now, poll_s=0.02)):
        await all_done(office)
    assert "/a" not in [visit.path for visit in office.web.log]
    assert (office.view().source.url, office.state()) == ("http://new.example/new", State.OK)


async def test_an_address_that_is_accepted_while_the_database_is_waited_for_is_the_one_it_looks_at(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, accepted = Store.sync_sources, list[Review]()

    def after_an_answer(store: Store, sources: Sequence[Source], now: datetime) -> tuple[Transition, ...]:
        if not accepted:
            accepted.append(office.answer(Action.ACCEPT, url=office.web.url("new.example", "/new")))
        return sync(store, sources, now)

    office.ledger.ask("a", "", office.now)
    monkeypatch.setattr(Store, "sync_sources", after_an_answer)
    async with working(worker(office)):
        await all_done(office)
    assert "/a" not in [visit.path for visit in office.web.log]
    assert (office.view().source.url, office.state()) == ("http://new.example/new", State.OK)


async def test_an_approval_that_is_taken_back_while_the_page_is_read_is_not_forgotten(office: Office) -> None:
    """The page that is read is the approved one, and the next visit must not take it for unchanged."""
    other = living("a", [f"annat{number}" for number in range(40)])
    await office.run(0)
    office.web.say("/a", other)
    await office.run(1, 2, 3, 4)
    approved, office.day = office.answer(Action.APPROVE), 5
    async with working(worker(office)):
        await all_done(office)
        assert office.state() is State.OK
        office.web.behave("/a", functools.partial(_slowly, other))
        office.web.log.clear()
        office.give(Action.CHECK, "a")
        await office.web.visited("/a")
        assert office.take_back(approved).reviews
        await all_done(office)
    assert office.state() is State.ATTENTION


async def _slowly(body: bytes, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.5)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)


async def test_many_are_looked_at_a_few_at_a_time(office: Office) -> None:
    for number in range(30):
        office.web.say(f"/x{number}", page(f"Sida {number}"))
        office.project.add(f"x{number}", office.web.url("x.example", f"/x{number}"))
    office.text = office.text.replace("resolve = {", f'resolve = {{"x.example" = "127.0.0.1:{office.web.port}", ')
    office.store.sync_sources(office.config.watched, office.now)
    office.give(Action.CHECK, *(f"x{number}" for number in range(30)))
    async with working(worker(office)):
        done = await all_done(office)
    assert len({one.run_id for one in done.values()}) == 2


async def test_a_host_is_left_alone_between_two_batches(office: Office) -> None:
    office.text = office.text.replace("per_host_delay_s = 0", "per_host_delay_s = 0.4")
    async with working(worker(office)):
        for _ in range(2):
            office.give(Action.CHECK, "a")
            await all_done(office)
    first, second = [asked.at for asked in office.web.log if asked.path == "/a"]
    assert second - first >= 0.4


async def test_it_stops_at_once_and_leaves_waiting_what_it_has_not_begun(office: Office) -> None:
    office.web.hang("/a", 1)
    office.text = office.text.replace(office.links["b"], office.web.url("a.example", "/b"))
    async with working(worker(office)):
        office.ledger.ask("ab", "", office.now)
        await office.web.visited("/a")
    assert [one.link_id for one in office.ledger.waiting()] == ["b"]
    assert outcomes(requests(office)) == {"a": "done", "b": None}


async def test_a_fault_of_ours_is_told_and_it_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No server can bring one about, so the one that is brought about here is our own."""
    original = Looker.at_work
    monkeypatch.setattr(Looker, "at_work", None)
    async with working(worker(office)):
        office.give(Action.CHECK, "a")
        assert outcomes(await all_done(office)) == {"a": "failed"}
        monkeypatch.setattr(Looker, "at_work", original)
        office.give(Action.CHECK, "a")
        assert outcomes(await all_done(office)) == {"a": "done"}
    assert "could not be looked at" in caplog.text


@pytest.mark.parametrize("edit", ["[nonsense\n[monitor]", "[monitor]\ndatabase = 'other.db'"])
async def test_a_configuration_that_cannot_be_used_leaves_the_one_before_it_in_force(office: Office, edit: str) -> None:
    async with working(worker(office)):
        office.text = office.text.replace("[monitor]", edit)
        office.ledger.ask("a", "", office.now)
        assert outcomes(await all_done(office)) == {"a": "done"}
    assert not list(office.project.folder.rglob("other.db"))


async def test_another_database_in_the_place_of_ours_gets_nothing(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    database = office.project.database
    one = worker(office)
    database.rename(database.with_name("away.db"))
    shutil.copy(database.with_name("away.db"), database)
    office.ledger.ask("a", "", office.now)
    async with working(one):
        while "another file is in its place" not in caplog.text:
            await asyncio.sleep(0.01)
    assert office.ledger.waiting()


_A_WORKER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from linkwatch.config import load
from linkwatch.look import Looker
from linkwatch.store import Ledger
from linkwatch.web.worker import Worker

path, database = map(Path, sys.argv[1:])
work = Worker(config=lambda: load(path), ledger=Ledger.open(database), now=lambda: datetime.now(UTC), poll_s=0.02)
asyncio.run(work.run(asyncio.Event()))
"""


async def test_what_a_killed_worker_had_taken_is_taken_by_the_next(office: Office) -> None:
    office.web.hang("/a")
    office.ledger.ask("abc", "Karin", office.now)
    arguments = (str(office.project.config), str(office.project.database))
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", _A_WORKER, *arguments, env=surroundings())
    try:
        await office.web.visited("/a")
    finally:
        child.kill()
        await child.wait()
    assert [one.link_id for one in office.ledger.waiting()] == ["a", "b", "c"]
    office.web.say("/a", page("Sida a"))
    async with working(worker(office)):
        assert outcomes(await all_done(office)) == dict.fromkeys("abc", "done")
    with office.ledger.reading() as db:
        notes = [note for (note,) in db.execute("SELECT note FROM runs ORDER BY id")]
    assert notes == ["interrupted", None]


async def test_it_works_beside_whoever_else_uses_the_loop(office: Office) -> None:
    """Reading and writing happen in a thread: the loop that serves pages is never held up for long."""
    longest, before = 0.0, asyncio.get_running_loop().time()
    async with working(worker(office)):
        office.give(Action.CHECK, "a", "b", "c")
        while office.ledger.waiting():
            await asyncio.sleep(0.005)
            at = asyncio.get_running_loop().time()
            longest, before = max(longest, at - before), at
    assert threading.active_count() < 20
    assert longest < 0.5
