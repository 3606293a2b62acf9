"""Who is told, when, and what they have chosen themselves."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from linkwatch.core.due import Every, Rhythm
from linkwatch.core.models import Belief, Facts, LinkView, Severity, Source
from linkwatch.core.subscribers import Choice, Only, Subscriber, Subscription, as_configured, with_choice

ZONE = "Europe/Stockholm"
NOW = datetime(2026, 11, 24, 7, 0, tzinfo=ZoneInfo(ZONE))  # a Tuesday
TODAY = date(2026, 11, 24)
DAILY = Rhythm(every=Every.DAY, hour=7)
MONDAYS = Rhythm(every=Every.WEEK, hour=7, weekday=0)
NONE = Choice()
ANNA = Subscriber(id="anna@example.se", address="Anna@example.se", rhythm=DAILY)


def subscription(due_on: date = TODAY, choice: Choice = NONE) -> Subscription:
    rhythm = choice.rhythm or DAILY
    return Subscription(id=ANNA.id, address=ANNA.address, zone=ZONE, due_on=due_on, rhythm=rhythm, choice=choice)


def link(county: str | None = "K", owner: str = "Region Blekinge", tags: tuple[str, ...] = ("service",)) -> LinkView:
    source = Source(id="blekinge", name="Blekinge", url="https://a.se/", owner=owner, county=county, tags=tags)
    return LinkView(source=source, belief=Belief(), facts=Facts(), evidence={})


# ---------------------------------------------------------------- due or not


@pytest.mark.parametrize(
    ("due_on", "choice", "is_due"),
    [
        (TODAY, NONE, True),
        (TODAY - timedelta(days=21), NONE, True),
        (TODAY + timedelta(days=1), NONE, False),
        (TODAY, Choice(has_left=True), False),
        (TODAY, Choice(paused_until=TODAY + timedelta(days=1)), False),
        (TODAY, Choice(paused_until=TODAY), True),  # the first day on which they want to hear again
        (TODAY, Choice(paused_until=TODAY - timedelta(days=1)), True),
        (TODAY, Choice(paused_until=TODAY - timedelta(days=1), has_left=True), False),
        (TODAY + timedelta(days=1), Choice(paused_until=TODAY), False),
    ],
)
def test_it_is_due_when_its_hour_has_come(due_on: date, choice: Choice, is_due: bool) -> None:
    assert subscription(due_on, choice).is_due(NOW) is is_due


def test_it_is_due_at_the_hour_and_not_before() -> None:
    assert not subscription().is_due(NOW - timedelta(seconds=1))
    assert subscription().is_due(NOW)


@pytest.mark.parametrize(
    ("rhythm", "due_on", "until", "comes_on"),
    [
        (DAILY, TODAY, None, TODAY),
        (DAILY, TODAY, date(2026, 12, 24), date(2026, 12, 24)),
        (DAILY, TODAY, date(2020, 1, 1), TODAY),
        (DAILY, date(2026, 12, 24), date(2026, 12, 24), date(2026, 12, 24)),
        (MONDAYS, date(2026, 11, 30), date(2026, 12, 24), date(2026, 12, 28)),  # the first Monday after it
        (MONDAYS, date(2026, 11, 30), date(2026, 12, 28), date(2026, 12, 28)),
        (Rhythm(every=Every.MONTH, day=31), date(2026, 11, 30), date(2027, 2, 1), date(2027, 2, 28)),
    ],
)
def test_after_a_pause_it_comes_on_the_first_day_of_the_rhythm(
    rhythm: Rhythm, due_on: date, until: date | None, comes_on: date
) -> None:
    one = replace(subscription(due_on, Choice(paused_until=until)), rhythm=rhythm)
    assert one.comes_on == comes_on
    assert one.comes_at == datetime(comes_on.year, comes_on.month, comes_on.day, 7, tzinfo=ZoneInfo(ZONE))
    assert one.is_due(one.comes_at)
    assert not one.is_due(one.comes_at - timedelta(seconds=1))


# ---------------------------------------------------------------- the configuration


def test_who_is_new_is_due_at_the_next_hour() -> None:
    found = as_configured(ANNA, None, ZONE, NOW)
    assert found == subscription(TODAY + timedelta(days=1))
    assert as_configured(ANNA, None, ZONE, NOW - timedelta(hours=1)).due_on == TODAY


@pytest.mark.parametrize("due_on", [TODAY - timedelta(days=30), TODAY, TODAY + timedelta(days=1)])
def test_who_is_as_before_stays_as_they_are(due_on: date) -> None:
    known = subscription(due_on)
    assert as_configured(ANNA, known, ZONE, NOW) == known


def test_another_rhythm_or_zone_sets_the_date_anew() -> None:
    known = subscription(TODAY)
    on_mondays = as_configured(replace(ANNA, rhythm=MONDAYS), known, ZONE, NOW)
    assert (on_mondays.due_on, on_mondays.rhythm) == (date(2026, 11, 30), MONDAYS)
    elsewhere = as_configured(ANNA, known, "America/New_York", NOW)
    assert (elsewhere.due_on, elsewhere.zone) == (TODAY, "America/New_York")  # where it is one in the morning


def test_who_is_due_already_loses_no_turn_by_another_hour_or_zone() -> None:
    first = Rhythm(every=Every.MONTH, hour=7)
    late = replace(subscription(TODAY - timedelta(days=1)), rhythm=first)
    for rhythm, zone in ((replace(first, hour=8), ZONE), (first, "Europe/Helsinki")):
        found = as_configured(replace(ANNA, rhythm=rhythm), late, zone, NOW)
        assert (found.due_on, found.rhythm, found.zone) == (late.due_on, rhythm, zone)


def test_another_address_leaves_the_date_alone() -> None:
    known = subscription(TODAY - timedelta(days=1))
    found = as_configured(replace(ANNA, address="new@example.se"), known, ZONE, NOW)
    assert found == replace(known, address="new@example.se")


def test_what_the_reader_has_chosen_goes_before_the_configuration() -> None:
    known = subscription(date(2026, 11, 30), Choice(rhythm=MONDAYS, paused_until=date(2026, 12, 24)))
    assert as_configured(ANNA, known, ZONE, NOW) == known


def test_who_comes_back_is_due_at_the_next_hour_with_what_they_had_chosen() -> None:
    gone = replace(subscription(date(2026, 1, 1), Choice(has_left=True)), is_configured=False)
    back = as_configured(ANNA, gone, ZONE, NOW)
    assert back == subscription(TODAY + timedelta(days=1), Choice(has_left=True))


def test_a_date_that_a_wrong_clock_has_set_is_set_right() -> None:
    assert as_configured(ANNA, subscription(date(2031, 1, 1)), ZONE, NOW).due_on == TODAY + timedelta(days=1)


# ---------------------------------------------------------------- what the reader wants


def test_another_rhythm_sets_the_date_and_a_pause_does_not() -> None:
    known = subscription(TODAY)
    weekly = with_choice(known, Choice(rhythm=MONDAYS), DAILY, NOW)
    assert (weekly.rhythm, weekly.due_on) == (MONDAYS, date(2026, 11, 30))
    paused = with_choice(known, Choice(paused_until=date(2026, 12, 24)), DAILY, NOW)
    assert (paused.rhythm, paused.due_on, paused.choice.paused_until) == (DAILY, TODAY, date(2026, 12, 24))


def test_a_choice_taken_back_gives_the_configured_rhythm_again() -> None:
    known = subscription(date(2026, 11, 30), Choice(rhythm=MONDAYS))
    found = with_choice(known, NONE, DAILY, NOW)
    assert (found.rhythm, found.due_on, found.choice) == (DAILY, TODAY + timedelta(days=1), Choice())


def test_who_leaves_and_returns_misses_nothing_that_was_due() -> None:
    known = subscription(TODAY)
    left = with_choice(known, Choice(has_left=True), DAILY, NOW)
    assert not left.is_due(NOW)
    assert with_choice(left, NONE, DAILY, NOW) == known


# ---------------------------------------------------------------- which links


@pytest.mark.parametrize(
    ("only", "takes"),
    [
        (Only(), True),
        (Only(counties=("K", "W")), True),
        (Only(counties=("W",)), False),
        (Only(owners=("Region Blekinge",)), True),
        (Only(owners=("Region Dalarna",)), False),
        (Only(tags=("x", "service")), True),
        (Only(tags=("x",)), False),
        (Only(counties=("K",), owners=("Region Dalarna",)), False),  # all that is given must hold
        (Only(severities=(Severity.BROKEN,)), True),  # whatever is found of it
    ],
)
def test_it_takes_the_links_that_are_asked_for(only: Only, takes: bool) -> None:
    assert only.takes(link()) is takes


def test_a_link_without_a_county_is_in_none() -> None:
    assert not Only(counties=("K",)).takes(link(county=None))
    assert Only(counties=()).takes(link(county=None))


@pytest.mark.parametrize(
    ("only", "is_everything"),
    [(Only(), True), (Only(severities=(Severity.BROKEN,)), True), (Only(counties=("K",)), False),
     (Only(owners=("A",)), False), (Only(tags=("a",)), False)],
)  # fmt: skip
def test_it_knows_whether_a_link_is_left_out(only: Only, is_everything: bool) -> None:
    assert only.is_everything is is_everything
