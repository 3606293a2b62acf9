"""`Outbox`: what is to be sent, taken out one by one, and what came of it."""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlite_utils import Database

from linkwatch.core.outbox import LEASE, Channel, Counts, Fate, Kind, Outcome, Settled, Waiting
from linkwatch.core.problems import Noted
from linkwatch.store import outbox_statements as statements
from linkwatch.store import parcels, rows
from linkwatch.store.parcels import Notices
from linkwatch.store.transactions import Connected

_FARTHEST = timedelta(days=31)  # nothing is put off for longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A parcel that waits, or was given up, as an operator sees it."""

    id: int
    kind: str
    channel: str
    recipient: str
    message_id: str
    subscriber: str | None
    made_at: datetime
    fate: Fate
    attempts: int
    not_before: datetime | None
    ended_at: datetime | None
    detail: str | None
    leased_until: datetime | None = None  # an attempt is under way until then, or was broken off


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """A parcel that was given up."""

    kind: str
    recipient: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A parcel that is ours alone until its lease runs out; `token` tells it from a later one."""

    waiting: Waiting
    token: str


class Outbox(Connected):
    """Every method is one transaction. Any number of processes may empty it: each parcel is leased to one at a time."""

    def claim(
        self, now: datetime, channels: Iterable[Channel] = tuple(Channel), *, without: Iterable[str] = ()
    ) -> Lease | None:
        """The next parcel, leased to the caller; None where nothing is to be sent now. The first channel comes first,
        what was never tried before what has failed. `without`: recipients that are spared.

        `waiting.attempts` counts the attempt that begins. Until `settle` says what came of it, the parcel counts as one
        that may have arrived.
        """
        spared = tuple(without)
        with self.writing() as db:
            row = next(_ready(db, now, channels, spared, limit=1), None)
            if row is None:
                return None
            token = secrets.token_hex(8)
            db.execute(statements.LEASE, {"lease": token, "until": rows.iso(now + LEASE), "id": row[0]})
        waiting = parcels.to_waiting(row)
        return Lease(waiting=replace(waiting, attempts=waiting.attempts + 1), token=token)

    def ready(self, now: datetime, *, limit: int = 1_000) -> tuple[Waiting, ...]:
        """What would be sent now, in that order."""
        with self.reading() as db:
            return tuple(map(parcels.to_waiting, _ready(db, now, tuple(Channel), (), limit)))

    def settle(
        self,
        lease: Lease,
        settled: Settled,
        outcome: Outcome,
        now: datetime,
    ) -> None:
        """Write down what came of an attempt, with all that it brings about: what the recipient has heard of by now, or
        that an owner was not told."""
        waiting = lease.waiting
        is_over = settled.fate is not Fate.PENDING
        columns = {
            "id": waiting.id,
            "lease": lease.token,
            "fate": settled.fate.value,
            "ended_at": rows.iso(now) if is_over else None,
            "not_before": rows.iso(settled.not_before),
            "bare": settled.is_bare,
            "doubtful": not is_over and (waiting.is_doubtful or outcome.is_doubtful),
            "detail": rows.clean(outcome.detail) or None,
        }
        with self.writing() as db:
            if not db.execute(statements.SETTLE, columns).rowcount:
                return
            parcel = waiting.parcel
            if settled.fate is Fate.SENT and parcel.subscriber and parcel.told:
                told = {
                    "id": waiting.id,
                    "told_at": rows.iso(waiting.made_at),
                    "subscription_id": parcel.subscriber,
                    "now": rows.iso(now),
                }
                db.execute(statements.HAS_HEARD, told)
            if is_over and parcel.subscriber:
                db.execute(statements.MERGE_DEAD, (parcel.subscriber, waiting.id))
            if settled.fate is Fate.DEAD and parcel.kind is Kind.LETTER:
                told = {"now": rows.iso(now), "message_id": parcel.message_id, "detail": rows.clean(outcome.detail)}
                db.execute(statements.UNDELIVERED, told)

    def notify(self, notices: Notices, now: datetime) -> None:
        with self.writing() as db:
            parcels.notify(db, notices, now)

    def problems(self) -> tuple[Noted, ...]:
        with self.reading() as db:
            return parcels.noted(db)

    # ------------------------------------------------------------ looked at and tidied

    def counts(self) -> Counts:
        with self.reading() as db:
            found = db.execute(statements.COUNTS).fetchall()
        by_fate = {fate: sum(n for one, _, n in found if one == fate) for fate in ("pending", "dead")}
        by_kind = {
            kind: sum(n for _, one, n in found if one == kind) for kind in sorted({kind for _, kind, _ in found})
        }
        return Counts(pending=by_fate["pending"], dead=by_fate["dead"], by_kind=by_kind)

    def listed(self) -> tuple[Listed, ...]:
        """What waits and what was given up, oldest first."""
        with self.reading() as db:
            return tuple(map(_to_listed, db.execute(statements.LISTED)))

    def dead(self) -> tuple[Dead, ...]:
        """What was given up and nobody has seen to, newest first; notices to operators left out."""
        with self.reading() as db:
            return tuple(
                Dead(kind=kind, recipient=recipient, detail=detail or "", at=datetime.fromisoformat(at))
                for kind, recipient, detail, at in db.execute(statements.DEAD)
            )

    def retry(self, numbers: Iterable[int], now: datetime) -> int:
        """Try these again at once, also those that were given up; how many there were. Not to who has left."""
        with self.writing() as db:
            return sum(db.execute(statements.RETRY, {"id": one, "now": rows.iso(now)}).rowcount for one in numbers)

    def drop(self, numbers: Iterable[int], now: datetime) -> int:
        """Try these no more, and speak of them no more; how many there were."""
        with self.writing() as db:
            return sum(db.execute(statements.DROP, {"id": one, "now": rows.iso(now)}).rowcount for one in numbers)

    def forget(self, before: datetime) -> None:
        """What was sent, merged or given up before that day, and what nothing refers to any more."""
        with self.writing() as db:
            db.execute(statements.FORGET_ENDED, (rows.iso(before),))
            db.execute(statements.FORGET_CONTENTS)
            db.execute(statements.FORGET_TELLINGS)


def _ready(
    db: Database, now: datetime, channels: Iterable[Channel], without: tuple[str, ...], limit: int
) -> Iterator[rows.Row]:
    for channel in channels:
        wanted = {
            "channel": channel.value,
            "without": rows.pack_json(without),
            "now": rows.iso(now),
            "too_late": rows.iso(now + _FARTHEST),
            "too_long": rows.iso(now + LEASE),
            "limit": limit,
        }
        for statement in (statements.READY_FIRST, statements.READY_AGAIN):
            yield from db.execute(statement, wanted)


def _to_listed(row: rows.Row) -> Listed:
    (
        number, kind, channel, recipient, message_id, subscriber, made_at, fate, attempts, not_before, ended_at, detail,
        leased_until,
    ) = row  # fmt: skip
    return Listed(
        id=number,
        kind=kind,
        channel=channel,
        recipient=recipient,
        message_id=message_id,
        subscriber=subscriber,
        made_at=datetime.fromisoformat(made_at),
        fate=Fate(fate),
        attempts=attempts,
        not_before=rows.to_time(not_before),
        ended_at=rows.to_time(ended_at),
        detail=detail,
        leased_until=rows.to_time(leased_until),
    )
