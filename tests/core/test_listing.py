"""Every file of listings/ shows the 21 counties of config/sources.toml in a dress of its own."""

import tomllib
from pathlib import Path

import pytest

from linkwatch.core.listed import FoundBy, Reading
from linkwatch.core.listing import is_selector, read
from linkwatch.core.naming import clean_name, county_of, name_key, says_nothing
from linkwatch.core.urls import normalise

HERE = Path(__file__).parent
FOLDER = HERE / "listings"
SOURCES = tomllib.loads((HERE.parent.parent / "config" / "sources.toml").read_text(encoding="utf-8"))["source"]
NAMES = [source["name"] for source in SOURCES]
URLS = [normalise(source["url"]) for source in SOURCES]
BASE = "https://tillvaxtverket.se/amnesomraden/regional-samordning.html"
HEADING = "Länens regionala serviceprogram"
PAGES = sorted(path.name for path in FOLDER.glob("*.html"))


def reading(name: str, **given: object) -> Reading:
    return read((FOLDER / name).read_bytes(), base=BASE, **given)  # type: ignore[arg-type]  # keywords of a table


def names(of: Reading) -> list[str]:
    return [link.name for link in of.links]


def test_there_are_the_three_generations_and_the_redesigns() -> None:
    assert {"sitevision_1.html", "sitevision_2.html", "sitevision_3.html", "table.html", "cards.html"} < set(PAGES)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("given", [{}, {"heading": HEADING}], ids=["by names", "by heading"])
def test_it_finds_the_21_with_their_addresses_in_every_dress(page: str, given: dict[str, str]) -> None:
    found = reading(page, names=NAMES, **given)
    assert names(found) == NAMES
    assert [link.url for link in found.links] == URLS
    assert [link.position for link in found.links] == list(range(1, 22))


@pytest.mark.parametrize("page", ["sitevision_1.html", "sitevision_2.html", "sitevision_3.html", "table.html",
                                  "cards.html", "linked_cards.html", "terms.html"])  # fmt: skip
def test_it_finds_them_without_knowing_any_name(page: str) -> None:
    assert names(reading(page)) == NAMES


@pytest.mark.parametrize("given", [{}, {"names": NAMES}, {"heading": HEADING}, {"heading": HEADING, "names": NAMES}])
def test_it_reads_the_page_as_it_was_handed_over(given: dict[str, object]) -> None:
    found = reading("handed_over.txt", **given)
    assert names(found) == NAMES
    assert {link.url for link in found.links} == {None}
    assert sum(link.new_window for link in found.links) == 11


@pytest.mark.parametrize("generation", [1, 2, 3])
def test_it_says_which_open_a_new_window(generation: int) -> None:
    found = reading(f"sitevision_{generation}.html", names=NAMES)
    assert [link.name for link in found.links if link.new_window][:3] == ["Blekinge", "Jämtland", "Jönköping"]
    assert sum(link.new_window for link in found.links) == 11


def test_it_says_how_it_found_them() -> None:
    assert reading("sitevision_1.html", heading=HEADING, names=NAMES).found_by is FoundBy.HEADING
    assert reading("table.html", heading=HEADING, names=NAMES).found_by is FoundBy.NAMES
    assert reading("table.html", selector="tbody td a", names=NAMES).found_by is FoundBy.SELECTOR
    assert reading("table.html", selector="#gone", names=NAMES).found_by is FoundBy.NAMES
    assert reading("table.html").found_by is FoundBy.WHOLE


def test_it_takes_nothing_from_a_page_that_lists_none_of_the_names() -> None:
    page = "<main><h1>Service</h1><ul><li><a href=/a>Annat</a><li><a href=/b>Mera</a></ul></main>"
    assert read(page, base=BASE, names=NAMES, heading=HEADING).links == ()
    assert read(page, base=BASE, names=NAMES).found_by is FoundBy.NOTHING


def test_it_says_that_a_heading_has_no_links_under_it() -> None:
    empty = f"<main><h2>{HEADING}</h2><p>Ingen.</p><h2>Kontakt</h2><p><a href=/k>Kontakt</a></p></main>"
    assert read(empty, base=BASE, heading=HEADING, names=NAMES) == Reading(links=(), found_by=FoundBy.HEADING)


def test_it_tells_the_new_link_of_a_list_from_links_around_it() -> None:
    page = (FOLDER / "sitevision_2.html").read_text(encoding="utf-8")
    page = page.replace("</ul></div>", '<li><a href="https://aland.example/">Åland</a></li></ul></div>')
    assert names(read(page, base=BASE, names=NAMES, heading=HEADING)) == [*NAMES, "Åland"]


def test_it_sees_a_name_that_has_lost_its_link() -> None:
    page = (FOLDER / "table_of_links.html").read_text(encoding="utf-8")
    start, end = page.index('<a href="https://gotland'), page.index("</a>", page.index('<a href="https://gotland'))
    page = page[:start] + "Gotland" + page[end + 4 :]
    found = read(page, base=BASE, names=NAMES)
    assert len(found.links) == 20
    assert found.unlinked == ("Gotland",)


@pytest.mark.parametrize(
    "line", ["Blekinge https://a.example/b", "- [Blekinge](https://a.example/b)", "Blekinge; https://a.example/b"]
)
def test_it_reads_addresses_in_plain_text(line: str) -> None:
    found = read(line, base=BASE)
    assert [(link.name, link.url) for link in found.links] == [("Blekinge", "https://a.example/b")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Blekingelänk till annan webbplats, öppnas i nytt fönster", "Blekinge"),
        ("Dalarnalänk till annan webbplats", "Dalarna"),
        ("Västra Götaland Länk till annan webbplats, öppnas i nytt fönster.", "Västra Götaland"),
        ("Halland (extern länk till annan webbplats)", "Halland"),
        ("Program Pdf, 467.3 kB, öppnas i nytt fönster.", "Program"),
        ("Program (pdf, 42 kB)", "Program"),
        ("Kalmar\u00a0län (öppnas i nytt fönster)", "Kalmar län"),
        ("Gotland →", "Gotland"),
        ("Skåne", "Skåne"),
        ("", ""),
    ],
)
def test_it_leaves_the_name_of_a_link_text(text: str, name: str) -> None:
    assert clean_name(text) == name


def test_it_knows_a_name_by_its_spellings() -> None:
    assert len(set(map(name_key, ("Jönköping", "Region Jönköpings län", "JÖNKÖPING:", "jo\u0308nko\u0308ping")))) == 1
    assert [county_of(name) for name in ("Region Sörmland", "Kalmar län", "Åland")] == ["D", "H", None]


@pytest.mark.parametrize("text", ["Läs mer", "klicka här!", "Här", "LINK", "Läs mer » öppnas i nytt fönster"])
def test_it_knows_texts_that_say_nothing(text: str) -> None:
    assert says_nothing(text)
    assert not says_nothing("Blekinge")


@pytest.mark.parametrize(
    "hostile",
    [b"", b"\x00\xff<a", "<div>" * 20_000 + "<a href=/x>A</a>", "<a href=/x>A" * 5_000, "\ud800<p><a href='http://['>x",
     "<a " + "b=1 " * 5_000 + "href=/x>A</a>", "<p><a href=" + "/x" * 50_000 + ">A</a>"],
    ids=range(7),
)  # fmt: skip
def test_it_survives_whatever_it_is_given(hostile: bytes | str) -> None:
    for known in ((), NAMES):
        assert len(read(hostile, base=BASE, names=known, heading=HEADING).links) <= 5_000


def test_it_tells_a_selector_from_none() -> None:
    assert is_selector("main .list > li a")
    assert not is_selector("li[")
