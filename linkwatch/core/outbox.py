"""What is to be sent: parcels, what came of sending them, and when to try again.

pending ─▶ leased ─▶ sent
   ▲          ├────▶ later: pending again, after a while
   │          ├────▶ refused for what it says: once more without a word from elsewhere
   │          └────▶ never, or too long ago: dead, and the operators hear of it
   └ a digest that is still here when the next one is due merges into that one, unless it may have arrived
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from linkwatch.core.digest_records import Told

LEASE = timedelta(minutes=15)  # longer than any attempt takes: who holds one for so long has died
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)


class Channel(StrEnum):
    MAIL = "mail"
    WEBHOOK = "webhook"
    APPRISE = "apprise"


class Kind(StrEnum):
    DIGEST = "digest"
    LETTER = "letter"  # to an owner, from the desk
    NOTICE = "notice"  # to the operators
    EVENT = "event"  # to programs


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A finding that a mail asks about: its links let the reader answer it (`core.tickets`)."""

    link_id: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is said, the same to everybody to whom it is said in the same words.

    `text` and `html` hold `mark(n)` where the address of each reader's own link goes: 0 is their settings, n ≥ 1 the
    n-th of `asked`. `bare` is the text without anything from elsewhere, for a server that refuses the other. A webhook
    has its JSON in `text`.
    """

    subject: str
    text: str
    html: str = ""
    bare: str = ""
    language: str = "sv"
    asked: tuple[Asked, ...] = ()


def mark(number: int) -> str:
    """Stands for a reader's own address until the mail is sent. No text from elsewhere can hold one (`core.safe`)."""
    return f"\x02{number}\x03"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One thing for one recipient. `to` is everybody whom the letter names, where that is more than the recipient."""

    kind: Kind
    channel: Channel
    recipient: str  # a mailbox, or the id of a webhook
    message_id: str  # stays the same however often it is tried
    content: Content
    subscriber: str | None = None
    told: Told | None = None  # what the recipient has heard of once it has arrived
    to: tuple[str, ...] = ()
    reply_to: str = ""  # where not that of the deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A parcel as the outbox keeps it."""

    id: int
    parcel: Parcel
    made_at: datetime
    first_at: datetime  # when the first of those that merged into it was made
    attempts: int = 0
    is_bare: bool = False  # the server has refused what it said: only `bare` goes out
    is_doubtful: bool = False  # an attempt may have arrived


class Result(StrEnum):
    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"  # for what it says
    NEVER = "never"  # this recipient, whatever it says
    VOID = "void"  # the configuration does not know the recipient any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one attempt. `detail` is for the operator's eyes."""

    result: Result
    detail: str = ""
    is_doubtful: bool = False  # it may have arrived all the same: the answer to it was lost
    is_down: bool = False  # the channel itself does not work: the others need not be tried now
    not_before: datetime | None = None  # the other side has said when


class Fate(StrEnum):
    """What becomes of a parcel in the outbox."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"
    MERGED = "merged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    fate: Fate
    not_before: datetime | None = None
    is_bare: bool = False


def settle(waiting: Waiting, outcome: Outcome, now: datetime, *, give_up_after: timedelta) -> Settled:
    """What becomes of a parcel after an attempt; `waiting.attempts` counts that one too."""
    if outcome.result in (Result.SENT, Result.VOID):
        fate = Fate.SENT if outcome.result is Result.SENT else Fate.MERGED
        return Settled(fate=fate, is_bare=waiting.is_bare)
    if outcome.result is Result.REFUSED and waiting.parcel.content.bare and not waiting.is_bare:
        return Settled(fate=Fate.PENDING, not_before=now, is_bare=True)
    is_final = outcome.result in (Result.REFUSED, Result.NEVER)
    if is_final or now - waiting.first_at >= give_up_after:
        return Settled(fate=Fate.DEAD, is_bare=waiting.is_bare)
    again = max(now + pause(waiting.attempts), outcome.not_before or now)
    return Settled(fate=Fate.PENDING, not_before=min(again, now + give_up_after), is_bare=waiting.is_bare)


def pause(attempts: int) -> timedelta:
    """1, 3, 9, 27 … minutes after the first, second, third … attempt, at most four hours."""
    return min(FIRST_PAUSE * int(3 ** min(max(attempts - 1, 0), 8)), LONGEST_PAUSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much waits, and how much was given up."""

    pending: int
    dead: int
    by_kind: Mapping[str, int]
