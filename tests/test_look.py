"""One link's look, where it meets the store: what is asked beside it, and what is kept of that."""

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from linkwatch.config import load
from linkwatch.core.models import State
from linkwatch.run import RunReport, run_once
from linkwatch.store import Store
from tests.cli.command import Project
from tests.small_web import Web, page

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


async def test_a_refused_port_says_nothing_of_the_others_of_its_host(tmp_path: Path) -> None:
    """https is refused and http is well: the http link is visited all the same."""
    async with Web() as web:
        web.say("/b", page("B"))
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            closed = unused.getsockname()[1]
        links = {"a": f"https://a.example:{closed}/a", "b": web.url("a.example", "/b")}
        links |= {f"well{n}": web.url(f"well{n}.example", "/b") for n in range(3)}
        project = Project.make(tmp_path, links, fetch=web.pins.replace(f":{web.port}", "", 1))
        text = project.config.read_text(encoding="utf-8").replace(
            "http://a.example/b", f"http://a.example:{web.port}/b"
        )
        project.config.write_text(text, encoding="utf-8")
        with Store.open(project.database) as store:
            report = await play(project, store, 0)
    assert report.verdicts["a"].reason == "connect_refused"
    assert report.verdicts["b"].code == "ok"


async def test_it_shares_a_dead_connection_without_the_facts_of_another_link(tmp_path: Path) -> None:
    async with Web() as web:
        web.say("/", page("Well"))
        links = {"a": "http://dead.example/a", "b": "http://dead.example/b"}
        links |= {f"well{n}": web.url(f"well{n}.example", "/") for n in range(3)}
        fetch = web.pins.replace("resolve = {", 'resolve = {"dead.example" = "127.0.0.1:9", ')
        project = Project.make(tmp_path, links, fetch=fetch)
        with Store.open(project.database) as store:
            await play(project, store, 0)
            views = {view.source.id: view for view in store.snapshot(START).links}
    assert views["b"].belief.reason == "connect_refused"
    assert views["b"].facts.final_url == "http://dead.example/b"
    assert views["b"].evidence["host_fault_of"] == "a"


async def test_what_a_host_in_trouble_left_over_comes_first_next_time(tmp_path: Path) -> None:
    async with Web() as web:
        web.say("/", page("Well"))
        for letter in "abcde":
            web.hang(f"/{letter}")
        links = {letter: web.url("slow.example", f"/{letter}") for letter in "abcde"}
        links |= {f"well{n}": web.url(f"well{n}.example", "/") for n in range(3)}
        project = Project.make(tmp_path, links, fetch=f"timeout_s = 0.3\nrespect_robots = false\n{web.pins}")
        with Store.open(project.database) as store:
            first = await play(project, store, 0)
            second = await play(project, store, 1)
    left = {id for id, verdict in first.verdicts.items() if verdict.reason == "host_trouble"}
    assert left == {"d", "e"}
    assert {second.verdicts[id].reason for id in left} == {"read_timeout"}


async def test_a_page_at_a_new_address_is_not_measured_by_the_old_ones_text(tmp_path: Path) -> None:
    async with Web() as web:
        web.say("/one", page("Ett", "Den första sidan handlar om något helt annat än den andra. " * 20))
        web.say("/two", page("Två", "Här beskrivs drivmedel, apotek, post och betaltjänster i länet. " * 20))
        project = Project.make(tmp_path, {"a": web.url("a.example", "/one")}, fetch=web.pins)
        with Store.open(project.database) as store:
            await play(project, store, 0)
            text = project.config.read_text(encoding="utf-8").replace("/one", "/two")
            project.config.write_text(text, encoding="utf-8")
            reports = [await play(project, store, day) for day in (1, 2, 3)]
    assert {report.verdicts["a"].code for report in reports} == {"ok"}


async def test_a_page_that_it_was_sent_to_at_first_sight_is_not_called_the_content(tmp_path: Path) -> None:
    async with Web() as web:
        web.redirect("/regional/serviceprogram-2023.html", 301, "/resa/tidtabeller")
        web.say("/resa/tidtabeller", page("Tidtabeller", "Bussen går varje timme från torget till stationen. " * 20))
        link = web.url("a.example", "/regional/serviceprogram-2023.html")
        project = Project.make(tmp_path, {"a": link}, fetch=web.pins)
        with Store.open(project.database) as store:
            reports = [await play(project, store, day) for day in (0, 1, 2)]
            assert store.copy("a") is None
    assert {(report.verdicts["a"].code, report.verdicts["a"].reason) for report in reports} == {
        ("redirected", "unrecognised")
    }


async def test_a_captive_portal_breaks_no_link(tmp_path: Path) -> None:
    async with Web() as web:
        paths = [f"/{n}" for n in range(6)]
        for path in paths:
            web.say(path, page(f"Sida {path}", f"Om {path} finns det mycket att säga i länet. " * 20))
        links = {f"s{n}": web.url(f"s{n}.example", path) for n, path in enumerate(paths)}
        project = Project.make(tmp_path, links, fetch=web.pins)
        with Store.open(project.database) as store:
            await play(project, store, 0)
            for path in paths:
                web.redirect(path, 302, "http://10.0.0.1/login")
            portal = await play(project, store, 1)
            for path in paths:
                web.say(
                    path, page("Gästnät", "Välkommen till hotellets gästnät. Godkänn villkoren för att surfa. " * 9)
                )
            pages = [await play(project, store, day) for day in (2, 3.1)]
            states = {view.belief.state for view in store.snapshot(START).links}
    assert [report.run.conclusive for report in (portal, *pages)] == [False, False, False]
    assert states == {State.OK}
