"""What headings and short texts say, in six languages; and what they do not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.signs.phrases import Phrase, in_heading, in_short_text, segments

MISSING = """
Sidan kan inte hittas (404)
Sidan kunde inte hittas
Sidan hittades inte
Sidan finns inte
Sidan finns inte längre
Sidan finns inte kvar på den här adressen
Sidan saknas
Den begärda sidan kunde inte hittas
Den efterfrågade sidan kunde inte hittas
Den sida du vill nå kan inte hittas
Sidan du letar efter har flyttats
Sidan du letar efter har flyttats eller tagits bort
Vi kunde inte hitta sidan
Hoppsan! Den sidan kan inte hittas
404 - Sidan hittades inte
404: Sidan finns inte
Fel 404: sidan finns inte
Oj, sidan finns inte!
Ojdå! Sidan du söker finns inte kvar
Tyvärr, sidan kunde inte hittas
Tyvärr hittades inte sidan
Sidan du söker finns tyvärr inte
Sidan som du letar efter finns inte
Sidan ni söker kan inte hittas
Sidan är borttagen
Sidan har tagits bort eller flyttats
Dokumentet kunde inte hittas
Filen hittades inte
Innehållet du söker finns inte
Artikeln är inte längre tillgänglig
Annonsen har gått ut
Vi hittar inte sidan du söker
Vi kan tyvärr inte hitta sidan du letar efter
Vi hittar inte det du söker
Det gick inte att hitta sidan
Det finns ingen sida på den här adressen
Här fanns det ingen sida
Du har hamnat fel
Här var det tomt
Sida saknas
Sidan kan inte visas
Okänd sida
Ogiltig länk
Webbsidan kan inte hittas
Den här sidan finns inte längre
Sidan är inte tillgänglig
Siden finnes ikke
Siden du leter etter finnes ikke
Fant ikke siden
Vi fant dessverre ikke siden du leter etter
Beklager, vi finner ikke siden
Siden ble ikke funnet
Siden er flyttet eller slettet
Sida finst ikkje
Fann ikkje sida
404 - Siden ble ikke funnet
Siden blev ikke fundet
Siden findes ikke længere
Vi kan desværre ikke finde siden
Vi kan ikke finde den side, du leder efter
Side ikke fundet
Den ønskede side blev ikke fundet
Sivua ei löytynyt
Hakemaasi sivua ei löydy
Etsimääsi sivua ei löytynyt
Etsimäsi sivu ei ole saatavilla
Valitettavasti etsimääsi sivua ei löytynyt
404 – Sivua ei ole olemassa
Sivu on poistettu
Page not found
Page Not Found (404)
404 Not Found
The page you requested could not be found
The page you were looking for doesn't exist
The page you are looking for can’t be found
Sorry, we can't find that page
We couldn't find the page you were looking for
Oops! That page can’t be found.
This page does not exist
The requested URL was not found on this server
This page is no longer available
This page has been removed
Nothing here
Seite nicht gefunden
Die angeforderte Seite wurde nicht gefunden
""".strip().splitlines()

ORDINARY = """
Vårdprogram 404
Rum 404
Rum 404 – Hotell Kusten
Service saknas på landsbygden
När service saknas
Sidan 404 i protokollet
Flyttade mottagningar
Hittegods: borttappat och upphittat
Grundläggande service saknas i flera byar
Butiken finns inte längre
Borttagna hållplatser
Handlingar saknas i ärendet
Kyrkboken där sidorna saknas
Uppgifter som inte kan hittas i registret
Så fungerar sidan
Den här sidan handlar om service
Sidan uppdateras inte längre
Här finns information om bygglov
Det finns ingen gräns för hur många
Väg 404 stängs av
E-tjänsten har flyttat
Biblioteket har flyttat till nya lokaler
Länk till annan webbplats
Filen är för stor
Artikeln finns inte i lager
Länken fungerar inte
Hittar du inte det du söker?
Hittade du inte det du sökte?
Varför hittades inte sidan?
Felanmälan
Siden 1975
Siden er oppdatert
Borgerservice er flyttet
Hittegods: eieren ble ikke funnet
Vi finder løsninger
Poistetut bussipysäkit
Sivu on päivitetty
Lost property
Not found guilty
Gallery 404: new exhibition space
Page 404 of the minutes
Designing a page not found page
The library has moved
Can't find what you're looking for?
""".strip().splitlines()


@pytest.mark.parametrize("words", MISSING)
@pytest.mark.parametrize("frame", ["{}", "{} | Region Exempel", "{} - Örebro kommun", "Region Exempel: {}", "{}!"])
def test_it_knows_the_words_of_missing_pages(words: str, frame: str) -> None:
    assert in_heading(frame.format(words)) is Phrase.MISSING


@pytest.mark.parametrize("words", MISSING)
def test_it_finds_them_where_a_short_text_begins_a_sentence(words: str) -> None:
    bare = words.rstrip(".!")
    assert in_short_text(f"{bare}. Gå till startsidan eller använd sökrutan.") is Phrase.MISSING
    assert in_short_text(f"{bare} Sidan kan ha ett annat namn nu") is Phrase.MISSING  # a heading runs into its text


@pytest.mark.parametrize("words", ORDINARY)
def test_it_leaves_ordinary_headings_alone(words: str) -> None:
    assert in_heading(words) is None
    assert in_heading(f"{words} | Region Exempel") is None
    assert in_short_text(f"{words} och så vidare. Läs mer om detta.") is None


@pytest.mark.parametrize(
    "words", ["404", "Error 404", "Fel 404", "404 | Region Exempel", "HTTP 404", "404-fel", "Virhe 404"]
)
def test_it_takes_a_bare_number_for_less(words: str) -> None:
    assert in_heading(words) is Phrase.NUMBER


@pytest.mark.parametrize(
    "words",
    [
        "Hoppsan!",
        "Oj, något har blivit fel!",
        "Något gick fel",
        "Oops",
        "Ett fel har inträffat",
        "Something went wrong",
    ],
)
def test_it_takes_an_apology_for_least(words: str) -> None:
    assert in_heading(words) is Phrase.VAGUE


def test_it_says_nothing_of_nothing() -> None:
    assert in_heading(None) is None
    assert in_heading("") is None
    assert in_short_text("") is None


def test_it_parts_titles_where_people_do() -> None:
    assert segments("404 – Sidan hittades inte | Region X") == ["404", "Sidan hittades inte", "Region X"]
    assert segments("Gäst-WLAN i Norr- och Västerbotten") == ["Gäst-WLAN i Norr- och Västerbotten"]


HOSTILE = [
    "sidan " * 200,
    "404 " * 300,
    "- " * 500,
    "vi kan inte hitta sidan du söker " * 40,
    "fel " * 300,
    "a" * 5_000,
]


@pytest.mark.parametrize("words", HOSTILE)
def test_it_is_not_held_up_by_hostile_headings(words: str) -> None:
    before = time.perf_counter()
    in_heading(words)
    in_short_text(words)
    assert time.perf_counter() - before < 1.0


@given(st.text(max_size=400))
def test_it_survives_any_text(words: str) -> None:
    in_heading(words)
    in_short_text(words)
