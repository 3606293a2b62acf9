import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.sentences import LONGEST, LONGEST_WORD, sentences


@pytest.mark.parametrize(
    "text",
    [
        "Stöd kan sökas t.ex. för hemsändning.",
        "Det gäller bl.a. Blekinge och Skåne.",
        "Kontoret har öppet kl. 8.30–16.00 alla dagar.",
        "Programmet gäller fr.o.m. 2024 t.o.m. 2030.",
        "Beslutet togs den 3 jan. 2024 i Karlskrona.",
        "Beslutet togs den 15.12.2021 kl. 14.05.",
        "Högst 1.234,50 kr per hushåll.",
        "Läs mer på www.region.example.se/stod.html innan du söker.",
        "Det sa A. Lindgren på mötet.",
        "Kontakta tel. 0455-12 34 56 eller dr. Berg.",
        "1. Inledning",
        "Se kap. 4 och resp. Region.",
        "Mr. Smith wrote, e.g. Monday, to Dr. Berg.",
        "Vänta … nu kommer det.",
        "",
    ],
)
def test_it_does_not_split(text: str) -> None:
    assert sentences(text) == ([text] if text else [])


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Ett. Två! Tre? Fyra", ["Ett.", "Två!", "Tre?", "Fyra"]),
        ("Det gäller till 2030. Därefter tas ett nytt.", ["Det gäller till 2030.", "Därefter tas ett nytt."]),
        ("Butiker, mackar m.m. Ärendet är klart.", ["Butiker, mackar m.m.", "Ärendet är klart."]),
        ("Han sa ”nej.” Sedan gick han (till slut.) Åter.", ["Han sa ”nej.”", "Sedan gick han (till slut.)", "Åter."]),
        ("Öppet. ”Citat” följer. – Och mer.", ["Öppet.", "”Citat” följer.", "– Och mer."]),
        ("Det räcker. 12 kommuner deltar.", ["Det räcker.", "12 kommuner deltar."]),
        ("Mycket  luft.\n\nNy\trad.", ["Mycket luft.", "Ny rad."]),
    ],
)  # fmt: skip
def test_it_splits(text: str, pieces: list[str]) -> None:
    assert sentences(text) == pieces


def test_it_cuts_a_long_sentence_at_its_other_marks() -> None:
    parts = [f"den {number} punkten handlar om något som tar lite plats;" for number in range(9)]
    assert sentences(" ".join(parts)) == parts


def test_it_cuts_what_has_no_marks_in_the_same_places_whatever_was_put_before() -> None:
    names = " ".join(f"Ort{number} Väg{number * 7}" for number in range(200))
    before, after = sentences(names), sentences("Ny Rad Överst " + names)
    assert len(before) > 10
    assert set(before[1:]) <= set(after)


@given(st.text(st.sampled_from("aB1. !?…;:–”\n\u00a0åÖ") | st.characters()))
def test_it_keeps_every_word(text: str) -> None:
    pieces = sentences(text)
    assert " ".join(pieces) == " ".join(text.split())
    assert all(pieces)


@pytest.mark.parametrize(
    "text",
    ["x" * 300_000, "." * 300_000, ". " * 150_000, "; " * 150_000, "A. " * 100_000, "a " * 150_000, '."' * 150_000,
     "\x00 \ud800" * 100_000],
)  # fmt: skip
def test_it_bounds_every_piece_and_the_time(text: str) -> None:
    started = time.process_time()
    assert max(map(len, sentences(text))) <= max(LONGEST, LONGEST_WORD)
    assert time.process_time() - started < 1
