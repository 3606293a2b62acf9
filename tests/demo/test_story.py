import asyncio
import time
from dataclasses import dataclass, field

import pytest

from linkwatch import config as configuration
from linkwatch.core.models import Code, State
from linkwatch.demo.chapters import CHAPTERS, expected
from linkwatch.demo.sites import counties
from linkwatch.demo.story import Outcome, Told, play
from linkwatch.demo.telling import Narrator
from linkwatch.store import Store

_SUSPECT = (State.FAILING, State.BROKEN)


@dataclass
class Played:
    outcome: Outcome
    seconds: float
    told: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("demo på svenska")
    told: list[str] = []
    began = time.monotonic()
    outcome = asyncio.run(play(folder, language="sv", tell=told.append))
    return Played(outcome, time.monotonic() - began, told)


def beliefs(told: Told) -> dict[str, tuple[State, Code | None]]:
    return {view.source.id: (view.belief.state, view.belief.finding) for view in told.snapshot.links}


@pytest.mark.parametrize("number", range(len(CHAPTERS)), ids=[chapter.key for chapter in CHAPTERS])
def test_every_chapter_ends_as_the_story_says(played: Played, number: int) -> None:
    told = played.outcome.chapters[number]
    wanted = {link: (belief.state, belief.finding) for link, belief in expected(told.chapter).items()}
    assert beliefs(told) == wanted
    assert told.surprises == ()
    assert told.run.run.conclusive is not told.chapter.offline


def test_the_day_without_a_network_changes_nothing(played: Played) -> None:
    number = next(n for n, chapter in enumerate(CHAPTERS) if chapter.offline)
    before, after = played.outcome.chapters[number - 1], played.outcome.chapters[number]
    assert [view.belief for view in after.snapshot.links] == [view.belief for view in before.snapshot.links]
    assert after.transitions == ()
    assert after.run.run.note == "own_network"
    assert len(after.run.verdicts) == 21


def test_no_link_is_suspected_before_something_befell_it(played: Played) -> None:
    for told in played.outcome.chapters:
        suspected = {link for link, (state, _) in beliefs(told).items() if state in _SUSPECT}
        assert suspected == {link for link, belief in expected(told.chapter).items() if belief.state in _SUSPECT}


def test_those_whom_nothing_befell_are_ok_throughout(played: Played) -> None:
    befallen = {link for chapter in CHAPTERS for link in chapter.expect}
    spared = {one.id for one in counties()} - befallen
    assert len(spared) >= 5
    for told in played.outcome.chapters:
        assert {link: beliefs(told)[link] for link in spared} == dict.fromkeys(spared, (State.OK, Code.OK))


@pytest.mark.parametrize(
    ("chapter", "link", "url"),
    [
        ("polite_404", "skane", "https://www.skane.example/utveckling/landsbygd/service-pa-landsbygden.html"),
        (
            "raw_bytes",
            "orebro",
            "https://www.regionorebrolan.example/sv/regional-utveckling/%C3%B6rebro/serviceprogram",
        ),
    ],
)
def test_a_page_that_moved_comes_with_its_new_address(played: Played, chapter: str, link: str, url: str) -> None:
    told = next(told for told in played.outcome.chapters if told.chapter.key == chapter)
    suggestion = told.run.verdicts[link].suggestion
    assert suggestion is not None
    assert suggestion.url.replace("%F6", "%C3%B6") == url


def test_it_leaves_a_configuration_a_database_and_a_report_that_can_be_used(played: Played) -> None:
    outcome = played.outcome
    config = configuration.load(outcome.config)
    assert len(config.sources) == 21
    with Store.open(outcome.database, read_only=True) as store:
        snapshot = store.snapshot(CHAPTERS[-1].at)
    assert [view.belief for view in snapshot.links] == [view.belief for view in outcome.chapters[-1].snapshot.links]
    html = outcome.report.read_text(encoding="utf-8")
    assert all(one.name in html for one in counties())


def test_it_tells_every_chapter_and_where_things_lie(played: Played) -> None:
    opening, *chapters, ending = played.told
    assert "21 läns serviceprogram" in opening
    assert len(chapters) == len(CHAPTERS)
    assert chapters[1].startswith("19 januari 2026 – ")
    assert "Västmanland: fungerar → misstänkt fel" in chapters[1]
    assert "Jämtland: fungerar → " in chapters[1]
    assert str(played.outcome.report) in ending
    assert " status --config '" in ending


def test_a_link_that_the_agency_mends_on_its_page_is_closed_with_its_reason(played: Played) -> None:
    number = next(n for n, chapter in enumerate(CHAPTERS) if chapter.key == "next_period")
    before, after = played.outcome.chapters[number - 1], played.outcome.chapters[number]
    views = [next(view for view in told.snapshot.links if view.source.id == "skane") for told in (before, after)]
    assert views[0].incident is not None
    assert views[1].incident is None
    assert views[1].source.url == "https://www.skane.example/utveckling/landsbygd/service-pa-landsbygden.html"
    mended = views[1].mended
    assert mended is not None
    assert (mended.closed_as, mended.closed_at) == ("fixed_on_page", after.chapter.at)
    assert "Skåne: flyttad → fungerar (rättad på sidan)" in played.told[number + 1]


def test_the_agencys_own_page_raises_no_alarm(played: Played) -> None:
    for told in played.outcome.chapters:
        (page,) = told.snapshot.listings
        assert (page.belief.state, page.incident) == (State.OK, None)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_language_has_every_sentence(played: Played, language: str) -> None:
    narrator = Narrator(language)
    for told in played.outcome.chapters:
        assert narrator.chapter(told.chapter, told.run, told.transitions, told.snapshot).count("\n") >= 4
