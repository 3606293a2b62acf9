"""What is to be sent, as rows: written within the transaction of whatever it tells of."""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlite_utils import Database

from linkwatch.core.digest_records import Told
from linkwatch.core.due import Every, Rhythm
from linkwatch.core.outbox import Asked, Channel, Content, Kind, Parcel, Waiting
from linkwatch.core.problems import Noted, Problem, ProblemKind, Tell, Telling
from linkwatch.core.subscribers import Choice, Heard, Subscriber, Subscription
from linkwatch.store import outbox_statements as statements
from linkwatch.store import rows
from linkwatch.store.rows import Columns, Row

# ---------------------------------------------------------------- written


def post(
    db: Database, parcel: Parcel, now: datetime, *, first_at: datetime | None = None, once: str | None = None
) -> bool:
    """Whether it was put into the outbox: with `once`, only the first time."""
    columns: Columns = {
        "kind": parcel.kind.value,
        "channel": parcel.channel.value,
        "recipient": rows.clean(parcel.recipient),
        "message_id": parcel.message_id,
        "content_id": _kept_once(db, "contents", _pack_content(parcel.content)),
        "subscription_id": parcel.subscriber,
        "telling_id": kept_told(db, parcel.told) if parcel.told else None,
        "addressed": rows.pack_json(parcel.to),
        "reply_to": parcel.reply_to,
        "once": once,
        "made_at": rows.iso(now),
        "first_at": rows.iso(first_at or now),
        "not_before": rows.iso(now),
    }
    return db.execute(statements.POST, columns).rowcount == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """What there is for the operators to see to, what is told of it now, and the mail that tells it.

    `before` is what was noted when that was decided.
    """

    problems: tuple[Problem, ...] = ()
    tells: tuple[Tell, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    before: tuple[Noted, ...] = ()
    gone: tuple[Problem, ...] = ()  # over before anybody was told


def notify(db: Database, notices: Notices, now: datetime) -> None:
    """Remember the problems that there are and what was told of them, and put the mail into the outbox; nothing of it
    where another process has told it meanwhile."""
    if _when(noted(db), notices.tells) != _when(notices.before, notices.tells):
        return
    _note(db, notices.problems, notices.tells, now)
    db.conn.executemany(statements.FORGET_PROBLEM, [(one.kind.value, one.subject) for one in notices.gone])
    for parcel in notices.parcels:
        post(db, parcel, now)


def _note(db: Database, problems: Sequence[Problem], tells: Sequence[Tell], now: datetime) -> None:
    told = {one.problem.key for one in tells if one.telling is not Telling.OVER}
    for one in problems:
        columns = {
            "kind": one.kind.value,
            "subject": rows.clean(one.subject),
            "details": rows.clean(rows.pack_json(one.details)),
            "now": rows.iso(now),
            "told_at": rows.iso(now) if one.key in told else None,
        }
        db.execute(statements.NOTE_PROBLEM, columns)
    over = [(one.problem.kind.value, one.problem.subject) for one in tells if one.telling is Telling.OVER]
    db.conn.executemany(statements.FORGET_PROBLEM, over)


def _when(known: Iterable[Noted], tells: Iterable[Tell]) -> dict[object, object]:
    """Since when each problem that is told of has been known, and when it was last told."""
    wanted = {one.problem.key for one in tells}
    return {one.problem.key: (one.since, one.told_at) for one in known if one.problem.key in wanted}


def noted(db: Database) -> tuple[Noted, ...]:
    return tuple(map(_to_noted, db.execute(statements.PROBLEMS)))


def kept_told(db: Database, told: Told) -> int:
    """The number of what has been told."""
    return _kept_once(db, "tellings", _pack_told(told))


def _kept_once(db: Database, table: str, packed: bytes) -> int:
    """The number of a value that many rows share."""
    digest = hashlib.sha256(packed).digest()
    found = db.execute(statements.SHARED[table], (digest,)).fetchone()
    if found:
        return int(found[0])
    return int(db.execute(statements.SHARE[table], (digest, packed)).lastrowid or 0)


# ---------------------------------------------------------------- records to values and back


@lru_cache(maxsize=8)  # what many are sent alike comes one after the other
def _pack_content(content: Content) -> bytes:
    said = asdict(content) | {"asked": [[one.link_id, one.fingerprint] for one in content.asked]}
    return zlib.compress(rows.clean(json.dumps(said, ensure_ascii=False)).encode(), 3)


def _to_content(packed: bytes) -> Content:
    said = json.loads(zlib.decompress(packed))
    asked = tuple(Asked(link_id=link_id, fingerprint=seen_as) for link_id, seen_as in said.pop("asked"))
    return Content(**said, asked=asked)


def _pack_told(told: Told) -> bytes:
    said = {
        "findings": dict(told.findings),
        "unverified": sorted(told.unverified),
        "unchecked": told.unchecked,
        "unmatched": told.unmatched,
        "through": None if told.through is None else {one: rows.iso(at) for one, at in told.through.items()},
    }
    return zlib.compress(rows.clean(rows.pack_json(said)).encode(), 3)


def _to_told(packed: bytes | None) -> Told | None:
    if packed is None:
        return None
    said = json.loads(zlib.decompress(packed))
    through = said.get("through")  # neither this nor `unmatched` is in what was written before they were noted
    return Told(
        findings=said["findings"],
        unverified=frozenset(said["unverified"]),
        unchecked=bool(said["unchecked"]),
        unmatched=bool(said.get("unmatched")),
        through=None if through is None else {one: datetime.fromisoformat(at) for one, at in through.items()},
    )


def to_waiting(row: Row) -> Waiting:
    (
        number, kind, channel, recipient, message_id, content, subscription_id, told, addressed, reply_to,
        made_at, first_at, attempts, is_bare, is_doubtful,
    ) = row  # fmt: skip
    parcel = Parcel(
        kind=Kind(kind),
        channel=Channel(channel),
        recipient=recipient,
        message_id=message_id,
        content=_to_content(content),
        subscriber=subscription_id,
        told=_to_told(told),
        to=tuple(json.loads(addressed)),
        reply_to=reply_to,
    )
    return Waiting(
        id=number,
        parcel=parcel,
        made_at=datetime.fromisoformat(made_at),
        first_at=datetime.fromisoformat(first_at),
        attempts=attempts,
        is_bare=bool(is_bare),
        is_doubtful=bool(is_doubtful),
    )


def _pack_rhythm(rhythm: Rhythm) -> str:
    return rows.pack_json(
        {"every": rhythm.every.value, "hour": rhythm.hour, "weekday": rhythm.weekday, "day": rhythm.day}
    )


def _to_rhythm(said: Mapping[str, Any]) -> Rhythm:
    return Rhythm(every=Every(said["every"]), hour=said["hour"], weekday=said["weekday"], day=said["day"])


def _pack_choice(choice: Choice) -> str:
    return rows.pack_json(
        {
            "rhythm": json.loads(_pack_rhythm(choice.rhythm)) if choice.rhythm else None,
            "paused_until": choice.paused_until.isoformat() if choice.paused_until else None,
            "has_left": choice.has_left,
        }
    )


def _to_choice(text: str) -> Choice:
    said = json.loads(text)
    return Choice(
        rhythm=_to_rhythm(said["rhythm"]) if said.get("rhythm") else None,
        paused_until=date.fromisoformat(said["paused_until"]) if said.get("paused_until") else None,
        has_left=bool(said.get("has_left")),
    )


def wants_of(one: Subscriber) -> str:
    """The same as long as a digest made for them would be about the same links and in the same language."""
    only = one.only
    said = [sorted(only.counties), sorted(only.owners), sorted(only.tags), sorted(only.severities), one.language,
            one.always]  # fmt: skip
    return hashlib.sha256(rows.clean(rows.pack_json(said)).encode()).hexdigest()[:16]


def subscription_columns(one: Subscription) -> Columns:
    return {
        "id": one.id,
        "address": one.address,
        "zone": one.zone,
        "due_on": one.due_on.isoformat(),
        "rhythm": _pack_rhythm(one.rhythm),
        "choice": _pack_choice(one.choice),
    }


def to_subscription(row: Row) -> Subscription:
    subscription_id, address, zone, due_on, rhythm, choice, is_configured = row
    return Subscription(
        id=subscription_id,
        address=address,
        zone=zone,
        due_on=date.fromisoformat(due_on),
        rhythm=_to_rhythm(json.loads(rhythm)),
        choice=_to_choice(choice),
        is_configured=bool(is_configured),
    )


def to_heard(row: Row) -> Heard:
    telling, told, at = row
    return Heard(told=_to_told(told), at=rows.to_time(at), telling=telling)


def _to_noted(row: Row) -> Noted:
    kind, subject, since, told_at, details = row
    return Noted(
        problem=Problem(kind=ProblemKind(kind), subject=subject, details=json.loads(details)),
        since=datetime.fromisoformat(since),
        told_at=rows.to_time(told_at),
    )
