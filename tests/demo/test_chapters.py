"""The story's web alone, week by week: what each change makes the sites answer."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from linkwatch.demo.chapters import CHAPTERS, stage
from linkwatch.demo.mishaps import MERGED_HOST
from linkwatch.demo.site import Answer, Request, answer
from linkwatch.demo.sites import AGENCY_HOST, LISTING_PATH, county, first_day
from linkwatch.demo.web import CountyWeb

KEYS = [chapter.key for chapter in CHAPTERS]


def web_after(key: str) -> CountyWeb:
    web = CountyWeb([*first_day(), *stage()], now=datetime(2026, 1, 1, tzinfo=UTC))
    for chapter in CHAPTERS[: KEYS.index(key) + 1]:
        chapter.change(web)
    return web


def ask(web: CountyWeb, url: str) -> Answer:
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode()
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return answer(web.sites[host], Request(host=host, target=target, secure=parts.scheme == "https"))


def followed(web: CountyWeb, url: str) -> tuple[str, Answer]:
    """The last address and its answer."""
    for _ in range(5):
        found = ask(web, url)
        location = dict(found.headers).get("Location")
        if location is None:
            return url, found
        text = location.decode("latin-1")
        url = text if "://" in text else f"https://{urlsplit(url).hostname}{text}"
    raise AssertionError(f"{url} leads nowhere")


@pytest.mark.parametrize(
    ("key", "link", "status", "says"),
    [
        ("merger", "vastmanland", 200, "Välkommen till Region Mälarmitt"),
        ("merger", "jamtland", 200, "Regionalt serviceprogram 2023–2030"),
        ("polite_404", "vastra-gotaland", 200, "<h1>Sidan kunde inte hittas"),
        ("polite_404", "skane", 200, "Service på landsbygden i Skåne"),
        ("wall", "vasterbotten", 404, "Sidan kunde inte hittas"),
        ("wall", "halland", 403, "Just a moment..."),
        ("certificate", "stockholm", 503, "Service Unavailable"),
        ("next_period", "jonkoping", 200, "2027–2034"),
        ("old_copy", "stockholm", 200, "Regionalt serviceprogram för Stockholms län"),
        ("old_copy", "dalarna", 200, "2014–2020"),
        ("old_copy", "norrbotten", 200, 'type="password"'),
        ("wound_up", "kalmar", 200, "har avvecklats"),
        ("wound_up", "vasternorrland", 200, "is for sale"),
        ("raw_bytes", "orebro", 200, "Serviceprogram för Örebro län"),
        ("recoveries", "vastra-gotaland", 200, "Regionalt serviceprogram Västra Götaland"),
        ("recoveries", "halland", 200, "Stöd till butiker på landet"),
    ],
)
def test_each_mishap_shows(key: str, link: str, status: int, says: str) -> None:
    _, found = followed(web_after(key), county(link).url)
    assert (found.status, says in found.body.decode()) == (status, True)


def test_the_old_copy_names_no_later_period() -> None:
    page = ask(web_after("old_copy"), county("dalarna").url).body.decode()
    assert "2023" not in page
    assert "2030" not in page


def test_redirects_take_the_ways_that_real_ones_take() -> None:
    web = web_after("raw_bytes")
    assert followed(web, county("vastmanland").url)[0] == f"https://{MERGED_HOST}/"
    assert followed(web, county("jamtland").url)[0] == f"{county('jamtland').url.replace('http:', 'https:')}/"
    assert (
        dict(ask(web, county("orebro").url).headers)["Location"] == b"/sv/regional-utveckling/\xf6rebro/serviceprogram"
    )


def test_what_answers_one_address_answers_every_other_on_that_host() -> None:
    web = web_after("wound_up")
    for link in ("vastmanland", "kalmar", "vasternorrland", "halland", "vastra-gotaland"):
        url = county(link).url
        assert followed(web, f"{url}zzz")[1] == followed(web, url)[1]


def test_robots_txt_closes_and_opens_again() -> None:
    robots = "https://gotland.example/robots.txt"
    assert b"Disallow: /\n" in ask(web_after("raw_bytes"), robots).body
    assert ask(web_after("spring_cleaning"), robots).status == 404


def test_the_editors_new_addresses_are_alive_and_on_the_agencys_page() -> None:
    web, edits = web_after("spring_cleaning"), CHAPTERS[-1].edits
    listing = ask(web, f"https://{AGENCY_HOST}{LISTING_PATH}").body.decode()
    for link, url in edits.items():
        assert not url or (ask(web, url).status == 200 and f'href="{url}"' in listing), link
    assert county("vasternorrland").url not in listing
