"""Commands without the half second in which Python reads modules: forks of a process that has read them (`forks.py`).

Each is a process of its own, with its own streams, environment and folder, and ends as any other does.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

Stream = IO[Any] | int  # an open file, or subprocess.PIPE or DEVNULL

_READ_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "LINKWATCH_COMMAND")


class Parent:
    """The process that forks. It ends with this one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._at_start = _at_start(environment)
        self._asking, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "tests.cli.forks"]
            self._process = subprocess.Popen(command, env=environment, stdin=theirs, stdout=subprocess.DEVNULL)
        atexit.register(self._end)

    def fits(self, environment: Mapping[str, str]) -> bool:
        """Whether a fork is as a new process would be: nothing differs that is read only when Python starts."""
        return _at_start(environment) == self._at_start

    def start(self, *arguments: str, environment: Mapping[str, str], stdout: Stream, stderr: Stream) -> "Command":
        own, theirs = socket.socketpair()
        reads_out, out = _ends(stdout)
        reads_err, err = _ends(stderr)
        with theirs:
            socket.send_fds(self._asking, [b"+"], [theirs.fileno(), 0, out, err])
        os.close(out)
        os.close(err)
        wish = {"arguments": arguments, "environment": {**environment}, "folder": str(Path.cwd())}
        own.sendall(json.dumps(wish).encode() + b"\n")
        return Command(own, reads_out, reads_err)

    def _end(self) -> None:
        self._asking.close()
        self._process.wait()


class Command:
    """A command under way: of `subprocess.Popen` what tests use of it, in text."""

    def __init__(self, own: socket.socket, stdout: IO[str] | None, stderr: IO[str] | None) -> None:
        self._own, self.stdout, self.stderr = own, stdout, stderr
        self.pid = self._told()
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._own.settimeout(timeout)
            try:
                self.returncode = self._told()
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired("linkwatch", timeout or 0) from None
            self._own.close()
        return self.returncode

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it writes where it was given a pipe. When the time is over it is killed."""
        with ThreadPoolExecutor(2) as readers:
            out, err = (readers.submit(_read, stream) for stream in (self.stdout, self.stderr))
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
            return out.result(), err.result()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _told(self) -> int:
        number = self._own.recv(4)
        assert number, "the parent of the commands has ended"
        return int.from_bytes(number, "little", signed=True)


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_READ_AT_START)}


def _ends(stream: Stream) -> tuple[IO[str] | None, int]:
    """Where it is read, when it is a pipe, and a descriptor of where it is written."""
    if stream == subprocess.PIPE:
        read, write = os.pipe()
        return os.fdopen(read), write
    if isinstance(stream, int):
        return None, os.open(os.devnull, os.O_WRONLY)
    return None, os.dup(stream.fileno())


def _read(stream: IO[str] | None) -> str:
    if stream is None:
        return ""
    with stream:
        return stream.read()
