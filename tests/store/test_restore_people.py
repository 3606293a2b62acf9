"""What a copy that is put back may not undo: no mail twice, and what people have withdrawn stays withdrawn."""

from datetime import date, datetime, timedelta
from pathlib import Path

from linkwatch.core.digest_records import Told
from linkwatch.core.due import Every, Rhythm
from linkwatch.core.outbox import Channel, Content, Fate, Kind, Parcel
from linkwatch.core.subscribers import Subscriber
from linkwatch.store import Outbox, Subscriptions, parcels
from linkwatch.store.backup import backup
from linkwatch.store.restore import HELD_BACK, Restored, restore
from linkwatch.store.subscriptions import Composed
from linkwatch.store.tokens import Tokens
from tests.store.storing import NOW, after

ZONE = "Europe/Stockholm"
ANNA = Subscriber(id="anna@example.se", address="anna@example.se", rhythm=Rhythm(every=Every.DAY, hour=7))
BERTIL = Subscriber(id="bertil@example.se", address="bertil@example.se", rhythm=Rhythm(every=Every.WEEK, hour=7))


def waiting_mail(path: Path) -> None:
    """A digest that Anna has not got yet, and a letter, an event and a notice that wait."""
    with Subscriptions.open(path) as subscriptions:
        subscriptions.sync([ANNA, BERTIL], ZONE, NOW - timedelta(days=1))
        due = [one for one in subscriptions.due(NOW) if one.id == ANNA.id]
        told = Told(findings={"blekinge": "x"})
        digest = Parcel(
            kind=Kind.DIGEST, channel=Channel.MAIL, recipient=ANNA.address, message_id="<digest>",
            content=Content(subject="", text=""), subscriber=ANNA.id, told=told,
        )  # fmt: skip
        subscriptions.move_on([Composed(subscription=due[0], parcel=digest, told=told)], NOW)
        with subscriptions.writing() as db:
            for kind, channel in (
                (Kind.LETTER, Channel.MAIL), (Kind.EVENT, Channel.WEBHOOK), (Kind.NOTICE, Channel.MAIL),
            ):  # fmt: skip
                parcel = Parcel(
                    kind=kind, channel=channel, recipient=kind.value, message_id=f"<{kind}>",
                    content=Content(subject="", text=""),
                )  # fmt: skip
                parcels.post(db, parcel, NOW)


def due_on(path: Path) -> dict[str, date]:
    with Subscriptions.open(path) as subscriptions:
        return {one.id: one.due_on for one in subscriptions.all()}


def restored_elsewhere(filled: Path, tmp_path: Path, now: datetime) -> tuple[Path, Restored]:
    """On another machine: nothing is known of what has happened since."""
    made, path = backup(filled, tmp_path / "copy.db", now=NOW), tmp_path / "elsewhere" / "linkwatch.db"
    return path, restore(made, path, now=now)


def test_mail_that_waited_does_not_go_out_by_itself(filled: Path, tmp_path: Path) -> None:
    waiting_mail(filled)
    path, done = restored_elsewhere(filled, tmp_path, after(30))
    assert done.held_back == 3
    with Outbox.open(path) as outbox:
        assert outbox.claim(after(31)) is None
        listed = outbox.listed()
        assert {(one.kind, one.fate, one.detail) for one in listed} == {
            (kind, Fate.DEAD, HELD_BACK) for kind in ("letter", "event", "notice")
        }
        outbox.retry([one.id for one in listed if one.kind == "letter"], after(31))
        lease = outbox.claim(after(31))
        assert lease
        assert lease.waiting.parcel.message_id == "<letter>"


def test_the_next_digest_comes_at_its_usual_time_and_tells_what_the_last_one_may_have_told(
    filled: Path, tmp_path: Path
) -> None:
    waiting_mail(filled)
    path, _ = restored_elsewhere(filled, tmp_path, after(24 * 9))  # Wednesday the 2nd of December, 14:00
    assert due_on(path) == {ANNA.id: date(2026, 12, 3), BERTIL.id: date(2026, 12, 7)}
    with Subscriptions.open(path) as subscriptions:
        assert subscriptions.due(after(24 * 9)) == ()
        assert subscriptions.heard([ANNA.id])[ANNA.id].told is None


def test_one_that_is_still_to_come_stays(filled: Path, tmp_path: Path) -> None:
    waiting_mail(filled)
    before = due_on(filled)
    path, _ = restored_elsewhere(filled, tmp_path, after(0.1))
    assert due_on(path)[ANNA.id] == before[ANNA.id]


def test_whoever_was_logged_in_logs_in_again(filled: Path, tmp_path: Path) -> None:
    with Tokens.open(filled) as tokens:
        session = tokens.begin("anna", token=None, now=NOW, ends_at=after(24))
        assert tokens.session(session, NOW)
    path, _ = restored_elsewhere(filled, tmp_path, after(1))
    with Tokens.open(path) as tokens:
        assert tokens.session(session, after(1)) is None
