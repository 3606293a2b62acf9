"""linkwatch as its users start it: a process of its own."""

import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from subprocess import PIPE
from threading import Lock
from typing import IO, Any

from tests.cli.warm import Command, Parent, Stream

ROOT = Path(__file__).parent.parent.parent
_PATIENCE_S = 90
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Done:
    returncode: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        assert self.returncode in (0, 3), self.stderr
        return json.loads(self.stdout)


def command_line(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "linkwatch", *arguments]


def surroundings(environment: dict[str, str] | None = None) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}


def linkwatch(
    *arguments: str,
    environment: dict[str, str] | None = None,
    stdout: IO[str] | None = None,
    shell: str = "",
    is_cold: bool = False,
) -> Done:
    """Run it to its end. `is_cold`, and with a `shell` or on a terminal: by a new Python, which takes longer."""
    surrounded, parent = surroundings(environment), _parent()
    if is_cold or shell or (stdout and stdout.isatty()) or not parent.fits(surrounded):
        return _cold(*arguments, environment=surrounded, stdout=stdout, shell=shell)
    command = parent.start(*arguments, environment=surrounded, stdout=stdout or PIPE, stderr=PIPE)
    said, complained = command.communicate(_PATIENCE_S)
    return Done(command.wait(), said, complained)


def _cold(*arguments: str, environment: dict[str, str], stdout: IO[str] | None, shell: str) -> Done:
    command: Any = command_line(*arguments)
    if shell:
        command = f"{shlex.join(command)} {shell}"
    done = subprocess.run(
        command,
        env=environment,
        stdout=stdout or PIPE,
        stderr=PIPE,
        text=True,
        shell=bool(shell),
        timeout=_PATIENCE_S,
        check=False,
    )
    return Done(done.returncode, done.stdout or "", done.stderr)


def start(
    *arguments: str, environment: dict[str, str] | None = None, stdout: Stream = PIPE, stderr: Stream = PIPE
) -> Command:
    """A command that goes on beside the test."""
    return _parent().start(*arguments, environment=surroundings(environment), stdout=stdout, stderr=stderr)


def _parent() -> Parent:
    """One for all tests of this process, also when several threads ask for it first."""
    with _lock:
        return _the_parent()


@cache
def _the_parent() -> Parent:
    return Parent(surroundings())


def no_traceback(done: Done) -> None:
    assert "Traceback" not in done.stderr
    assert "fault in linkwatch itself" not in done.stderr


@dataclass(slots=True)
class Project:
    """A project folder with a configuration for servers on loopback."""

    folder: Path
    fetch: str = ""

    @property
    def config(self) -> Path:
        return self.folder / "config" / "sources.toml"

    @property
    def database(self) -> Path:
        return self.folder / "db" / "linkwatch.db"

    @classmethod
    def make(
        cls, folder: Path, links: dict[str, str], *, fetch: str = "", monitor: str = "", confirm: str = ""
    ) -> "Project":
        project = cls(folder)
        project.config.parent.mkdir(parents=True)
        tables = (
            f"[monitor]\nlanguage = 'en'\n{monitor}\n"
            f"[fetch]\nallow_networks = ['127.0.0.0/8']\nper_host_delay_s = 0\n{fetch}\n"
            f"[confirm]\n{confirm}\n"
        )
        project.config.write_text(tables, encoding="utf-8")
        for id, url in links.items():
            project.add(id, url)
        return project

    def add(self, id: str, url: str, **more: str) -> None:
        rows = {"id": id, "name": id.upper(), "url": url, "owner": f"Region {id}", **more}
        with self.config.open("a", encoding="utf-8") as file:
            file.write("[[source]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in rows.items()))

    def run(self, *arguments: str) -> Done:
        named = () if "--config" in arguments else ("--config", str(self.config))
        return linkwatch(*arguments, *named)
