"""`linkwatch schedule` and `linkwatch serve` as systemd starts and ends them: processes of their own, told by signals,
telling by sd_notify(3)."""

import asyncio
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from linkwatch.config_watch import WatchedConfig
from linkwatch.errors import StoreError
from linkwatch.scheduling import systemd
from linkwatch.scheduling.daemon import Beside, Schedule
from tests.cli.command import Project, start
from tests.cli.warm import Command
from tests.web.desk import eventually


@dataclass(slots=True)
class Manager:
    """What systemd does for a service of Type=notify."""

    socket: socket.socket
    address: str
    heard: list[str] = field(default_factory=list)

    def listen(self) -> list[str]:
        """All that was said so far."""
        while True:
            try:
                self.heard += self.socket.recv(4096, socket.MSG_DONTWAIT).decode().splitlines()
            except BlockingIOError:
                return self.heard

    def has_heard(self, line: str) -> bool:
        return line in self.listen()


@pytest.fixture(params=["file", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        address = str(tmp_path / "s") if request.param == "file" else f"@linkwatch-{os.getpid()}-{id(one)}"
        one.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        yield Manager(one, address)


class Page(BaseHTTPRequestHandler):
    """Answers when it may."""

    def do_GET(self) -> None:
        web: Web = self.server  # type: ignore[assignment]
        web.asked.append(self.path)
        web.may_answer.wait(20)
        body = b"<title>Serviceprogram</title><h1>Serviceprogram</h1><p>" + b"Service i hela l\xc3\xa4net. " * 20
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Web(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.asked: list[str] = []
        self.may_answer = threading.Event()
        self.may_answer.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.may_answer.set()
    server.shutdown()
    server.server_close()


@dataclass(slots=True)
class Started:
    process: Command
    stderr: Path

    @property
    def said(self) -> str:
        return self.stderr.read_text(encoding="utf-8")


@contextmanager
def started(of: Project, manager: Manager, *command: str, watchdog_us: int = 300_000) -> Iterator[Started]:
    environment = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": str(watchdog_us)}
    stderr = of.folder / "stderr"
    with stderr.open("wb") as file:
        line = (*(command or ("schedule",)), "--config", str(of.config))
        process = start(*line, environment=environment, stdout=subprocess.DEVNULL, stderr=file)
    try:
        yield Started(process, stderr)
    finally:
        process.kill()
        process.wait()


def project(folder: Path, web: Web, *more: str) -> Project:
    return Project.make(
        folder / "project", {name: f"{web.url}/{name}" for name in ("a", *more)}, fetch="respect_robots = false"
    )


def visited(of: Project) -> dict[str, str]:
    return {link["id"]: link["state"] for link in of.run("status", "--json").json["links"]}


# ---------------------------------------------------------------- what systemd hears


@pytest.mark.parametrize(
    "command",
    [("schedule",), ("serve", "--listen", "127.0.0.1:0"), ("serve", "--listen", "127.0.0.1:0", "--no-schedule")],
)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_that_it_lives_and_that_it_ends(
    command: tuple[str, ...], number: int, manager: Manager, web: Web, tmp_path: Path
) -> None:
    with started(project(tmp_path, web), manager, *command) as one:
        eventually(lambda: manager.has_heard("READY=1") or one.process.poll() is not None)
        eventually(lambda: manager.listen().count("WATCHDOG=1") >= 2 or one.process.poll() is not None)
        one.process.send_signal(number)
        assert one.process.wait(20) == 0, one.said
    heard = manager.listen()
    assert heard.index("READY=1") < heard.index("STOPPING=1")
    assert "WATCHDOG=1" not in heard[heard.index("STOPPING=1") :]
    assert "Traceback" not in one.said


def test_a_configuration_that_cannot_be_used_ends_it_before_it_is_ready(
    manager: Manager, web: Web, tmp_path: Path
) -> None:
    made = project(tmp_path, web)
    with made.config.open("a", encoding="utf-8") as file:
        file.write("nonsense = 1\n")
    with started(made, manager) as one:
        assert one.process.wait(20) == 2
        assert "nonsense: unknown key" in one.said
    assert manager.listen() == []


async def test_the_watchdog_is_not_fed_while_the_database_does_not_answer(
    manager: Manager, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
    monkeypatch.setenv("WATCHDOG_USEC", "60000")
    made, stop, asked = project(tmp_path, web), asyncio.Event(), list[bool]()

    def ask() -> None:
        asked.append(True)
        if len(asked) <= 3:
            raise StoreError("locked")
        stop.set()

    now = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
    schedule = Schedule(WatchedConfig(made.config), lambda: now, pace=100.0)
    await asyncio.wait_for(Beside(schedule.config, ask, schedule).run(stop), 20)
    assert manager.listen() == ["WATCHDOG=1", "STOPPING=1"]


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "120000000"}, 120.0),
        ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": str(os.getpid())}, 2.0),
        ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_it_is_watched_only_where_it_is_meant(environment: dict[str, str], seconds: float | None) -> None:
    assert systemd.watchdog_s(environment) == seconds


@pytest.mark.parametrize("address", ["", "relative", "/nowhere/at/all"])
def test_nobody_has_to_listen(address: str) -> None:
    assert not systemd.notify(systemd.READY, environment={"NOTIFY_SOCKET": address})


# ---------------------------------------------------------------- signals


def test_the_visit_under_way_is_finished_and_remembered(manager: Manager, web: Web, tmp_path: Path) -> None:
    made = project(tmp_path, web, *(f"b{number}" for number in range(50)))
    said = made.config.read_text(encoding="utf-8")
    made.config.write_text(said.replace("per_host_delay_s = 0", "per_host_delay_s = 0.2"), encoding="utf-8")
    web.may_answer.clear()
    with started(made, manager) as one:
        eventually(lambda: web.asked)
        one.process.terminate()
        eventually(lambda: manager.has_heard("STOPPING=1"))
        assert one.process.poll() is None
        web.may_answer.set()
        assert one.process.wait(20) == 0
    states = visited(made)
    assert states["a"] == "ok"
    assert states["b49"] == "unknown"


def test_a_second_signal_ends_it_at_once(manager: Manager, web: Web, tmp_path: Path) -> None:
    web.may_answer.clear()
    with started(project(tmp_path, web), manager) as one:
        eventually(lambda: web.asked)
        one.process.terminate()
        eventually(lambda: manager.has_heard("STOPPING=1"))
        one.process.terminate()
        assert one.process.wait(5) == 128 + signal.SIGTERM


def test_a_bad_configuration_leaves_the_old_one_in_force_until_it_is_mended(
    manager: Manager, web: Web, tmp_path: Path
) -> None:
    made = project(tmp_path, web)
    with started(made, manager) as one:
        eventually(lambda: "1 visited" in one.said)
        good = made.config.read_text(encoding="utf-8")
        made.config.write_text(f"{good}nonsense = 1\n", encoding="utf-8")
        one.process.send_signal(signal.SIGHUP)
        eventually(lambda: "the configuration on disk is not in use" in one.said)
        fed = len(manager.listen())
        eventually(lambda: len(manager.listen()) > fed)
        made.config.write_text(good, encoding="utf-8")
        made.add("b", f"{web.url}/b")
        one.process.send_signal(signal.SIGHUP)
        eventually(lambda: "the configuration was read anew" in one.said)
        eventually(lambda: "/b" in web.asked)
        one.process.terminate()
        assert one.process.wait(20) == 0
    assert web.asked == ["/a", "/b"]  # and what was done is not done again


def test_two_at_once_visit_each_link_once(manager: Manager, web: Web, tmp_path: Path) -> None:
    made = project(tmp_path, web, "b", "c")
    with started(made, manager) as first, started(made, manager) as second:
        eventually(lambda: manager.listen().count("READY=1") == 2)
        eventually(lambda: len(web.asked) == 3)
        for one in (first, second):
            one.process.terminate()
        assert [first.process.wait(20), second.process.wait(20)] == [0, 0]
    assert sorted(web.asked) == ["/a", "/b", "/c"]
