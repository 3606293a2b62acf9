"""Tells everybody what there is to tell: composes what is due, and sends what waits."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from linkwatch.config import Config
from linkwatch.core.problems import Problem, ProblemKind
from linkwatch.mailing.carriers import Carriers, carriers_of
from linkwatch.mailing.delivery import Delivered, deliver
from linkwatch.mailing.digests import compose
from linkwatch.mailing.heralds import dead_problems, disk_problems
from linkwatch.mailing.notices import notices_of
from linkwatch.store import Outbox, Subscriptions

_BEFORE = (ProblemKind.DISK_FULL, ProblemKind.DIGEST_FAILED)  # what is looked for before anything is sent
_MOST_NAMED = 5

KEPT = timedelta(days=30)  # so long what was sent can be looked up


def tell(
    config: Config,
    clock: Callable[[], datetime],
    *,
    stop: Callable[[], bool] = lambda: False,
    carriers: Carriers = carriers_of,
) -> Delivered:
    """One pass. Any number of processes may make one at the same time. Raises the StoreError family.

    `stop` is asked before each digest and each parcel: what is under way is finished.
    """
    if not config.mail.tells_anybody:
        return Delivered()
    with Subscriptions.open(config.database) as subscriptions, Outbox.open(config.database) as outbox:
        failed = _composed(config, subscriptions, clock, stop)
        _note(config, outbox, [*disk_problems(config, outbox.problems()), *failed], clock(), _BEFORE)
        delivered = deliver(config, outbox, subscriptions.key(), clock, stop=stop, carriers=carriers)
        if _note(config, outbox, dead_problems(outbox.dead()), clock(), [ProblemKind.OUTBOX_DEAD]):
            delivered = delivered + deliver(config, outbox, subscriptions.key(), clock, stop=stop, carriers=carriers)
        outbox.forget(clock() - KEPT)
    return delivered


def _composed(
    config: Config, subscriptions: Subscriptions, clock: Callable[[], datetime], stop: Callable[[], bool]
) -> list[Problem]:
    """A digest that cannot be put into words, which is a fault of ours, keeps nobody else's mail."""
    failed = compose(config, subscriptions, clock(), stop=stop).failed
    details = {"detail": "; ".join(f"{who}: {why}" for who, why in failed[:_MOST_NAMED])}
    return [Problem(kind=ProblemKind.DIGEST_FAILED, details=details)] if failed else []


def _note(
    config: Config, outbox: Outbox, problems: Sequence[Problem], now: datetime, looked_at: Collection[ProblemKind]
) -> bool:
    """Whether anybody is to be told."""
    known = [one for one in outbox.problems() if one.problem.kind in looked_at]
    notices = notices_of(config, problems, known, now, looked_at=looked_at)
    if notices:
        outbox.notify(notices, now)
    return bool(notices and notices.parcels)
