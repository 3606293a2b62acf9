from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.locale import LANGUAGES, Words
from linkwatch.report.pages import _environment
from linkwatch.report.reading import Reading
from linkwatch.report.spark import HEIGHT, WIDTH, Spark, spark
from tests.report.sample import NOW

READING = Reading(words=Words("sv"), timezone="Europe/Stockholm", now=NOW)


def beats(*times: int, hours: float = 24) -> list[tuple[datetime, int]]:
    return [(NOW + timedelta(hours=hours * number), ms) for number, ms in enumerate(times)]


def drawn(told: list[tuple[datetime, int]]) -> Spark:
    line = spark(told, READING)
    assert line is not None
    return line


def points(line: Spark) -> list[tuple[float, float]]:
    pairs = [point.split(",") for points in line.lines for point in points.split()]
    return [(float(x), float(y)) for x, y in pairs]


def test_it_draws_time_to_the_right_and_milliseconds_upwards() -> None:
    line = drawn(beats(0, 1000, 500))
    assert line.lines == ("4,36 120,4 236,20",)
    assert (line.latest.x, line.latest.y, line.dots) == ("236", "20", ())


def test_it_draws_a_page_that_answers_at_once_low() -> None:
    assert min(y for _, y in points(drawn(beats(40, 60, 50)))) > 30


def test_it_breaks_the_line_where_nobody_looked() -> None:
    told = beats(100, 100, 100)
    later = [(at + timedelta(days=400), ms) for at, ms in told]
    line = drawn(told + later)
    assert len(line.lines) == 2
    assert points(line)[3][0] - points(line)[2][0] < WIDTH * 0.6


def test_it_draws_what_stands_alone_as_a_dot() -> None:
    alone = (NOW + timedelta(days=60), 300)
    line = drawn([*beats(100, 100, 100), alone, *((alone[0] + timedelta(days=60 + n), 100) for n in range(3))])
    assert (len(line.lines), len(line.dots)) == (2, 1)
    only = drawn(beats(200))
    assert (only.lines, len(only.dots), only.latest) == ((), 1, only.dots[0])


def test_it_draws_nothing_of_nothing() -> None:
    assert spark([], READING) is None


def test_it_takes_beats_in_any_order_and_the_latest_of_many() -> None:
    told = beats(*range(1, 301))
    assert drawn(told[::-1]) == drawn(told)
    assert len(points(drawn(told))) == 120


@pytest.mark.parametrize(
    ("times", "short", "says"),
    [
        ([200, 210, 3_140], "oftast 0,21 s, som mest 3,1 s",
         "Svarstid: oftast 0,21 s, som minst 0,2 s, som mest 3,1 s, senast 3,1 s."),
        ([45], "0,04 s vid den enda kontrollen", "Svarstid: 0,04 s."),
        ([0, 29_600], "oftast 15 s, som mest 30 s",
         "Svarstid: oftast 15 s, som minst 0 s, som mest 30 s, senast 30 s."),
    ],
)  # fmt: skip
def test_it_says_the_same_in_words(times: list[int], short: str, says: str) -> None:
    assert (drawn(beats(*times)).short, drawn(beats(*times)).says) == (short, says)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("times", [(5,), (5, 900, 20)])
def test_it_is_a_picture_with_attributes_and_classes_only(language: str, times: tuple[int, ...]) -> None:
    template = _environment().from_string('{% from "spark.html" import sparkline %}{{ sparkline(spark) }}')
    line = spark(beats(*times), replace(READING, words=Words(language)))
    soup = BeautifulSoup(template.render(spark=line), "lxml")
    picture = soup.select_one("svg[role=img]")
    assert picture is not None
    assert picture.find("title") is not None
    assert not soup.select("[style], script")
    assert len(soup.select("polyline")) == (len(times) > 1)


@given(st.lists(st.tuples(st.datetimes(timezones=st.just(UTC)), st.integers()), min_size=1, max_size=30))
def test_it_stays_in_its_box_whatever_it_is_given(told: list[tuple[datetime, int]]) -> None:
    line = drawn(told)
    dots = [*points(line), *((float(dot.x), float(dot.y)) for dot in (*line.dots, line.latest))]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in dots)
    assert len(points(line)) + len(line.dots) == len(told)
