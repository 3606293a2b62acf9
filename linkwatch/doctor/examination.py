"""Every check, in order. What is wrong with one keeps no other from being made."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from linkwatch.config import Config, load
from linkwatch.doctor import configuration, database, machine, network, routine
from linkwatch.doctor.records import Check, Finding, fault, well
from linkwatch.errors import ConfigError, LinkwatchError, StoreError
from linkwatch.fetch.reach import reach
from linkwatch.fetch.resolver import Resolver
from linkwatch.fetch.roots import roots
from linkwatch.mailing.carriers import PASSWORD, server
from linkwatch.notify import smtp
from linkwatch.store.backup import backups_in, unfit
from linkwatch.store.health import Health, health
from linkwatch.store.lock import lock_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the checks look at, and what tests exchange. `resolver` None: the system's."""

    clock: Callable[[], datetime]
    resolver: Resolver | None = None
    may: machine.May = machine.may
    room_at: Callable[[Path, Path], machine.Room] = machine.room_at
    zone: Callable[[str], ZoneInfo] = ZoneInfo
    patience_s: float = 10.0  # for each of those who are asked


def examine(path: Path, around: Surroundings, *, is_offline: bool = False) -> Iterator[Finding]:
    """Everything that is found, each as soon as it is. `is_offline`: nobody else is asked."""
    try:
        config = load(path)
    except ConfigError as error:
        yield from configuration.unreadable(error)
        return
    yield from configuration.judge(config, around.clock())
    yield from _time_zone(config, around)
    known = health(config.database)
    certificates = _certificates(config, around)
    yield from certificates
    yield from _others(config, around, known, certificates, is_offline=is_offline)
    if not is_offline:
        yield from _mail(config, around)
    yield from database.judge(known, config.database)
    now = around.clock()
    is_watching = any(source.url and not source.paused for source in config.watched)
    yield from database.runs(known, now, is_watching=is_watching)
    if config.mail.tells_anybody:
        yield from database.outbox(known, now)
    yield from _disks(config, around)
    yield from machine.permissions(config, lock_path(config.database), around.may)
    yield from _copies(config, around, known, now)


def _time_zone(config: Config, around: Surroundings) -> Iterator[Finding]:
    try:
        around.zone(config.timezone).utcoffset(around.clock())
    except (OSError, LookupError, ValueError):  # ZoneInfoNotFoundError is a LookupError
        yield fault(Check.TIME_ZONE, "zone_missing", zone=config.timezone)
    else:
        yield well(Check.TIME_ZONE, "zone_good", zone=config.timezone)


def _certificates(config: Config, around: Surroundings) -> tuple[Finding, ...]:
    try:
        return network.certificates(roots(config.fetch.ca_file), around.clock())
    except (LinkwatchError, ValueError, OSError):
        return (fault(Check.TLS, "ca_unreadable", path=config.fetch.ca_file),)


def _others(
    config: Config, around: Surroundings, known: Health | None, certificates: tuple[Finding, ...], *, is_offline: bool
) -> Iterator[Finding]:
    """Some of those whom we visit; the same answers tell of names, of connections and of the time."""
    asked_at, newest_at = around.clock(), known.newest_at if known else None
    addresses = () if is_offline else network.to_ask(config)
    has_bad_ca = any(one.code == "ca_unreadable" for one in certificates)
    policy = replace(config.fetch, ca_file=None) if has_bad_ca else config.fetch
    reached = reach(addresses, policy, timeout_s=around.patience_s, resolver=around.resolver) if addresses else ()
    if reached:
        yield from network.names(reached)
        yield from network.connections(reached)
    yield from network.clock(reached, asked_at, around.clock(), newest_at)


def _mail(config: Config, around: Surroundings) -> Iterator[Finding]:
    """Connects and logs in. Nothing is sent. A password that cannot be read is told of with the permissions."""
    secret = config.mail.password_file
    if not config.mail.can_send or (secret and not os.environ.get(PASSWORD) and not machine.is_filled(secret)):
        return
    asked = replace(server(config), timeout_s=around.patience_s, total_s=2 * around.patience_s)
    trouble = smtp.check(asked)
    if trouble:
        yield fault(Check.MAIL, "mail_failed", server=str(asked), detail=trouble)
    else:
        yield well(Check.MAIL, "mail_good", server=str(asked))


def _disks(config: Config, around: Surroundings) -> tuple[Finding, ...]:
    backups = config.operations.backup_folder
    folders = [config.database.parent, *([backups] if backups else [])]
    return machine.disks([around.room_at(folder, config.database) for folder in folders])


def _copies(config: Config, around: Surroundings, known: Health | None, now: datetime) -> tuple[Finding, ...]:
    folder = config.operations.backup_folder
    if folder and folder.is_dir() and not around.may(folder, os.R_OK | os.X_OK):
        return ()  # told of with the permissions
    begun = known.first_run_at if known else now
    return routine.copies(_found(folder) if folder else None, now, begun=begun)


def _found(folder: Path) -> routine.Copies:
    ours = backups_in(folder)
    return routine.Copies(
        folder=folder, made_at=tuple(map(routine.made_at, ours)), flaw=_flaw(ours[-1]) if ours else None
    )


def _flaw(copy: Path) -> str | None:
    try:
        return unfit(copy)
    except StoreError as error:
        return str(error)
