from dataclasses import replace
from typing import Any

import pytest

from linkwatch.core.models import Belief, Code, Facts, LinkView, State, Suggestion
from linkwatch.locale import Words
from linkwatch.report.card import Card, Reading, card, http_words
from tests.report.sample import NOW, ago, belief, sample, source, view, well

SV = Words("sv")
READING = Reading(words=SV, timezone="Europe/Stockholm", now=NOW)
LINKS = {link.source.id: link for link in sample().links}


def told(link: LinkView | str) -> Card:
    return card(LINKS[link] if isinstance(link, str) else link, READING)


@pytest.mark.parametrize(
    ("link", "standing"),
    [
        ("blekinge", "trasig: sidan hittades inte"),
        ("gotland", "fungerar"),
        ("jamtland", "flyttad"),
        ("sodermanland", "fungerar, med omdirigering"),
        ("jonkoping", "behöver ses över: inaktuell"),
        ("vasternorrland", "misstänkt fel, väntar på bekräftelse: fel hos webbplatsen"),
        ("vastra-gotaland", "kunde inte kontrolleras: släpper inte in kontrollen"),
        ("vastmanland", "ingen länk"),
        ("orebro", "pausad"),
        ("ostergotland", "inte kontrollerad än"),
    ],
)
def test_it_says_how_a_link_stands(link: str, standing: str) -> None:
    assert told(link).row.standing == standing


def test_it_says_since_when() -> None:
    assert told("blekinge").since == "sedan 3 dagar (20 november 2026)"
    assert told("ostergotland").since is None


@pytest.mark.parametrize(
    ("link", "do"),
    [
        ("jamtland", "Byt till den nya adressen."),
        ("blekinge", "Öppna den föreslagna adressen. Är det rätt sida, byt länken till den."),
        ("vasternorrland", "Inget ännu. Kommande kontroller visar om felet är kvar."),
        ("gotland", "Inget behöver göras."),
        ("norrbotten", "Berätta för ägaren, som kan rätta certifikatet."),
    ],
)
def test_it_says_the_one_thing_to_do(link: str, do: str) -> None:
    assert told(link).do == do


def test_it_has_a_card_for_every_verdict_in_every_state() -> None:
    for state in State:
        for code in (*Code, None):
            link = view(source("K"), belief(state, code, days=1))
            assert told(link).means.endswith(".")
            assert told(link).do.endswith(".")


def test_it_gives_the_new_address_and_how_it_was_found() -> None:
    proposal = told("jamtland").proposal
    assert proposal is not None
    assert proposal.label == "Ny adress"
    assert proposal.address.href == "https://www.region-jh.example/regionaltserviceprogram20232030"
    assert proposal.found == "webbplatsen skickar själv besökaren dit"


def test_it_takes_where_a_moved_page_ended_when_nothing_was_suggested() -> None:
    proposal = told(replace(LINKS["jamtland"], suggestion=None)).proposal
    assert proposal is not None
    assert proposal.address.text == LINKS["jamtland"].facts.final_url


def test_it_suggests_no_address_that_another_finding_led_to() -> None:
    later = replace(LINKS["jamtland"].belief, verdict=Code.BLOCKED)
    assert told(replace(LINKS["jamtland"], suggestion=None, belief=later)).proposal is None


def test_it_lists_at_most_three_possible_addresses() -> None:
    many = (Suggestion(url="https://a.example/", score=0.5, why="sitemap"),) * 9
    assert len(told(replace(LINKS["blekinge"], possible=many)).possible) == 3


def test_it_says_when_the_latest_check_found_something_else() -> None:
    assert told("skane").latest == "Den senaste kontrollen gav inget besked om länken."
    blocked = view(source("K"), belief(State.BROKEN, Code.GONE, days=3, verdict=Code.BLOCKED))
    assert told(blocked).latest == "Den senaste kontrollen gav ett annat svar: släpper inte in kontrollen."
    assert told("blekinge").latest is None


def test_it_draws_every_hop_and_where_they_ended() -> None:
    way = told("jamtland").way
    assert [(step.status, step.words) for step in way] == [
        (301, "flyttad för gott"), (308, "flyttad för gott"), (200, "webbplatsen svarade som den ska"),
    ]  # fmt: skip
    assert way[-1].address.text == LINKS["jamtland"].facts.final_url
    assert told("gotland").way == ()


def test_it_gives_the_evidence_in_words() -> None:
    facts = dict(told("blekinge").facts)
    assert facts["Svar"] == "HTTP 404, sidan hittades inte"
    assert facts["Misslyckade kontroller i rad"] == "2"
    assert facts["Sidan sågs senast"] == "17 november 2026 kl. 14:00"
    assert dict(told("norrbotten").facts)["Certifikatet gällde till"] == "21 november 2026"
    assert dict(told("dalarna").facts)["Svar"] == "inget svar"


@pytest.mark.parametrize(
    ("evidence", "phrases"),
    [
        ({"containment": 0.31}, ["Så stor del av den godkända texten finns på sidan: 31\u00a0%"]),
        ({"shrunk_to": 1.5}, ["Så lång är texten mot den godkända: 150\u00a0%"]),
        ({"root": 200, "sibling": 404}, ["Webbplatsens startsida svarar: HTTP 200, webbplatsen svarade som den ska",
                                         "En påhittad adress bredvid svarar: HTTP 404, sidan hittades inte"]),
        ({"confirmed": True}, ["Ett andra besök gav samma svar."]),
        ({"notice": "Vi har\nlagt ner"}, ["På sidan står det: ”Vi har lagt ner”"]),
        ({"confirmed": False, "others_ending_here": 0, "containment": float("nan"), "notice": "", "period": None,
          "made_up": 1, "signs": ["noindex"], "name": "x"}, []),
    ],
)  # fmt: skip
def test_it_tells_only_what_there_are_words_for(evidence: dict[str, Any], phrases: list[str]) -> None:
    assert list(told(replace(well("K"), evidence=evidence)).saw) == phrases


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "sidan hittades inte"), (418, "kunde inte ge sidan"), (599, "fel hos webbplatsen"), (0, "okänt svar"),
     (-7, "okänt svar"), (99999, "okänt svar"), (None, "inget svar")],
)  # fmt: skip
def test_it_has_words_for_every_answer(status: int | None, words: str) -> None:
    assert http_words(status, SV) == words


def test_it_begins_a_letter_to_the_owner() -> None:
    contact = told("blekinge").contact
    assert contact is not None
    assert contact.href is not None
    assert contact.href.startswith("mailto:webb@region-blekinge.example?subject=L%C3%A4nken%20till%20Blekinge&body=Hej")
    assert told("kalmar").contact is not None
    assert told("gotland").contact is None


def test_it_tells_what_has_happened_newest_first() -> None:
    assert [text for _, text in told("blekinge").history] == [
        "misstänkt fel, väntar på bekräftelse → trasig: sidan hittades inte",
        "fungerar → misstänkt fel, väntar på bekräftelse: sidan hittades inte",
    ]


def test_it_says_nothing_of_what_is_not_known() -> None:
    unknown = told(view(source("K"), Belief(), Facts()))
    assert (unknown.facts, unknown.way, unknown.saw, unknown.history, unknown.reason) == ((), (), (), (), None)


def test_it_gently_tells_of_a_certificate_that_ends_soon() -> None:
    assert told("stockholm").certificate is not None
    assert told("gotland").certificate is None


def test_it_says_so_of_reasons_without_words_by_saying_nothing() -> None:
    link = view(source("K"), belief(State.BROKEN, Code.GONE, days=1, reason="made_up", seen_at=ago(days=2)))
    assert told(link).reason is None
