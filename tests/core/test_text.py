import time
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.text import containment, fold, jaccard, mask, sample, shingles

words = st.lists(st.sampled_from("service program län stöd butik åren 2023 är och i".split()), max_size=40).map(
    " ".join
)
PAGE = "Regionens program för service på landsbygden gäller från 2023 till 2030 och ses över vartannat år."


def test_it_folds_white_space() -> None:
    assert fold(" a\u00a0b\r\n\tservice\u00adprogram \u200bx\ufeff ") == "a b serviceprogram x"


def test_shingles_are_the_same_everywhere_and_always() -> None:
    assert sample(shingles("Ett två tre fyra fem")) == (1211986424298772346, 6230901155223912715)


def test_shingles_do_not_see_case_and_punctuation() -> None:
    assert shingles("Ett två tre fyra") == shingles("ett, (TVÅ) – »tre« fyra!")


def test_shingles_are_runs_of_words() -> None:
    assert len(shingles("a b c d e f")) == 3
    assert len(shingles("a b c d e f", size=2)) == 5
    assert len(shingles("a b")) == 1
    assert shingles(" –!\n") == frozenset()
    assert shingles("a b c d") != shingles("d c b a")
    assert not shingles("a b c d") & shingles("a b c")


def test_equal_words_make_equal_hashes_wherever_they_stand() -> None:
    assert shingles("x y a b c d z") > shingles("a b c d")


@given(words)
def test_shingles_fit_in_63_bits(text: str) -> None:
    assert all(0 <= one < 2**63 for one in shingles(text))


@given(words)
def test_there_are_as_many_shingles_as_different_runs(text: str) -> None:
    split = text.split()
    runs = (
        {tuple(map(crc32, map(str.encode, split[at : at + 4]))) for at in range(max(1, len(split) - 3))}
        if split
        else set()
    )
    assert len(shingles(text)) == len(runs)


@given(words, words)
def test_containment_is_a_share(one: str, other: str) -> None:
    a, b = shingles(one), shingles(other)
    assert 0 <= containment(sample(a), b) <= 1
    assert containment(sample(a), a) == (1 if a else 0)
    assert containment(sample(a), list(a | b)) == (1 if a else 0)


@given(words, words)
def test_jaccard_is_symmetric(one: str, other: str) -> None:
    a, b = shingles(one), shingles(other)
    assert jaccard(a, b) == jaccard(sorted(b), sorted(a))
    assert 0 <= jaccard(a, b) <= 1
    assert jaccard(a, a) == (1 if a else 0)


def test_a_sample_estimates_the_whole() -> None:
    copy = [f"ord{n}" for n in range(9_000)]
    page = copy[:4_500] + [f"nytt{n}" for n in range(4_500)]
    kept = sample(shingles(" ".join(copy)))
    assert len(kept) == 1024
    assert kept == tuple(sorted(kept))
    assert containment(kept, shingles(" ".join(page))) == pytest.approx(0.5, abs=0.06)


def test_any_text_can_be_shingled() -> None:
    assert shingles("\ud800 a \0 b 漢字 d")


ADDRESS = "https://example.se/utveckling/regionalt-serviceprogram-f%C3%B6r-l%C3%A4net.html?x=1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sidan /a/b.html finns inte. Fel 404.", "Sidan /qx/zy.html finns inte. Fel 404."),
        ("Sök: regionalt serviceprogram för länet", "Sök: något annat"),
        ("Onsdag 3 mars 2026 kl. 14:02 hände något", "Fredag den 15 december 2025 09.30 hände något"),
        ("Sent Wed, 03 Mar 2026 14:02:11 GMT", "Sent 2026-11-23T08:00:00Z"),
        ("Ray ID: 8f3a1c22 x", "Ray ID: 77b0 x"),
        ("Gå till https://example.se/x/y?z", "Gå till https://example.se/annat"),
    ],
)
def test_it_overlooks_what_differs_between_error_pages(one: str, other: str) -> None:
    echoes = (ADDRESS, "https://example.se/a/b.html", "https://example.se/qx/zy.html", "https://example.se/något-annat")
    assert mask(one, *echoes) == mask(other, *echoes)


def test_it_leaves_the_words() -> None:
    assert mask("Sidan kunde inte hittas", "https://example.se/", "") == "Sidan kunde inte hittas"
    assert mask("Maj och juni var på sidan") == "Maj och juni var på sidan"


@pytest.mark.parametrize("unit", ["a", "# ", "mån ", "mån 1", "1 maj ", "http://", "1 kl ", "-", "a-"])
def test_no_text_makes_masking_slow(unit: str) -> None:
    started = time.perf_counter()
    mask(unit * (200_000 // len(unit)), "https://example.se/" + "x" * 7_000)
    assert time.perf_counter() - started < 3
