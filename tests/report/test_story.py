from dataclasses import replace
from datetime import timedelta

import pytest

from linkwatch.core.models import Belief, Code, Facts, Incident, LinkView, Snapshot, Source, State
from linkwatch.locale import Words
from linkwatch.report import render, story
from tests.report.sample import NOW, ago, belief, run, sample, source, view, well

SV = Words("sv")


def snapshot(*links: LinkView) -> Snapshot:
    return Snapshot(generated_at=NOW, run=run(), links=links)


def link(state: State, code: Code | None, letter: str = "K", days: float = 1) -> LinkView:
    return view(source(letter), belief(state, code, days=days))


NO_LINK = view(source("U", url=""), Belief(state=State.NO_LINK))
PAUSED = view(source("T"), Belief(state=State.PAUSED))
NEW = view(source("E"), Belief())
REDIRECTED = link(State.ATTENTION, Code.REDIRECTED)
CHANGED = link(State.ATTENTION, Code.CHANGED)


@pytest.mark.parametrize(
    ("links", "headline"),
    [
        ((), "Det finns inga länkar att kontrollera"),
        ((NO_LINK, PAUSED), "Det finns inga länkar att kontrollera"),
        ((NEW, NEW, NO_LINK), "Länkarna har inte kontrollerats än"),
        ((well("K"),), "Länken fungerar"),
        ((well("K"), well("C"), NO_LINK), "Alla 2 länkar fungerar"),
        ((well("K"), REDIRECTED), "Alla 2 länkar fungerar"),
        ((well("K"), CHANGED), "1 av 2 länkar fungerar; 1 att se över"),
        ((well("K"), NEW), "1 av 2 länkar fungerar; 1 inte kontrollerad än"),
        ((link(State.FAILING, Code.NOT_FOUND),), "0 av 1 länk fungerar; 1 misstänkt fel"),
        (
            (link(State.UNVERIFIABLE, Code.BLOCKED), link(State.MOVED, Code.MOVED), link(State.BROKEN, Code.GONE), NEW),
            "0 av 4 länkar fungerar; 1 trasig, 1 flyttad, 1 kunde inte kontrolleras, 1 inte kontrollerad än",
        ),
    ],
)
def test_it_sums_up_in_a_sentence(links: tuple[LinkView, ...], headline: str) -> None:
    assert story.headline(story.tally(snapshot(*links)), SV).sentence(SV) == headline


def test_it_tells_of_links_that_are_not_watched_beside() -> None:
    assert story.beside(story.tally(snapshot(NO_LINK, PAUSED, PAUSED)), SV) == "Dessutom 1 utan länk och 2 pausade."
    assert story.beside(story.tally(snapshot(well("K"))), SV) is None


def test_it_puts_the_gravest_first_and_the_older_before_the_newer() -> None:
    names = [link.source.name for told in story.sections(sample()).todo for link in story.links_of(told)]
    assert names == [
        "Dalarna", "Kalmar", "Blekinge", "Skåne", "Jämtland", "Norrbotten", "Jönköping", "Västerbotten", "Gävleborg",
    ]  # fmt: skip


def test_it_calls_a_confirmed_failure_gravest_whatever_was_found_last() -> None:
    broken = view(source("W"), belief(State.BROKEN, None, days=1))
    moved = link(State.MOVED, Code.MOVED, "M", days=50)
    assert story.sections(snapshot(moved, broken)).todo == (broken, moved)


def test_it_tells_of_each_link_once() -> None:
    told = [link.source.id for link in story.sections(sample()).all]
    assert len(told) == len(set(told))
    assert set(told) == {link.source.id for link in sample().links} - {
        "gotland", "halland", "kronoberg", "uppsala", "vastmanland", "orebro", "ostergotland",
    }  # fmt: skip


def test_it_ranks_redirects_last_and_after_certificates_that_end() -> None:
    assert [link.source.id for link in story.sections(sample()).notices] == ["stockholm", "sodermanland"]


@pytest.mark.parametrize(("days", "told"), [(-1, False), (0, True), (21, True), (21.01, False)])
def test_it_tells_of_a_certificate_that_ends_within_three_weeks(days: float, told: bool) -> None:
    soon = replace(well("K"), facts=Facts(tls_expires_at=NOW + timedelta(days=days)))
    assert (story.sections(snapshot(soon)).notices == (soon,)) is told


def test_it_tells_of_a_certificate_only_where_the_link_works() -> None:
    broken = view(source("K"), belief(State.BROKEN, Code.GONE, days=1), Facts(tls_expires_at=NOW))
    assert story.sections(snapshot(broken)).notices == ()


@pytest.mark.parametrize(
    ("changes", "beginning", "is_warning"),
    [
        (
            {},
            "Senaste kontrollen blev klar 23 november 2026 kl. 13:00 (för 1 timme sedan) och omfattade 18 länkar.",
            False,
        ),
        ({"conclusive": False, "note": "own_network"}, "Den senaste kontrollen, 23 november 2026 kl. 13:00", True),
        ({"finished_at": None, "conclusive": None}, "Den senaste kontrollen började 23 november 2026 kl. 12:58", False),
        ({"note": "stopped", "visited": 1}, "Den senaste kontrollen avbröts 23 november 2026 kl. 13:00", True),
    ],
)
def test_it_says_how_the_run_went(changes: dict[str, object], beginning: str, is_warning: bool) -> None:
    told = story.run_sentence(run(**changes), SV, "Europe/Stockholm", NOW)
    assert told.text.startswith(beginning)
    assert told.is_warning is is_warning


def test_it_says_that_there_was_no_run() -> None:
    told = story.run_sentence(None, SV, "UTC", NOW)
    assert told.text == "Ingen kontroll har gjorts än."


def test_it_can_order_links_that_were_never_dated() -> None:
    undated = view(source("K"), Belief(state=State.BROKEN))
    dated = view(source("C"), Belief(state=State.BROKEN, since=ago(days=1)))
    assert story.sections(snapshot(undated, dated)).todo == (dated, undated)


def test_a_page_of_ours_in_trouble_comes_first_of_what_is_to_be_done() -> None:
    page = Source(id="listing:ours", name="ours", url="https://ours.example/", owner="ours.example")
    walled = LinkView(
        source=page, belief=Belief(state=State.UNVERIFIABLE, finding=Code.BLOCKED), facts=Facts(), evidence={}
    )
    well = replace(walled, belief=Belief(state=State.OK, finding=Code.OK))
    assert story.sections(replace(sample(), listings=(walled,))).todo[0] is walled
    assert story.sections(replace(sample(), listings=(well,))) == story.sections(sample())
    assert "ours" in render(
        replace(sample(), listings=(walled,)), format="html", words=Words("sv"), title="", timezone="UTC"
    )


def test_a_link_that_was_fixed_on_the_page_is_told_with_its_date() -> None:
    closed = Incident(
        id="i", owner="o", host="h", code=Code.GONE, reason=None, opened_at=NOW, last_at=NOW, closed_at=NOW,
        links=("gotland",), open_links=(), closed_as="fixed_on_page",
    )  # fmt: skip
    links = tuple(replace(view, mended=closed) if view.source.id == "gotland" else view for view in sample().links)
    snapshot = replace(sample(), links=links)
    for kind in ("text", "html"):
        told = render(snapshot, format=kind, words=Words("sv"), title="", timezone="UTC")
        assert "Gotland: länken på sidan har bytts" in told.replace("\n", " ")
    assert '"closed_as": "fixed_on_page"' in render(
        snapshot, format="json", words=Words("sv"), title="", timezone="UTC"
    )
