"""How much of an approved copy a page still is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.models import PageKind
from linkwatch.core.signs import drift
from tests.core.cases import ELSEWHERE, GOOD, OTHER, PROGRAMME, copy_of, page

MENU = " ".join(f"Område {chr(97 + n % 26)}{n} och dess olika delar" for n in range(60))


def test_it_measures_long_copies_by_containment() -> None:
    same = drift.kinship(copy_of(GOOD), GOOD)
    gone = drift.kinship(copy_of(GOOD), ELSEWHERE)
    assert same is not None
    assert gone is not None
    assert (same.measure, same.kept, same.is_same, same.is_gone) == ("containment", 1.0, True, False)
    assert (gone.is_alive, gone.is_gone) == (False, True)


def test_it_leaves_out_what_the_site_shows_everywhere() -> None:
    copy = copy_of(page("A", "A", f"{MENU} {PROGRAMME}"))
    lost = page("B", "B", f"{MENU} {OTHER}")
    stranger = page("404", "404", MENU)
    with_menu, without = drift.kinship(copy, lost), drift.kinship(copy, lost, (stranger,))
    assert with_menu is not None
    assert without is not None
    assert with_menu.is_alive
    assert without.is_gone


def test_it_does_not_leave_out_everything() -> None:
    kin = drift.kinship(copy_of(GOOD), GOOD, (GOOD,))
    assert kin is not None
    assert kin.is_same


def test_it_compares_nothing_with_what_it_cannot_read() -> None:
    assert drift.kinship(copy_of(GOOD), page(kind=PageKind.OTHER)) is None
    assert drift.kinship(copy_of(GOOD), page(kind=PageKind.PDF, fault="pdf_damaged")) is None
    assert drift.kinship(copy_of(GOOD), page(kind=PageKind.PDF)) is None
    assert drift.kinship(copy_of(page()), GOOD) is None


def test_it_weighs_text_most_on_short_pages() -> None:
    """Title, h1 and links of a short page are often the same on all pages of a site."""
    short = page("Region", "Region", "Fiskekort säljs på macken och hos Bengt.", links=("https://a.example/x",))
    lost = page("Region", "Region", "Kontrollera stavningen eller börja om.", links=("https://a.example/x",))
    kin = drift.kinship(copy_of(short), lost)
    assert kin is not None
    assert not kin.is_alive


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        (("T", "Bygglov"), ("T", "Bygglov"), False),
        (("T", "Bygglov"), ("T", "Skolmat"), True),
        (("Bygglov – Region", None), ("Skolmat – Region", None), True),
        (("Bygglov i länet – Region", None), ("Bygglov i länet | Region", None), False),
        (("Program 2014", "Program 2014"), ("Program 2023", "Program 2023"), False),
    ],
)
def test_it_sees_another_heading(was: tuple[str, str | None], now: tuple[str, str | None], expected: bool) -> None:
    assert drift.has_other_heading(copy_of(page(*was)), page(*now)) is expected


def test_it_sees_the_same_heading() -> None:
    assert drift.has_same_heading(copy_of(GOOD), page(GOOD.title, GOOD.h1, OTHER))
    assert not drift.has_same_heading(copy_of(GOOD), page(GOOD.title, "Annat", OTHER))
    assert not drift.has_same_heading(copy_of(page()), page())


@given(cut=st.integers(min_value=1, max_value=400), more=st.text(max_size=200))
def test_it_keeps_its_laws(cut: int, more: str) -> None:
    """Between 0 and 1; a page that only grew has lost nothing; less of the text is never more of the copy."""
    words = PROGRAMME.split()
    less = drift.kinship(copy_of(GOOD), page("x", "x", " ".join(words[:cut])))
    grown = drift.kinship(copy_of(GOOD), page("x", "x", f"{PROGRAMME} {more}"))
    assert less is not None
    assert grown is not None
    assert 0.0 <= less.kept <= grown.kept == 1.0
