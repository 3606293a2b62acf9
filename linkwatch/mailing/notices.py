"""What the operators are told: decided, put into words, and addressed."""

from collections.abc import Container, Iterable, Sequence
from datetime import datetime
from email.utils import make_msgid

from linkwatch.config import Config
from linkwatch.core.outbox import Channel, Kind, Parcel
from linkwatch.core.problems import Noted, Problem, ProblemKind, Tell, tell
from linkwatch.locale import Words
from linkwatch.report import notices
from linkwatch.report.reading import Reading
from linkwatch.store import Notices


def notices_of(
    config: Config,
    problems: Sequence[Problem],
    noted: Iterable[Noted],
    now: datetime,
    *,
    looked_at: Iterable[ProblemKind] = (),
) -> Notices | None:
    """What is to be written down, together with whatever has brought it about; None where there is nothing.

    `looked_at` are the kinds that were looked for: those of them that are not among `problems` are over.
    """
    before, kinds = tuple(noted), frozenset(looked_at)
    # Where there is nobody to tell it is kept in mind, for whoever comes later.
    tells = tell(problems, before, now, looked_at=kinds) if config.mail.operators else ()
    gone = _gone(problems, before, kinds)
    if not (problems or tells or gone):
        return None
    parcels = _parcels(config, tells, now) if tells else ()
    return Notices(problems=tuple(problems), tells=tells, parcels=parcels, before=before, gone=gone)


def _gone(
    problems: Sequence[Problem], before: Sequence[Noted], looked_at: Container[ProblemKind]
) -> tuple[Problem, ...]:
    """What is over and was told to nobody."""
    present = {one.key for one in problems}
    known = (one.problem for one in before if one.told_at is None)
    return tuple(one for one in known if one.key not in present and one.kind in looked_at)


def _parcels(config: Config, tells: Sequence[Tell], now: datetime) -> tuple[Parcel, ...]:
    reading = Reading(words=Words(config.language), timezone=config.timezone, now=now)
    content = notices.content(tells, reading, site=config.title)
    domain = config.mail.domain
    return tuple(
        Parcel(
            kind=Kind.NOTICE,
            channel=Channel.MAIL,
            recipient=one,
            message_id=make_msgid(domain=domain),
            content=content,
        )
        for one in config.mail.operators
    )
