"""What would be sent now, exactly as it would be; nothing is changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from linkwatch.config import Config
from linkwatch.core.outbox import Channel, Waiting
from linkwatch.mailing.carriers import Links, mail_of, text_of
from linkwatch.mailing.digests import Draft, drafts
from linkwatch.store import Outbox, Subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`why` is a stable word: waits, due, not_due, nothing_new, paused, left. `text` is None where nothing goes out.

    `mail` is None where it does not go by mail; `due_at` is when the subscriber's time comes, or came.
    """

    why: str
    recipient: str
    due_at: datetime | None = None
    subject: str = ""
    text: str | None = None
    mail: EmailMessage | None = None


def previews(config: Config, now: datetime, *, everybody: bool = False) -> Iterator[Preview]:
    """What waits in the outbox, then the digests that are due; with `everybody` also those that are not due yet."""
    if not config.database.exists():
        return
    with (
        Subscriptions.open(config.database, create=False, read_only=True) as subscriptions,
        Outbox.open(config.database, create=False, read_only=True) as outbox,
    ):
        links = Links(config, subscriptions.known_key() or b"")
        free = {one.id for one in subscriptions.due(now)}
        written = [
            one
            for one in drafts(config, subscriptions, now)
            if (one.subscriber.id in free if one.subscription.is_due(now) else everybody)
        ]
        merging = {one.subscriber.id for one in written if one.subscription.is_due(now)}
        for waiting in outbox.ready(now):
            if waiting.is_doubtful or waiting.parcel.subscriber not in merging:
                yield _preview("waits", waiting, config, links)
        for draft in written:
            yield _of(draft, config, links, now)


def _of(draft: Draft, config: Config, links: Links, now: datetime) -> Preview:
    one, parcel = draft.subscription, draft.parcel(config.mail.domain)
    due_at = one.comes_at
    if one.choice.has_left:
        return Preview(why="left", recipient=one.address)
    if parcel is None:
        return Preview(why="nothing_new", recipient=one.address, due_at=due_at)
    why = "due" if one.is_due(now) else "paused" if one.comes_on > one.due_on else "not_due"
    waiting = Waiting(id=0, parcel=parcel, made_at=now, first_at=now)
    return _preview(why, waiting, config, links, due_at)


def _preview(why: str, waiting: Waiting, config: Config, links: Links, due_at: datetime | None = None) -> Preview:
    parcel = waiting.parcel
    is_mail = parcel.channel is Channel.MAIL and config.mail.can_send
    return Preview(
        why=why,
        recipient=parcel.recipient,
        due_at=due_at,
        subject=parcel.content.subject,
        text=text_of(waiting, links),
        mail=mail_of(config, waiting, links) if is_mail else None,
    )
