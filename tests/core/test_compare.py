from dataclasses import replace

import pytest

from linkwatch.core.compare import compare, edits, match, slug, unwatched
from linkwatch.core.hints import hints
from linkwatch.core.listed import DifferenceKind, FoundBy, HintKind, Listed, Reading
from linkwatch.core.models import Facts, Hop, Source

A, B, C = "https://a.example/program", "https://b.example/program", "https://c.example/program"


def source(id: str, name: str, url: str, county: str | None = None) -> Source:
    return Source(id=id, name=name, url=url, owner=f"Region {name}", county=county, listing="x")


SOURCES = (
    source("blekinge", "Blekinge", A, "K"),
    source("sodermanland", "Södermanland", B, "D"),
    source("kalmar", "Kalmar", C, "H"),
)


def listed(*links: tuple[str, str | None], unlinked: tuple[str, ...] = ()) -> Reading:
    made = (Listed(name=name, url=url, position=n, text=name) for n, (name, url) in enumerate(links, 1))
    return Reading(links=tuple(made), found_by=FoundBy.NAMES, unlinked=unlinked)


SAME = (("Blekinge", A), ("Södermanland", B), ("Kalmar", C))


def kinds(reading: Reading) -> list[tuple[str, str | None]]:
    return [(one.kind.value, one.source_id) for one in compare(reading, SOURCES)]


@pytest.mark.parametrize(
    ("links", "found"),
    [
        (SAME, []),
        ((SAME[0], ("Södermanland", "https://new.example/"), SAME[2]), [("address_changed", "sodermanland")]),
        ((SAME[0], ("Södermanland", "http://b.example/program/"), SAME[2]), []),  # the same, but for http and a slash
        ((SAME[0], ("Region Sörmland", B), SAME[2]), [("renamed", "sodermanland")]),
        (
            (SAME[0], ("Sörmland", "https://new.example/"), SAME[2]),
            [("address_changed", "sodermanland"), ("renamed", "sodermanland")],
        ),
        ((SAME[0], ("Södermannland", "https://new.example/"), SAME[2]),
         [("address_changed", "sodermanland"), ("renamed", "sodermanland")]),
        ((*SAME, ("Åland", "https://d.example/")), [("new", None)]),
        (SAME[:2], [("gone", "kalmar")]),
        ((*SAME, ("Kalmar", "https://d.example/")), [("duplicate", None)]),
        ((*SAME, ("Program i Kalmar", C)), [("duplicate", None)]),
        ((SAME[0], ("Södermanland", A), SAME[2]), [("duplicate", "sodermanland")]),
        ((SAME[1], SAME[0], SAME[2]), [("order", None)]),
        ((("Blekinge län", A), SAME[1], SAME[2]), []),
        ((("Blekinge", None), ("Södermanland", None), ("Kalmar", None)), []),
        ((("Uppsala", A), SAME[1], SAME[2]), [("new", None), ("gone", "blekinge")]),
    ],
)  # fmt: skip
def test_it_says_how_a_page_differs(links: tuple[tuple[str, str | None], ...], found: list[tuple[str, str]]) -> None:
    assert kinds(listed(*links)) == found


def test_a_county_without_a_programme_need_not_be_listed() -> None:
    sources = (*SOURCES, source("gotland", "Gotland", "", "I"))
    assert compare(listed(*SAME), sources) == ()
    (found,) = compare(listed(*SAME, ("Gotland", "https://g.example/")), sources)
    assert (found.kind, found.source_id, found.was) == (DifferenceKind.ADDRESS_CHANGED, "gotland", "")


def test_it_follows_the_page_with_edits() -> None:
    reading = listed(("Blekinge", "https://new.example/"), ("Sörmland", B), ("Uppsala", "https://u.example/"))
    made = edits(compare(reading, SOURCES), listing="x", taken=("uppsala",))
    assert [(edit.kind, edit.source_id, dict(edit.fields)) for edit in made] == [
        ("set", "blekinge", {"url": "https://new.example/"}),
        ("set", "sodermanland", {"name": "Sörmland"}),
        ("add", "uppsala-2", {"name": "Uppsala", "url": "https://u.example/", "owner": "Uppsala", "county": "C",
                              "listing": "x"}),
        ("remove", "kalmar", {}),
    ]  # fmt: skip


def test_a_name_that_lost_its_link_stays_without_an_address() -> None:
    made = edits(compare(listed(*SAME[:2], unlinked=("Kalmar",)), SOURCES), listing="x")
    assert [(edit.kind, edit.source_id, dict(edit.fields)) for edit in made] == [("set", "kalmar", {"url": ""})]


def test_it_edits_nothing_for_order_and_what_is_listed_twice() -> None:
    differences = compare(listed(SAME[1], SAME[0], SAME[2], ("Kalmar", A)), SOURCES)
    assert {one.kind for one in differences} == {DifferenceKind.ORDER, DifferenceKind.DUPLICATE}
    assert edits(differences, listing="x") == ()


def test_it_names_addresses_that_nobody_watches() -> None:
    reading = listed(("Blekinge", "https://new.example/"), *SAME[1:], ("Åland", "https://d.example/"))
    assert [one.now for one in unwatched(compare(reading, SOURCES))] == ["https://new.example/", "https://d.example/"]


def test_it_compares_thousands_in_no_time() -> None:
    many = tuple(source(f"s{n}", f"Namn {n}", f"https://s{n}.example/") for n in range(5_000))
    reading = listed(*((f"Namn {n}", f"https://s{n}.example/{n % 2}") for n in range(2_500, 7_500)))
    assert len(compare(reading, many)) == 2_500 + 2_500 + 2_500


@pytest.mark.parametrize(
    ("name", "id"), [("Västra Götaland", "vastra-gotaland"), ("Åland / Öar", "aland-oar"), ("…", "link")]
)
def test_it_makes_an_id_of_a_name(name: str, id: str) -> None:
    assert slug(name) == id


# ---------------------------------------------------------------- hints


def hint_kinds(reading: Reading, facts: dict[str, Facts] | None = None) -> list[tuple[str, tuple[str, ...], str]]:
    found = hints(reading, match(reading, SOURCES), facts or {})
    return [(one.kind.value, one.names, one.better) for one in found]


def test_it_has_no_hint_for_a_page_that_is_as_it_should_be() -> None:
    assert hint_kinds(listed(*SAME)) == []


def test_it_names_the_fewer_when_some_links_open_a_new_window() -> None:
    reading = listed(*SAME)
    some = replace(reading, links=(replace(reading.links[0], new_window=True), *reading.links[1:]))
    assert hint_kinds(some) == [(HintKind.NEW_WINDOW, ("Blekinge",), "remove")]


def test_it_names_an_address_that_appears_twice() -> None:
    assert hint_kinds(listed(*SAME[:2], ("Kalmar", A))) == [(HintKind.SAME_ADDRESS, ("Blekinge", "Kalmar"), "")]


@pytest.mark.parametrize(
    ("status", "final", "hinted"),
    [(301, "https://a.example/program", True), (302, "https://a.example/program", False),
     (301, "https://elsewhere.example/", False)],
)  # fmt: skip
def test_it_names_links_that_only_lead_to_another_spelling(status: int, final: str, hinted: bool) -> None:
    url = "http://a.example/program/"
    led = Facts(http_status=200, final_url=final, redirects=(Hop(url=url, status=status, location=final),))
    found = hint_kinds(listed(("Blekinge", url), *SAME[1:]), {"blekinge": led})
    assert found == ([(HintKind.REDIRECTS, ("Blekinge",), final)] if hinted else [])


def test_it_names_texts_that_say_nothing() -> None:
    reading = listed(*SAME)
    vague = replace(reading, links=(replace(reading.links[0], text="Läs mer"), *reading.links[1:]))
    assert hint_kinds(vague) == [(HintKind.SAYS_NOTHING, ("Blekinge",), "")]
