"""Judges what came of asking others: names, connections, certificates, clocks."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from linkwatch.config import Config
from linkwatch.core.models import FaultKind
from linkwatch.core.urls import host, registrable_domain
from linkwatch.doctor.records import Check, Finding, fault, or_well, warning, well
from linkwatch.fetch.reach import Reached
from linkwatch.fetch.roots import Roots

MOST_HOSTS = 3
CLOCK_MAY_BE_OFF = timedelta(minutes=5)

_SOON = timedelta(days=30)


def to_ask(config: Config) -> tuple[str, ...]:
    """Addresses at a few hosts that have nothing to do with one another."""
    by_domain: dict[str, str] = {}
    for source in config.sources:
        if source.url and not source.paused:
            by_domain.setdefault(registrable_domain(host(source.url)), source.url)
    return tuple(by_domain.values())[:MOST_HOSTS]


def names(reached: Sequence[Reached]) -> tuple[Finding, ...]:
    """That some name of somebody else's does not exist says nothing of us: only that none can be looked up does."""
    failed = [one for one in reached if one.failed is FaultKind.DNS or one.reason == "no_resolver"]
    if failed and len(failed) == len(reached):
        return (fault(Check.DNS, "dns_failed", hosts=_listed(failed)),)
    return (well(Check.DNS, "dns_good", hosts=len(reached) - len(failed)),)


def connections(reached: Sequence[Reached]) -> tuple[Finding, ...]:
    resolved = [one for one in reached if one.failed is not FaultKind.DNS and one.reason != "no_resolver"]
    silent = [one for one in resolved if one.failed not in (None, FaultKind.TLS, FaultKind.PROTOCOL)]
    if not resolved:
        return ()  # the names are what is wrong
    if len(silent) == len(resolved):
        return (
            fault(Check.NETWORK, "network_failed", hosts=_listed(silent), why=silent[0].detail or silent[0].reason),
        )
    distrusted = [one for one in resolved if one.failed is FaultKind.TLS]
    if len(distrusted) == len(resolved) and len(resolved) > 1:
        return (fault(Check.NETWORK, "network_intercepted", hosts=_listed(distrusted), why=distrusted[0].reason),)
    return (well(Check.NETWORK, "network_good", hosts=len(resolved) - len(silent)),)


def clock(
    reached: Sequence[Reached], asked_at: datetime, now: datetime, newest_at: datetime | None
) -> tuple[Finding, ...]:
    """Our clock against the others', and against the database. `asked_at` to `now` is when the others answered."""
    return or_well(_clock(reached, asked_at, now, newest_at), well(Check.CLOCK, "clock_good"))


def _clock(
    reached: Sequence[Reached], asked_at: datetime, now: datetime, newest_at: datetime | None
) -> Iterator[Finding]:
    """The one that is nearest to ours is believed: a server whose clock is wrong is no fault of ours."""
    off = [_off(one.date, asked_at, now) for one in reached if one.date]
    nearest = min(off, key=abs, default=timedelta())
    if abs(nearest) > CLOCK_MAY_BE_OFF:
        code = "clock_slow" if nearest > timedelta() else "clock_fast"
        yield fault(Check.CLOCK, code, minutes=round(abs(nearest) / timedelta(minutes=1)))
    elif newest_at and newest_at - now > CLOCK_MAY_BE_OFF:
        yield fault(Check.CLOCK, "clock_jumped", newest=newest_at)


def _off(date: datetime, asked_at: datetime, now: datetime) -> timedelta:
    """How much another's clock is ahead of ours at least, whenever within that time it was read."""
    if date > now:
        return date - now
    return min(date - asked_at, timedelta())


def certificates(roots: Roots, now: datetime) -> tuple[Finding, ...]:
    return or_well(_certificates(roots, now), well(Check.TLS, "tls_good", trusted=roots.trusted))


def _certificates(roots: Roots, now: datetime) -> Iterator[Finding]:
    if not roots.trusted:
        yield fault(Check.TLS, "tls_empty")
    for subject, ends_at in roots.own:
        if ends_at <= now:
            yield fault(Check.TLS, "ca_expired", subject=subject, when=ends_at)
        elif ends_at - now < _SOON:
            yield warning(Check.TLS, "ca_expires", subject=subject, when=ends_at)


def _listed(reached: Sequence[Reached]) -> str:
    return ", ".join(one.host for one in reached)
