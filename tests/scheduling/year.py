"""Days of an installation's life, one after the other: time is passed in, everything else is real.

Each day has four moments, and at each of them a process of its own does what is due: visit links on a loopback web,
send mail to a loopback server, the jobs of the night. Some of these processes are killed, find the disk full or the
network gone. The world knows what is wrong with each link on each day, and what everybody should have got in the end.
"""

import asyncio
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from linkwatch.config import Config, load
from linkwatch.core.jobs import JobName
from linkwatch.core.models import State
from linkwatch.errors import LinkwatchError
from linkwatch.mailing.telling import tell
from linkwatch.scheduling.nightly import do_jobs
from linkwatch.scheduling.pings import Switch
from linkwatch.scheduling.runs import run_due
from linkwatch.store import Jobs, Store
from tests.notify.servers import Mailbox
from tests.small_web import Web, page

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LINKS = 21
_OUR_MISTAKE = 70
MOMENTS = ((3, 10), (6, 50), (7, 10), (15, 0))  # local; the jobs are due at 3, the digests at 7
SUBSCRIBERS = {"dag@example.se": "day", "vecka@example.se": "week", "manad@example.se": "month"}
CONFIG = """[monitor]
title = "Regionala serviceprogram"
language = "sv"
[fetch]
allow_networks = ["127.0.0.0/8"]
per_host_delay_s = 0
timeout_s = 5
{pins}
[mail]
server = "127.0.0.1:{port}"
security = "none"
from = "lankar@example.se"
operators = ["drift@example.se"]
timeout_s = 5
[schedule]
nightly_hour = 3
[backup]
folder = "{backups}"
keep = 3
"""


@dataclass(frozen=True, slots=True)
class Outage:
    """A link that is gone from the first day until the second. One day is not enough to be believed."""

    link: int
    begins: int
    ends: int


@dataclass(kw_only=True)
class Lived:
    """What came of it. Each list is of complaints, and empty where all is well."""

    days: int
    kills: int = 0
    full_disks: int = 0
    lost_networks: int = 0
    mails: int = 0
    doubled: int = 0  # with the same Message-ID: the crash fell between the server's 250 and our commit
    size: int = 0
    seconds: float = 0.0
    false_states: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    wrong_mail: list[str] = field(default_factory=list)
    wrong_jobs: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)  # steps that ended in a mistake of ours
    broken_seen: int = 0


def live(folder: Path, first: date, days: int, *, kills: int, full_disks: int, lost_networks: int, seed: int) -> Lived:
    """`folder` becomes a small disk of its own where the machine allows it; else no disk is ever full."""
    chance, began = random.Random(seed), time.monotonic()
    with _small_disk(folder) as disk, loopback() as (web, loop), Mailbox() as server:
        world = World(folder=folder, web=web, loop=loop, server=server, first=first, days=days, chance=chance)
        moments = [(day, moment) for day in range(days) for moment in range(len(MOMENTS))]
        # A kill or a full disk at any moment; a network that is gone matters where links are due.
        struck = chance.sample(moments[4:], kills + (full_disks if disk else 0))
        killed, filled = set(struck[:kills]), set(struck[kills:])
        checks = [one for one in moments[4:] if one[1] == 1 and one not in killed | filled]
        lost = set(chance.sample(checks, lost_networks))
        lived = Lived(days=days, kills=kills, full_disks=len(filled), lost_networks=lost_networks)
        for day, moment in moments:
            world.at_dawn(day)
            is_lost, is_full = (day, moment) in lost, (day, moment) in filled
            with world.offline() if is_lost else _filled(folder) if is_full else nullcontext():
                if world.step(day, moment, is_killed=(day, moment) in killed) == _OUR_MISTAKE:
                    lived.failed.append(f"day {day}, moment {moment}")
            world.look(lived, day, is_lost=is_lost)
        world.count(lived)
        lived.seconds = time.monotonic() - began
    return lived


@dataclass(kw_only=True)
class World:
    """An installation in `folder`, the web that it watches, and the mailboxes that it writes to."""

    folder: Path
    web: Web
    loop: asyncio.AbstractEventLoop  # the web's
    server: Mailbox
    first: date
    days: int
    chance: random.Random
    outages: list[Outage] = field(init=False)
    jobs: Counter[tuple[str, date]] = field(default_factory=Counter)
    _ended: dict[JobName, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.outages = _outages(self.days, self.chance)
        self._write()

    @property
    def path(self) -> Path:
        return self.folder / "config" / "sources.toml"

    def _write(self) -> None:
        urls = [self.web.url(f"lan{n}.example", f"/{n}") for n in range(LINKS)]
        backups = self.folder.parent / f"{self.folder.name}-backups"
        sources = [
            f'[[source]]\nid = "lan{n}"\nname = "Län {n}"\nurl = "{url}"\nowner = "Region {n}"\n'
            for n, url in enumerate(urls)
        ]
        who = [
            f'[[subscriber]]\naddress = "{one}"\nevery = "{every}"\nalways = true\n'
            for one, every in SUBSCRIBERS.items()
        ]
        text = CONFIG.format(pins=self.web.pins, port=self.server.port, backups=backups)
        self.path.parent.mkdir(parents=True)
        self.path.write_text("\n".join([text, *who, *sources]), encoding="utf-8")

    @property
    def config(self) -> Config:
        return load(self.path)

    def local(self, day: int, moment: int) -> datetime:
        hour, minute = MOMENTS[moment]
        on = self.first + timedelta(days=day)
        return datetime(on.year, on.month, on.day, hour, minute, tzinfo=STOCKHOLM)

    def at_dawn(self, day: int) -> None:
        """What the web is like on that day."""
        for n in range(LINKS):
            gone = self.is_gone(n, day)
            body = page("Sidan finns inte", "Hittades inte.") if gone else page(f"Serviceprogram {n}")
            self.web.say(f"/{n}", body, status=404 if gone else 200, etag="" if gone else f'"{n}"')

    def is_gone(self, link: int, day: int) -> bool:
        return any(one.link == link and one.begins <= day < one.ends for one in self.outages)

    @contextmanager
    def offline(self) -> Iterator[None]:
        port = self.web.port
        self._on_loop(self.web.close_door)
        try:
            yield
        finally:
            self._on_loop(lambda: self.web.open_door(port))

    def _on_loop(self, work: Callable[[], object]) -> None:
        asyncio.run_coroutine_threadsafe(work(), self.loop).result(10)

    def step(self, day: int, moment: int, *, is_killed: bool) -> int:
        """What is due, in a process of its own; its exit code."""
        now = self.local(day, moment)
        child = os.fork()
        if child == 0:
            os._exit(worked(self.path, now))
        if is_killed:
            time.sleep(self.chance.uniform(0, 0.35))
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def look(self, lived: Lived, day: int, *, is_lost: bool) -> None:
        """Right after a step."""
        database = self.config.database
        if not database.exists():
            return
        with Store.open(database) as store:
            states = {link: known.belief.state for link, known in store.known().items()}
        for n in range(LINKS):
            state = states.get(f"lan{n}")
            if state is State.BROKEN:
                lived.broken_seen += 1
                if not any(one.link == n and one.begins < day <= one.ends for one in self.outages):
                    lived.false_states.append(f"day {day}: lan{n} is {state}")
            elif state not in (State.OK, State.FAILING, State.UNKNOWN, None):
                lived.false_states.append(f"day {day}: lan{n} is {state}")
        with Jobs.open(database) as jobs:
            for job in jobs.all():
                if job.ended_at and job.ended_at != self._ended.get(job.name):
                    self._ended[job.name] = job.ended_at
                    self.jobs[job.name.value, job.ended_at.astimezone(STOCKHOLM).date()] += 1

    # ------------------------------------------------------------ in the end

    def count(self, lived: Lived) -> None:
        config = self.config
        with Store.open(config.database) as store:
            store.verify()
            links = store.snapshot(self.local(self.days, 0)).links
        told = {one.link_id for view in links for one in view.transitions if one.new is State.BROKEN}
        long = [one for one in self.outages if one.ends - one.begins >= 3]
        lived.untold = [f"lan{one.link}, gone from day {one.begins}" for one in long if f"lan{one.link}" not in told]
        lived.wrong_jobs = list(self._wrong_jobs())
        lived.wrong_mail = list(self._wrong_mail(lived))
        lived.size = sum(file.stat().st_size for file in config.database.parent.glob("linkwatch.db"))

    def _wrong_jobs(self) -> Iterator[str]:
        """The first night is before anybody has begun; each other one has each job once."""
        for name in JobName:
            for day in range(1, self.days):
                on = self.first + timedelta(days=day)
                if self.jobs[name.value, on] != 1:
                    yield f"{name} on {on}: {self.jobs[name.value, on]} times"

    def _wrong_mail(self, lived: Lived) -> Iterator[str]:
        got: dict[str, Counter[str]] = {one: Counter() for one in SUBSCRIBERS}
        for kept in self.server.kept:
            if kept.recipients[0] in got:
                got[kept.recipients[0]][str(kept.message["Message-ID"])] += 1
        for address, every in SUBSCRIBERS.items():
            wanted = sum(self._is_due(every, self.first + timedelta(days=day)) for day in range(self.days))
            lived.mails += len(got[address])
            lived.doubled += sum(n - 1 for n in got[address].values())
            if len(got[address]) != wanted:
                yield f"{address}: {len(got[address])} mails, {wanted} were due"

    def _is_due(self, every: str, on: date) -> bool:
        return every == "day" or (every == "week" and on.weekday() == 0) or (every == "month" and on.day == 1)


def worked(path: Path, now: datetime) -> int:
    """In a process that ends afterwards: its exit code."""
    began = time.monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - began)

    try:
        config = load(path)
        for work in (
            lambda: run_due(lambda: config, clock, lambda: False, Switch(config)),
            lambda: tell(config, clock),
            lambda: do_jobs(config, clock),
        ):
            with suppress(LinkwatchError):
                work()
    except BaseException:
        return _OUR_MISTAKE
    return 0


def _outages(days: int, chance: random.Random) -> list[Outage]:
    """A third of the links are gone for some days each month or so, another third for one day now and then."""
    found = []
    for link in range(LINKS):
        length = (4, 1, 0)[link % 3]
        at = chance.randrange(3, 40)
        while length and at + length < days - 3:
            found.append(Outage(link, at, at + length))
            at += length + chance.randrange(20, 60)
    return found


# ---------------------------------------------------------------- surroundings


@contextmanager
def loopback() -> Iterator[tuple[Web, asyncio.AbstractEventLoop]]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    web = Web()
    asyncio.run_coroutine_threadsafe(web.__aenter__(), loop).result(10)
    try:
        yield web, loop
    finally:
        asyncio.run_coroutine_threadsafe(web.__aexit__(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextmanager
def _small_disk(folder: Path) -> Iterator[bool]:
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    is_mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def _filled(folder: Path) -> Iterator[None]:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    try:
        yield
    finally:
        filler.unlink()
