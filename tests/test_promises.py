"""What linkwatch promises of a whole run, kept against real servers, by the command as users start it."""

import asyncio
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from linkwatch.config import load
from linkwatch.run import run_once
from linkwatch.store import Store
from tests.cli.command import ROOT, Done, Project, command_line, no_traceback, start, surroundings
from tests.small_web import Web, page

BROKEN = {"broken", "failing"}


def states(done: Done) -> dict[str, str]:
    return {link["id"]: link["state"] for link in done.json["links"]}


def verdicts(done: Done) -> dict[str, str]:
    return {link["id"]: link["verdict"] for link in done.json["links"]}


async def run(project: Project, *arguments: str) -> Done:
    return await asyncio.to_thread(project.run, *arguments)


# ---------------------------------------------------------------- a run as it should be


async def test_it_visits_remembers_and_reports(tmp_path: Path) -> None:
    async with Web() as web:
        web.say("/a", page("Serviceprogram A"), etag='"1"')
        web.say("/b", page("Not here"), status=404)
        project = Project.make(
            tmp_path, {"a": web.url("a.example", "/a"), "b": web.url("b.example", "/b")}, fetch=web.pins
        )
        first = await run(project, "check", "--json")
        second = await run(project, "check", "--json")
        report = await run(project, "report", "--format", "csv")
    assert states(first) == {"a": "ok", "b": "failing"}
    link = first.json["links"][0]
    assert (link["title"], link["http_status"], link["verdict"]) == ("Serviceprogram A", 200, "ok")
    assert [log.status for log in web.log if log.path == "/a"] == [200, 304]
    assert second.json["links"][0]["title"] == "Serviceprogram A"
    assert second.json["links"][1]["failures"] == 2
    assert states(second)["b"] == "failing"  # twice, but not over 24 hours
    assert report.stdout.count("\n") == 3


async def test_it_says_nothing_to_cron_when_all_is_well(tmp_path: Path) -> None:
    async with Web() as web:
        web.say("/", page("Well"))
        project = Project.make(tmp_path, {"a": web.url("a.example", "/")}, fetch=web.pins)
        done = await run(project, "check")
    assert done == Done(0, "", "")


async def test_it_exits_3_only_when_asked_to_fail_on_findings(tmp_path: Path) -> None:
    async with Web() as web:
        web.say("/ok", page("Well"))
        web.say("/b", page("No"), status=410)
        links = {"a": web.url("a.example", "/ok"), "b": web.url("b.example", "/b")}
        project = Project.make(tmp_path, links, fetch=web.pins)
        assert (await run(project, "check")).returncode == 0
        done = await run(project, "check", "--fail-on", "broken")
    assert done.returncode == 3
    assert "b: " in done.stdout


async def test_it_visits_only_what_is_due(tmp_path: Path) -> None:
    async with Web() as web:
        web.say("/", page("Well"))
        project = Project.make(tmp_path, {"a": web.url("a.example", "/")}, fetch=web.pins)
        await run(project, "check", "--due")
        visits = len(web.log)
        await run(project, "check", "--due")
        assert len(web.log) == visits
        await run(project, "check", "a")
        assert len(web.log) > visits


async def test_it_never_visits_a_county_without_a_programme(tmp_path: Path) -> None:
    async with Web() as web:
        project = Project.make(tmp_path, {"a": "", "b": web.url("b.example", "/")}, fetch=web.pins)
        done = await run(project, "check", "--json")
    assert states(done)["a"] == "no_link"
    assert done.json["links"][0]["verdict"] is None


# ---------------------------------------------------------------- whose fault


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare for a machine without a network")
def test_it_says_that_our_own_network_is_at_fault(tmp_path: Path) -> None:
    config = tmp_path / "config" / "sources.toml"
    config.parent.mkdir()
    shutil.copy(ROOT / "config" / "sources.toml", config)
    alone = ["unshare", "--net", *command_line("check", "--json", "--config", str(config))]
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let a test take its network away")
    began = time.monotonic()
    ended = subprocess.run(alone, env=surroundings(), capture_output=True, text=True, check=False, timeout=90)
    done = Done(ended.returncode, ended.stdout, ended.stderr)
    assert time.monotonic() - began < 60
    assert done.returncode == 0
    assert done.json["run"]["conclusive"] is False
    assert set(states(done).values()) == {"unknown"}
    assert done.stderr.count("\n") == 1
    assert "nätverk" in done.stderr


async def test_it_changes_nothing_when_most_hosts_fail_together(tmp_path: Path) -> None:
    async with Web() as web:
        web.say("/", page("Well"))
        links = {f"s{n}": web.url(f"s{n}.example", "/") for n in range(5)}
        project = Project.make(tmp_path, links, fetch=web.pins)
        before = await run(project, "check", "--json")
    after = await run(project, "check", "--json")
    assert after.json["run"]["conclusive"] is False
    assert after.json["links"] == before.json["links"]


async def test_it_keeps_the_row_when_our_own_code_throws(tmp_path: Path) -> None:
    async with Web() as web:
        web.say("/", page("Well"))
        project = Project.make(tmp_path, {f"s{n}": web.url(f"s{n}.example", "/") for n in range(3)}, fetch=web.pins)
        bug = tmp_path / "bug" / "sitecustomize.py"
        bug.parent.mkdir()
        bug.write_text(
            "import linkwatch.look as look\n"
            "sound = look.classify\n"
            "def classify(case):\n"
            "    if 's1.example' in case.url: raise RuntimeError('planted')\n"
            "    return sound(case)\n"
            "look.classify = classify\n",
            encoding="utf-8",
        )
        environment = surroundings({"PYTHONPATH": f"{bug.parent}{os.pathsep}{ROOT}"})
        command = command_line("check", "--json", "--config", str(project.config))
        ended = await asyncio.to_thread(
            subprocess.run, command, env=environment, capture_output=True, text=True, check=False
        )
    done = Done(ended.returncode, ended.stdout, ended.stderr)
    assert states(done) == {"s0": "ok", "s1": "unknown", "s2": "ok"}
    assert "planted" in done.stderr


# ---------------------------------------------------------------- one host's trouble is its own


async def test_it_ends_in_time_when_five_of_21_hang(tmp_path: Path) -> None:
    async with Web() as web:
        web.say("/", page("Well"))
        web.hang("/hang")
        paths = {f"s{n}": "/hang" if n < 5 else "/" for n in range(21)}
        links = {id: web.url(f"{id}.example", path) for id, path in paths.items()}
        config = load(Project.make(tmp_path, links, fetch=f"timeout_s = 5\n{web.pins}").config)
        with Store.open(config.database) as store:
            now = datetime.now(UTC)
            store.sync_sources(config.sources, now)
            began = time.monotonic()
            report = await run_once(config=config, store=store, sources=config.sources, now=now)
            took = time.monotonic() - began
    assert took < 5 * 1.1
    assert [report.verdicts[f"s{n}"].reason for n in range(5)] == ["read_timeout"] * 5
    assert {report.verdicts[f"s{n}"].code for n in range(5, 21)} == {"ok"}


async def test_it_starts_every_other_host_at_once_whatever_is_queued_first(tmp_path: Path) -> None:
    async with Web() as web:
        web.say("/", page("Well"))
        links = {f"big{n}": web.url("big.example", f"/?{n}") for n in range(200)}
        links |= {f"s{n}": web.url(f"s{n}.example", "/") for n in range(20)}
        project = Project.make(tmp_path, links, fetch=f"{web.pins}\nrespect_robots = false")
        text = project.config.read_text(encoding="utf-8").replace("per_host_delay_s = 0\n", "per_host_delay_s = 0.01\n")
        project.config.write_text(text, encoding="utf-8")
        done = await run(project, "check", "--json")
    first = min(log.at for log in web.log)
    starts = {log.host: log.at - first for log in reversed(web.log)}
    assert len(starts) == 21
    assert max(starts.values()) < 1.0
    assert set(states(done).values()) == {"ok"}


# ---------------------------------------------------------------- hostile servers


async def test_it_stays_small_whatever_a_server_sends(tmp_path: Path) -> None:
    zeros = gzip.compress(bytes(10_000_000), 9)

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>x</title>")
        while True:
            writer.write(b"<p>mera " * 10_000)
            await writer.drain()

    async def bomb(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n")
        for _ in range(1000):  # members one after the other: 10 GB in all
            writer.write(zeros)
            await writer.drain()

    async def headers(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-Flood: " + b"x" * 8000 + b"\r\n")
            await writer.drain()

    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            writer.write(b"<")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with Web() as web:
        web.say("/", page("Well"))
        web.say("/deep", b"<html><title>deep</title><body>" + b"<div>" * 100_000)
        for path, behaviour in {"/endless": endless, "/bomb": bomb, "/headers": headers, "/drip": drip}.items():
            web.behave(path, behaviour)
        paths = ["/endless", "/bomb", "/headers", "/drip", "/deep", "/", "/", "/", "/", "/", "/"]
        links = {f"s{n}": web.url(f"s{n}.example", path) for n, path in enumerate(paths)}
        project = Project.make(tmp_path, links, fetch=f"timeout_s = 5\n{web.pins}")
        done, peak_mb = await asyncio.to_thread(_run_and_weigh, project)
    found = verdicts(done)
    assert None not in found.values()
    assert (found["s0"], found["s1"]) == ("unreadable", "unreadable")
    assert (found["s2"], found["s3"]) == ("unreachable", "unreachable")
    assert found["s4"] in ("ok", "unreadable")
    assert [found[f"s{n}"] for n in range(5, 11)] == ["ok"] * 6
    assert peak_mb < 150


def _run_and_weigh(project: Project) -> tuple[Done, float]:
    """Peak memory as the process itself sees it: what wait4 tells begins with the size of the one that forked."""
    weighed = (
        "import atexit, re, sys; from linkwatch.cli import main\n"
        "peak = lambda: re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]\n"
        "atexit.register(lambda: print(peak(), file=sys.stderr))\n"
        "main(sys.argv[1:])"
    )
    command = [sys.executable, "-c", weighed, "check", "--json", "--config", str(project.config)]
    ended = subprocess.run(command, env=surroundings(), capture_output=True, text=True, check=False)
    return Done(ended.returncode, ended.stdout, ended.stderr), int(ended.stderr.split()[-1]) / 1024


# ---------------------------------------------------------------- two runs, kills, full disks


async def test_it_lets_only_one_run_at_a_time(tmp_path: Path) -> None:
    async with Web() as web:
        web.say("/", page("Well"))
        web.hang("/hang")
        links = {"slow": web.url("slow.example", "/hang")} | {f"s{n}": web.url(f"s{n}.example", "/") for n in range(3)}
        project = Project.make(tmp_path, links, fetch=f"timeout_s = 3\n{web.pins}")
        first = start("check", "--json", "--config", str(project.config))
        await web.visited("/hang")
        bare = await _seconds(run(project, "--version"))
        took = await _seconds(run(project, "check"))
        second = await run(project, "check")
        out, _ = await asyncio.to_thread(first.communicate)
    assert second.returncode == 75
    assert took < max(1, 3 * bare)  # it does not wait; on a busy machine a process takes a second to start
    assert str(first.pid) in second.stderr
    assert second.stderr.count("\n") == 1
    assert first.returncode == 0
    assert json.loads(out)["run"]["conclusive"] is True


async def _seconds(work: Awaitable[object]) -> float:
    began = time.monotonic()
    await work
    return time.monotonic() - began


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
async def test_it_finishes_the_visits_under_way_when_told_to_stop(tmp_path: Path, number: int, code: int) -> None:
    async with Web() as web:
        web.say("/", page("Well"))
        web.hang("/slow", seconds=1)
        links = {f"s{n}": web.url(f"s{n}.example", "/") for n in range(3)}
        links |= {"slow": web.url("slow.example", "/slow"), "later": web.url("slow.example", "/later")}
        project = Project.make(tmp_path, links, fetch=web.pins)
        process = start("check", "--config", str(project.config))
        await web.visited("/slow")
        process.send_signal(number)
        await asyncio.to_thread(process.communicate)
        done = await run(project, "status", "--json")
    assert process.returncode == code
    assert states(done) == {"s0": "ok", "s1": "ok", "s2": "ok", "slow": "ok", "later": "unknown"}
    assert "/later" not in {log.path for log in web.log}


async def test_it_loses_nothing_when_killed_at_any_moment(tmp_path: Path) -> None:
    """Twelve kills spread over a run's length; what was shown before a kill is still there after it."""
    async with Web() as web:
        web.say("/", page("Well"))
        links = {f"s{n}": web.url(f"s{n}.example", f"/?{n}") for n in range(60)}
        project = Project.make(tmp_path, links, fetch=web.pins)
        await run(project, "check", "s0")
        known = 1
        for kill in range(12):
            process = start("check", "--due", "--config", str(project.config))
            await asyncio.sleep(0.05 + 0.04 * kill)
            process.kill()
            await asyncio.to_thread(process.communicate)
            now_known = list(states(await run(project, "status", "--json")).values()).count("ok")
            assert now_known >= known
            known = now_known
        done = await run(project, "check", "--json")
    assert set(states(done).values()) == {"ok"}
    assert done.json["run"]["conclusive"] is True


async def test_it_says_when_the_disk_is_full_and_goes_on_when_it_is_not(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let a test mount a small disk")
    try:
        async with Web() as web:
            web.say("/", page("Well"))
            links = {f"s{n}": web.url(f"s{n}.example", "/") for n in range(5)}
            project = Project.make(disk, links, fetch=web.pins)
            first = await run(project, "check", "--json")
            with (disk / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space"):
                while True:
                    filler.write(bytes(512))
            web.say("/", page("Other words altogether on this page now"))
            full = await run(project, "check")
            shown = await run(project, "status", "--json")
            (disk / "filler").unlink()
            again = await run(project, "check", "--json")
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert full.returncode == 1
    assert "no room left" in full.stderr
    assert full.stderr.count("\n") == 1
    no_traceback(full)
    assert _without_time(shown) == _without_time(first)
    assert again.json["run"]["conclusive"] is True
    assert BROKEN.isdisjoint(states(again).values())


def _without_time(done: Done) -> Any:
    return done.json["links"]
