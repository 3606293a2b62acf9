"""Where the desk listens, and until when."""

import errno
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette

from linkwatch.config_web import Auth, Listen, Web
from linkwatch.errors import LinkwatchError, UsageError

_GRACE_S = 30  # so long may a request under way take when the desk is told to end
_MOST_CONNECTIONS = 1000

_WHY_NOT = {
    errno.EADDRINUSE: "another program listens there: stop it, or choose another port with --listen",
    errno.EACCES: "that is not allowed: choose a port above 1023 with --listen",
    errno.EADDRNOTAVAIL: "this machine has no such address: choose another with --listen",
}


@contextmanager
def listening(listen: Listen) -> Iterator[list[socket.socket]]:
    """Sockets on every address that its name has. Raises LinkwatchError where one cannot be had."""
    sockets: list[socket.socket] = []
    try:
        for family, address in _addresses(listen):
            # Port 0: the first address chooses one, and the others take the same.
            port = sockets[0].getsockname()[1] if sockets else address[1]
            sockets.append(_bound(family, (address[0], port, *address[2:])))
        yield sockets
    except (OSError, UnicodeError) as error:
        reason = _reason(error)
        raise LinkwatchError(f"linkwatch serve cannot listen on {listen}: {reason}.") from error
    finally:
        for one in sockets:
            one.close()


def _reason(error: OSError | UnicodeError) -> str:
    if isinstance(error, UnicodeError):
        return "no name is written like that"
    return _WHY_NOT.get(error.errno or 0) or error.strerror or str(error)


def refuse_open_door(settings: Web, sockets: Sequence[socket.socket]) -> None:
    """Raises UsageError where others can reach the desk, and nothing says who may come in or by which name."""
    if all(ip_address(_host(one)).is_loopback for one in sockets):
        return
    where = f"{settings.listen} can be reached from other machines"
    if settings.auth is Auth.NONE:
        raise UsageError(f'{where}: set auth = "token" (or "proxy", "oidc") under [web] in sources.toml first')
    if not (settings.hosts or settings.public_url):
        raise UsageError(f'{where}: set public_url = "https://…" under [web] in sources.toml, where people open it')


def address(sockets: Sequence[socket.socket]) -> str:
    """What to type into a browser."""
    host, port = _host(sockets[0]), sockets[0].getsockname()[1]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve(app: Starlette, sockets: Sequence[socket.socket], on_ready: Callable[[], None]) -> int:
    """Answers until SIGTERM or SIGINT, finishes what is under way, and returns the exit code."""
    server = Server(app, on_ready)

    def end(*_: object) -> None:
        server.should_exit = True

    # From now on; and uvicorn sends itself the signal again when all is done, which would end us as if unheard.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    try:
        server.run(sockets=list(sockets))
    except SystemExit:  # it could not begin, and has said why
        return 1
    return 0


class Server(uvicorn.Server):
    """Says when it is there. It logs what goes wrong, and no request: those are for the proxy to log, or nobody."""

    def __init__(self, app: Starlette, on_ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            access_log=False,
            date_header=True,
            lifespan="on",
            limit_concurrency=_MOST_CONNECTIONS,
            log_config=None,
            proxy_headers=False,  # web.attempts looks at them itself, and only from `proxy_from`
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
            ws="none",
        )
        super().__init__(config)
        self._on_ready = on_ready
        # Whoever sends garbage to a port is not worth a line each time.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A second signal ends us at once: visits under way are not waited for."""
        if self.should_exit:
            os._exit(128 + sig)
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._on_ready()


def _addresses(listen: Listen) -> list[tuple[int, tuple[Any, ...]]]:
    found = socket.getaddrinfo(listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys((family, where) for family, _, _, _, where in found))


def _bound(family: int, where: tuple[Any, ...]) -> socket.socket:
    # Named, or asyncio does not know it for TCP, and each answer waits 40 ms for an acknowledgement (no TCP_NODELAY).
    one = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(where)
        one.listen()
    except OSError:
        one.close()
        raise
    return one


def _host(one: socket.socket) -> str:
    return str(one.getsockname()[0]).partition("%")[0]
