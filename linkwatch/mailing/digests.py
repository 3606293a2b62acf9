"""Composes the digests that are due.

subscribers ─▶ who is due ─▶ core.digest ─▶ report.digest ─▶ outbox, and when they are due next: one transaction
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import make_msgid

from linkwatch.config import Config
from linkwatch.core.digest import Digest, Digests
from linkwatch.core.outbox import Content, Kind, Parcel
from linkwatch.core.subscribers import Heard, Subscriber, Subscription, as_configured
from linkwatch.locale import Words
from linkwatch.report.digest import Writer
from linkwatch.report.reading import Reading
from linkwatch.snapshots import snapshot
from linkwatch.store import Subscriptions
from linkwatch.store.parcels import wants_of
from linkwatch.store.subscriptions import Composed

_log = logging.getLogger(__name__)

_BATCH = 50  # in one transaction, and in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What one subscriber would hear now. `content` is None where there is nothing to say."""

    subscriber: Subscriber
    subscription: Subscription
    digest: Digest
    content: Content | None

    def parcel(self, domain: str) -> Parcel | None:
        if self.content is None:
            return None
        return Parcel(
            kind=Kind.DIGEST,
            channel=self.subscriber.channel,
            recipient=self.subscriber.address,
            message_id=make_msgid(domain=domain),
            content=self.content,
            subscriber=self.subscriber.id,
            told=self.digest.told,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How many digests went into the outbox, and whose could not be composed: id and why."""

    posted: int = 0
    failed: tuple[tuple[str, str], ...] = ()


def compose(
    config: Config, subscriptions: Subscriptions, now: datetime, *, stop: Callable[[], bool] = lambda: False
) -> Done:
    """Put every digest that is due into the outbox. Any number of processes may do so at the same time."""
    subscriptions.sync(config.mail.subscribers, config.timezone, now)
    due = subscriptions.due(now)
    if not due:
        return Done()
    desk, posted = _Desk(config, now), 0
    for batch in _batches(due):
        if stop():
            break
        drafts = desk.drafts(batch, subscriptions.heard(one.id for one in batch))
        composed = [
            Composed(
                subscription=one.subscription,
                parcel=one.parcel(config.mail.domain),
                told=one.digest.told,
                wants=wants_of(one.subscriber),
            )
            for one in drafts
        ]
        posted += subscriptions.move_on(composed, now)
    return Done(posted=posted, failed=tuple(desk.failed))


def drafts(config: Config, subscriptions: Subscriptions, now: datetime) -> Iterator[Draft]:
    """What every subscriber would hear now, be they due or not. Changes nothing."""
    known = {one.id: one for one in subscriptions.all()}
    wanted = [as_configured(one, known.get(one.id), config.timezone, now) for one in config.mail.subscribers]
    desk = _Desk(config, now)
    for batch in _batches(wanted):
        yield from desk.drafts(batch, subscriptions.heard(one.id for one in batch))


def _batches(subscriptions: Sequence[Subscription]) -> Iterator[Sequence[Subscription]]:
    return (subscriptions[start : start + _BATCH] for start in range(0, len(subscriptions), _BATCH))


class _Desk:
    """One view of the links, from which everybody's digest is written. What several hear alike is written once."""

    def __init__(self, config: Config, now: datetime) -> None:
        self._config = config
        self._now = now
        self._subscribers = {one.id: one for one in config.mail.subscribers}
        self._digests = Digests(snapshot(config, now), now)
        self._writers: dict[str, Writer] = {}
        self.failed: list[tuple[str, str]] = []

    def drafts(self, subscriptions: Iterable[Subscription], heard: Mapping[str, Heard]) -> Iterator[Draft]:
        """Of those that the configuration names."""
        written: dict[object, tuple[Digest, Content | None]] = {}
        for one in subscriptions:
            if subscriber := self._subscribers.get(one.id):
                known = heard.get(one.id, Heard())
                alike = (subscriber.language, subscriber.only, subscriber.always, one.rhythm, known.telling, known.at)
                try:
                    if alike not in written:
                        written[alike] = self._written(subscriber, one, known)
                except Exception as error:  # theirs waits until it can be composed; nobody else's does
                    _log.exception("the digest of %s could not be composed", one.id)
                    self.failed.append((one.id, f"{type(error).__name__}: {error}"))
                    continue
                digest, content = written[alike]
                yield Draft(subscriber=subscriber, subscription=one, digest=digest, content=content)

    def _written(self, subscriber: Subscriber, one: Subscription, heard: Heard) -> tuple[Digest, Content | None]:
        digest = self._digests.digest(
            only=subscriber.only, told=heard.told, told_at=heard.at, rhythm=one.rhythm, always=subscriber.always
        )
        if not digest.is_news:
            return digest, None
        written = self._writer(subscriber.language).written(digest)
        return replace(digest, told=written.told), written.content

    def _writer(self, language: str) -> Writer:
        if language not in self._writers:
            config = self._config
            desk = f"{config.web.public_url}/" if config.web.public_url else None
            reading = Reading(words=Words(language), timezone=config.timezone, now=self._now, names=True)
            self._writers[language] = Writer(
                reading, site=config.title, desk=desk, answers=desk is not None, replies=bool(config.mail.reply_to)
            )
        return self._writers[language]
