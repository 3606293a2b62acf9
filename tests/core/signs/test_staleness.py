"""Pages that say that their time is over."""

from datetime import timedelta

import pytest

from linkwatch.core.signs import staleness
from tests.core.cases import NOW


@pytest.mark.parametrize(
    ("heading", "everything", "over"),
    [
        ("Serviceprogram 2014–2020", "", True),
        ("Serviceprogram 2020–2025", "", True),
        ("Serviceprogram 2020–2026", "", False),
        ("Serviceprogram", "Programmet gällde 2014–2020.", False),
        ("Serviceprogram 2014–2020", "Se även programmet för 2023–2030.", False),
        ("Serviceprogram 2014–2020", "Förlängt till 2027.", False),
        ("Serviceprogram 2014–2020, 2021–2027", "", False),
        ("Årsredovisning 2019–2020", "", False),
        ("Befolkningsstatistik 2010–2020", "", False),
        ("Utvärdering av programmet 2014–2020", "", False),
        ("Evaluation 2014–2020", "", False),
    ],
)
def test_it_sees_that_a_period_is_over(heading: str, everything: str, over: bool) -> None:
    found = staleness.period_over((heading, None), f"{heading}\n{everything}", NOW)
    assert (found is not None) is over


@pytest.mark.parametrize(("days", "old"), [(0, False), (1825, False), (1826, True), (20_000, False), (-10, False)])
def test_it_sees_that_a_page_is_too_old(days: int, old: bool) -> None:
    found = staleness.too_old(NOW - timedelta(days=days), "pdf", timedelta(days=1825), NOW)
    assert (found is not None) is old
    assert staleness.too_old(None, None, timedelta(days=1825), NOW) is None
