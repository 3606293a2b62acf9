"""Closing notices, and news of closures."""

import pytest

from linkwatch.core.signs import closing
from tests.core.cases import PROGRAMME, page


@pytest.mark.parametrize(
    "words",
    [
        "Regionförbundet har avvecklats",
        "Regionförbundet i Kalmar län har avvecklats",
        "Regionförbundet Sörmland har upphört",
        "Webbplatsen har stängts",
        "Den här webbplatsen har lagts ned",
        "Tjänsten har upphört",
        "Myndigheten lades ner den 1 januari 2023",
        "Glesbygdsverket har avvecklats",
        "Nettstedet er lagt ned",
        "Hjemmesiden er lukket",
        "This website has been closed",
        "The agency has been abolished",
        "This service is no longer available",
        "Sivusto on suljettu",
    ],
)
def test_it_reads_a_closing_notice(words: str) -> None:
    assert closing.notice(page(words, None, "Läs mer hos regionen.")) == words
    assert closing.notice(page("Start", words, "Läs mer hos regionen.")) == words
    assert closing.notice(page("Start", "Välkommen", f"{words}. Läs mer hos regionen."))


@pytest.mark.parametrize(
    "words",
    [
        "Här är butikerna som har lagts ned",
        "Sju livsmedelsbutiker har lagts ned i länet",
        "Vårdcentralen har stängts",
        "Skolan har lagts ner",
        "Postkontoret har stängts",
        "Gamla skolan har avvecklats som lokal",
        "Förbundet avvecklas",
        "Bron är stängd",
        "Stugan är stängd",
        "Nærbutikken er lagt ned",
        "Ansökan har stängts",
        "Biblioteket stänger tidigare",
    ],
)
def test_it_knows_news_from_a_notice(words: str) -> None:
    assert closing.notice(page(words, words, f"{words}. Läs mer.")) is None


def test_it_does_not_look_in_the_running_text_of_long_pages() -> None:
    assert closing.notice(page("Start", "Välkommen", f"Webbplatsen har stängts. {PROGRAMME}")) is None


def test_it_tells_a_site_from_somebody_else() -> None:
    assert closing.is_of_site("Webbplatsen har stängts")
    assert not closing.is_of_site("Myndigheten har lagts ned")
