"""A run, its mail and the jobs of the night, killed at a random moment, over and over: the database is whole each time,
and the next run goes on."""

import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from linkwatch.store import Store
from tests.notify.servers import Mailbox
from tests.scheduling.year import STOCKHOLM, World, loopback, worked

_LONGEST_S = 0.3  # after which a step has ended by itself


@dataclass(kw_only=True)
class Survived:
    kills: int = 0
    ended_before: int = 0  # the step was over before it was killed
    runs: int = 0  # that were interrupted, and closed by the one after
    damaged: list[str] = field(default_factory=list)
    seconds: float = 0.0


def kill(folder: Path, kills: int, *, seed: int) -> Survived:
    chance, began, survived = random.Random(seed), time.monotonic(), Survived()
    with loopback() as (web, loop), Mailbox() as server:
        world = World(
            folder=folder, web=web, loop=loop, server=server, first=date(2026, 12, 1), days=400, chance=chance
        )
        step = 0
        while survived.kills < kills:
            day, moment = divmod(step, 4)
            world.at_dawn(day % 390)
            child = os.fork()
            if child == 0:
                os._exit(worked(world.path, world.local(day, moment)))
            time.sleep(chance.uniform(0, _LONGEST_S))
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            survived.kills += ended == -signal.SIGKILL
            survived.ended_before += ended != -signal.SIGKILL
            step += 1
            if world.config.database.exists():
                try:
                    with Store.open(world.config.database) as store:
                        store.verify()
                        survived.runs += store.interrupted_runs()
                except Exception as error:
                    survived.damaged.append(f"after kill {survived.kills}: {type(error).__name__}: {error}")
                    break
        _resumes(world, step, survived)
    survived.seconds = time.monotonic() - began
    return survived


def _resumes(world: World, step: int, survived: Survived) -> None:
    """Left alone, it does all that is due."""
    for more in range(8):
        day, moment = divmod(step + more, 4)
        world.at_dawn(day % 390)
        world.step(day, moment, is_killed=False)
    with Store.open(world.config.database) as store:
        run = store.last_run()
        if run is None or not run.conclusive:
            survived.damaged.append(f"the last run did not go on: {run}")
        late = [link for link, known in store.known().items() if known.belief.checked_at is None]
        survived.damaged += [f"{link} was never checked" for link in late]
        newest = max(known.belief.checked_at for known in store.known().values() if known.belief.checked_at)
        if newest.astimezone(STOCKHOLM).date() < world.local(*divmod(step + 4, 4)).date():
            survived.damaged.append(f"nothing was checked since {newest}")
