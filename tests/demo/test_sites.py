import io
import itertools
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pypdf
import pytest

from linkwatch.core.counties import COUNTIES
from linkwatch.demo.prose import line
from linkwatch.demo.site import Request, Site, answer, decoded, etag
from linkwatch.demo.sites import LISTING_PATH, County, agency_site, counties, county, county_site, programme
from linkwatch.demo.sites import programme_text as text_of

ALL = [pytest.param(one, id=one.id) for one in counties()]


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def ask(site: Site, target: str, *, secure: bool = True) -> tuple[int, bytes]:
    found = answer(site, Request(host=site.host, target=target, secure=secure))
    return found.status, found.body


def target_of(one: County) -> str:
    parts = urlsplit(one.url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def shingles(one: County, **given: Any) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", " ".join(text_of(one, **given).lines).lower())
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))


def shared(first: set[tuple[str, ...]], second: set[tuple[str, ...]]) -> float:
    return len(first & second) / len(first)


def test_the_counties_are_the_21_of_the_country_on_hosts_that_cannot_exist() -> None:
    assert {one.letter: one.name for one in counties()} == COUNTIES
    assert len({one.ascii_host for one in counties()}) == 21
    assert all(one.host.endswith(".example") for one in counties())
    assert {one.look for one in counties()} == {"sitevision", "episerver", "wordpress", "sharepoint", "plain"}


@pytest.mark.parametrize("one", ALL)
def test_every_link_leads_to_an_honest_page(one: County) -> None:
    status, body = ask(county_site(one), target_of(one), secure=one.scheme == "https")
    assert status == 200
    assert len(" ".join(text_of(one).lines).split()) >= 200
    if one.form == "page":
        page = body.decode("windows-1252" if one.look == "plain" else "utf-8")
        assert one.period in page
        assert sum(place in page for place in one.places) >= 2


@pytest.mark.parametrize("one", ALL)
def test_the_folders_above_lead_down_to_the_programme_and_other_addresses_are_not_there(one: County) -> None:
    site = county_site(one)
    here, seen = "/", 0
    while decoded(here) != decoded(target_of(one)):
        status, body = ask(site, here, secure=one.scheme == "https")
        assert (status, seen < 9) == (200, True)
        hrefs = Links(body.decode("latin-1")).found
        below = [href for href in hrefs if decoded(target_of(one)).startswith(decoded(href))]
        here, seen = max(below, key=len), seen + 1
    assert ask(site, f"{target_of(one)}-zzz", secure=one.scheme == "https")[0] == 404


def test_no_two_texts_are_alike() -> None:
    every = {one.id: shingles(one) for one in counties()}
    worst = max(shared(every[first], every[second]) for first, second in itertools.permutations(every, 2))
    assert worst < 0.25


def test_another_period_alone_changes_little_and_a_renewed_text_much() -> None:
    one = county("jonkoping")
    before = shingles(one)
    assert shared(before, shingles(one, period="2014–2020")) > 0.9
    assert 0.1 < shared(before, shingles(one, period="2027–2034", renewed=line(22))) < 0.45


@pytest.mark.parametrize("name", ["varmland", "vasterbotten"])
def test_the_pdfs_are_whole(name: str) -> None:
    one = county(name)
    read = pypdf.PdfReader(io.BytesIO(programme(one).body), strict=True)
    words = " ".join(" ".join(page.extract_text() for page in read.pages).split())
    assert read.metadata is not None
    assert read.metadata.title == one.title.format(period=one.period)
    assert read.metadata.modification_date == one.updated.replace(microsecond=0)
    assert text_of(one).sections[-1].paragraphs[-1] in words


def test_the_listing_page_holds_the_links_in_order_with_the_suffix_that_runs_on() -> None:
    site = agency_site({one.id: one.url for one in counties()} | {"orebro": ""})
    _, body = ask(site, LISTING_PATH)
    html = body.decode()
    outward = [href for href in Links(html).found if href.startswith("http")]
    assert outward == [one.url for one in counties() if one.id != "orebro"]
    assert '>Blekinge<img alt="länk till annan webbplats, öppnas i nytt fönster"' in html
    assert '>Dalarna<img alt="länk till annan webbplats"' in html
    assert "<li>Örebro</li>" in html


def test_robots_and_sitemap_are_there_and_a_slash_is_added_where_the_system_does() -> None:
    site = county_site(county("kronoberg"))
    assert b"Sitemap: https://www.regionkronoberg.example/sitemap.xml" in ask(site, "/robots.txt")[1]
    assert b"/landsbygd/service/regionalt-serviceprogram/</loc>" in ask(site, "/sitemap.xml")[1]
    moved = answer(site, Request(host=site.host, target="/landsbygd/service", secure=True))
    assert (moved.status, moved.headers[0][1]) == (301, b"https://www.regionkronoberg.example/landsbygd/service/")


def test_an_etag_follows_the_bytes() -> None:
    one = county("gotland")
    assert etag(programme(one)) == etag(programme(one)) != etag(programme(one, period="2014–2020"))
