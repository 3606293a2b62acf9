"""Every check, in order. What is wrong with one keeps no other from being made."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from linkwatch.config import Config, load
from linkwatch.doctor import configuration, database, machine, network, routine
from linkwatch.doctor.patience import looked, measured
from linkwatch.doctor.records import Check, Finding, fault, well
from linkwatch.errors import ConfigError, LinkwatchError, StoreError
from linkwatch.fetch.reach import Reached, reach
from linkwatch.fetch.resolver import Resolver
from linkwatch.fetch.roots import Roots, roots
from linkwatch.mailing.carriers import PASSWORD, server
from linkwatch.notify import smtp
from linkwatch.store.health import THIS_SQLITE, Health, health
from linkwatch.store.lock import jobs_lock_path, lock_path

LIMIT_S = 30.0
READING_S = 120.0  # for every page of the database

_UNSEEN: Health | None = Health(size=0, trouble=StoreError("it could not be looked at"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the checks look at, and what tests exchange. `resolver` None: the system's."""

    clock: Callable[[], datetime]
    resolver: Resolver | None = None
    may: machine.May = machine.may
    room_at: Callable[[Path, Path], machine.Room] = machine.room_at
    roots: Callable[[str | None], Roots] = roots
    sqlite: tuple[int, ...] = THIS_SQLITE
    patience_s: float = 10.0  # for each of those who are asked
    limit_s: float = LIMIT_S  # for each check, whatever it waits for
    reading_s: float = READING_S


def examine(path: Path, around: Surroundings, *, is_offline: bool = False) -> Iterator[Finding]:
    """Everything that is found, each as soon as it is. `is_offline`: nobody else is asked."""
    nothing: tuple[Config | None, tuple[Finding, ...]] = (None, ())
    (config, wrong), failed = measured(Check.CONFIGURATION, lambda: _loaded(path), nothing, within_s=around.limit_s)
    yield from (*wrong, *failed)
    if config is not None:
        yield from _examined(config, around, is_offline=is_offline)


def _loaded(path: Path) -> tuple[Config | None, tuple[Finding, ...]]:
    try:
        return load(path), ()
    except ConfigError as error:
        return None, tuple(configuration.unusable(error))


def _examined(config: Config, around: Surroundings, *, is_offline: bool) -> Iterator[Finding]:
    look = partial(looked, within_s=around.limit_s)
    yield from look(Check.CONFIGURATION, lambda: configuration.judge(config, around.clock()))
    yield well(Check.TIME_ZONE, "zone_good", zone=config.timezone)  # with one that is not, nothing is loaded
    known, unread = measured(Check.DATABASE, lambda: health(config.database), _UNSEEN, within_s=around.reading_s)
    certificates = look(Check.TLS, lambda: _certificates(config, around))
    yield from certificates
    is_alone = is_offline or any(one.code == "tls_empty" for one in certificates)  # nobody could be believed
    yield from _others(config, around, known, certificates, is_alone=is_alone)
    if not is_alone:
        yield from look(Check.MAIL, lambda: _mail(config, around))
    yield from unread or look(Check.DATABASE, lambda: database.judge(known, config.database, around.sqlite))
    now = around.clock()
    is_watching = any(source.url and not source.paused for source in config.watched)
    yield from look(Check.RUNS, lambda: database.runs(known, now, is_watching=is_watching))
    if config.mail.tells_anybody:
        yield from look(Check.OUTBOX, lambda: database.outbox(known, now))
    yield from look(Check.DISK, lambda: _disks(config, around))
    yield from look(Check.PERMISSIONS, lambda: _permissions(config, around))
    yield from looked(Check.BACKUPS, lambda: _copies(config, around, known, now), within_s=around.reading_s)


def _certificates(config: Config, around: Surroundings) -> tuple[Finding, ...]:
    own = config.fetch.ca_file
    try:
        return network.certificates(around.roots(own), around.clock())
    except (LinkwatchError, ValueError, OSError):
        if own and _has_roots(around):
            return (fault(Check.TLS, "ca_unreadable", path=own),)
        return (fault(Check.TLS, "tls_empty"),)


def _has_roots(around: Surroundings) -> bool:
    """Besides those of `ca_file`."""
    try:
        return around.roots(None).trusted > 0
    except OSError:
        return False


def _others(
    config: Config, around: Surroundings, known: Health | None, certificates: tuple[Finding, ...], *, is_alone: bool
) -> Iterator[Finding]:
    """Some of those whom we visit; the same answers tell of names, of connections and of the time."""
    asked_at, newest_at = around.clock(), known.newest_at if known else None
    nobody: tuple[Reached, ...] = ()
    reached, failed = measured(
        Check.NETWORK,
        lambda: nobody if is_alone else _reached(config, around, certificates),
        nobody,
        within_s=around.limit_s,
    )
    yield from failed
    if reached:
        yield from looked(Check.DNS, lambda: network.names(reached), within_s=around.limit_s)
        yield from looked(Check.NETWORK, lambda: network.connections(reached), within_s=around.limit_s)
    clock = partial(network.clock, reached, asked_at, around.clock(), newest_at)
    yield from looked(Check.CLOCK, clock, within_s=around.limit_s)


def _reached(config: Config, around: Surroundings, certificates: tuple[Finding, ...]) -> tuple[Reached, ...]:
    addresses = network.to_ask(config)
    has_bad_ca = any(one.code == "ca_unreadable" for one in certificates)
    policy = replace(config.fetch, ca_file=None) if has_bad_ca else config.fetch
    return reach(addresses, policy, timeout_s=around.patience_s, resolver=around.resolver) if addresses else ()


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


def _permissions(config: Config, around: Surroundings) -> tuple[Finding, ...]:
    folder = config.operations.backup_folder
    copies = routine.dated_in(folder) if folder else ()
    locks = (lock_path(config.database), jobs_lock_path(config.database))
    return machine.permissions(config, locks, copies, around.may)


def _copies(config: Config, around: Surroundings, known: Health | None, now: datetime) -> Iterator[Finding]:
    folder = config.operations.backup_folder
    if folder and folder.is_dir() and not around.may(folder, os.R_OK | os.X_OK):
        return  # told of with the permissions
    found = routine.copies_in(folder, now, around.may) if folder else None
    places = dict.fromkeys([config.database.parent, *([folder] if folder else [])])
    litter = [routine.litter_in(one, now) for one in places]
    yield from routine.judge(found, litter, now, begun=known.first_run_at if known else now)
