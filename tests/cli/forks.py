"""The parent of the commands that tests start: it has read linkwatch's modules and words, and forks for each command.

    python -m tests.cli.forks       its stdin is a socket; it ends when nobody holds the other end of it

For each command a byte comes over that socket, with four descriptors: the command's own socket, and its stdin, stdout
and stderr. From its own socket the child reads a line of JSON that says what it is to be. There the parent writes the
child's number and, when the child has ended, its exit code, or minus the signal that ended it: four bytes each.
"""

import gc
import json
import os
import runpy
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from importlib import import_module
from pkgutil import walk_packages

import linkwatch
from linkwatch.locale import catalogue

_running: dict[int, int] = {}  # each child's number, and its socket


def main() -> None:
    for module in walk_packages(linkwatch.__path__, "linkwatch."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for language in ("sv", "en"):
        catalogue(language)
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()  # or the first collection in a child would copy every page
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the tests, and their end is this one's
    signal.signal(signal.SIGCHLD, _tell_who_ended)
    descriptors = _asked()
    if descriptors:
        _become(*descriptors)
        runpy.run_module("linkwatch", run_name="__main__", alter_sys=True)


def _asked() -> list[int]:
    """In a child its descriptors; in the parent none, when all is over."""
    with socket.socket(fileno=os.dup(0)) as asking:
        while True:
            is_there, descriptors, _, _ = socket.recv_fds(asking, 1, 4)
            if not is_there:
                return []
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
            child = os.fork()
            if child == 0:
                return descriptors
            own, *streams = descriptors
            _running[child] = own
            _say(own, child)
            for stream in streams:
                os.close(stream)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _tell_who_ended(*_: object) -> None:
    while _running:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child == 0:
            return
        own = _running.pop(child)
        _say(own, os.waitstatus_to_exitcode(status))
        os.close(own)


def _say(own: int, number: int) -> None:
    with suppress(BrokenPipeError):  # nobody waits for it any more
        os.write(own, number.to_bytes(4, "little", signed=True))


def _become(own: int, *streams: int) -> None:
    """As if started for this command alone: of the parent only its modules are left."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    with os.fdopen(own, encoding="utf-8") as file:
        wish = json.loads(file.readline())
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.chdir(wish["folder"])
    os.environ.clear()
    os.environ.update(wish["environment"])
    time.tzset()
    sys.path[0] = wish["folder"]
    sys.argv[1:] = wish["arguments"]


if __name__ == "__main__":
    main()
