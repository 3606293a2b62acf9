"""The outbox: each parcel to one process at a time, none lost, none doubled, whatever dies, whatever the clocks say."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linkwatch.core.digest_records import Told
from linkwatch.core.due import Every, Rhythm
from linkwatch.core.outbox import LEASE, Asked, Channel, Content, Fate, Kind, Outcome, Parcel, Result, Settled
from linkwatch.core.problems import AGAIN, Problem, ProblemKind, Telling, tell
from linkwatch.core.subscribers import Subscriber
from linkwatch.store import Notices, Outbox, Store, Subscriptions, outbox_statements, parcels
from linkwatch.store.outbox import Lease
from tests.store.storing import NOW, after, decision

GIVEN = Settled(fate=Fate.SENT)
DEAD = Settled(fate=Fate.DEAD)
SENT = Outcome(result=Result.SENT, detail="250 accepted")
LATER = Outcome(result=Result.LATER, detail="451 later")
NEVER = Outcome(result=Result.NEVER, detail="550 no such mailbox")
CONTENT = Content(
    subject="1 ny trasig länk",
    text="Blekinge är trasig.\n\x021\x03\n",
    html="<p>Blekinge är trasig.</p>",
    bare="En länk är trasig.\n",
    language="sv",
    asked=(Asked(link_id="blekinge", fingerprint="broken:404"),),
)


def parcel(recipient: str = "anna@example.se", *, kind: Kind = Kind.NOTICE, **more: Any) -> Parcel:
    given = {"channel": Channel.MAIL, "message_id": f"<{recipient}>", "content": CONTENT} | more
    return Parcel(kind=kind, recipient=recipient, **given)


def post(outbox: Outbox, *sent: Parcel, now: datetime = NOW, once: str | None = None) -> list[bool]:
    with outbox.writing() as db:
        return [parcels.post(db, one, now, once=once) for one in sent]


def claimed(outbox: Outbox, now: datetime = NOW) -> Lease:
    lease = outbox.claim(now)
    assert lease
    return lease


def later(now: datetime = NOW) -> Settled:
    return Settled(fate=Fate.PENDING, not_before=now)


def rows_of(outbox: Outbox, table: str) -> int:
    with outbox.reading() as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    with Outbox.open(path) as opened:
        yield opened


@pytest.fixture
def other(outbox: Outbox, path: Path) -> Iterator[Outbox]:
    """Another process on the same database."""
    with Outbox.open(path) as opened:
        yield opened


# ---------------------------------------------------------------- in and out


def test_a_parcel_comes_out_as_it_went_in(outbox: Outbox) -> None:
    one = parcel(
        "region@example.se", kind=Kind.LETTER, to=("region@example.se", "åsa@example.se"), reply_to="webb@example.se"
    )
    assert post(outbox, one) == [True]
    waiting = claimed(outbox, after(1)).waiting
    assert waiting.parcel == one
    assert (waiting.made_at, waiting.first_at, waiting.attempts) == (NOW, NOW, 1)
    assert (waiting.is_bare, waiting.is_doubtful) == (False, False)


def test_text_that_cannot_be_encoded_is_kept_with_a_mark(outbox: Outbox) -> None:
    post(outbox, parcel(content=Content(subject="a\udc80b", text="\ud800")))
    content = claimed(outbox).waiting.parcel.content
    assert (content.subject, content.text) == ("a\ufffdb", "\ufffd")


def test_what_has_waited_longest_goes_first_and_each_once(outbox: Outbox) -> None:
    for hours, who in ((2, "c"), (1, "a"), (1, "b")):
        post(outbox, parcel(who), now=after(hours))
    assert [one.parcel.recipient for one in outbox.ready(after(3))] == ["a", "b", "c"]
    assert [one.parcel.recipient for one in outbox.ready(after(3), limit=1)] == ["a"]
    assert [claimed(outbox, after(3)).waiting.parcel.recipient for _ in range(3)] == ["a", "b", "c"]
    assert outbox.claim(after(3)) is None
    assert outbox.ready(after(3)) == ()


def test_only_the_channels_that_are_asked_for_are_taken(outbox: Outbox) -> None:
    post(outbox, parcel("hook", kind=Kind.EVENT, channel=Channel.WEBHOOK))
    assert outbox.claim(NOW, [Channel.MAIL, Channel.APPRISE]) is None
    assert outbox.claim(NOW, []) is None
    assert outbox.claim(NOW, [Channel.WEBHOOK]) is not None


def test_what_is_put_off_waits_until_then(outbox: Outbox) -> None:
    post(outbox, parcel())
    outbox.settle(claimed(outbox), later(after(2)), LATER, NOW)
    assert outbox.claim(after(1.9)) is None
    assert claimed(outbox, after(2)).waiting.attempts == 2


def test_with_once_it_is_posted_the_first_time_only(outbox: Outbox, other: Outbox) -> None:
    assert post(outbox, parcel(), once="letter 7") == [True]
    assert post(other, parcel("bertil@example.se"), once="letter 7") == [False]
    outbox.settle(claimed(outbox), GIVEN, SENT, NOW)
    assert post(other, parcel(), once="letter 7") == [False]  # also when it has been sent
    assert post(other, parcel(), once="letter 8") == [True]
    assert rows_of(outbox, "outbox") == 2


def test_what_is_rolled_back_was_never_posted(outbox: Outbox) -> None:
    with pytest.raises(RuntimeError), outbox.writing() as db:
        parcels.post(db, parcel(), NOW)
        raise RuntimeError
    assert outbox.claim(NOW) is None
    assert rows_of(outbox, "contents") == 0


def test_a_runs_parcels_are_written_down_with_what_it_found(store: Store, run: int, outbox: Outbox) -> None:
    event = parcel("hook", kind=Kind.EVENT, channel=Channel.WEBHOOK)
    store.commit(run, [replace(decision(), parcels=(event,))])
    assert claimed(outbox).waiting.parcel == event


# ---------------------------------------------------------------- leases


def test_two_processes_never_hold_the_same_parcel(outbox: Outbox, other: Outbox) -> None:
    post(outbox, *(parcel(str(number)) for number in range(6)))
    held = [claimed(outbox if number % 2 else other).waiting.id for number in range(6)]
    assert len(set(held)) == 6
    assert outbox.claim(NOW) is None
    assert other.claim(NOW) is None


def test_what_one_died_with_is_taken_up_when_its_lease_has_run_out(outbox: Outbox, other: Outbox) -> None:
    post(outbox, parcel())
    first = claimed(outbox)
    assert other.claim(NOW + LEASE - timedelta(seconds=1)) is None
    second = claimed(other, NOW + LEASE)
    assert second.waiting.parcel == first.waiting.parcel  # the Message-ID too
    assert (second.waiting.attempts, second.waiting.is_doubtful) == (2, True)
    assert second.token != first.token


def test_a_lease_that_a_wrong_clock_has_given_holds_nothing_up(outbox: Outbox) -> None:
    post(outbox, parcel())
    claimed(outbox, NOW + timedelta(days=400))  # then the clock is set right
    assert claimed(outbox).waiting.attempts == 2


def test_a_lease_of_a_clock_that_was_put_back_a_little_still_holds(outbox: Outbox) -> None:
    post(outbox, parcel())
    claimed(outbox)
    assert outbox.claim(NOW) is None


def test_a_date_that_a_wrong_clock_has_given_holds_nothing_up(outbox: Outbox) -> None:
    post(outbox, parcel("a"), now=NOW + timedelta(days=400))
    post(outbox, parcel("b"), now=NOW + timedelta(days=30))
    assert claimed(outbox).waiting.parcel.recipient == "a"
    assert outbox.claim(NOW) is None  # what lies a month ahead may be meant so


# ---------------------------------------------------------------- settled


@pytest.mark.parametrize(
    ("settled", "outcome", "pending", "dead"),
    [(GIVEN, SENT, 0, 0), (DEAD, NEVER, 0, 1), (later(), LATER, 1, 0)],
)
def test_what_came_of_it_is_written_down(
    outbox: Outbox, settled: Settled, outcome: Outcome, pending: int, dead: int
) -> None:
    post(outbox, parcel())
    outbox.settle(claimed(outbox), settled, outcome, after(1))
    counts = outbox.counts()
    assert (counts.pending, counts.dead) == (pending, dead)
    assert dict(counts.by_kind) == ({"notice": 1} if pending or dead else {})
    for one in outbox.listed():
        assert (one.fate, one.detail, one.attempts) == (settled.fate, outcome.detail, 1)
        assert one.ended_at == (after(1) if dead else None)


def test_a_mail_that_was_refused_for_what_it_says_goes_out_bare(outbox: Outbox) -> None:
    post(outbox, parcel())
    outbox.settle(claimed(outbox), Settled(fate=Fate.PENDING, not_before=NOW, is_bare=True), LATER, NOW)
    assert claimed(outbox).waiting.is_bare


@pytest.mark.parametrize("is_doubtful", [False, True])
def test_it_stays_known_that_an_attempt_may_have_arrived(outbox: Outbox, is_doubtful: bool) -> None:
    post(outbox, parcel())
    outbox.settle(claimed(outbox), later(), Outcome(result=Result.LATER, is_doubtful=is_doubtful), NOW)
    lease = claimed(outbox)
    assert lease.waiting.is_doubtful is is_doubtful
    outbox.settle(lease, later(), LATER, NOW)  # a certain refusal says nothing of the attempt before
    assert claimed(outbox).waiting.is_doubtful is is_doubtful


@pytest.mark.parametrize(("settled", "outcome"), [(later(), LATER), (DEAD, NEVER)])
def test_who_has_lost_the_lease_has_no_say(outbox: Outbox, other: Outbox, settled: Settled, outcome: Outcome) -> None:
    post(outbox, parcel())
    late, taken = claimed(outbox), claimed(other, NOW + LEASE)
    outbox.settle(late, settled, outcome, NOW + LEASE)
    assert outbox.claim(NOW + LEASE) is None  # the other still has it
    other.settle(taken, GIVEN, SENT, NOW + LEASE)
    assert other.counts().pending == other.counts().dead == 0


def test_that_it_was_sent_counts_whoever_says_so(outbox: Outbox, other: Outbox) -> None:
    post(outbox, parcel())
    late, taken = claimed(outbox), claimed(other, NOW + LEASE)
    outbox.settle(late, GIVEN, SENT, NOW + LEASE)
    assert outbox.counts().pending == 0
    other.settle(taken, later(), LATER, NOW + LEASE)
    other.settle(taken, DEAD, NEVER, NOW + LEASE)
    assert other.claim(NOW + 9 * LEASE) is None
    assert other.counts().dead == 0


def test_a_foreign_lease_settles_nothing(outbox: Outbox) -> None:
    post(outbox, parcel())
    lease = claimed(outbox)
    outbox.settle(Lease(waiting=lease.waiting, token="another"), DEAD, NEVER, NOW)
    assert outbox.counts().pending == 1


# ---------------------------------------------------------------- looked at and tidied


def dead(outbox: Outbox, recipient: str = "anna@example.se", now: datetime = NOW) -> int:
    post(outbox, parcel(recipient), now=now)
    lease = claimed(outbox, now)
    outbox.settle(lease, DEAD, NEVER, now)
    return lease.waiting.id


def test_what_was_given_up_is_tried_again_as_if_for_the_first_time(outbox: Outbox) -> None:
    number = dead(outbox)
    assert outbox.retry([number, 99], after(100)) == 1
    waiting = claimed(outbox, after(100)).waiting
    assert (waiting.id, waiting.attempts, waiting.first_at, waiting.made_at) == (number, 1, after(100), NOW)
    assert outbox.counts().dead == 0


def test_what_was_put_off_is_tried_at_once(outbox: Outbox) -> None:
    post(outbox, parcel())
    lease = claimed(outbox)
    outbox.settle(lease, later(after(4)), LATER, NOW)
    assert outbox.retry([lease.waiting.id], NOW) == 1
    assert claimed(outbox).waiting.attempts == 1


@pytest.mark.parametrize("settled", [GIVEN, None])
def test_what_was_sent_or_is_under_way_is_left_alone(outbox: Outbox, settled: Settled | None) -> None:
    post(outbox, parcel())
    lease = claimed(outbox)
    if settled:
        outbox.settle(lease, settled, SENT, NOW)
    assert outbox.retry([lease.waiting.id], NOW) == 0
    assert outbox.drop([lease.waiting.id], NOW) == 0


def test_what_is_dropped_is_spoken_of_no_more(outbox: Outbox) -> None:
    gone = dead(outbox)
    post(outbox, parcel("bertil@example.se"))
    pending = outbox.ready(NOW)[0].id
    assert outbox.drop([gone, pending], NOW) == 2
    assert outbox.claim(after(1)) is None
    assert outbox.listed() == ()
    assert (outbox.counts().pending, outbox.counts().dead) == (0, 0)
    assert outbox.retry([gone, pending], NOW) == outbox.drop([gone, pending], NOW) == 0


def test_the_same_words_are_kept_once(outbox: Outbox) -> None:
    post(outbox, *(parcel(str(number)) for number in range(20)), parcel("x", content=Content(subject="x", text="x")))
    assert rows_of(outbox, "outbox") == 21
    assert rows_of(outbox, "contents") == 2


def test_what_ended_long_ago_is_forgotten_and_what_is_referred_to_is_kept(outbox: Outbox) -> None:
    other_words = {"content": Content(subject="gammalt", text="gammalt")}
    dead(outbox, "gone")
    post(outbox, parcel("old", **other_words), parcel("new"), parcel("waits"))
    outbox.settle(claimed(outbox), GIVEN, SENT, NOW)
    outbox.settle(claimed(outbox), GIVEN, SENT, after(2))
    outbox.forget(after(1))
    with outbox.reading() as db:
        assert [row[0] for row in db.execute("SELECT recipient FROM outbox ORDER BY id")] == ["new", "waits"]
    assert rows_of(outbox, "contents") == 1
    outbox.forget(after(3))
    assert claimed(outbox, after(3)).waiting.parcel.content == CONTENT


def test_what_somebody_has_heard_of_is_kept_when_its_mail_is_forgotten(outbox: Outbox, path: Path) -> None:
    told = Told(findings={"blekinge": "broken:404"}, unverified=frozenset({"x"}), unchecked=True)
    anna = Subscriber(id="anna", address="anna@example.se", rhythm=Rhythm(every=Every.DAY))
    with Subscriptions.open(path) as subscriptions:
        subscriptions.sync([anna], "Europe/Stockholm", NOW)
        post(outbox, parcel(kind=Kind.DIGEST, subscriber="anna", told=told))
        outbox.settle(claimed(outbox), GIVEN, SENT, NOW)
        outbox.forget(after(1))
        assert rows_of(outbox, "outbox") == 0
        heard = subscriptions.heard(["anna"])["anna"]
        assert (heard.told, heard.at) == (told, NOW)


# ---------------------------------------------------------------- problems

FULL = Problem(kind=ProblemKind.DISK_FULL, details={"free_mb": 80})
LISTING = Problem(kind=ProblemKind.LISTING_MISSING, subject="regional", details={"name": "Länkar"})


def notices(
    outbox: Outbox, *problems: Problem, now: datetime = NOW, looked_at: tuple[ProblemKind, ...] = tuple(ProblemKind)
) -> Notices:
    before = outbox.problems()
    tells = tell(problems, before, now, looked_at=looked_at)
    letters = (parcel("drift@example.se"),) if tells else ()
    return Notices(problems=problems, tells=tells, parcels=letters, before=before)


def test_a_problem_is_remembered_told_once_and_forgotten_when_it_is_over(outbox: Outbox) -> None:
    outbox.notify(notices(outbox, FULL, LISTING), NOW)
    assert [(one.problem, one.since, one.told_at) for one in outbox.problems()] == [
        (FULL, NOW, NOW), (LISTING, NOW, NOW)
    ]  # fmt: skip
    assert outbox.counts().pending == 1
    outbox.notify(notices(outbox, FULL, LISTING, now=after(1)), after(1))
    assert outbox.counts().pending == 1
    outbox.notify(notices(outbox, LISTING, now=after(2)), after(2))
    assert [one.problem for one in outbox.problems()] == [LISTING]
    assert outbox.counts().pending == 2


def test_a_problem_that_lasts_keeps_its_beginning_and_its_newest_details(outbox: Outbox) -> None:
    outbox.notify(notices(outbox, FULL), NOW)
    worse = Problem(kind=ProblemKind.DISK_FULL, details={"free_mb": 8})
    at = NOW + AGAIN
    outbox.notify(notices(outbox, worse, now=at), at)
    (noted,) = outbox.problems()
    assert (noted.problem, noted.since, noted.told_at) == (worse, NOW, at)
    assert outbox.counts().pending == 2


def test_what_another_process_has_told_meanwhile_is_not_told_twice(outbox: Outbox, other: Outbox) -> None:
    ours, theirs = notices(outbox, FULL), notices(other, FULL)
    other.notify(theirs, NOW)
    outbox.notify(ours, NOW)
    assert outbox.counts().pending == 1
    ours, theirs = notices(outbox), notices(other)
    assert [one.telling for one in ours.tells] == [Telling.OVER]
    other.notify(theirs, NOW)
    outbox.notify(ours, NOW)
    assert outbox.counts().pending == 2
    assert outbox.problems() == ()


def test_another_problem_that_was_told_meanwhile_keeps_nothing_back(outbox: Outbox, other: Outbox) -> None:
    ours = notices(outbox, FULL, looked_at=(ProblemKind.DISK_FULL,))
    other.notify(notices(other, LISTING), NOW)
    outbox.notify(ours, NOW)
    assert [one.problem for one in outbox.problems()] == [FULL, LISTING]
    assert outbox.counts().pending == 2


def test_what_was_given_up_stands_until_a_later_one_arrives_or_somebody_sees_to_it(outbox: Outbox) -> None:
    for who in ("anna@example.se", "bertil@example.se"):
        post(outbox, parcel(who, kind=Kind.EVENT))
        outbox.settle(claimed(outbox), DEAD, NEVER, NOW)
    post(outbox, parcel("drift@example.se"))
    outbox.settle(claimed(outbox), DEAD, NEVER, NOW)  # what tells the operators is not told to them
    assert [one.recipient for one in outbox.dead()] == ["bertil@example.se", "anna@example.se"]
    assert outbox.drop([1], NOW) == 1
    assert [one.recipient for one in outbox.dead()] == ["bertil@example.se"]


def test_what_was_never_tried_goes_before_what_has_failed(outbox: Outbox) -> None:
    post(outbox, parcel("a"))
    outbox.settle(claimed(outbox), Settled(fate=Fate.PENDING, not_before=NOW), LATER, NOW)
    post(outbox, parcel("b"))
    assert [claimed(outbox).waiting.parcel.recipient for _ in range(2)] == ["b", "a"]


def test_recipients_that_are_spared_wait(outbox: Outbox) -> None:
    post(outbox, parcel("a"))
    post(outbox, parcel("b"))
    lease = outbox.claim(NOW, without=["a"])
    assert lease is not None
    assert lease.waiting.parcel.recipient == "b"
    assert outbox.claim(NOW, without=["a"]) is None


# ---------------------------------------------------------------- how SQLite goes about it

_SEARCHES = {
    "READY_FIRST": "SEARCH o USING INDEX outbox_new",
    "READY_AGAIN": "SEARCH o USING INDEX outbox_again",
    "MAY_BE_DUE": "subscriptions_by_due",
    "MERGE_PENDING": "SEARCH outbox USING INDEX outbox_of_subscription",
    "FIRST_OF_PENDING": "outbox_of_subscription",
    "MOVE_ON": "outbox_of_subscription",
    "FORGET_ENDED": "outbox_ended",
    "HEARD": "SEARCH s",
    "LEASE": "SEARCH outbox USING INTEGER PRIMARY KEY",
    "SETTLE": "SEARCH outbox USING INTEGER PRIMARY KEY",
}


@pytest.mark.parametrize("name", _SEARCHES)
def test_no_statement_of_a_pass_reads_all_that_was_ever_sent(outbox: Outbox, name: str) -> None:
    statement = getattr(outbox_statements, name)
    named = dict.fromkeys(re.findall(r"(?<!')[:]([a-z_]+)", statement), "[]")
    with outbox.reading() as db:
        plan = [
            row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}", named or ("[]",) * statement.count("?"))
        ]
    assert any(_SEARCHES[name] in step for step in plan), plan
    assert not [step for step in plan if re.match(r"SCAN (o|outbox|s|subscriptions)\b", step)], plan
    assert not [step for step in plan if "TEMP B-TREE FOR ORDER" in step], plan
