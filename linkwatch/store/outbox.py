"""`Outbox`: what is to be sent, taken out one by one, and what came of it."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from linkwatch.core.outbox import LEASE, Channel, Counts, Fate, Outcome, Settled, Waiting
from linkwatch.core.problems import Noted, ProblemKind
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A parcel that is ours alone until its lease runs out; `token` tells it from a later one."""

    waiting: Waiting
    token: str


class Outbox(Connected):
    """Every method is one transaction. Any number of processes may empty it: each parcel is leased to one at a time."""

    def claim(self, now: datetime, channels: Iterable[Channel] = tuple(Channel)) -> Lease | None:
        """The parcel that has waited longest, leased to the caller; None where nothing is to be sent now.

        `waiting.attempts` counts the attempt that begins. Until `settle` says what came of it, the parcel counts as one
        that may have arrived.
        """
        with self.writing() as db:
            row = db.execute(statements.READY, _ready(now, channels, limit=1)).fetchone()
            if row is None:
                return None
            token = secrets.token_hex(8)
            db.execute(statements.LEASE, {"lease": token, "until": rows.iso(now + LEASE), "id": row[0]})
        waiting = parcels.to_waiting(row)
        return Lease(waiting=replace(waiting, attempts=waiting.attempts + 1), token=token)

    def ready(self, now: datetime, *, limit: int = 1_000) -> tuple[Waiting, ...]:
        """What would be sent now, in that order."""
        with self.reading() as db:
            return tuple(map(parcels.to_waiting, db.execute(statements.READY, _ready(now, tuple(Channel), limit))))

    def settle(
        self,
        lease: Lease,
        settled: Settled,
        outcome: Outcome,
        now: datetime,
        notices: Notices | None = None,
    ) -> None:
        """Write down what came of an attempt, with all that it brings about: what the recipient has heard of by now, or
        that the operators are to hear that it was given up."""
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
            if settled.fate is Fate.SENT:
                db.execute(statements.FORGET_PROBLEM, (ProblemKind.OUTBOX_DEAD.value, parcel.recipient))
                if parcel.subscriber and parcel.told:
                    told = {
                        "id": waiting.id,
                        "told_at": rows.iso(waiting.made_at),
                        "subscription_id": parcel.subscriber,
                        "now": rows.iso(now),
                    }
                    db.execute(statements.HAS_HEARD, told)
            if notices:
                parcels.notify(db, notices, now)

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


def _ready(now: datetime, channels: Iterable[Channel], limit: int) -> rows.Columns:
    return {
        "channels": rows.pack_json([channel.value for channel in channels]),
        "now": rows.iso(now),
        "too_late": rows.iso(now + _FARTHEST),
        "too_long": rows.iso(now + LEASE),
        "limit": limit,
    }


def _to_listed(row: rows.Row) -> Listed:
    number, kind, channel, recipient, message_id, subscriber, made_at, fate, attempts, not_before, ended_at, detail = (
        row
    )
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
    )
