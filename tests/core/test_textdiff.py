import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.sentences import sentences
from linkwatch.core.textdiff import LONGEST, Comparison, Kind, Part, Row, side_by_side

_prose = st.lists(
    st.sampled_from("Ett hus. Två katter sover. I byn finns en butik. Nu! Hej".split(" ")), max_size=40
).map(" ".join)


def marked(parts: tuple[Part, ...]) -> str:
    signs = {Kind.SAME: "{}", Kind.GONE: "[-{}-]", Kind.NEW: "[+{}+]"}
    return " ".join(signs[part.kind].format(part.text) for part in parts)


def shown(comparison: Comparison) -> list[tuple[str, str] | int]:
    return [row.folded or (marked(row.left), marked(row.right)) for row in comparison.rows]


def said(rows: tuple[Row, ...], side: str) -> str:
    return " ".join(part.text for row in rows for part in getattr(row, side))


def prose(count: int, seed: int) -> str:
    """`count` sentences of made-up words, each text with its own."""
    draw = random.Random(seed)
    words = ["".join(draw.choices("abcdefghijklmnoprstuvåäö", k=draw.randint(4, 11))) for _ in range(count * 15)]
    return " ".join(" ".join(words[at : at + 15]).capitalize() + "." for at in range(0, len(words), 15))


# ---------------------------------------------------------------- what is seen


def test_it_marks_the_words_that_changed() -> None:
    comparison = side_by_side(
        "Programmet gäller 2014–2020. Stöd söks hos länsstyrelsen.",
        "Programmet gäller 2023–2030. Stöd söks hos regionen.",
    )
    assert shown(comparison) == [
        ("Programmet gäller [-2014–2020.-]", "Programmet gäller [+2023–2030.+]"),
        ("Stöd söks hos [-länsstyrelsen.-]", "Stöd söks hos [+regionen.+]"),
    ]
    assert (comparison.gone, comparison.new, comparison.left_out) == (2, 2, 0)


def test_it_shows_what_is_gone_and_what_is_new_on_their_sides() -> None:
    comparison = side_by_side(
        "Ett är först. Två försvinner snart. Sist kommer tre.", "Ett är först. Sist kommer tre. Fyra är helt ny här."
    )
    assert shown(comparison) == [
        ("Ett är först.", "Ett är först."),
        ("[-Två försvinner snart.-]", ""),
        ("Sist kommer tre.", "Sist kommer tre."),
        ("", "[+Fyra är helt ny här.+]"),
    ]


def test_it_finds_a_rewritten_sentence_again_among_others() -> None:
    old = "Gammalt stycke utan like. Butiken i Hasslö har byggt om sina kylar och satt solceller på taket."
    new = "Helt annan text. Ytterligare något. Butiken i Hasslö har byggt om sina kylar och satt vindkraft på taket."
    row = side_by_side(old, new).rows[-1]
    assert marked(row.left) == "Butiken i Hasslö har byggt om sina kylar och satt [-solceller-] på taket."
    assert marked(row.right) == "Butiken i Hasslö har byggt om sina kylar och satt [+vindkraft+] på taket."


def test_it_does_not_compare_word_by_word_what_has_nothing_in_common() -> None:
    assert shown(side_by_side("Vi har öppet i dag.", "Sidan kunde inte hittas.")) == [
        ("[-Vi har öppet i dag.-]", "[+Sidan kunde inte hittas.+]")
    ]


def test_it_leaves_no_crumbs_of_short_words() -> None:
    old = "Region Blekinge svarar för butiker i länet och beslutar om stöd till handlare."
    new = "Region Blekinge svarar för affärer i kommunen och beslutar om stöd till handlare."
    assert shown(side_by_side(old, new)) == [
        (
            "Region Blekinge svarar för [-butiker i länet-] och beslutar om stöd till handlare.",
            "Region Blekinge svarar för [+affärer i kommunen+] och beslutar om stöd till handlare.",
        )
    ]


def test_it_folds_long_stretches_that_stayed() -> None:
    same = [f"Mening {word} står kvar." for word in "ett två tre fyra fem sex sju åtta".split()]
    old = " ".join([*same, "Gammalt slut.", *same])
    new = " ".join([*same, "Något annat i stället.", *same])
    assert shown(side_by_side(old, new)) == [
        7,
        (same[-1], same[-1]),
        ("[-Gammalt slut.-]", "[+Något annat i stället.+]"),
        (same[0], same[0]),
        7,
    ]


def test_it_folds_all_of_two_texts_that_are_the_same() -> None:
    comparison = side_by_side("Ett. Två. Tre. Fyra.", "Ett.  Två.\nTre. Fyra.")
    assert (shown(comparison), comparison.is_same, comparison.kept) == ([4], True, 1.0)


def test_it_says_how_much_was_left_out() -> None:
    comparison = side_by_side(prose(30, 1), prose(30, 2), most=10)
    assert (len(comparison.rows), comparison.left_out, comparison.is_same) == (10, 20, False)
    assert comparison.gone == comparison.new == 30 * 15


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("", "Ny text.", None),
        ("", "", None),
        ("Ett två tre fyra fem.", "", 0.0),
        ("Ett två tre fyra.", "Ett två tre fyra fem.", 1.0),
    ],
)
def test_it_says_how_much_was_kept(old: str, new: str, kept: float | None) -> None:
    assert side_by_side(old, new).kept == kept


# ---------------------------------------------------------------- laws


@given(_prose, _prose)
def test_it_holds_both_texts_whole(old: str, new: str) -> None:
    rows = side_by_side(old, new, most=10_000).rows
    folded = sum(row.folded for row in rows)
    assert len(sentences(old)) == sum(bool(row.left) for row in rows) + folded
    assert len(sentences(new)) == sum(bool(row.right) for row in rows) + folded
    if not folded:
        assert (said(rows, "left"), said(rows, "right")) == (old, new)


@given(_prose, _prose)
def test_it_marks_nothing_as_the_same_that_is_not(old: str, new: str) -> None:
    for row in side_by_side(old, new).rows:
        left = [part.text for part in row.left if part.kind is Kind.SAME]
        assert left == [part.text for part in row.right if part.kind is Kind.SAME]


@given(st.text(), st.text())
def test_it_takes_any_text(old: str, new: str) -> None:
    comparison = side_by_side(old, new)
    assert comparison.is_same or comparison.rows
    assert all("\n" not in part.text for row in comparison.rows for part in (*row.left, *row.right))


def test_it_shows_nothing_that_commands_a_terminal_or_turns_the_text() -> None:
    comparison = side_by_side("Sidan \x1b[2J\u202efinns.", "Sidan \x00\ud800finns.")
    assert shown(comparison) == [("Sidan [-\ufffd[2J\ufffdfinns.-]", "Sidan [+\ufffd\ufffdfinns.+]")]


# ---------------------------------------------------------------- bounds


def test_it_compares_two_long_texts_in_no_time() -> None:
    old, new = prose(900, 1), prose(900, 2)
    assert len(old) > 100_000
    started = time.process_time()
    comparison = side_by_side(old, new)
    assert time.process_time() - started < 0.3  # 60 ms alone
    assert (comparison.kept, comparison.left_out) == (0.0, 700)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x" * LONGEST, "y" * LONGEST),
        ("A. " * 100_000, "A. B. " * 50_000),
        ("a b " * 75_000, "b a " * 75_000),
        ("Aa bb cc dd ee ff gg. " * 14_000, "Aa cc bb dd ff ee gg. " * 14_000),
        ("." * 1_000_000, "." * 999_999),
        ("; " * 150_000, ": " * 150_000),
        ("\x00 " * 150_000, "\x1b " * 150_000),
        (
            " ".join(f"Rad {n % 7} i listan." for n in range(14_000)),
            " ".join(f"Rad {n % 5} i listan." for n in range(14_000)),
        ),
    ],
)
def test_it_is_bounded_whatever_the_texts(old: str, new: str) -> None:
    started = time.process_time()
    comparison = side_by_side(old, new)
    assert time.process_time() - started < 2
    assert len(comparison.rows) <= 200
    assert sum(len(part.text) for row in comparison.rows for part in (*row.left, *row.right)) <= 200 * 2 * 401
