"""The audit log: each action and its line together or not at all, and no answer lost while a run writes."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from linkwatch.core.fingerprint import fingerprint
from linkwatch.core.models import Decision, State
from linkwatch.core.reviews import Action, Review, precision
from linkwatch.errors import DatabaseUnavailable
from linkwatch.store import Ledger, Store, ledger_statements, transactions
from tests.store.storing import COPY, FACTS, NOW, after, belief, decision, source


@pytest.fixture
def ledger(path: Path, store: Store, run: int) -> Iterator[Ledger]:
    """Both links of `store` have been found to have moved."""
    store.commit(run, [found("blekinge"), found("dalarna")])
    with Ledger.open(path, create=False) as opened:
        yield opened


def found(link_id: str, hours: float = 0, status: int = 200, state: State = State.MOVED) -> Decision:
    facts, believed = replace(FACTS, http_status=status), belief(state, after(hours))
    one = decision(source(link_id), after(hours), facts=facts, believed=believed)
    return replace(one, fingerprint=fingerprint(believed, facts))


def answer(action: Action, link_id: str = "blekinge", **more: object) -> Review:
    return Review(id=0, link_id=link_id, at=NOW, who="Karin", action=action, **more)  # type: ignore[arg-type]


def recorded(ledger: Ledger, action: Action, link_id: str = "blekinge", **more: object) -> Review:
    given = ledger.record([answer(action, link_id, **more)], NOW)
    assert given.refused == ()
    return given.reviews[0]


def holding(store: Store, link_id: str = "blekinge") -> list[Action]:
    view = next(view for view in store.snapshot(NOW).links if view.source.id == link_id)
    return [review.action for review in view.reviews]


def lines(ledger: Ledger) -> int:
    with ledger.reading() as db:
        return int(db.execute("SELECT count(*) FROM reviews").fetchone()[0])


def test_it_gives_back_what_was_written(ledger: Ledger) -> None:
    written = recorded(ledger, Action.SNOOZE, note="Vänta på Örebro \ud800", until=after(48))
    kept = ledger.review(written.id)
    assert kept == replace(written, note="Vänta på Örebro \ufffd")
    assert kept is not None
    assert kept.fingerprint == found("blekinge").fingerprint
    assert kept.details == {"state": "moved", "finding": "moved", "reason": "permanent"}


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        (Action.ACKNOWLEDGE, Action.SNOOZE, [Action.SNOOZE]),
        (Action.IGNORE, Action.REPORT, [Action.REPORT]),
        (Action.CONFIRM, Action.APPROVE, [Action.APPROVE]),
        (Action.APPROVE, Action.CONFIRM, [Action.CONFIRM]),
        (Action.CONFIRM, Action.REPORT, [Action.CONFIRM, Action.REPORT]),
        (Action.ASSIGN, Action.ASSIGN, [Action.ASSIGN]),
        (Action.ASSIGN, Action.ACKNOWLEDGE, [Action.ASSIGN, Action.ACKNOWLEDGE]),
        (Action.ACKNOWLEDGE, Action.CHECK, [Action.ACKNOWLEDGE]),
    ],
)
def test_a_later_answer_takes_the_place_of_an_earlier_one_until_it_is_taken_back(
    ledger: Ledger, store: Store, first: Action, second: Action, left: list[Action]
) -> None:
    before = recorded(ledger, first)
    later = recorded(ledger, second)
    assert holding(store) == left
    undone = ledger.undo(later.id, "Olle", NOW)
    if second is Action.CHECK:
        assert undone is None
        return
    assert undone is not None
    assert (undone.who, undone.action, undone.undoes) == ("Olle", Action.UNDO, later.id)
    assert holding(store) == [first]
    assert ledger.review(before.id) == before
    assert ledger.undo(later.id, "Olle", NOW) is None


def test_what_was_replaced_does_not_come_back_to_another_finding(ledger: Ledger, store: Store, run: int) -> None:
    recorded(ledger, Action.ACKNOWLEDGE)
    ignored = recorded(ledger, Action.IGNORE)
    store.commit(run, [found("blekinge", 24, 410)])
    ledger.undo(ignored.id, "", NOW)
    assert holding(store) == []


def test_it_is_all_written_or_nothing(ledger: Ledger, store: Store) -> None:
    wrong = answer(Action.SNOOZE, until=NOW.replace(tzinfo=None))
    with pytest.raises(TypeError):
        ledger.record([answer(Action.PAUSE, "dalarna"), wrong], NOW)
    assert lines(ledger) == 0
    assert store.paused() == frozenset()
    assert ledger.waiting() == ()


def test_it_knows_no_link_that_is_not_watched(ledger: Ledger, store: Store) -> None:
    store.sync_sources([source("dalarna")], NOW)
    given = ledger.record([answer(Action.IGNORE, name) for name in ("blekinge", "x", "\ud800", "dalarna")], NOW)
    assert [(one.link_id, one.why) for one in given.refused] == [
        (name, "no_such_link") for name in ("blekinge", "x", "\ud800")
    ]
    assert ledger.ask(["blekinge", "dalarna", "x"], "", NOW)[0].link_id == "dalarna"


def test_an_answer_to_a_check_from_before_there_were_any_is_bound_all_the_same(
    ledger: Ledger, store: Store, run: int
) -> None:
    with ledger.writing() as db:
        db.execute("UPDATE links SET fingerprint = NULL")
    assert recorded(ledger, Action.ACKNOWLEDGE, fingerprint="").fingerprint == found("blekinge").fingerprint
    store.commit(run, [found("blekinge", 24)])
    assert holding(store) == [Action.ACKNOWLEDGE]
    store.commit(run, [found("blekinge", 48, 302)])
    assert holding(store) == []


def test_what_has_started_anew_has_nothing_to_answer(ledger: Ledger, store: Store) -> None:
    old = found("blekinge").fingerprint
    store.sync_sources([source("blekinge", url="https://ny.example/"), source("dalarna")], NOW)
    given = ledger.record([answer(Action.ACKNOWLEDGE, fingerprint=old), answer(Action.ACKNOWLEDGE)], NOW)
    assert [one.why for one in given.refused] == ["changed", "no_finding"]


def test_an_answer_to_a_link_whose_source_is_gone_can_be_taken_back(ledger: Ledger, store: Store) -> None:
    paused, ignored = recorded(ledger, Action.PAUSE), recorded(ledger, Action.IGNORE, "dalarna")
    store.sync_sources([], NOW)
    assert ledger.undo(paused.id, "", NOW)
    assert ledger.undo(ignored.id, "", NOW)
    assert store.snapshot(NOW).links == ()
    store.sync_sources([source("blekinge"), source("dalarna")], NOW)
    assert [view.belief.state for view in store.snapshot(NOW).links] == [State.UNKNOWN, State.MOVED]


def test_a_later_copy_is_not_put_back_for_one_that_was_approved_by_mistake(
    ledger: Ledger, store: Store, run: int
) -> None:
    store.commit(run, [replace(found("blekinge", 1), new_copy=COPY)])
    store.commit(run, [replace(found("blekinge", 2), seen=replace(COPY, text="Annat"))])
    approved = recorded(ledger, Action.APPROVE)
    newer = replace(COPY, text="Ännu senare")
    store.commit(run, [replace(found("blekinge", 3), new_copy=newer)])
    assert ledger.undo(approved.id, "", NOW)
    assert store.copy("blekinge") == newer


# ---------------------------------------------------------------- links to be looked at now


def test_a_link_waits_once_however_often_it_is_asked_for(ledger: Ledger) -> None:
    first = ledger.ask(["dalarna", "blekinge"], "Karin", NOW)
    assert ledger.ask(["blekinge"], "Olle", after(1)) == first[1:]
    recorded(ledger, Action.CHECK)
    assert [one.link_id for one in ledger.waiting()] == ["dalarna", "blekinge"]
    assert ledger.waiting(1) == first[:1]


def test_what_waits_is_found_without_reading_all_that_was_ever_asked_for(ledger: Ledger) -> None:
    with ledger.reading() as db:
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {ledger_statements.WAITING}", (1,))]
    assert plan[0] == "SCAN requests USING INDEX requests_waiting"


def test_one_that_is_finished_can_be_asked_for_again(ledger: Ledger, run: int) -> None:
    (first,) = ledger.ask(["blekinge"], "Karin", NOW)
    ledger.finish([first.id], after(1), run_id=run, outcome="done")
    ledger.finish([first.id], after(2), run_id=None, outcome="failed")
    (second,) = ledger.ask(["blekinge"], "", after(3))
    assert second.id != first.id
    with ledger.reading() as db:
        done = db.execute("SELECT done_at, run_id, outcome FROM requests WHERE id = ?", (first.id,)).fetchone()
    assert done == (after(1).isoformat(), run, "done")


# ---------------------------------------------------------------- how often alarms were right


def test_it_keeps_what_is_needed_to_tell_how_often_alarms_were_right(ledger: Ledger) -> None:
    written = [
        recorded(ledger, Action.APPROVE),
        recorded(ledger, Action.CONFIRM),
        recorded(ledger, Action.APPROVE, "dalarna"),
    ]
    kept = [one for one in (ledger.review(one.id) for one in written) if one]
    assert precision(kept).share == 0.5


# ---------------------------------------------------------------- while a run writes


def test_no_answer_is_lost_and_none_fails_while_a_run_writes(path: Path, store: Store, ledger: Ledger) -> None:
    """Five actions a second on two connections, beside one that commits batches of a hundred without a pause."""
    sources = [source(f"link-{number}") for number in range(200)]
    store.sync_sources(sources, NOW)
    stop, errors, given = threading.Event(), list[Exception](), list[int]()

    def commit() -> None:
        run, hours = store.begin_run(NOW, due=len(sources)), 0
        while not stop.is_set():
            hours += 1
            store.commit(run, [found(of.id, hours, status=200 + hours % 2) for of in sources[hours % 2 :: 2]])

    def act(number: int) -> None:
        with Ledger.open(path, create=False) as own:
            for turn in range(8):
                action = (Action.IGNORE, Action.ASSIGN, Action.CHECK, Action.PAUSE)[turn % 4]
                link_id = f"link-{number * 100 + turn}"
                review = answer(action, link_id, details={"assignee": "x"} if action is Action.ASSIGN else {})
                given.extend(one.id for one in own.record([review], after(turn)).reviews)
                time.sleep(0.2)

    def safely(work: object, *values: int) -> None:
        try:
            work(*values)  # type: ignore[operator]
        except Exception as error:  # told below
            errors.append(error)

    writer = threading.Thread(target=safely, args=(commit,))
    actors = [threading.Thread(target=safely, args=(act, number)) for number in range(2)]
    for thread in (writer, *actors):
        thread.start()
    for thread in actors:
        thread.join(30)
    stop.set()
    writer.join(30)
    assert errors == []
    assert len(set(given)) == 16
    assert lines(ledger) == 16
    assert len(store.paused()) == 4
    assert len(ledger.waiting()) == 4
    store.verify()


@pytest.mark.parametrize("later", [Action.ACKNOWLEDGE, Action.IGNORE])
def test_what_was_replaced_comes_back_while_a_link_is_paused_too(ledger: Ledger, store: Store, later: Action) -> None:
    recorded(ledger, Action.REPORT)
    mistaken, pause = recorded(ledger, later, note="x"), recorded(ledger, Action.PAUSE)
    assert ledger.undo(mistaken.id, "Karin", NOW)
    assert ledger.undo(pause.id, "Karin", NOW)
    assert holding(store) == [Action.REPORT]


def test_who_says_that_the_page_is_wrong_takes_back_that_it_was_approved(
    ledger: Ledger, store: Store, run: int
) -> None:
    store.commit(run, [replace(found("blekinge", 1, state=State.ATTENTION), new_copy=COPY)])
    wrong = replace(COPY, text="En annan sida", learnt_at=after(2))
    store.commit(run, [replace(found("blekinge", 2, status=404), seen=wrong)])
    recorded(ledger, Action.APPROVE)
    copy = store.copy("blekinge")
    assert copy is not None
    assert copy.text == "En annan sida"
    (waiting,) = ledger.waiting()
    recorded(ledger, Action.CONFIRM)
    copy = store.copy("blekinge")
    assert copy is not None
    assert copy.text == COPY.text
    assert holding(store) == [Action.CONFIRM]
    assert [one.id > waiting.id for one in ledger.waiting()] == [True]  # who looks just now compares with the other


def test_who_waits_for_a_writer_that_waits_is_told_so(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "BUSY_SECONDS", 0.05)
    begun, end = threading.Event(), threading.Event()

    def hold() -> None:
        with ledger.writing():
            begun.set()
            end.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert begun.wait(10)
    with pytest.raises(DatabaseUnavailable, match="locked"):
        recorded(ledger, Action.ACKNOWLEDGE)
    end.set()
    holder.join()
    recorded(ledger, Action.ACKNOWLEDGE)
