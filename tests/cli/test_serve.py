"""The review desk as a process of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from linkwatch.cli import _run
from linkwatch.core.roles import Role
from linkwatch.store.tokens import Tokens
from tests.cli.command import Project, command_line, start, surroundings
from tests.cli.warm import Command
from tests.report.sample import NOW
from tests.web.desk import eventually

LINKS = {"a": "http://127.0.0.1:9/a"}


def project(folder: Path, web: str = "") -> Project:
    made = Project.make(folder, LINKS)
    with made.config.open("a", encoding="utf-8") as file:
        file.write(f"[web]\n{web}\n")
    return made


@dataclass(slots=True)
class Served:
    process: Command
    stderr: Path

    @property
    def said(self) -> str:
        return self.stderr.read_text(encoding="utf-8")

    @property
    def url(self) -> str:
        found = re.search(r"http://127\.0\.0\.1:\d+", self.said)
        assert found
        return found[0]

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def serving(of: Project, *more: str) -> Iterator[Served]:
    """A process that answers."""
    command = ("serve", "--listen", "127.0.0.1:0", "--config", str(of.config), *more)
    stderr = of.folder / "stderr"
    with stderr.open("wb") as file:
        process = start(*command, stdout=subprocess.DEVNULL, stderr=file)
    served = Served(process, stderr)
    try:
        eventually(lambda: "http://" in served.said or process.poll() is not None)
        assert process.poll() is None, served.said
        yield served
    finally:
        process.kill()
        process.wait()


def run(of: Project, *arguments: str) -> int:
    """As the command line, in this process."""
    return _run([*arguments, "--config", str(of.config)])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_answers_and_ends_quietly_when_told(tmp_path: Path, number: int) -> None:
    with serving(project(tmp_path)) as served:
        url = served.url
        assert httpx.get(f"{url}/healthz", trust_env=False).json() == {"status": "ok"}
        assert httpx.get(f"{url}/", trust_env=False).status_code == 200
        assert served.end(number) == 0
        said = [json.loads(line)["message"] for line in served.said.splitlines()]  # into the log, off a terminal
        assert "there was no database" in said[0]
        assert said[1:3] == [f"Open {url}/ in a browser.", "Only this machine can reach it. End it with Ctrl-C."]


def test_it_finishes_the_request_under_way(tmp_path: Path) -> None:
    with serving(project(tmp_path)) as served:
        port = int(served.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
            wire.sendall(
                b"POST /language HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\nConnection: close\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlangu"
            )
            time.sleep(0.2)
            served.process.terminate()
            time.sleep(0.2)
            wire.sendall(b"age=sv")
            assert wire.recv(100).startswith(b"HTTP/1.1 303")
        assert served.process.wait(30) == 0


@pytest.mark.parametrize("more", [[], ["--no-schedule"]])
def test_sighup_reads_the_configuration_anew_however_often_it_comes(tmp_path: Path, more: list[str]) -> None:
    made = project(tmp_path)
    with serving(made, *more) as served:
        was = made.config.stat()
        text = made.config.read_text(encoding="utf-8")
        made.config.write_text(text.replace('name = "A"', 'name = "B"'), encoding="utf-8")
        os.utime(made.config, ns=(was.st_atime_ns, was.st_mtime_ns))
        for _ in range(20):
            served.process.send_signal(signal.SIGHUP)
        eventually(lambda: ">B<" in httpx.get(f"{served.url}/", trust_env=False).text)
        assert served.end() == 0


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with serving(project(tmp_path)) as served:
        port = int(served.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:  # a request that is never finished
            wire.sendall(b"POST /language HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\nlangu")
            time.sleep(0.2)
            served.process.terminate()
            time.sleep(0.3)
            assert served.process.poll() is None
            assert served.end() in (128 + signal.SIGTERM, -signal.SIGTERM)


def test_it_says_at_a_terminal_where_to_open_it(tmp_path: Path) -> None:
    made = project(tmp_path)
    ours, theirs = os.openpty()
    command = command_line("serve", "--listen", "127.0.0.1:0", "--config", str(made.config))
    process = subprocess.Popen(command, env=surroundings(), stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    try:
        said = os.read(ours, 1000).decode()
        while "Ctrl-C" not in said:
            said += os.read(ours, 1000).decode()
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert re.search(r"linkwatch: Open http://127\.0\.0\.1:\d+/ in a browser\.", said)


def test_it_ends_also_while_it_starts(tmp_path: Path) -> None:
    with serving(project(tmp_path)) as warm:  # the database is there, and Python's files are compiled
        assert warm.end() == 0
    command = command_line("serve", "--listen", "127.0.0.1:0", "--config", str(tmp_path / "config" / "sources.toml"))
    process = subprocess.Popen(command, env=surroundings(), stderr=subprocess.DEVNULL)
    time.sleep(0.4)
    process.terminate()
    assert process.wait(30) in (0, -signal.SIGTERM)  # the latter before Python has come as far as us


def test_it_knows_at_once_of_tokens_that_are_made_and_revoked_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = project(tmp_path, 'auth = "token"')
    with serving(made) as served:
        eventually(lambda: "linkwatch token add NAME --role editor" in served.said)
        assert run(made, "token", "add", "Anna", "--role", "editor") == 0
        token = capsys.readouterr().out.strip()
        headers = {"authorization": f"Bearer {token}"}
        assert httpx.get(f"{served.url}/api/v1/me", headers=headers, trust_env=False).json()["name"] == "Anna"
        assert run(made, "token", "revoke", "Anna") == 0
        assert httpx.get(f"{served.url}/api/v1/me", headers=headers, trust_env=False).status_code == 401


def test_it_keeps_logins_when_it_is_started_again(tmp_path: Path) -> None:
    made = project(tmp_path, 'auth = "token"')
    with Tokens.open(made.database) as tokens:
        token = tokens.add("Anna", Role.EDITOR, NOW)
    with serving(made) as served:
        answer = httpx.post(f"{served.url}/login", data={"token": token}, trust_env=False)
    cookie = answer.headers["set-cookie"].partition(";")[0]
    with serving(made) as served:
        me = httpx.get(f"{served.url}/api/v1/me", headers={"cookie": cookie}, trust_env=False)
    assert me.json()["name"] == "Anna"


def test_it_says_when_the_port_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert run(project(tmp_path), "serve", "--listen", f"127.0.0.1:{port}") == 1
    assert capsys.readouterr().err == (
        f"linkwatch: linkwatch serve cannot listen on 127.0.0.1:{port}: another program listens there: stop it, or "
        "choose another port with --listen.\n"
    )


@pytest.mark.parametrize(
    ("web", "listen", "ends"),
    [
        ("", "0.0.0.0:0", (2, 'set auth = "token"')),
        ('auth = "token"', "0.0.0.0:0", (2, "set public_url")),
        ("", "8420", (2, "'8420' is not an address with a port")),
        ("", "localhost", (2, "'localhost' is not an address with a port")),
        ("", "127.0.0.1:99999", (2, "is not an address with a port")),
        ("", "192.0.2.1:0", (1, "this machine has no such address")),
        ('auth = "proxy"', "127.0.0.1:0", (2, "'proxy' needs proxy_from")),
    ],
)
def test_it_does_not_begin_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], web: str, listen: str, ends: tuple[int, str]
) -> None:
    code, said = ends
    assert run(project(tmp_path, web), "serve", "--listen", listen) == code
    assert said in capsys.readouterr().err


def test_it_says_in_one_sentence_that_the_database_is_not_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = project(tmp_path)
    made.database.parent.mkdir()
    made.database.write_bytes(b"not a database" * 100)
    assert run(made, "serve", "--listen", "127.0.0.1:0") == 1
    said = capsys.readouterr().err
    assert "is not a SQLite database" in said
    assert said.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may use every port")
def test_it_says_when_a_port_is_not_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(project(tmp_path), "serve", "--listen", "127.0.0.1:1") == 1
    assert "choose a port above 1023" in capsys.readouterr().err
