"""Empties the outbox: each parcel is claimed, sent and settled by itself, whatever becomes of the others.

    claim (a lease) ─▶ the channel's attempt ─▶ settle: sent, later, once more without a word from elsewhere, or dead

A process may die between any two of these. What was claimed is then tried again when its lease has run out, with the
same Message-ID, since nobody knows whether it has arrived.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime

from linkwatch.config import Config
from linkwatch.core.outbox import Channel, Fate, Outcome, Result, Waiting, settle
from linkwatch.mailing.carriers import Carrier, Carriers, carriers_of
from linkwatch.store import Outbox
from linkwatch.store.outbox import Lease

_ORDER = (Channel.MAIL, Channel.APPRISE, Channel.WEBHOOK)
_PATIENCE = 2  # a channel that has failed so often in one pass is left alone for the rest of it
_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Delivered:
    """What one pass came to. `complaints` are sentences for the operator, each once, in the order they came up."""

    sent: int = 0
    later: int = 0
    dead: int = 0
    complaints: dict[str, None] = field(default_factory=dict)

    def __add__(self, more: "Delivered") -> "Delivered":
        return Delivered(
            sent=self.sent + more.sent,
            later=self.later + more.later,
            dead=self.dead + more.dead,
            complaints=self.complaints | more.complaints,
        )


def deliver(
    config: Config,
    outbox: Outbox,
    key: bytes,
    clock: Callable[[], datetime],
    *,
    stop: Callable[[], bool] = lambda: False,
    carriers: Carriers = carriers_of,
) -> Delivered:
    """Send what is to be sent now. Raises the StoreError family; whatever else goes wrong is an attempt that failed.

    `key` signs the readers' own links. `stop` is asked before each parcel.
    """
    work = _Pass(config=config, outbox=outbox, clock=clock)
    with ExitStack() as until_done:
        channels = carriers(config, key).items()
        opened = {channel: until_done.enter_context(carrier) for channel, carrier in channels}
        while not stop() and work.next(opened):
            pass
    return work.done


@dataclass(slots=True, kw_only=True)
class _Pass:
    config: Config
    outbox: Outbox
    clock: Callable[[], datetime]
    done: Delivered = field(default_factory=Delivered)
    failures: dict[Channel, int] = field(default_factory=lambda: dict.fromkeys(Channel, 0))
    spared: set[str] = field(default_factory=set)  # programs that have failed once: each is one that may hang

    def next(self, carriers: Mapping[Channel, Carrier]) -> bool:
        """Whether there was one more. People come before programs."""
        channels = [one for one in _ORDER if one in carriers and self.failures[one] < _PATIENCE]
        lease = self.outbox.claim(self.clock(), channels, without=self.spared)
        if lease is None:
            return False
        parcel = lease.waiting.parcel
        outcome = _attempt(carriers[parcel.channel], lease.waiting, self.clock())
        self.failures[parcel.channel] += outcome.is_down
        if parcel.channel is Channel.WEBHOOK and outcome.result is Result.LATER:
            self.spared.add(parcel.recipient)
        self._settle(lease, outcome)
        return True

    def _settle(self, lease: Lease, outcome: Outcome) -> None:
        waiting, now = lease.waiting, self.clock()
        settled = settle(waiting, outcome, now, give_up_after=self.config.mail.give_up_after)
        self.outbox.settle(lease, settled, outcome, now)
        is_tried_again_now = settled.is_bare and not waiting.is_bare
        match settled.fate:
            case Fate.SENT:
                self.done.sent += 1
            case Fate.DEAD:
                self.done.dead += 1
            case Fate.PENDING if not is_tried_again_now:
                self.done.later += 1
        if outcome.result is not Result.SENT and outcome.detail and not is_tried_again_now:
            self.done.complaints[f"{waiting.parcel.recipient}: {outcome.detail}"] = None


def _attempt(carrier: Carrier, waiting: Waiting, now: datetime) -> Outcome:
    """A mistake of ours while one parcel is sent keeps none of the others; it may have been sent all the same."""
    try:
        return carrier.send(waiting, now)
    except Exception as error:
        _log.exception("parcel %s could not be sent", waiting.id)
        return Outcome(result=Result.LATER, detail=f"{type(error).__name__}: {error}", is_doubtful=True)
