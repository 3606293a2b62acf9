"""Programme periods in text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.signs.periods import Period, follows, last_year_promised, periods
from tests.core.cases import OTHER, PROGRAMME, copy_of, page


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Serviceprogram 2014–2020", [(2014, 2020)]),
        ("2014-2018", [(2014, 2018)]),
        ("2019 – 2023", [(2019, 2023)]),
        ("2020/2024", [(2020, 2024)]),
        ("2014-20", [(2014, 2020)]),
        ("2014 till 2020", [(2014, 2020)]),
        ("2014 t.o.m. 2020", [(2014, 2020)]),
        ("2014–2020, 2021–2027", [(2014, 2020), (2021, 2027)]),
        ("2019-06", []),
        ("2019-06-15", []),
        ("1909–2009", []),
        ("2020–2014", []),
        ("tel 2014-2020-33", []),
        ("010-2014 2020", []),
        ("", []),
    ],
)
def test_it_reads_periods(words: str, expected: list[tuple[int, int]]) -> None:
    assert [(period.start, period.end) for period in periods(words)] == expected


def test_it_orders_periods_by_their_end() -> None:
    assert max(Period(2020, 2014), Period(2022, 2021)) == Period(2022, 2021)
    assert str(Period(2020, 2014)) == "2014–2020"


@pytest.mark.parametrize(
    ("words", "year"),
    [
        ("Programmet har förlängts till och med 2027.", 2027),
        ("Planen är giltig till 2026", 2026),
        ("The programme has been extended until 2028.", 2028),
        ("Beslutet togs 2027.", 0),
    ],
)
def test_it_reads_until_when_something_was_prolonged(words: str, year: int) -> None:
    assert last_year_promised(words) == year


OLD = page("Serviceprogram 2014–2020 | Region", "Regionalt serviceprogram 2014–2020", PROGRAMME)


@pytest.mark.parametrize(
    ("title", "h1", "expected"),
    [
        ("Serviceprogram 2023–2030 | Region", "Regionalt serviceprogram 2023–2030", True),
        ("Region", "Regionalt serviceprogram 2023–2030", True),
        ("Serviceprogram 2007–2013 | Region", "Regionalt serviceprogram 2007–2013", False),
        ("Serviceprogram | Region", "Regionalt serviceprogram", False),
        ("Kulturplan 2023–2030", "Kulturplan för länet 2023–2030", False),
        ("Sidan hittades inte", "Regionalt serviceprogram 2023–2030", False),
    ],
)
def test_it_knows_the_next_period_of_the_same_programme(title: str, h1: str, expected: bool) -> None:
    assert follows(copy_of(OLD), page(title, h1, OTHER)) is expected


@given(st.text(max_size=500))
def test_it_survives_any_text(words: str) -> None:
    assert all(1 <= period.end - period.start <= 25 for period in periods(words))
