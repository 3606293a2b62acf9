"""One link's look, where it meets the store: what is asked beside it, and what is kept of that."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from linkwatch.config import load
from linkwatch.core.models import State
from linkwatch.run import RunReport, run_once
from linkwatch.store import Store
from tests.cli.command import Project
from tests.web import Web, page

START = datetime(2026, 1, 12, 8, tzinfo=UTC)
LOST = page("Fel", "Något blev tyvärr fel här hos oss. Gå till startsidan eller sök. " * 6)


async def play(project: Project, store: Store, days: float) -> RunReport:
    config = load(project.config)
    now = START + timedelta(days=days)
    store.sync_sources(config.sources, now)
    return await run_once(config=config, store=store, sources=config.sources, now=now)


def unknown_addresses(web: Web, known: set[str]) -> int:
    return sum(asked.path.startswith("/om/") and asked.path not in known for asked in web.log)


async def test_it_asks_for_addresses_that_cannot_exist_once_a_week_in_each_folder(tmp_path: Path) -> None:
    paths = {f"/om/{letter}" for letter in "abcdef"}
    async with Web() as web:
        for path in paths:
            web.say(path, page(f"Sida {path}", f"Om {path} i länet finns det mycket att säga. " * 20))
        links = {path[-1]: web.url("a.example", path) for path in sorted(paths)}
        project = Project.make(tmp_path, links, fetch=web.pins, monitor="")
        with Store.open(project.database) as store:
            await play(project, store, 0)
            assert unknown_addresses(web, paths) == 0  # a healthy page costs no extra request
            for path in paths:
                web.say(path, LOST)
            web.otherwise = (200, LOST)
            report = await play(project, store, 1)
            first = unknown_addresses(web, paths)
            await play(project, store, 2)
            assert unknown_addresses(web, paths) == first
            await play(project, store, 10)
            assert unknown_addresses(web, paths) == 2 * first
    assert {verdict.code for verdict in report.verdicts.values()} == {"soft_404"}
    assert 1 <= first <= 2


async def test_it_tells_one_cause_as_one_incident(tmp_path: Path) -> None:
    async with Web() as web:
        links = {letter: web.url("a.example", f"/om/{letter}") for letter in "abc"}
        links |= {f"well{n}": web.url(f"well{n}.example", "/") for n in range(3)}
        web.say("/", page("Well"))
        for letter in "abc":
            web.say(f"/om/{letter}", page(letter))
        project = Project.make(tmp_path, links, fetch=web.pins)
        with Store.open(project.database) as store:
            await play(project, store, 0)
            for letter in "abc":
                web.say(f"/om/{letter}", page("Nej"), status=410)
            await play(project, store, 1)
            await play(project, store, 2)
            views = {view.source.id: view for view in store.snapshot(START).links}
            incidents = store.incidents(START)
    assert len(incidents) == 1
    assert incidents[0].open_links == ("a", "b", "c")
    assert {views[letter].incident for letter in "abc"} == set(incidents)
    assert views["a"].belief.state is State.BROKEN
    assert views["well0"].incident is None
    grounds = views["a"].grounds
    assert grounds is not None
    assert (grounds.facts.http_status, grounds.times) == (410, 2)
    assert (grounds.first_seen, grounds.last_seen) == (START + timedelta(days=1), START + timedelta(days=2))
    assert grounds.evidence["rule"]
