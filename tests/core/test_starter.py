import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkwatch.config import load, parse
from linkwatch.core.listed import Listed
from linkwatch.core.starter import Origin, slug, starter

PAGE = Origin(url="https://vi.se/lista", heading='Länkar "till" länen', selector="main > ul")


def link(name: str, url: str | None, position: int = 1) -> Listed:
    return Listed(name=name, url=url, position=position)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Västra Götaland", "vastra-gotaland"), ("Örebro län", "orebro-lan"), ("A & B / C", "a-b-c"), ("Ærø", "aero"),
        ("e\u0301", "e"), ("Łódź", "lodz"), ("日本", ""), ("--", ""),
    ],
)  # fmt: skip
def test_it_makes_ids_of_names(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_it_gives_an_example_that_loads() -> None:
    (source,) = parse(Path("config/sources.toml"), starter()).sources
    assert (source.id, source.url) == ("example", "https://example.se/")
    assert parse(Path("x.toml"), starter(language="en")).language == "en"


def test_it_fills_in_what_a_listing_says() -> None:
    links = [
        link("Region Skåne", "https://utveckling.skane.se/rsp"), link("Öland", None), link("Öland", "http://o.se/")
    ]  # fmt: skip
    config = parse(Path("x.toml"), starter(links, origin=PAGE))
    assert [(one.id, one.name, one.url, one.owner, one.county) for one in config.sources] == [
        ("region-skane", "Region Skåne", "https://utveckling.skane.se/rsp", "skane.se", "M"),
        ("oland", "Öland", "", "Öland", None),
        ("oland-2", "Öland", "http://o.se/", "o.se", None),
    ]
    (listing,) = config.listings
    assert (listing.url, listing.expect, listing.heading, listing.selector) == (
        PAGE.url, 3, PAGE.heading, PAGE.selector,
    )  # fmt: skip
    assert {one.listing for one in config.sources} == {listing.id}


def test_it_explains_every_setting_that_it_names(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    text = starter([link("A", "https://a.se/")])
    path.write_text("\n".join(line.removeprefix("# ") for line in text.split("\n")[3:]), encoding="utf-8")
    path.with_name("links.csv").write_text("id,name,owner,url\n", encoding="utf-8")
    assert load(path).fetch.contact == "webb@example.se"  # what stands there as a comment can be used as it is


@settings(deadline=None, max_examples=60)
@given(st.lists(st.builds(Listed, name=st.text(max_size=30), url=st.sampled_from([None, "https://a.se/", "http://[::1]/"]),
       position=st.integers(1, 9)), max_size=5))  # fmt: skip
def test_it_loads_whatever_a_page_says(links: list[Listed]) -> None:
    text = starter(links, origin=PAGE)
    tomllib.loads(text)
    assert len(parse(Path("x.toml"), text).sources) == max(len(links), 1)
