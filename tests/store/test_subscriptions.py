"""Subscriptions: who is due, what they have heard of, and each due time served once by however many processes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from linkwatch.core.digest_records import Told
from linkwatch.core.due import Every, Rhythm
from linkwatch.core.models import Severity
from linkwatch.core.outbox import LEASE, Channel, Content, Fate, Kind, Outcome, Parcel, Result, Settled
from linkwatch.core.subscribers import Choice, Only, Subscriber, Subscription
from linkwatch.store import Outbox, Subscriptions
from linkwatch.store.outbox import Lease
from linkwatch.store.parcels import wants_of
from linkwatch.store.subscriptions import Composed

ZONE = "Europe/Stockholm"
NOW = datetime(2026, 11, 24, 7, 0, tzinfo=ZoneInfo(ZONE))
YESTERDAY, TOMORROW = NOW - timedelta(days=1), NOW + timedelta(days=1)
DAILY = Rhythm(every=Every.DAY, hour=7)
MONDAYS = Rhythm(every=Every.WEEK, hour=7, weekday=0)
ANNA = Subscriber(id="anna@example.se", address="anna@example.se", rhythm=DAILY)
BERTIL = Subscriber(id="bertil@example.se", address="bertil@example.se", rhythm=DAILY)
NOTHING = Told()
SENT = Outcome(result=Result.SENT)
LATER = Outcome(result=Result.LATER, detail="451")


@pytest.fixture
def subscriptions(path: Path) -> Iterator[Subscriptions]:
    """Anna and Bertil, due since this morning."""
    with Subscriptions.open(path) as opened:
        opened.sync([ANNA, BERTIL], ZONE, YESTERDAY)
        yield opened


@pytest.fixture
def other(subscriptions: Subscriptions, path: Path) -> Iterator[Subscriptions]:
    """Another process on the same database."""
    with Subscriptions.open(path) as opened:
        yield opened


@pytest.fixture
def outbox(subscriptions: Subscriptions, path: Path) -> Iterator[Outbox]:
    with Outbox.open(path) as opened:
        yield opened


def due(subscriptions: Subscriptions, now: datetime = NOW) -> list[str]:
    return [one.id for one in subscriptions.due(now)]


def of(subscriptions: Subscriptions, who: Subscriber = ANNA) -> Subscription:
    found = subscriptions.get(who.id)
    assert found
    return found


def digest(text: str = "1", told: Told | None = None, who: Subscriber = ANNA) -> Parcel:
    return Parcel(
        kind=Kind.DIGEST,
        channel=Channel.MAIL,
        recipient=who.address,
        message_id=f"<{text}@example.se>",
        content=Content(subject=text, text=text),
        subscriber=who.id,
        told=told or Told(findings={"blekinge": text}),
    )


def moved(
    subscriptions: Subscriptions,
    parcel: Parcel | None,
    now: datetime = NOW,
    *,
    of_: Subscription | None = None,
    told: Told = NOTHING,
) -> int:
    """`told` is what is left of what they have heard of, where there is nothing to say."""
    composed = Composed(subscription=of_ or of(subscriptions), parcel=parcel, told=told)
    return subscriptions.move_on([composed], now)


def claimed(outbox: Outbox, now: datetime = NOW) -> Lease:
    lease = outbox.claim(now)
    assert lease
    return lease


# ---------------------------------------------------------------- the configuration


def test_who_is_new_is_due_at_the_next_hour_of_their_rhythm(subscriptions: Subscriptions) -> None:
    assert due(subscriptions, NOW - timedelta(minutes=1)) == []
    assert due(subscriptions) == [ANNA.id, BERTIL.id]
    assert of(subscriptions) == Subscription(
        id=ANNA.id, address=ANNA.address, zone=ZONE, due_on=date(2026, 11, 24), rhythm=DAILY
    )
    assert subscriptions.get("nobody") is None


def test_the_same_configuration_writes_nothing(subscriptions: Subscriptions, other: Subscriptions) -> None:
    with other.writing() as db:  # nobody else could write now
        subscriptions.sync([ANNA, BERTIL], ZONE, NOW)
        db.execute("SELECT 1")
    assert due(subscriptions) == [ANNA.id, BERTIL.id]


def test_the_longest_overdue_come_first(subscriptions: Subscriptions) -> None:
    moved(subscriptions, None)
    assert due(subscriptions, TOMORROW) == [BERTIL.id, ANNA.id]


def test_who_is_gone_hears_nothing_and_comes_back_with_what_they_had(
    subscriptions: Subscriptions, outbox: Outbox
) -> None:
    choice = Choice(rhythm=MONDAYS)
    subscriptions.choose(ANNA.id, choice, DAILY, YESTERDAY)
    assert moved(subscriptions, digest()) == 1
    outbox.settle(claimed(outbox), Settled(fate=Fate.SENT), SENT, NOW)
    subscriptions.sync([BERTIL], ZONE, NOW)
    assert due(subscriptions, NOW + timedelta(days=30)) == [BERTIL.id]
    assert not of(subscriptions).is_configured
    assert [one.id for one in subscriptions.all()] == [ANNA.id, BERTIL.id]
    back = NOW + timedelta(days=60)
    subscriptions.sync([ANNA, BERTIL], ZONE, back)
    found = of(subscriptions)
    assert found.is_configured
    assert (found.choice, found.rhythm) == (choice, MONDAYS)
    assert found.due_on == date(2027, 1, 25)  # the next Monday, and not all that was missed
    assert subscriptions.heard([ANNA.id])[ANNA.id].told == Told(findings={"blekinge": "1"})


def test_what_waits_for_who_is_gone_is_not_sent(subscriptions: Subscriptions, outbox: Outbox) -> None:
    moved(subscriptions, digest())
    subscriptions.sync([BERTIL], ZONE, NOW)
    assert outbox.claim(NOW) is None
    assert outbox.counts().pending == 0


def test_who_leaves_hears_nothing_not_even_what_was_about_to_be_sent(
    subscriptions: Subscriptions, outbox: Outbox
) -> None:
    moved(subscriptions, digest())
    left = subscriptions.choose(ANNA.id, Choice(has_left=True), DAILY, NOW)
    assert left
    assert left.choice.has_left
    assert outbox.claim(NOW) is None
    assert due(subscriptions, NOW + timedelta(days=40)) == [BERTIL.id]
    subscriptions.sync([ANNA, BERTIL], ZONE, TOMORROW)
    assert of(subscriptions).choice.has_left  # the configuration does not take it back


@pytest.mark.parametrize("is_told", [True, False])
def test_who_leaves_while_a_mail_is_under_way_is_not_sent_it_again(
    subscriptions: Subscriptions, outbox: Outbox, is_told: bool
) -> None:
    """The attempt fails, or its process dies with it."""
    moved(subscriptions, digest())
    lease = claimed(outbox)
    subscriptions.choose(ANNA.id, Choice(has_left=True), DAILY, NOW)
    if is_told:
        outbox.settle(lease, Settled(fate=Fate.PENDING, not_before=NOW), LATER, NOW)
    assert outbox.claim(NOW + LEASE) is None
    assert outbox.counts().pending == 0


def test_who_leaves_while_a_mail_is_under_way_that_arrives_has_heard_of_it(
    subscriptions: Subscriptions, outbox: Outbox
) -> None:
    moved(subscriptions, digest())
    lease = claimed(outbox)
    subscriptions.choose(ANNA.id, Choice(has_left=True), DAILY, NOW)
    outbox.settle(lease, Settled(fate=Fate.SENT), SENT, NOW)
    assert subscriptions.heard([ANNA.id])[ANNA.id].told == Told(findings={"blekinge": "1"})


def test_who_pauses_hears_nothing_before_that_day_and_then_all_of_it(
    subscriptions: Subscriptions, outbox: Outbox
) -> None:
    """What waited is in the next one: they have heard of nothing that did not arrive."""
    moved(subscriptions, digest("1"))
    subscriptions.choose(ANNA.id, Choice(paused_until=date(2026, 11, 27)), DAILY, NOW)
    assert outbox.claim(NOW) is None
    assert outbox.counts().pending == 0
    assert of(subscriptions).due_on == date(2026, 11, 25)
    assert ANNA.id not in due(subscriptions, TOMORROW)
    after = NOW + timedelta(days=3)
    assert ANNA.id in due(subscriptions, after)
    assert subscriptions.heard([ANNA.id])[ANNA.id].told is None
    assert moved(subscriptions, digest("2"), after) == 1
    assert claimed(outbox, after).waiting.first_at == after


def test_who_pauses_while_a_mail_is_under_way_is_not_sent_it_again(
    subscriptions: Subscriptions, outbox: Outbox
) -> None:
    moved(subscriptions, digest())
    lease = claimed(outbox)
    subscriptions.choose(ANNA.id, Choice(paused_until=date(2026, 11, 27)), DAILY, NOW)
    outbox.settle(lease, Settled(fate=Fate.PENDING, not_before=NOW), LATER, NOW)
    assert outbox.claim(NOW + LEASE) is None
    assert outbox.counts().pending == 0


@pytest.mark.parametrize(
    "choice", [Choice(), Choice(rhythm=MONDAYS), Choice(paused_until=date(2026, 11, 24)), Choice(paused_until=None)]
)
def test_no_other_choice_keeps_back_what_waits(subscriptions: Subscriptions, outbox: Outbox, choice: Choice) -> None:
    """Not a pause either that is over on that day."""
    moved(subscriptions, digest())
    subscriptions.choose(ANNA.id, choice, DAILY, NOW)
    assert claimed(outbox).waiting.parcel == digest()


def test_a_pause_begins_where_the_subscriber_is(subscriptions: Subscriptions, outbox: Outbox) -> None:
    """On the 25th in Stockholm it is still the 24th in UTC."""
    night = datetime(2026, 11, 25, 0, 30, tzinfo=ZoneInfo(ZONE))
    moved(subscriptions, digest())
    subscriptions.choose(ANNA.id, Choice(paused_until=date(2026, 11, 25)), DAILY, night)
    assert claimed(outbox, night).waiting.parcel == digest()


# ---------------------------------------------------------------- another selection or language

OTHERS = [
    replace(ANNA, language="en"),
    replace(ANNA, always=True),
    replace(ANNA, only=Only(counties=("K",))),
    replace(ANNA, only=Only(owners=("K",))),
    replace(ANNA, only=Only(tags=("K",))),
    replace(ANNA, only=Only(severities=(Severity.BROKEN,))),
]


def test_each_selection_and_language_is_another() -> None:
    assert len({wants_of(one) for one in (ANNA, *OTHERS)}) == len(OTHERS) + 1


@pytest.mark.parametrize("other", OTHERS)
def test_what_was_made_for_another_selection_or_language_is_not_sent(
    subscriptions: Subscriptions, outbox: Outbox, other: Subscriber
) -> None:
    moved(subscriptions, digest("1"))
    moved(subscriptions, digest(who=BERTIL), of_=of(subscriptions, BERTIL))
    subscriptions.sync([other, BERTIL], ZONE, NOW)
    (waiting,) = outbox.ready(NOW)
    assert waiting.parcel.subscriber == BERTIL.id
    assert of(subscriptions).due_on == date(2026, 11, 25)  # as it was: the next one comes then, and has it all
    assert subscriptions.heard([ANNA.id])[ANNA.id].told is None
    assert moved(subscriptions, digest("2"), TOMORROW) == 1
    subscriptions.sync([other, BERTIL], ZONE, TOMORROW)
    assert [one.parcel.content.text for one in outbox.ready(TOMORROW)].count("2") == 1


@pytest.mark.parametrize(
    "same",
    [
        replace(ANNA, name="Anna", rhythm=MONDAYS),
        replace(ANNA, address="anna.ek@example.se"),
        replace(ANNA, only=Only(counties=("H", "K"), tags=("a", "b"))),
    ],
)
def test_what_waits_goes_out_where_it_is_still_the_same_that_is_wanted(
    subscriptions: Subscriptions, outbox: Outbox, same: Subscriber
) -> None:
    known = replace(ANNA, only=Only(counties=("K", "H"), tags=("b", "a")) if same.only != Only() else Only())
    subscriptions.sync([known, BERTIL], ZONE, NOW)
    moved(subscriptions, digest())
    subscriptions.sync([same, BERTIL], ZONE, NOW)
    assert claimed(outbox).waiting.parcel.recipient == same.address


def test_a_subscription_from_before_selections_were_kept_wants_what_it_wanted(
    subscriptions: Subscriptions, outbox: Outbox
) -> None:
    with subscriptions.writing() as db:
        db.execute("UPDATE subscriptions SET wants = NULL")
    moved(subscriptions, digest())
    subscriptions.sync([ANNA, BERTIL], ZONE, NOW)
    assert [one.parcel for one in outbox.ready(NOW)] == [digest()]
    subscriptions.sync([replace(ANNA, language="en"), BERTIL], ZONE, NOW)
    assert outbox.claim(NOW) is None


def test_what_was_composed_for_another_selection_is_not_posted(
    subscriptions: Subscriptions, other: Subscriptions, outbox: Outbox
) -> None:
    ours, english = of(subscriptions), replace(ANNA, language="en")
    other.sync([english, BERTIL], ZONE, NOW)
    composed = Composed(subscription=ours, parcel=digest(), told=NOTHING, wants=wants_of(ANNA))
    assert subscriptions.move_on([composed], NOW) == 0
    assert outbox.claim(NOW) is None
    assert subscriptions.move_on([replace(composed, wants=wants_of(english))], NOW) == 1


# ---------------------------------------------------------------- given up


@pytest.mark.parametrize("is_taken_out", [True, False])
def test_what_was_given_up_is_not_tried_again_for_who_has_left(
    subscriptions: Subscriptions, outbox: Outbox, is_taken_out: bool
) -> None:
    moved(subscriptions, digest())
    lease = claimed(outbox)
    outbox.settle(lease, Settled(fate=Fate.DEAD), LATER, NOW)
    if is_taken_out:
        subscriptions.sync([BERTIL], ZONE, NOW)
    else:
        subscriptions.choose(ANNA.id, Choice(has_left=True), DAILY, NOW)
    assert outbox.retry([lease.waiting.id], NOW) == 0
    assert outbox.claim(NOW) is None


@pytest.mark.parametrize(
    "choice",
    [
        Choice(),
        Choice(rhythm=Rhythm(every=Every.MONTH, hour=23, weekday=6, day=31)),
        Choice(paused_until=date(2026, 12, 24)),
        Choice(rhythm=MONDAYS, paused_until=date(2026, 12, 24), has_left=True),
    ],
)
def test_a_choice_is_kept_as_it_was_made(subscriptions: Subscriptions, other: Subscriptions, choice: Choice) -> None:
    chosen = subscriptions.choose(ANNA.id, choice, DAILY, NOW)
    assert chosen == of(other)
    assert of(other).choice == choice


def test_it_is_written_down_when_somebody_last_chose_and_for_nothing_else(subscriptions: Subscriptions) -> None:
    subscriptions.choose(ANNA.id, Choice(has_left=True), DAILY, NOW)
    subscriptions.choose(ANNA.id, Choice(), DAILY, TOMORROW)
    subscriptions.sync([ANNA, replace(BERTIL, rhythm=MONDAYS)], ZONE, TOMORROW)
    with subscriptions.reading() as db:
        found = dict(db.execute("SELECT id, changed_at FROM subscriptions").fetchall())
    assert found == {ANNA.id: "2026-11-25T06:00:00+00:00", BERTIL.id: None}


def test_nobody_can_choose_for_who_is_not_known(subscriptions: Subscriptions) -> None:
    assert subscriptions.choose("nobody\udc80", Choice(has_left=True), DAILY, NOW) is None
    assert len(subscriptions.all()) == 2


# ---------------------------------------------------------------- each due time once


def test_a_due_time_is_served_once(subscriptions: Subscriptions, outbox: Outbox) -> None:
    assert moved(subscriptions, digest()) == 1
    assert of(subscriptions).due_on == date(2026, 11, 25)
    assert due(subscriptions) == [BERTIL.id]
    assert claimed(outbox).waiting.parcel == digest()


def test_where_there_is_nothing_to_say_the_time_moves_on_all_the_same(
    subscriptions: Subscriptions, outbox: Outbox
) -> None:
    assert moved(subscriptions, None) == 0
    assert of(subscriptions).due_on == date(2026, 11, 25)
    assert outbox.claim(NOW) is None


def test_however_late_it_is_served_once(subscriptions: Subscriptions) -> None:
    late = NOW + timedelta(days=21, hours=5)
    moved(subscriptions, digest(), late)
    assert of(subscriptions).due_on == date(2026, 12, 16)
    assert due(subscriptions, late) == [BERTIL.id]


def test_a_second_process_moves_nothing(subscriptions: Subscriptions, other: Subscriptions, outbox: Outbox) -> None:
    ours, theirs = of(subscriptions), of(other)
    assert moved(other, digest("theirs"), of_=theirs) == 1
    assert moved(subscriptions, digest("ours"), of_=ours) == 0
    assert [one.parcel.content.text for one in outbox.ready(NOW)] == ["theirs"]
    assert of(subscriptions).due_on == date(2026, 11, 25)


def test_who_was_taken_out_meanwhile_is_not_served(
    subscriptions: Subscriptions, other: Subscriptions, outbox: Outbox
) -> None:
    ours = of(subscriptions)
    other.sync([BERTIL], ZONE, NOW)
    assert moved(subscriptions, digest(), of_=ours) == 0
    assert outbox.claim(NOW) is None


@pytest.mark.parametrize("choice", [Choice(has_left=True), Choice(paused_until=date(2026, 12, 24))])
def test_who_has_left_or_paused_meanwhile_is_not_served(
    subscriptions: Subscriptions, other: Subscriptions, outbox: Outbox, choice: Choice
) -> None:
    ours = of(subscriptions)
    other.choose(ANNA.id, choice, DAILY, NOW)
    assert moved(subscriptions, digest(), of_=ours) == 0
    assert outbox.claim(NOW) is None


# ---------------------------------------------------------------- merging


def test_what_was_not_sent_merges_into_the_next(subscriptions: Subscriptions, outbox: Outbox) -> None:
    moved(subscriptions, digest("1"))
    outbox.settle(claimed(outbox), Settled(fate=Fate.PENDING, not_before=TOMORROW), LATER, NOW)
    assert due(subscriptions, TOMORROW) == [BERTIL.id, ANNA.id]
    assert moved(subscriptions, digest("2"), TOMORROW) == 1
    (waiting,) = outbox.ready(TOMORROW)
    assert waiting.parcel.content.text == "2"
    assert (waiting.made_at, waiting.first_at) == (TOMORROW, NOW)  # it is given up by the age of the first
    moved(subscriptions, digest("3"), TOMORROW + timedelta(days=1))
    (waiting,) = outbox.ready(TOMORROW + timedelta(days=1))
    assert (waiting.parcel.content.text, waiting.first_at) == ("3", NOW)
    assert outbox.counts().pending == 1


def test_what_was_not_sent_goes_when_there_is_nothing_to_say_any_more(
    subscriptions: Subscriptions, outbox: Outbox
) -> None:
    moved(subscriptions, digest("1"))
    moved(subscriptions, None, TOMORROW)
    assert outbox.claim(TOMORROW) is None


def test_what_was_given_up_does_not_merge(subscriptions: Subscriptions, outbox: Outbox) -> None:
    moved(subscriptions, digest("1"))
    outbox.settle(claimed(outbox), Settled(fate=Fate.DEAD), LATER, NOW)
    moved(subscriptions, digest("2"), TOMORROW)
    (waiting,) = outbox.ready(TOMORROW)
    assert waiting.first_at == TOMORROW
    assert outbox.counts().dead == 1


def test_what_is_under_way_keeps_the_next_one_back(subscriptions: Subscriptions, outbox: Outbox) -> None:
    known = of(subscriptions)
    moved(subscriptions, digest("1"))
    lease = claimed(outbox)
    assert due(subscriptions, TOMORROW) == [BERTIL.id]
    assert moved(subscriptions, digest("2"), TOMORROW, of_=replace(known, due_on=date(2026, 11, 25))) == 0
    outbox.settle(lease, Settled(fate=Fate.SENT), SENT, NOW)
    assert due(subscriptions, TOMORROW) == [BERTIL.id, ANNA.id]


def test_what_may_have_arrived_keeps_the_next_one_back_until_it_is_known(
    subscriptions: Subscriptions, outbox: Outbox
) -> None:
    moved(subscriptions, digest("1"))
    doubt = Outcome(result=Result.LATER, is_doubtful=True)
    outbox.settle(claimed(outbox), Settled(fate=Fate.PENDING, not_before=NOW), doubt, NOW)
    assert due(subscriptions, TOMORROW) == [BERTIL.id]
    outbox.settle(claimed(outbox, TOMORROW), Settled(fate=Fate.SENT), SENT, TOMORROW)
    assert ANNA.id in due(subscriptions, TOMORROW)


def test_what_one_died_with_keeps_the_next_one_back_until_it_is_known(
    subscriptions: Subscriptions, outbox: Outbox
) -> None:
    moved(subscriptions, digest("1"))
    claimed(outbox)
    assert due(subscriptions, TOMORROW + LEASE) == [BERTIL.id]
    outbox.settle(claimed(outbox, TOMORROW), Settled(fate=Fate.DEAD), LATER, TOMORROW)
    assert ANNA.id in due(subscriptions, TOMORROW)


# ---------------------------------------------------------------- what they have heard of


def test_they_have_heard_what_has_arrived_and_nothing_else(subscriptions: Subscriptions, outbox: Outbox) -> None:
    ids = [ANNA.id, BERTIL.id, "nobody"]
    assert {one: heard.told for one, heard in subscriptions.heard(ids).items()} == {ANNA.id: None, BERTIL.id: None}
    told = Told(findings={"blekinge": "x"}, unverified=frozenset({"b", "a"}), unchecked=True)
    moved(subscriptions, digest(told=told))
    lease = claimed(outbox)
    assert subscriptions.heard([ANNA.id])[ANNA.id].told is None
    outbox.settle(lease, Settled(fate=Fate.SENT), SENT, NOW + timedelta(hours=3))
    heard = subscriptions.heard([ANNA.id])[ANNA.id]
    assert heard.told == told
    assert heard.at == NOW  # when it was made: what happened since is still to be told


def test_what_is_over_without_a_word_is_forgotten(subscriptions: Subscriptions, outbox: Outbox) -> None:
    """A link that is watched no more, say: if it comes back broken, it is new."""
    moved(subscriptions, digest(told=Told(findings={"blekinge": "x", "dalarna": "y"})))
    outbox.settle(claimed(outbox), Settled(fate=Fate.SENT), SENT, NOW)
    left = Told(findings={"dalarna": "y"})
    moved(subscriptions, None, TOMORROW, told=left)
    heard = subscriptions.heard([ANNA.id])[ANNA.id]
    assert (heard.told, heard.at) == (left, NOW)


def test_who_has_heard_nothing_has_still_heard_nothing(subscriptions: Subscriptions) -> None:
    moved(subscriptions, None, told=Told(findings={"dalarna": "y"}))
    assert subscriptions.heard([ANNA.id])[ANNA.id].told is None


def test_who_was_told_the_same_shares_it(subscriptions: Subscriptions, outbox: Outbox) -> None:
    for who in (ANNA, BERTIL):
        moved(subscriptions, digest(who=who), of_=of(subscriptions, who))
        outbox.settle(claimed(outbox), Settled(fate=Fate.SENT), SENT, NOW)
    heard = subscriptions.heard([ANNA.id, BERTIL.id])
    assert heard[ANNA.id] == heard[BERTIL.id]
    assert heard[ANNA.id].telling is not None


def test_an_older_mail_that_arrives_late_takes_nothing_back(subscriptions: Subscriptions, outbox: Outbox) -> None:
    moved(subscriptions, digest("1"))
    old = claimed(outbox)
    for choice in (Choice(paused_until=date(2026, 11, 25)), Choice()):
        subscriptions.choose(ANNA.id, choice, DAILY, NOW)
    moved(subscriptions, digest("2"), TOMORROW)
    outbox.settle(claimed(outbox, TOMORROW), Settled(fate=Fate.SENT), SENT, TOMORROW)
    outbox.settle(old, Settled(fate=Fate.SENT), SENT, TOMORROW)
    heard = subscriptions.heard([ANNA.id])[ANNA.id]
    assert (heard.told, heard.at) == (Told(findings={"blekinge": "2"}), TOMORROW)


def test_a_mail_of_a_clock_that_was_ahead_does_not_keep_the_next_from_counting(
    subscriptions: Subscriptions, outbox: Outbox
) -> None:
    ahead = NOW + timedelta(days=365)
    moved(subscriptions, digest("1"), ahead)
    outbox.settle(claimed(outbox, ahead), Settled(fate=Fate.SENT), SENT, ahead)
    subscriptions.sync([ANNA, BERTIL], ZONE, NOW)  # the clock has been set right
    assert due(subscriptions, TOMORROW) == [BERTIL.id, ANNA.id]
    moved(subscriptions, digest("2"), TOMORROW)
    outbox.settle(claimed(outbox, TOMORROW), Settled(fate=Fate.SENT), SENT, TOMORROW)
    heard = subscriptions.heard([ANNA.id])[ANNA.id]
    assert (heard.told, heard.at) == (Told(findings={"blekinge": "2"}), TOMORROW)


# ---------------------------------------------------------------- the key


def test_the_key_is_made_once_and_is_the_same_for_all(subscriptions: Subscriptions, other: Subscriptions) -> None:
    assert subscriptions.known_key() is None
    key = subscriptions.key()
    assert len(key) == 32
    assert key == other.key() == subscriptions.key() == subscriptions.known_key()
