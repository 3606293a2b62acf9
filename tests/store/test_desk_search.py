"""Finding links by what they are called, whoever is asking in whatever spelling."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database, Migrations

from linkwatch.core.models import Facts
from linkwatch.core.selection import Selection
from linkwatch.store import Desk, Store, search
from linkwatch.store.migrations import STEPS
from tests.store.desking import desk_on, fill, found, link
from tests.store.storing import NOW

_SOURCES = [
    link("halland", name="Halland", owner="Region Halland", url="https://www.regionhalland.se/Service_Program"),
    link(
        "orebro", name="Örebro", owner="Region Örebro län", url="https://xn--rebro-iua.example/sk%C3%A5", tags=("Väg",)
    ),
    link("linne", name="Linnés hage", owner="Växjö", tags=("ÄNG", "natur")),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "halland orebro linne"),
        ("  \n", "halland orebro linne"),
        ("örebro", "orebro"),
        ("ÖREBRO", "orebro"),
        (unicodedata.normalize("NFD", "örebro"), "orebro"),
        ("orebro", "orebro"),  # by its id
        ("orebro lan", ""),  # å, ä and ö are letters of their own
        ("län", "orebro"),
        ("vaxjo", ""),
        ("växjö", "linne"),
        ("linne", "linne"),  # other accents are no matter
        ("Linné", "linne"),
        ("region", "halland orebro"),
        ("region län", "orebro"),
        ("län region", "orebro"),  # every word, in any order
        ("region lund", ""),
        ("service_program", "halland"),
        ("serviceXprogram", ""),  # _ and % are themselves
        ("%", "orebro"),
        ("örebro.example/skå", "orebro"),  # an address as people read it
        ("sk%C3%A5", "orebro"),  # and as it is written
        ("väg", "orebro"),
        ("äng natur", "linne"),
        ("hallandregion", ""),  # no word is found across two fields
    ],
)
def test_it_finds_every_word_wherever_it_stands(path: Path, text: str, expected: str) -> None:
    with desk_on(path, _SOURCES) as desk:
        assert desk.ids(Selection(text=text), NOW) == tuple(expected.split())


def test_it_finds_a_page_by_the_title_it_has_now(path: Path) -> None:
    with Store.open(path) as store, Desk.open(path, read_only=True) as desk:

        def finds(text: str) -> tuple[str, ...]:
            return desk.ids(Selection(text=text), NOW)

        run = fill(store, [link("a"), link("b")], [found(link("a"), facts=Facts(title="Årets\tENKÄT"))])
        assert (finds("årets enkät"), finds("enkat")) == (("a",), ())
        store.commit(run, [found(link("a"), facts=Facts(title="Nytt"))])
        assert (finds("enkät"), finds("nytt a.example")) == ((), ("a",))
        store.commit(run, [found(link("a"), facts=Facts(title=None))])
        assert finds("nytt") == ()


@pytest.mark.parametrize(
    ("change", "gone", "new"),
    [
        (lambda source: replace(source, name="Nytt"), "gammalt", "nytt"),
        (lambda source: replace(source, url="https://ny.example/"), "titel", "ny.example"),
        (lambda source: replace(source, tags=("blå",)), "röd", "blå"),
        (lambda source: replace(source, owner="Ö-kommun", paused=True), "region", "ö-kommun"),
    ],
)
def test_it_finds_what_the_configuration_says_now(
    path: Path, change: Callable[[object], object], gone: str, new: str
) -> None:
    before = link("a", name="Gammalt", tags=("röd",))
    with Store.open(path) as store, Desk.open(path, read_only=True) as desk:
        fill(store, [before], [found(before, facts=Facts(title="Titel"))])
        assert desk.ids(Selection(text=gone), NOW) == ("a",)
        store.sync_sources([change(before)], NOW)  # type: ignore[list-item]
        assert desk.ids(Selection(text=gone), NOW) == ()
        assert desk.ids(Selection(text=new), NOW) == ("a",)


def test_a_source_that_returns_is_found_by_its_tags_again(path: Path) -> None:
    tagged = link("a", tags=("röd",))
    with Store.open(path) as store, Desk.open(path, read_only=True) as desk:
        for sources, expected in (([tagged], ("a",)), ([], ()), ([tagged], ("a",))):
            store.sync_sources(sources, NOW)
            assert desk.ids(Selection(tag="röd"), NOW) == expected
            assert desk.tags() == ("röd",) * len(expected)


def test_a_database_from_before_there_was_a_desk_is_searched_too(path: Path) -> None:
    path.parent.mkdir()
    earlier = Migrations("linkwatch")
    for step in STEPS[:3]:
        earlier(name=step.__name__)(step)
    with Database(path) as db:
        earlier.apply(db)
        db.execute("""
            INSERT INTO links (id, position, name, url, owner, tags, paused, state, title)
            VALUES ('a', 0, 'Åre', 'https://a.example/', 'Region', '["röd","blå"]', 0, 'broken', 'ENKÄT')""")
        db.execute("""
            INSERT INTO incidents (id, owner, host, code, opened_at, last_at, links, open_links)
            VALUES ('i', '', '', 'not_found', '2026-11-01T00:00:00+00:00', '2026-11-01T00:00:00+00:00',
                '["a","b"]', '["a"]')""")
    with Store.open(path), Desk.open(path, read_only=True) as desk:
        assert desk.ids(Selection(text="åre enkät a.example röd", tag="röd"), NOW) == ("a",)
        assert desk.tags() == ("blå", "röd")
        assert [one.id for one in desk.incidents_of("b")] == ["i"]
        shown = desk.link("a", NOW)
        assert shown
        assert shown.incident
        assert shown.incident.id == "i"


# ---------------------------------------------------------------- spelling


@given(st.text())
def test_what_is_folded_stays_so_and_can_be_stored(text: str) -> None:
    folded = search.fold(text)
    assert search.fold(folded) == folded
    assert folded.encode().decode() == folded
    assert "\x00" not in folded


@given(st.text(alphabet="aAäÄåÅöÖéÉ bB", max_size=12))
def test_capitals_are_no_matter(text: str) -> None:
    assert search.fold(text.upper()) == search.fold(text.lower()) == search.fold(text)


def test_it_looks_in_so_much_of_a_field_and_for_so_many_words() -> None:
    assert len(search.fold("å" * 10_000)) == search.LONGEST
    assert search.words(" ".join(map(str, range(99)))) == tuple(map(str, range(search.MOST_WORDS)))


@pytest.mark.parametrize(
    "names",
    [
        ("a", "z", "å", "ä", "ö"),
        ("Ab", "åb", "Äb", "öb"),
        ("sida 2", "sida 10"),
        ("Eva", "Évry", "Ewa"),
        ("a", "a b", "ab"),
    ],
)
def test_it_sorts_as_swedes_do(names: tuple[str, ...]) -> None:
    assert tuple(sorted(set(names), key=search.sort_key)) == names
