"""Our own page, in whole runs: what it says is followed, what is wrong with it is told, and a mended link is closed."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from linkwatch import editing
from linkwatch.config import load
from linkwatch.core.listed import Edit
from linkwatch.core.models import Incident, LinkView, State
from linkwatch.run import RunReport, run_once
from linkwatch.store import Store
from tests.cli.command import Project
from tests.small_web import PROSE, Web, page

START = datetime(2026, 1, 12, 8, tzinfo=UTC)
IDS = ("a", "b", "c", "d")
LISTING = "listing:ours"


@dataclass
class Desk:
    web: Web
    project: Project
    store: Store
    links: dict[str, str]
    log: list[RunReport] = field(default_factory=list)

    def publish(self, links: dict[str, str] | None = None, *, words: str = PROSE) -> None:
        rows = "".join(f'<li><a href="{url}">{name.upper()}</a></li>' for name, url in (links or self.links).items())
        body = f"<main><h1>Program</h1><p>{words}</p><h2>Our links</h2><ul>{rows}</ul></main>"
        self.web.say("/list", f"<!doctype html><title>Program</title>{body}".encode())

    async def run(self, days: float) -> RunReport:
        config, now = load(self.project.config), START + timedelta(days=days)
        self.store.sync_sources(config.watched, now)
        self.log.append(
            await run_once(config=config, store=self.store, sources=config.sources, listings=config.listings, now=now)
        )
        return self.log[-1]

    @property
    def text(self) -> str:
        return self.project.config.read_text(encoding="utf-8")

    def view(self, id: str) -> LinkView:
        snapshot = self.store.snapshot(START + timedelta(days=30))
        return next(view for view in (*snapshot.links, *snapshot.listings) if view.source.id == id)

    def alarms(self) -> list[tuple[str, str | None]]:
        found = self.store.incidents(START + timedelta(days=99))
        return [(one.code.value, one.reason) for one in found if LISTING in one.open_links]

    def incident_of(self, id: str) -> Incident:
        return next(one for one in self.store.incidents(START) if id in one.links)


Made = Callable[..., Desk]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Made]:
    async with Web() as web:
        links = {letter: web.url(f"{letter}.example", f"/{letter}") for letter in IDS}
        links |= {"new": web.url("new.example", "/new")}
        for letter in (*IDS, "new"):
            web.say(f"/{letter}", page(f"Sida {letter}", f"Om {letter} finns mycket att säga i länet. " * 20))
        url = web.url("ours.example", "/list")
        stores: list[Store] = []

        def made(**keys: object) -> Desk:
            watched = {id: links[id] for id in IDS}
            project = Project.make(tmp_path, watched, fetch=web.pins)
            rows = "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
            with project.config.open("a", encoding="utf-8") as file:
                file.write(f"[[listing]]\nid = 'ours'\nurl = '{url}'\nheading = 'Our links'\nexpect = 4\n{rows}")
            stores.append(Store.open(project.database))
            desk = Desk(web, project, stores[-1], watched)
            desk.publish()
            return desk

        yield made
        for store in stores:
            store.close()


async def test_a_page_that_says_what_is_watched_is_well_and_remembered(make: Made) -> None:
    desk = make()
    report = await desk.run(0)
    assert report.listings[0].differences == ()
    assert desk.view(LISTING).belief.state is State.OK
    assert desk.alarms() == []
    assert [link.name for link in desk.store.readings()[LISTING].reading.links] == ["A", "B", "C", "D"]
    assert report.run.visited == 4
    assert set(report.verdicts) == set(IDS)


def wall(web: Web) -> None:
    web.say("/list", b"<title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x></script>"
                     b"<p>Checking your browser. Cloudflare Ray ID: 1</p>", status=403)  # fmt: skip


def login(web: Web) -> None:
    web.say("/list", b"<title>Logga in</title><main><h1>Logga in</h1><form action=/login method=post>"
                     b"<input name=user><input type=password name=p><button>OK</button></form></main>")  # fmt: skip


def soft_404(web: Web) -> None:
    web.say("/list", page("Sidan kunde inte hittas", "Sidan kunde inte hittas. "))


def gone(web: Web) -> None:
    web.say("/list", page("Borttagen"), status=410)


def error(web: Web) -> None:
    web.say("/list", page("Fel"), status=500)


def empty(web: Web) -> None:
    web.say("/list", f"<main><h1>Program</h1><p>{PROSE}</p><h2>Our links</h2><p>Kommer.</p></main>".encode())


def strangers(web: Web) -> None:
    rows = "".join(f"<li><a href='https://x.example/{n}'>Annat {n}</a>" for n in range(4))
    web.say("/list", f"<main><h1>Program</h1><p>{PROSE}</p><h2>Our links</h2><ul>{rows}</ul></main>".encode())


@pytest.mark.parametrize("answer", [wall, login, soft_404, gone, error, empty, strangers])
async def test_a_page_that_does_not_answer_with_the_list_changes_nothing_and_is_told(
    make: Made, answer: Callable[[Web], None]
) -> None:
    desk = make(auto_apply=True)
    await desk.run(0)
    before = desk.text
    answer(desk.web)
    report = await desk.run(1)
    assert desk.text == before
    assert report.listings[0].reading is None
    assert len(desk.alarms()) == 1
    assert [link.name for link in desk.store.readings()[LISTING].reading.links] == ["A", "B", "C", "D"]
    assert {view.source.id for view in desk.store.snapshot(START).links} == set(IDS)
    desk.publish()
    await desk.run(2)
    assert desk.alarms() == []


async def test_another_number_than_expected_and_an_address_that_nobody_watches_are_told(make: Made) -> None:
    desk = make()
    await desk.run(0)
    desk.publish({id: url for id, url in desk.links.items() if id != "d"})
    await desk.run(1)
    assert desk.alarms() == [("changed", "listing_count")]
    desk.publish({**desk.links, "d": desk.web.url("new.example", "/new")})
    await desk.run(20)
    desk.publish()
    await desk.run(40)
    assert desk.alarms() == []
    desk.publish({**desk.links, "d": desk.web.url("new.example", "/new")})
    await desk.run(60)
    assert desk.alarms() == [("changed", "listing_unwatched")]
    assert "new.example" in desk.view(LISTING).evidence["unwatched"]


async def test_a_link_mended_on_the_page_is_followed_and_closed_with_its_reason(make: Made) -> None:
    desk = make(auto_apply=True)
    await desk.run(0)
    desk.web.say("/a", page("Borta"), status=410)
    await desk.run(1)
    await desk.run(2)
    assert desk.view("a").belief.state is State.BROKEN
    before = desk.text
    new = desk.web.url("new.example", "/new")
    desk.publish({**desk.links, "a": new})
    report = await desk.run(3)
    assert [line for line in desk.text.splitlines() if line not in before.splitlines()] == [f'url = "{new}"']
    assert desk.view("a").belief.state is State.OK
    incident = desk.incident_of("a")
    assert (incident.closed_at, incident.closed_as) == (START + timedelta(days=3), "fixed_on_page")
    assert desk.view("a").mended == incident
    assert [(one.new, one.reason) for one in report.transitions if one.link_id == "a"][-1] == (
        State.OK,
        "fixed_on_page",
    )
    assert desk.alarms() == []
    assert (await desk.run(4)).transitions == ()


async def test_a_link_that_a_person_mended_in_both_places_closes_as_fixed_too(make: Made) -> None:
    desk = make()
    await desk.run(0)
    desk.web.say("/a", page("Borta"), status=410)
    await desk.run(1)
    new = desk.web.url("new.example", "/new")
    desk.publish({**desk.links, "a": new})
    desk.project.config.write_text(desk.text.replace(desk.links["a"], new), encoding="utf-8")
    await desk.run(2)
    assert desk.incident_of("a").closed_as == "fixed_on_page"


async def test_a_page_that_came_back_by_itself_is_not_called_fixed(make: Made) -> None:
    desk = make()
    await desk.run(0)
    desk.web.say("/a", page("Borta"), status=410)
    await desk.run(1)
    desk.web.say("/a", page("Sida a", "Om a finns mycket att säga i länet. " * 20))
    await desk.run(2)
    assert desk.incident_of("a").closed_at is not None
    assert desk.incident_of("a").closed_as is None


async def test_a_new_address_that_is_dead_keeps_the_incident_open(make: Made) -> None:
    desk = make(auto_apply=True)
    await desk.run(0)
    desk.web.say("/a", page("Borta"), status=410)
    await desk.run(1)
    desk.web.say("/new", page("Borta"), status=410)
    desk.publish({**desk.links, "a": desk.web.url("new.example", "/new")})
    await desk.run(2)
    assert "new.example" in desk.view("a").source.url
    assert desk.incident_of("a").closed_at is None


async def test_an_address_that_somebody_accepted_while_the_page_was_read_stays(make: Made) -> None:
    desk = make(auto_apply=True)
    desk.publish()
    await desk.run(0)
    desk.publish({**desk.links, "a": desk.web.url("a.example", "/published")})
    body, accepted = desk.web._pages["/list"][1], desk.web.url("a.example", "/accepted")

    async def answer(writer: asyncio.StreamWriter) -> None:
        editing.apply(desk.project.config, [Edit(kind="set", source_id="a", fields={"url": accepted})])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    desk.web.behave("/list", answer)
    (seen,) = (await desk.run(1)).listings
    assert load(desk.project.config).sources[0].url == accepted
    assert seen.complaint


async def test_without_auto_apply_it_changes_no_file(make: Made) -> None:
    desk = make()
    await desk.run(0)
    before = desk.text
    desk.publish({**desk.links, "a": desk.web.url("new.example", "/new")})
    report = await desk.run(1)
    assert desk.text == before
    assert [one.kind.value for one in report.listings[0].differences] == ["address_changed"]


async def test_a_page_on_which_everything_is_new_at_once_is_not_followed_unasked(make: Made) -> None:
    desk = make(auto_apply=True)
    await desk.run(0)
    before = desk.text
    desk.publish({id: f"https://proxy.example/{id}" for id in IDS})
    await desk.run(1)
    assert desk.text == before
    assert desk.alarms() == [("changed", "listing_unwatched")]


async def test_an_address_that_a_person_has_accepted_is_not_undone_by_the_page(make: Made) -> None:
    desk = make(auto_apply=True)
    await desk.run(0)
    accepted = desk.text.replace(desk.links["a"], desk.web.url("new.example", "/new"))
    desk.project.config.write_text(accepted, encoding="utf-8")
    await desk.run(1)
    assert desk.text == accepted


async def test_a_source_that_is_taken_over_leaves_the_others_on_their_listing(make: Made) -> None:
    desk = make(auto_apply=True)
    await desk.run(0)
    desk.publish({**desk.links, "nytt": desk.web.url("new.example", "/new")})
    await desk.run(1)
    after = desk.text
    report = await desk.run(2)
    assert after.count("[[source]]") == 5
    assert desk.text == after
    assert report.listings[0].differences == ()


async def test_nothing_is_taken_away_unasked_where_no_number_is_expected(make: Made) -> None:
    desk = make(auto_apply=True)
    desk.project.config.write_text(desk.text.replace("expect = 4\n", ""), encoding="utf-8")
    await desk.run(0)
    before = desk.text
    desk.publish({id: url for id, url in desk.links.items() if id != IDS[0]})
    await desk.run(1)
    assert desk.text == before


async def test_a_listing_that_is_looked_at_alone_gets_no_bad_name(make: Made) -> None:
    desk = make()
    await desk.run(0)
    desk.web.say("/list", page("Gästnät", "Godkänn villkoren för att surfa. " * 20))
    config, now = load(desk.project.config), START + timedelta(days=1)
    await run_once(config=config, store=desk.store, sources=[], listings=config.listings, now=now)
    assert desk.view(LISTING).belief.state is State.OK
    assert desk.alarms() == []


async def test_a_redesign_with_the_same_links_is_no_news(make: Made) -> None:
    desk = make(auto_apply=True)
    await desk.run(0)
    before = desk.text
    rows = "".join(
        f"<tr><th>{id.upper()}</th><td><a href='{url}'>Läs mer</a></td></tr>" for id, url in desk.links.items()
    )
    desk.web.say("/list", f"<main><h1>Ny sida</h1><p>Helt ny text.</p><table>{rows}</table></main>".encode())
    await desk.run(1)
    assert (desk.alarms(), desk.text) == ([], before)
