"""Tells everybody what there is to tell: composes what is due, and sends what waits."""

from collections.abc import Callable
from datetime import datetime, timedelta

from linkwatch.config import Config
from linkwatch.mailing.carriers import Carriers, carriers_of
from linkwatch.mailing.delivery import Delivered, deliver
from linkwatch.mailing.digests import compose
from linkwatch.mailing.heralds import disk_notices
from linkwatch.store import Outbox, Subscriptions

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
        if notices := disk_notices(config, outbox.problems(), clock()):
            outbox.notify(notices, clock())
        compose(config, subscriptions, clock(), stop=stop)
        delivered = deliver(config, outbox, subscriptions.key(), clock, stop=stop, carriers=carriers)
        outbox.forget(clock() - KEPT)
    return delivered
