"""Likeness to the pages for addresses that cannot exist, and the other signs."""

from dataclasses import replace

import pytest

from linkwatch.core.models import Ask, Page, Probe
from linkwatch.core.signs import soft404
from linkwatch.core.signs.look import Look
from tests.core.cases import GOOD, NOT_FOUND, PROGRAMME, URL, case, page, visit

HOME = "https://www.region.example/"


def look(shown: Page, *siblings: tuple[Page, int], **more: object) -> Look:
    asked = case(shown, **more)  # type: ignore[arg-type]  # a case's
    urls = [f"{HOME}utveckling/landsbygd/x{n}.html" for n in range(len(siblings))]
    probes = tuple(
        Probe(ask=Ask.SIBLING, url=url, visit=visit(url, status), page=seen)
        for url, (seen, status) in zip(urls, siblings, strict=True)
    )
    return Look(case=replace(asked, probes=probes))


@pytest.mark.parametrize(
    ("shown", "signs"),
    [
        (page("Sidan hittades inte", "Sidan hittades inte", "Gå till start."), ("title", "h1")),
        (page("Region", "Sidan hittades inte", "Gå till start."), ("h1",)),
        (page("Region", "Region", "Sidan hittades inte. Gå till start."), ("short_text",)),
        (page("404", "404", "Gå till start."), ("title",)),
        (page("Sidan hittades inte", "Sidan hittades inte", PROGRAMME), ("title",)),
        (page("Region", "Kort", "Kort text.", noindex=True), ("noindex",)),
        (page("Region", "Kort", "Kort text.", canonical=f"{HOME}404"), ("canonical",)),
        (page("Region", "Kort", "Kort text.", canonical=URL), ()),
        (page("Region", "Kort", "Kort text.", canonical=f"{URL}?utm_source=x"), ()),
        (page("Region", "Kort", "Kort text.", noindex=True, canonical=HOME), ("noindex",)),
        (page("Hoppsan", "Något gick fel", "Kort text."), ()),
    ],
)
def test_it_counts_the_signs(shown: Page, signs: tuple[str, ...]) -> None:
    assert soft404.others(look(shown, copy=None)) == signs


@pytest.mark.parametrize(
    ("signs", "lost", "expected"),
    [
        (("title", "h1"), False, True),
        (("title",), False, False),
        (("title",), True, True),
        (("noindex",), True, False),
        (("error_address",), True, True),
        (("noindex", "short_text"), False, True),
        ((), True, False),
    ],
)
def test_it_wants_two_signs_or_one_and_the_content_lost(signs: tuple[str, ...], lost: bool, expected: bool) -> None:
    assert soft404.is_plain(signs, lost=lost) is expected


@pytest.mark.parametrize(
    ("probe", "status", "same"),
    [
        (NOT_FOUND, 200, "heading"),
        (NOT_FOUND, 404, None),
        (NOT_FOUND, 410, None),
        (NOT_FOUND, 500, None),
        (NOT_FOUND, 403, None),
        (GOOD, 200, None),
        (page(NOT_FOUND.title, "En annan rubrik", NOT_FOUND.text), 200, None),
    ],
)
def test_it_compares_with_a_page_that_cannot_exist(probe: Page, status: int, same: str | None) -> None:
    assert soft404.find(look(NOT_FOUND, (probe, status), (probe, status))).same_as_probe == same
    without_copy = soft404.find(look(NOT_FOUND, (probe, status), (probe, status), copy=None)).same_as_probe
    assert without_copy == ("text" if same else None)


def test_it_says_how_like_they_were() -> None:
    found = soft404.find(look(NOT_FOUND, (NOT_FOUND, 200)))
    assert found.similarity == 1.0
    assert found.evidence["signs"] == ["title", "h1"]


def test_it_is_not_held_up_by_a_probe_that_met_a_wall() -> None:
    walled = page("Just a moment...", None, "", full_text="")
    assert soft404.find(look(walled, (walled, 200))).same_as_probe is None


def test_it_suspects_nothing_that_is_approved_a_front_page_or_a_file() -> None:
    assert not soft404.is_suspicious(look(GOOD))
    assert not soft404.is_suspicious(look(NOT_FOUND, url=HOME))
    assert soft404.is_suspicious(look(NOT_FOUND))


def test_it_suspects_a_page_in_place_of_a_file() -> None:
    shown = page("Region", "Dokument", PROGRAMME)
    assert soft404.is_suspicious(look(shown, copy=None, url=f"{HOME}a/b/program.pdf"))
    assert not soft404.is_suspicious(look(shown, copy=None, url=f"{HOME}a/b/program.html"))
