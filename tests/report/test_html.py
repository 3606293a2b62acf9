import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup, Tag

from linkwatch.core.counties import COUNTIES
from linkwatch.core.models import Snapshot, State
from linkwatch.locale import Words
from linkwatch.report.html import render
from tests.report import hostile
from tests.report.sample import NOW, run, sample, shared, well


def page(snapshot: Snapshot, language: str = "sv", title: str = "Serviceprogram") -> BeautifulSoup:
    text = render(snapshot, words=Words(language), title=title, timezone="Europe/Stockholm")
    return BeautifulSoup(text, "lxml")


@cache
def the_page() -> BeautifulSoup:
    return page(sample())


def found(soup: BeautifulSoup | Tag, selector: str) -> Tag:
    tag = soup.select_one(selector)
    assert tag is not None, selector
    return tag


def said(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


# ---------------------------------------------------------------- what an editor reads


def test_it_opens_with_the_whole_at_a_glance() -> None:
    assert said(found(the_page(), ".headline")).startswith("6 av 19 länkar fungerar ; 4 trasiga, 1 flyttad,")
    assert said(found(the_page(), ".run")).startswith("Senaste kontrollen blev klar 23 november 2026 kl. 13:00")
    assert found(the_page(), "title").get_text().startswith("6 av 19 länkar fungerar; 4 trasiga")


def test_it_lists_what_to_do_by_gravity_and_age() -> None:
    assert [said(name) for name in the_page().select("#todo h3")][:5] == [
        "Dalarna", "Kalmar", "Blekinge", "Skåne", "Jämtland",
    ]  # fmt: skip


def test_it_tells_a_link_whole() -> None:
    card = said(found(the_page(), "#card-blekinge"))
    for part in (
        "Trasig: sidan hittades inte", "Sedan 3 dagar (20 november 2026)", "Webbplatsen svarar, men har ingen sida",
        "Gör så här", "https://www.region-blekinge.example/service-2023-2030", "Skriv till Region Blekinge",
        "HTTP 404, sidan hittades inte", "Ansvarig: Region Blekinge",
    ):  # fmt: skip
        assert part in card


def test_it_gives_the_evidence_of_the_finding_and_of_the_latest_check_beside_it() -> None:
    card = found(the_page(), "#card-skane")
    latest = found(card, "details .latest")
    assert "De flesta webbplatser var tysta samtidigt" in said(latest)
    assert "En påhittad adress på webbplatsen leder till samma ställe." not in said(latest)
    assert "En påhittad adress på webbplatsen leder till samma ställe." in said(found(card, "details"))
    assert the_page().select("#card-blekinge .latest") == []


def test_it_says_what_was_judged_without_an_approved_copy() -> None:
    assert "bedömts utan en godkänd version" in said(found(the_page(), "#card-norrbotten .aside"))
    assert the_page().select("#card-blekinge .aside") == []


def test_it_tells_of_links_with_one_cause_in_one_card() -> None:
    soup = page(shared(State.BROKEN, State.BROKEN, State.FAILING))
    card = found(soup, "#todo .card")
    assert said(found(card, "h3")) == "Region Kalmar: 3 länkar leder till en startsida"
    assert [said(name) for name in card.select(".members h4")] == ["Kalmar 1", "Kalmar 2", "Kalmar 3"]
    assert "Skriv till Region Kalmar" in said(card)
    assert len(card.select("details")) == 3
    assert len(soup.select(".card")) == 1
    assert "Att göra 1" in said(found(soup, ".contents"))


def test_it_tells_of_hostile_links_with_one_cause_in_one_card_too() -> None:
    soup = page(hostile.cause())
    assert len(soup.select(".card")) == 1
    assert len(soup.select(".members > li")) == len(hostile.TEXTS)


def test_it_leads_from_the_table_to_a_links_place_in_the_common_card() -> None:
    soup = page(shared(State.BROKEN, State.BROKEN))
    assert [str(link["href"]) for link in soup.select(".state a")] == ["#card-kalmar-1", "#card-kalmar-2"]
    assert found(soup, ".members #card-kalmar-2")


def test_it_draws_the_way_hop_by_hop() -> None:
    steps = the_page().select("#card-jamtland .way li")
    assert [said(found(step, "b")) for step in steps] == [
        "HTTP 301, flyttad för gott", "HTTP 308, flyttad för gott", "HTTP 200, webbplatsen svarade",
    ]  # fmt: skip


def test_it_has_every_link_in_the_table_in_the_configurations_order() -> None:
    rows = the_page().select("tbody tr")
    assert [said(found(row, "th")) for row in rows] == [link.source.name for link in sample().links]


def test_it_says_when_our_own_network_failed() -> None:
    soup = page(replace(sample(), run=run(conclusive=False, note="own_network")))
    assert "troligen i vårt eget nät" in said(found(soup, ".warning"))
    assert the_page().select(".warning") == []


def test_it_says_that_there_is_nothing_to_do() -> None:
    soup = page(Snapshot(generated_at=NOW, run=run(), links=tuple(map(well, COUNTIES))))
    assert said(found(soup, "#todo .nothing")) == "Inget att göra just nu."
    assert said(found(soup, ".headline")) == "Alla 21 länkar fungerar ."


def test_it_says_nothing_of_what_to_do_before_the_first_check() -> None:
    new = tuple(link for link in sample().links if link.belief.state is State.UNKNOWN)
    soup = page(Snapshot(generated_at=NOW, run=None, links=new))
    assert said(found(soup, ".headline")) == "Länkarna har inte kontrollerats än ."
    assert soup.select("#todo") == []


def test_it_speaks_english() -> None:
    soup = page(sample(), "en")
    assert found(soup, "html")["lang"] == "en"
    assert "6 of 19 links work" in said(found(soup, ".headline"))
    body = said(found(soup, "body"))
    assert [word for word in ("Gör så här", "Att göra", "trasig", "Orsak") if word in body] == []


# ---------------------------------------------------------------- the map


def test_it_has_a_tile_for_every_county_that_leads_to_its_row() -> None:
    tiles = the_page().select("a.tile")
    assert len(tiles) == 21
    rows = {row["id"] for row in the_page().select("tbody tr")}
    assert {str(tile["href"])[1:] for tile in tiles} == rows
    blekinge = found(the_page(), 'a.tile[href="#link-blekinge"]')
    assert said(blekinge) == "K Blekinge (K): trasig: sidan hittades inte"


def test_it_has_a_legend_for_each_state_that_the_map_shows() -> None:
    shown = {str(use["href"]) for use in the_page().select(".tiles use")}
    assert [str(use["href"]) for use in the_page().select(".legend use")][:2] == ["#icon-broken", "#icon-moved"]
    assert {str(use["href"]) for use in the_page().select(".legend use")} == shown


def test_it_draws_no_map_without_counties() -> None:
    links = tuple(replace(link, source=replace(link.source, county=None)) for link in sample().links)
    soup = page(replace(sample(), links=links))
    assert soup.select(".map") == []
    assert len(soup.select("tbody tr")) == 21


# ---------------------------------------------------------------- hostile texts

SNAPSHOTS = pytest.mark.parametrize(
    "snapshot",
    [sample(), shared(State.BROKEN, State.FAILING, State.BROKEN), hostile.snapshot(), hostile.cause()],
    ids=["sample", "shared", "hostile", "hostile_cause"],
)


@SNAPSHOTS
def test_it_has_no_script_and_nothing_remote(snapshot: Snapshot) -> None:
    soup = page(snapshot, title="</title><script>alert(1)</script>")
    assert soup.select("script, iframe, object, embed, img, link, base, form, audio, video, style ~ style") == []
    policy = found(soup, 'meta[http-equiv="Content-Security-Policy"]')["content"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    for tag in soup.find_all(True):
        assert [name for name in tag.attrs if name.startswith("on") or name in ("src", "srcdoc", "action")] == []
    assert not re.search(r"url\(|@import|expression", found(soup, "style").get_text())


@SNAPSHOTS
def test_it_links_only_the_web_mail_and_itself(snapshot: Snapshot) -> None:
    soup = page(snapshot)
    for tag in soup.select("[href]"):
        href = str(tag["href"])
        assert href.startswith(("http://", "https://", "mailto:", "#")), href
        if href.startswith("http"):
            assert tag["rel"] == ["noreferrer", "noopener"]


def test_it_shows_hostile_texts_as_text() -> None:
    text = found(page(hostile.snapshot()), "main").get_text()
    for part in ("<script>alert(1)</script>", "javascript:alert(document.cookie)", "{{ 7 * 7 }}{% raw %}{0.__class__}"):
        assert part in text
    assert not set(text) & set("\x00\x1b\x9b\u202e\u2066\ud800")


def test_it_stays_small_whatever_others_write() -> None:
    text = render(hostile.snapshot(), words=Words("sv"), title="", timezone="UTC")
    assert len(text) < 12_000 * len(hostile.snapshot().links)


# ---------------------------------------------------------------- accessibility


@SNAPSHOTS
def test_it_has_landmarks_headings_in_order_and_unique_ids(snapshot: Snapshot) -> None:
    soup = page(snapshot)
    for landmark in ("header.top", "main", "footer", "nav[aria-label]"):
        assert len(soup.select(landmark)) == 1, landmark
    levels = [int(heading.name[1]) for heading in soup.select("h1, h2, h3, h4")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [str(tag["id"]) for tag in soup.select("[id]")]
    assert len(ids) == len(set(ids))


@SNAPSHOTS
def test_it_points_only_at_what_is_there(snapshot: Snapshot) -> None:
    soup = page(snapshot)
    ids = {str(tag["id"]) for tag in soup.select("[id]")}
    pointed = [str(tag["href"])[1:] for tag in soup.select('[href^="#"]')]
    labels = [str(tag["aria-labelledby"]) for tag in soup.select("[aria-labelledby]")]
    assert {*pointed, *labels} - ids == set()


def test_it_gives_tables_headers_and_icons_no_voice() -> None:
    assert [said(head) for head in the_page().select('thead th[scope="col"]')] == [
        "Länk", "Ansvarig", "Läge", "Sedan", "Senast kontrollerad", "Svar",
    ]  # fmt: skip
    assert len(the_page().select('tbody th[scope="row"]')) == 21
    assert the_page().select("svg:not([aria-hidden=true], [role=img])") == []
    assert [drawing for drawing in the_page().select("svg[role=img]") if not said(found(drawing, "title"))] == []
    assert [link for link in the_page().select("a") if not said(link)] == []


def test_it_never_tells_by_colour_alone() -> None:
    """Each sign has words beside it, and each state its own shape."""
    shapes = {str(symbol["id"]): str(symbol) for symbol in the_page().select("symbol")}
    assert shapes.keys() == {f"icon-{state}" for state in State}
    assert len({re.sub(r'id="[^"]*"', "", shape) for shape in shapes.values()}) == len(State)
    for holder in the_page().select(".state, .legend li, .contents li, .tile"):
        assert len(said(holder)) > 1


STYLE = (files("linkwatch.report") / "templates" / "style.css").read_text(encoding="utf-8")


def colours(theme: str) -> dict[str, str]:
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", part)) for part in STYLE.split("}\n@media screen", 1))
    return light if theme == "light" else {**light, **dark}


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_has_contrast_enough_for_every_text(theme: str) -> None:
    """WCAG 2.2 SC 1.4.3: at least 4.5 for text, and 3 for the edges of what means something (1.4.11)."""
    known = colours(theme)
    inks = ("ink", "muted", "accent", "ok", "broken", "moved", "attention", "failing", "unverifiable", "quiet")
    for ink in inks:
        for ground in ("paper", "ground"):
            assert contrast(known[ink], known[ground]) >= 4.5, (ink, ground)
    for ink in ("ink", "muted", "accent"):
        assert contrast(known[ink], known["accent-soft"]) >= 4.5, ink
    assert contrast(known["edge"], known["ground"]) >= 3


def test_it_opens_the_evidence_in_print_and_keeps_colours_for_the_screen() -> None:
    assert "details::details-content" in STYLE.split("@media print")[1]
    assert "@media screen and (prefers-color-scheme: dark)" in STYLE
    assert ":focus-visible" in STYLE
    assert STYLE.count("{") == STYLE.count("}")
