import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.models import Belief, Code, LinkView, State, Transition
from linkwatch.locale import LANGUAGES, Words
from linkwatch.report.pages import _environment
from linkwatch.report.reading import Reading
from linkwatch.report.trend import WEEKS, Strip, Trend, Unit, since, trend
from tests.report import hostile
from tests.report.sample import NOW, ago, belief, source, view

OK, FAILING, BROKEN, UNKNOWN = State.OK, State.FAILING, State.BROKEN, State.UNKNOWN
READING = Reading(words=Words("sv"), timezone="Europe/Stockholm", now=NOW)  # Monday 23 November 2026, 14:00


def changes(*told: tuple[float, State]) -> list[Transition]:
    """Days ago and the new state, in order."""
    olds = [UNKNOWN, *(state for _, state in told)]
    return [
        Transition(link_id="blekinge", at=ago(days=days), old=old, new=new, verdict=None, reason=None)
        for old, (days, new) in zip(olds, told, strict=False)
    ]


def link(state: State, code: Code | None = None, *, days: float = 400) -> LinkView:
    return view(source("K"), belief(state, code, days=days))


def drawn(*told: tuple[float, State], now: State | None = None, reading: Reading = READING) -> Trend:
    """The trend of one link with this history, as it stands now or after its last change."""
    days, last = told[-1] if told else (400.0, now or UNKNOWN)
    return trend([link(now or last, days=days)], {"blekinge": changes(*told)}, reading)


def strip(*told: tuple[float, State], now: State | None = None) -> Strip:
    return drawn(*told, now=now).strips[0]


def html(told: Trend, words: Words) -> str:
    template = _environment().from_string('{% from "trend.html" import strips %}{{ strips(trend, words) }}')
    return template.render(trend=told, words=words)


# ---------------------------------------------------------------- cells


def test_it_asks_for_a_year_from_the_beginning_of_a_week_in_the_readers_zone() -> None:
    assert since(READING) == datetime(2025, 11, 23, 23, 0, tzinfo=UTC)
    assert since(replace(READING, timezone="UTC")) == datetime(2025, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "runs"),
    [
        ([(400, OK)], [(OK, 53)]),
        ([(400, OK), (100, BROKEN)], [(OK, 37), (BROKEN, 16)]),
        ([(200, OK)], [(UNKNOWN, 23), (OK, 30)]),
        ([(400, OK), (100.2, FAILING), (100.1, OK)], [(OK, 37), (FAILING, 1), (OK, 15)]),
        ([(400, OK), (100.3, FAILING), (100.2, BROKEN), (100.1, OK)], [(OK, 37), (BROKEN, 1), (OK, 15)]),
        ([(400, OK), (100, UNKNOWN), (99.9, OK)], [(OK, 53)]),  # for a while nothing is known, not the worst of all
        ([(400, OK), (100, UNKNOWN), (50, OK)], [(OK, 38), (UNKNOWN, 6), (OK, 9)]),
    ],
)
def test_it_has_the_worst_of_each_week(told: list[tuple[float, State]], runs: list[tuple[State, int]]) -> None:
    assert list(strip(*told).runs) == runs


def test_it_begins_weeks_at_local_midnight() -> None:
    sunday_late = datetime(2026, 11, 15, 22, 59, tzinfo=UTC)  # 23:59 in Stockholm
    first = changes((400, OK))
    for moment, cells in ((sunday_late, 3), (sunday_late + timedelta(minutes=1), 2)):
        last = Transition(link_id="blekinge", at=moment, old=OK, new=BROKEN, verdict=None, reason=None)
        told = trend([link(BROKEN, days=8)], {"blekinge": [*first, last]}, READING)
        assert told.strips[0].runs[-1] == (BROKEN, cells)


def test_it_shows_a_redirect_that_works_as_working() -> None:
    at = ago(days=100)
    change = Transition(
        link_id="blekinge", at=at, old=OK, new=State.ATTENTION, verdict=Code.REDIRECTED, reason="trivial"
    )
    told = trend(
        [link(State.ATTENTION, Code.REDIRECTED, days=100)], {"blekinge": [*changes((400, OK)), change]}, READING
    )
    assert (told.strips[0].runs, told.strips[0].state) == (((OK, 53),), OK)


def test_it_takes_history_in_any_order_and_without_a_beginning() -> None:
    history = changes((300, OK), (200, BROKEN))
    told = trend([link(BROKEN, days=200)], {"blekinge": history[::-1]}, READING)
    assert [state for state, _ in told.strips[0].runs] == [UNKNOWN, OK, BROKEN]
    pruned = trend([link(BROKEN, days=200)], {"blekinge": history[1:]}, READING)
    assert [state for state, _ in pruned.strips[0].runs] == [UNKNOWN, BROKEN]  # it worked, but nobody knows since when


@pytest.mark.parametrize(
    ("now", "runs"),
    [
        (Belief(state=OK, since=ago(days=900)), ((OK, 53),)),
        (Belief(state=OK, since=ago(days=100)), ((UNKNOWN, 37), (OK, 16))),
        (Belief(state=State.NO_LINK), ((State.NO_LINK, 53),)),
    ],
)
def test_it_takes_the_present_state_where_there_is_no_history(now: Belief, runs: tuple[tuple[State, int], ...]) -> None:
    assert trend([view(source("K"), now)], {}, READING).strips[0].runs == runs


def test_it_ends_with_the_state_as_it_is_now() -> None:
    paused = view(source("K"), Belief(state=State.PAUSED))
    told = trend([paused], {"blekinge": changes((400, OK), (20, BROKEN))}, READING)
    assert told.strips[0].state is State.PAUSED


def test_it_leaves_out_what_has_yet_to_come() -> None:
    assert strip((400, OK), (-5, BROKEN), now=OK).runs == ((OK, 53),)


# ---------------------------------------------------------------- days


def test_it_shows_days_while_less_than_ten_weeks_are_known() -> None:
    assert (drawn((71, OK)).unit, drawn((71, OK)).cells) == (Unit.WEEK, WEEKS)
    assert (drawn((69, OK)).unit, drawn((69, OK)).cells) == (Unit.DAY, 71)  # from the Monday before
    assert drawn((3, OK)).cells == 14
    assert drawn().cells == 14


def test_it_counts_days_of_25_hours_as_days() -> None:
    reading = replace(READING, now=datetime(2026, 11, 2, 12, 0, tzinfo=UTC))  # the clock went back on 25 October
    midnight = datetime(2026, 10, 25, 23, 0, tzinfo=UTC)
    for moment, cells in ((midnight, 8), (midnight + timedelta(days=1), 7)):
        last = Transition(link_id="blekinge", at=moment, old=OK, new=BROKEN, verdict=None, reason=None)
        told = trend([link(BROKEN, days=8)], {"blekinge": [*changes((60, OK)), last]}, reading)
        assert told.strips[0].runs[-1] == (BROKEN, cells)


# ---------------------------------------------------------------- in words


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ([(400, OK)], "har fungerat hela tiden"),
        ([(200, OK)], "har fungerat sedan 7 maj"),
        ([], "har inte kontrollerats än"),
        ([(400, OK), (100, BROKEN)], "fungerade till 15 augusti, har varit trasig sedan dess"),
        ([(400, OK), (106, FAILING), (100, BROKEN)], "fungerade till 9 augusti, har varit trasig sedan dess"),
        ([(400, OK), (106, FAILING), (100, OK)],
         "fungerade till 9 augusti, hade ett misstänkt fel till 15 augusti, har fungerat sedan dess"),
        ([(400, OK), (100, UNKNOWN)], "fungerade till 15 augusti, har inte kontrollerats sedan dess"),
        ([(400, OK), (90, BROKEN), (80, OK), (70, BROKEN), (60, OK), (50, BROKEN)],
         "5 ändringar, senast: fungerade till 14 september, var trasig till 24 september, fungerade till 4 oktober, "
         "har varit trasig sedan dess"),
    ],
)  # fmt: skip
def test_it_says_the_same_in_words(told: list[tuple[float, State]], says: str) -> None:
    assert strip(*told).says == says


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_has_words_for_every_state_at_every_place(language: str) -> None:
    reading = replace(READING, words=Words(language))
    for state in State:
        for history in ([(400.0, state)], [(400.0, state), (100.0, OK)], [(400.0, OK), (100.0, state)]):
            assert drawn(*history, reading=reading).strips[0].says


# ---------------------------------------------------------------- as a picture


def test_it_merges_runs_into_one_path_a_state() -> None:
    marks = strip((400, OK), (100, BROKEN), (50, OK)).marks
    assert [(mark.state, mark.path) for mark in marks] == [(OK, "M0 10h222M270 10h48"), (BROKEN, "M222 10h48")]


def test_it_names_months_under_weeks_and_mondays_under_days() -> None:
    months = drawn((400, OK)).labels
    assert [label.text for label in months] == [
        "dec", "jan", "feb", "mars", "apr", "maj", "juni", "juli", "aug", "sep", "okt", "nov",
    ]  # fmt: skip
    assert (months[0].at, months[1].is_minor, months[2].is_minor) == ("1.89%", True, False)
    assert [label.text for label in drawn((20, OK)).labels] == ["2 nov", "9 nov", "16 nov"]


def test_it_names_the_states_that_are_seen_the_worst_first() -> None:
    assert drawn((200, OK), (100, BROKEN), (50, OK)).states == (BROKEN, OK)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_drawn_with_attributes_and_classes_only(language: str) -> None:
    page = html(drawn((400, OK), (100, BROKEN)), Words(language))
    soup = BeautifulSoup(page, "lxml")
    assert not soup.select("[style], style, script")
    assert [path["class"] for path in soup.select(".trend-links path")] == [["is-ok"], ["is-broken"]]
    picture = soup.select_one(".trend-links svg")
    assert picture is not None
    assert (picture["role"], picture["viewbox"]) == ("img", "0 0 318 20")
    assert picture.find("title") is not None


def test_it_lets_the_caller_write_the_names() -> None:
    template = _environment().from_string(
        '{% from "trend.html" import strips %}{% call(strip) strips(trend, words) %}'
        '<a href="/links/{{ strip.link.source.id }}">{{ strip.name }}</a>{% endcall %}'
    )
    page = template.render(trend=drawn((400, OK)), words=READING.words)
    assert '<a href="/links/blekinge">Blekinge</a>' in page


def test_it_keeps_the_worst_strip_small() -> None:
    turns = [(float(7 * week), list(State)[week % len(State)]) for week in range(60, 0, -1)]
    page = html(drawn(*turns), READING.words)
    picture = re.search(r'<svg class="strip" viewBox="0 0 318.*?</svg>', page)
    assert picture is not None
    assert len(picture.group().encode()) < 1_500
    assert page.count("<path") <= 2 * len(State)


# ---------------------------------------------------------------- anything


def test_it_shows_hostile_names_as_text() -> None:
    links = [hostile.link(number, text) for number, text in enumerate(hostile.TEXTS)]
    told = trend(links, {one.source.id: one.transitions for one in links}, READING)
    soup = BeautifulSoup(html(told, READING.words), "lxml")
    assert not soup.select("script, img, [onclick], [onmouseover], [style]")
    assert max(len(strip.name) for strip in told.strips) <= 200


@given(
    st.lists(
        st.tuples(st.datetimes(timezones=st.just(UTC)), st.sampled_from(State), st.sampled_from(State)), max_size=9
    ),
    st.sampled_from(State),
    st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
)
def test_it_has_as_many_cells_as_the_trend_whatever_the_history(
    told: list[tuple[datetime, State, State]], state: State, began: datetime | None
) -> None:
    history = [
        Transition(link_id="blekinge", at=at, old=old, new=new, verdict=None, reason=None) for at, old, new in told
    ]
    drawn = trend([view(source("K"), Belief(state=state, since=began))], {"blekinge": history}, READING)
    assert sum(length for _, length in drawn.strips[0].runs) == drawn.cells
    assert drawn.strips[0].state is state
    assert drawn.strips[0].says


def test_it_takes_no_time_for_many_links_and_long_histories() -> None:
    links = [view(source("K", id=f"l{n}"), belief(OK, Code.OK, days=5)) for n in range(200)]
    long = changes(*[(n / 10, OK if n % 2 else BROKEN) for n in range(3_000, 0, -1)])
    started = time.process_time()
    trend(links, {"l0": long}, READING)
    assert time.process_time() - started < 1
