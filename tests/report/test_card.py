from dataclasses import replace

import pytest

from linkwatch.core.models import Belief, Code, Facts, LinkView, State, Suggestion
from linkwatch.locale import Words
from linkwatch.report.card import Card, card
from linkwatch.report.reading import Reading
from tests.report.sample import NOW, ago, belief, grounds, incident, sample, source, view, well

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
    assert told(replace(LINKS["jamtland"], suggestion=None, belief=later, grounds=None)).proposal is None


def test_it_still_knows_where_a_moved_page_ended_when_the_latest_check_was_kept_out() -> None:
    link = LINKS["jamtland"]
    stood = grounds(first=6, last=1, times=5, facts=link.facts, rule="moved")
    later = replace(link.belief, verdict=Code.BLOCKED)
    proposal = told(replace(link, suggestion=None, belief=later, facts=Facts(), grounds=stood)).proposal
    assert proposal is not None
    assert proposal.address.text == link.facts.final_url


def test_it_lists_at_most_three_possible_addresses() -> None:
    many = (Suggestion(url="https://a.example/", score=0.5, why="sitemap"),) * 9
    assert len(told(replace(LINKS["blekinge"], possible=many)).possible) == 3


def test_it_says_when_the_latest_check_found_something_else() -> None:
    assert told("skane").latest == "Den senaste kontrollen gav inget besked om länken."
    blocked = view(source("K"), belief(State.BROKEN, Code.GONE, days=3, verdict=Code.BLOCKED))
    assert told(blocked).latest == "Den senaste kontrollen gav ett annat svar: släpper inte in kontrollen."
    assert told("blekinge").latest is None


def test_it_says_plainly_that_there_was_nothing_to_compare_with() -> None:
    assert told("norrbotten").no_copy == "Länken har bedömts utan en godkänd version av sidan att jämföra med."
    assert told("blekinge").no_copy is None
    assert told(replace(well("K"), evidence={"approved_copy": False})).no_copy is None


def test_it_says_so_of_the_finding_that_stands_not_of_the_latest_check() -> None:
    believed = belief(State.BROKEN, Code.GONE, days=3, verdict=Code.BLOCKED)
    stood = grounds(first=3, last=1, times=2, approved_copy=False)
    assert told(view(source("K"), believed, evidence={}, grounds=stood)).no_copy is not None
    assert told(view(source("K"), believed, evidence={"approved_copy": False})).no_copy is None


def test_it_says_that_others_fail_the_same_way() -> None:
    alone = replace(LINKS["blekinge"], incident=incident("blekinge"))
    one_of_three = replace(LINKS["blekinge"], incident=incident("blekinge", "b", "c"))
    assert told(alone).others is None
    assert told(one_of_three).others == "Ytterligare 2 länkar har råkat ut för detsamma ungefär samtidigt."


@pytest.mark.parametrize(
    ("code", "reason", "do"),
    [
        (Code.REPLACED, "closed_down",
         "Ta reda på vem som har tagit över, och länka dit. Finns ingen, ta bort länken."),
        (Code.REPLACED, "content_gone",
         "Läs sidan. Passar den inte längre, leta upp rätt sida hos ägaren och byt länken."),
        (Code.REPLACED, "many", "Läs sidan. Passar den inte längre, leta upp rätt sida hos ägaren och byt länken."),
    ],
)  # fmt: skip
def test_it_says_what_to_do_where_the_reason_says_more(code: Code, reason: str, do: str) -> None:
    assert told(view(source("K"), belief(State.BROKEN, code, days=1, reason=reason))).do == do


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
    assert (unknown.history, unknown.reason, unknown.latest, unknown.no_copy, unknown.others) == (
        (),
        None,
        None,
        None,
        None,
    )


def test_it_gently_tells_of_a_certificate_that_ends_soon() -> None:
    assert told("stockholm").certificate is not None
    assert told("gotland").certificate is None


def test_it_says_so_of_reasons_without_words_by_saying_nothing() -> None:
    link = view(source("K"), belief(State.BROKEN, Code.GONE, days=1, reason="made_up", seen_at=ago(days=2)))
    assert told(link).reason is None
