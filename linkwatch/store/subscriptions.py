"""`Subscriptions`: who is told, when they are due, and what they have heard of."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from linkwatch.core.digest_records import Told
from linkwatch.core.due import Rhythm, following, local_date
from linkwatch.core.outbox import Parcel
from linkwatch.core.subscribers import Choice, Heard, Subscriber, Subscription, as_configured, with_choice
from linkwatch.store import outbox_statements as statements
from linkwatch.store import parcels, rows
from linkwatch.store.transactions import Connected

_KEY = "mail links"
_KEY_BYTES = 32
_CHANGED = "UPDATE subscriptions SET changed_at = ? WHERE id = ?"
_AHEAD = timedelta(days=2)  # a local date is never farther from the one in UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What became of one subscription's due time: the digest, or None where there is nothing to say.

    `told` is then what is left of that which the subscriber has heard of. `wants` is `parcels.wants_of` the subscriber
    that it was composed for; None where whatever they want by now will do.
    """

    subscription: Subscription
    parcel: Parcel | None
    told: Told
    wants: str | None = None


class Subscriptions(Connected):
    """Every method is one transaction."""

    def sync(self, subscribers: Iterable[Subscriber], zone: str, now: datetime) -> None:
        """Take over the configuration. Who is gone keeps what they have heard of and chosen, and comes back with it.

        A digest that waits and was made for another selection or language is not sent: what it told of is in the next.
        """
        wanted = {one.id: one for one in subscribers}
        with self.reading() as db:
            if not _changes(db, wanted, zone, now).are_any:
                return
        with self.writing() as db:
            changes, at = _changes(db, wanted, zone, now), rows.iso(now)
            subscribed = [
                parcels.subscription_columns(one) | {"wants": parcels.wants_of(wanted[one.id])}
                for one in changes.changed
            ]
            db.conn.executemany(statements.SUBSCRIBE, subscribed)
            db.conn.executemany(statements.READDRESS, [(one.address, one.id) for one in changes.changed])
            db.conn.executemany(statements.UNSUBSCRIBE, [(at, one.id) for one in changes.gone])
            db.conn.executemany(statements.MERGE_PENDING, [(at, one) for one in changes.outdated])

    def all(self) -> tuple[Subscription, ...]:
        """Also those that the configuration no longer names."""
        with self.reading() as db:
            return _all(db)

    def get(self, subscription_id: str) -> Subscription | None:
        with self.reading() as db:
            return _subscription(db, subscription_id)

    def due(self, now: datetime) -> tuple[Subscription, ...]:
        """Those whose time has come, the longest overdue first. One whose last digest may have arrived is not due until
        it is known whether it has."""
        with self.reading() as db:
            found = db.execute(statements.MAY_BE_DUE, ((now + _AHEAD).date().isoformat(),))
            return tuple(one for one in map(parcels.to_subscription, found) if one.is_due(now))

    def heard(self, subscription_ids: Iterable[str]) -> Mapping[str, Heard]:
        """What each of them has heard of; who has never been known is left out."""
        with self.reading() as db:
            found = db.execute(statements.HEARD, (rows.pack_json(list(subscription_ids)),))
            return {row[0]: parcels.to_heard(row[1:]) for row in found}

    def move_on(self, composed: Sequence[Composed], now: datetime) -> int:
        """Put the digests into the outbox and set when each subscription is due next, together; how many there were.

        One that another process has served meanwhile is left out. A digest that has not been sent yet merges into this
        one: what the recipient has heard of is still what it was before it.
        """
        with self.writing() as db:
            return sum(_moved_on(db, one, now) for one in composed)

    def choose(self, subscription_id: str, choice: Choice, configured: Rhythm, now: datetime) -> Subscription | None:
        """What a subscriber wants; None where there is none of that id. Who leaves gets nothing more, and who pauses
        nothing before that day, also not what was about to be sent."""
        with self.writing() as db:
            found = _subscription(db, subscription_id)
            if found is None:
                return None
            chosen = with_choice(found, choice, configured, now)
            db.execute(statements.CHOOSE, parcels.subscription_columns(chosen))
            db.execute(_CHANGED, (rows.iso(now), chosen.id))
            until = choice.paused_until
            if choice.has_left or (until and until > local_date(now, found.zone)):
                db.execute(statements.MERGE_PENDING, (rows.iso(now), subscription_id))
            return chosen

    def key(self) -> bytes:
        """With which the links in mails are signed; made when it is first asked for."""
        known = self.known_key()
        if known is None:
            with self.writing() as db:
                db.execute(statements.MAKE_KEY, (_KEY, secrets.token_bytes(_KEY_BYTES)))
                known = _key(db)
        assert known is not None
        return known

    def known_key(self) -> bytes | None:
        """As `key`; None before it is made."""
        with self.reading() as db:
            return _key(db)


def _key(db: Database) -> bytes | None:
    found = db.execute(statements.KEY, (_KEY,)).fetchone()
    return bytes(found[0]) if found else None


def _all(db: Database) -> tuple[Subscription, ...]:
    return tuple(map(parcels.to_subscription, db.execute(statements.SUBSCRIPTIONS)))


def _subscription(db: Database, subscription_id: str) -> Subscription | None:
    row = db.execute(statements.SUBSCRIPTION, (rows.clean(subscription_id),)).fetchone()
    return parcels.to_subscription(row) if row else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changes:
    """The subscriptions that the configuration changes, as it wants them, those that it no longer names, and the ids of
    those for whom what waits to be sent is no longer right."""

    changed: tuple[Subscription, ...]
    gone: tuple[Subscription, ...]
    outdated: tuple[str, ...]

    @property
    def are_any(self) -> bool:
        return bool(self.changed or self.gone)


def _changes(db: Database, wanted: Mapping[str, Subscriber], zone: str, now: datetime) -> _Changes:
    known, wants = {one.id: one for one in _all(db)}, dict(db.execute(statements.WANTS))
    other = {one.id for one in wanted.values() if wants.get(one.id) != parcels.wants_of(one)}
    as_wanted = (as_configured(one, known.get(one.id), zone, now) for one in wanted.values())
    gone = tuple(one for one in known.values() if one.is_configured and one.id not in wanted)
    return _Changes(
        changed=tuple(one for one in as_wanted if one != known.get(one.id) or one.id in other),
        gone=gone,
        # One from before there was a hash wants what it wanted.
        outdated=(*(one for one in other if wants.get(one) is not None), *(one.id for one in gone)),
    )


def _moved_on(db: Database, composed: Composed, now: datetime) -> int:
    one, at = composed.subscription, rows.iso(now)
    moved = parcels.subscription_columns(one) | {
        "next_on": following(one.rhythm, now, one.zone).isoformat(),
        "wants": composed.wants,
    }
    if not db.execute(statements.MOVE_ON, moved).rowcount:
        return 0
    (first_at,) = db.execute(statements.FIRST_OF_PENDING, (one.id,)).fetchone()
    db.execute(statements.MERGE_PENDING, (at, one.id))
    if composed.parcel is None:
        db.execute(statements.STILL_HEARD, {"id": one.id, "telling_id": parcels.kept_told(db, composed.told)})
        return 0
    return int(parcels.post(db, composed.parcel, now, first_at=rows.to_time(first_at)))
