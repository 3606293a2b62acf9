"""`linkwatch prune`: what it says, and that every question is answered afterwards as before."""

import re
import signal
import sqlite3
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.desk_world import make
from linkwatch.config import Config
from linkwatch.locale import Words
from linkwatch.report import FORMATS, render
from linkwatch.report.reading import Reading
from linkwatch.report.trend import since, trend
from linkwatch.snapshots import snapshot
from linkwatch.store import Desk, Store
from linkwatch.store.history import History
from linkwatch.web.app import make_app
from linkwatch.web.current import Current
from tests.cli.command import Project, linkwatch, no_traceback, start

with warnings.catch_warnings():  # it would rather have a successor of httpx
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

THEN = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
_TITLES = re.compile('<section aria-labelledby="titles-heading">.*?</section>', re.DOTALL)
_ONCE = re.compile(r'nonce-[\w-]+|nonce="[^"]*"|value="[\w.-]{20,}"')


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.make(tmp_path, {"a": "http://127.0.0.1:1/a"})


@pytest.fixture
def world(tmp_path: Path) -> Config:
    """Sixty links with a past of two years."""
    return make(tmp_path, now=THEN, links=60, years=2)


# ---------------------------------------------------------------- the same answers


def answers(config: Config) -> dict[str, str]:
    """All that reports and the desk tell, by what was asked; what pages called themselves is looked at by itself."""
    told = {
        kind: render(snapshot(config, THEN), format=kind, words=Words("sv"), title="T", timezone="Europe/Stockholm")
        for kind in FORMATS
    }
    with Current(config.path, clock=lambda: THEN) as current:
        client = TestClient(
            make_app(current, current.config.web), "http://127.0.0.1:8420", client=("127.0.0.1", 50_000)
        )
        links = [source.id for source in config.sources]
        paths = [
            "/",
            "/links",
            "/owners",
            "/log",
            "/feed.xml",
            "/api/v1/summary",
            "/api/v1/incidents",
            "/api/v1/reviews",
        ]
        for path in [*paths, *(f"/links/{link}" for link in links), *(f"/api/v1/links/{link}" for link in links)]:
            page = client.get(path)
            told[path] = f"{page.status_code} {_ONCE.sub('', _TITLES.sub('', page.text))}"
    return told


def titles(config: Config) -> dict[str, list[str | None]]:
    """What each page called itself, through time."""
    with Desk.open(config.database, read_only=True) as desk:
        found = {source.id: [seen.title for seen in desk.titles(source.id)] for source in config.sources}
    return {link: [t for n, t in enumerate(seen) if n == 0 or seen[n - 1] != t] for link, seen in found.items()}


def how_often(config: Config) -> dict[str, tuple[int, int]]:
    """How many checks each link has had, and how long its answers took together."""
    with Desk.open(config.database, read_only=True) as desk:
        found = {source.id: desk.history(source.id, 10_000) for source in config.sources}
    return {
        link: (sum(one.times for one in seen), sum(round(one.times * (one.elapsed_mean_ms or 0)) for one in seen))
        for link, seen in found.items()
    }


def strips(desk: Desk, config: Config) -> list[tuple[object, ...]]:
    """How each link has stood over the last year, in pictures and in words."""
    reading = Reading(words=Words("sv"), timezone="Europe/Stockholm", now=THEN)
    links = desk.links([source.id for source in config.sources], THEN)
    told = trend(links, desk.transitions_of([link.source.id for link in links], since(reading)), reading)
    return [(strip.link.source.id, strip.runs, strip.says) for strip in told.strips]


def test_every_question_is_answered_as_before(world: Config) -> None:
    before = answers(world), titles(world), how_often(world)
    assert {text[:4] for path, text in before[0].items() if path.startswith("/links/")} == {"200 "}
    kept = world.operations
    with History.open(world.database) as history:
        pruned = history.prune(THEN, raw=kept.raw, days=kept.days, retention=kept.retention)
    assert pruned.folded > 100
    assert pruned.rolled > 0
    after = answers(world), titles(world), how_often(world)
    assert [path for path, text in before[0].items() if after[0][path] != text] == []
    assert after[2] == before[2]
    short = {link for link in before[1] if before[1][link] != after[1][link]}
    assert len(short) <= pruned.rolled  # a title that was there for a day
    with Store.open(world.database) as store:
        store.verify()


def test_what_the_retention_keeps_is_told_as_before(world: Config) -> None:
    with Desk.open(world.database, read_only=True) as desk:
        before = strips(desk, world)
        checked = [len(desk.history(source.id, 1)) for source in world.sources if source.url]
    with History.open(world.database) as history:
        pruned = history.prune(THEN, raw=timedelta(days=30), days=timedelta(days=200), retention=timedelta(days=400))
    assert {"checks", "transitions", "reviews", "incidents", "runs"} <= pruned.forgotten.keys()
    with Desk.open(world.database, read_only=True) as desk:
        after = strips(desk, world)
        assert [len(desk.history(source.id, 1)) for source in world.sources if source.url] == checked
    assert after == before
    with Store.open(world.database) as store:
        store.verify()


# ---------------------------------------------------------------- the command


def test_it_says_what_it_would_do_and_does_it(world: Config) -> None:
    def prune(*arguments: str) -> dict[str, object]:
        done = linkwatch("prune", "--json", *arguments, "--config", str(world.path))
        no_traceback(done)
        told: dict[str, object] = done.json
        return told

    would = prune("--dry-run")
    assert would == prune("--dry-run")
    did = prune()
    assert {name: did[name] for name in ("folded", "rolled", "forgotten")} == {
        name: would[name] for name in ("folded", "rolled", "forgotten")
    }
    assert int(str(did["folded"])) > 0
    assert prune() == {"folded": 0, "rolled": 0, "forgotten": {}, "given_back": 0, "days_behind": 0, "is_whole": True}


def test_it_tells_people_in_their_language(world: Config) -> None:
    done = linkwatch("prune", "--dry-run", "--config", str(world.path))
    assert done.stdout.startswith("Äldre kontroller: ")
    done = linkwatch("prune", "--config", str(world.path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")  # off a terminal
    done = linkwatch("prune", "--dry-run", "--config", str(world.path))
    assert done.stdout == "Det finns inget att gallra.\n"


def test_it_needs_a_database_and_a_configuration(project: Project) -> None:
    done = project.run("prune")
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no database" in done.stderr
    assert not project.database.exists()
    assert linkwatch("prune", "--config", str(project.folder / "none.toml")).returncode == 2


@contextmanager
def blocked(database: Path) -> Iterator[None]:
    """Somebody else is the writer."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.close()


def wait_until_it_listens(process: int) -> None:
    """Until it has said what is to be done on SIGTERM."""
    for _ in range(200):
        (caught,) = re.findall(r"SigCgt:\s*(\w+)", Path(f"/proc/{process}/status").read_text(encoding="ascii"))
        if int(caught, 16) >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.05)
    raise AssertionError("it never listened")


def test_a_signal_ends_it_between_two_steps(world: Config) -> None:
    with blocked(world.database):
        process = start("prune", "--json", "--config", str(world.path))
        wait_until_it_listens(process.pid)
        process.send_signal(signal.SIGTERM)
    told, _ = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert '"is_whole": false' in told
