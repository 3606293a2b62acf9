from datetime import timedelta
from pathlib import Path

import pytest

from linkwatch.core.jobs import JobName
from linkwatch.scheduling import nightly
from linkwatch.scheduling.nightly import do_jobs
from linkwatch.store import Jobs
from tests.mailing.world import World, at, mails, well
from tests.notify.servers import Mailbox

MAIL = 'operators = ["drift@example.se"]\ntimeout_s = 0.5\n'


def night(folder: Path, server: Mailbox) -> World:
    world = World.made(
        folder / "project", server, mail=MAIL, more='[backup]\nfolder = "kopior"\nkeep = 2\n', links=well()
    )
    world.go_to(at(2026, 11, 24, 12))
    do_jobs(world.config, world.clock)
    return world


def outcomes(world: World) -> dict[str, str | None]:
    with Jobs.open(world.config.database) as jobs:
        return {job.name.value: job.outcome for job in jobs.all()}


def test_it_does_each_job_once_a_night(tmp_path: Path) -> None:
    with Mailbox() as server:
        world = night(tmp_path, server)
        assert outcomes(world) == {"prune": None, "backup": None}
        for day in (25, 26, 27):
            for hour in (2, 3, 4, 12):
                world.go_to(at(2026, 11, day, hour))
                do_jobs(world.config, world.clock)
        assert outcomes(world) == {"prune": "done", "backup": "done"}
        copies = sorted((world.folder / "kopior").iterdir())
        assert [copy.name for copy in copies] == ["linkwatch-20261126T020000Z.db", "linkwatch-20261127T020000Z.db"]
        assert server.kept == []


def test_one_that_fails_is_told_of_and_keeps_none_of_the_others(tmp_path: Path) -> None:
    with Mailbox() as server:
        world = night(tmp_path, server)
        (world.folder / "kopior").write_text("a file in the folder's place")
        world.go_to(at(2026, 11, 25, 3))
        do_jobs(world.config, world.clock)
        assert outcomes(world) == {"prune": "done", "backup": "failed"}
        world.clock.go(days=1)
        do_jobs(world.config, world.clock)
        world.tell()
        assert mails(server) == [("drift@example.se", "Regionala serviceprogram: Säkerhetskopieringen misslyckades")]
        (world.folder / "kopior").unlink()
        world.clock.go(days=1)
        do_jobs(world.config, world.clock)
        world.tell()
        assert mails(server)[1:] == [
            ("drift@example.se", "Regionala serviceprogram: Säkerhetskopieringen fungerar igen")
        ]


def test_a_mistake_of_ours_is_told_of_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise RuntimeError("a planted mistake")

    monkeypatch.setattr(nightly, "_JOBS", {**nightly._JOBS, JobName.PRUNE: fail})
    with Mailbox() as server:
        world = night(tmp_path, server)
        world.go_to(at(2026, 11, 25, 3))
        do_jobs(world.config, world.clock)
        world.clock.now += timedelta(minutes=1)
        world.tell()
        assert outcomes(world) == {"prune": "failed", "backup": "done"}
        assert "a planted mistake" in server.kept[0].message.get_content()


def test_one_that_takes_hours_is_done_by_one_process_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Mailbox() as server:
        world, begun = night(tmp_path, server), list[str]()

        def slow(*_: object) -> str:
            begun.append("prune")
            world.clock.go(minutes=70)
            do_jobs(world.config, world.clock)  # as another process, which cron begins meanwhile
            return "done after all"

        monkeypatch.setattr(nightly, "_JOBS", {JobName.PRUNE: slow, JobName.BACKUP: lambda *_: "made"})
        world.go_to(at(2026, 11, 25, 3))
        do_jobs(world.config, world.clock)
        assert begun == ["prune"]
        assert outcomes(world) == {"prune": "done", "backup": "done"}
