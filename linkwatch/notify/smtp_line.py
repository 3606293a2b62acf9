"""A connection to a mail server: greeted, encrypted and logged in as it is to be used, and cut when its time is up.

Never is anything sent in clear where TLS is asked for.
"""

import base64
import contextlib
import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Self

import certifi

from linkwatch.core.safe import plain

TOTAL_S = 300.0  # for one attempt; well below `core.outbox.LEASE`

_QUITTING_S = 5.0
_LONGEST_DETAIL = 300
_READY = 220
_ASKS = 334  # RFC 4954 §4
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.\-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where mail is handed over. `timeout_s` is for each wait, `total_s` for one attempt."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = None
    timeout_s: float = 30.0
    ca_file: str | None = None  # further trusted certificates, PEM
    total_s: float = TOTAL_S

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"Server({self}, {self.security})"


class Ended(Exception):
    """The connection is of no more use, for a reason that concerns every mail. `str` of it is a sentence."""

    is_doubtful = False


@dataclass(frozen=True, slots=True)
class Reply:
    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()

    @property
    def is_well(self) -> bool:
        return 200 <= self.code < 300

    @property
    def is_passing(self) -> bool:
        return 400 <= self.code < 500

    @property
    def is_final(self) -> bool:
        return 500 <= self.code < 600


class Limit:
    """Cuts the connection that it holds when the time is up, whatever that is waiting for."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.has_passed = False
        self._ends = time.monotonic() + seconds
        self._held: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._timer.cancel()

    @property
    def left(self) -> float:
        return max(self._ends - time.monotonic(), 0.001)

    def hold(self, handle: socket.socket) -> None:
        self._held = handle
        if self.has_passed:
            self._cut()

    def _cut(self) -> None:
        self.has_passed = True
        if self._held is not None:
            with contextlib.suppress(OSError):
                self._held.shutdown(socket.SHUT_RDWR)


class Line:
    """A connection on which mail can be handed over: greeted, encrypted and logged in as the server is to be used."""

    def __init__(self, server: Server, limit: Limit) -> None:
        self.server = server
        user, password = server.user or "", server.password or ""
        self._secrets = (_identity(user, password), _base64(password), password)
        self._smtp = smtplib.SMTP(timeout=server.timeout_s, local_hostname="localhost")
        with self._lost("could not be reached"):
            sock = _connected(server, limit)
        self.handle = sock.dup()  # outlives what TLS makes of the other
        limit.hold(self.handle)
        self._smtp.sock = sock
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    @property
    def most_bytes(self) -> int:
        """RFC 1870; 0: not said."""
        said = self._smtp.esmtp_features.get("size", "").strip()
        return int(said[:18]) if said.isascii() and said.isdigit() else 0

    def offers(self, extension: str) -> bool:
        return bool(self._smtp.has_extn(extension))

    def say(self, command: str, *, shown: str | None = None) -> Reply:
        """`shown` stands for a command that nobody may read. Raises `Ended`."""
        self._smtp.command_encoding = "utf-8"
        with self._lost(f"did not answer to {shown or command.partition(':')[0]}"):
            return self._reply(self._smtp.docmd(command))

    def hand_over(self, content: bytes) -> Reply:
        """The content and the dot that ends it. Raises `Ended`."""
        with self._lost("did not say whether it took the mail"):
            self._smtp.send(content + (b"" if content.endswith(b"\r\n") else b"\r\n") + b".\r\n")
            return self._reply(self._smtp.getreply())

    def starts_over(self) -> bool:
        """Forget a transaction that came to nothing. False: the connection ended with it."""
        try:
            return self.say("RSET").is_well
        except Ended:
            return False

    def quit(self) -> None:
        """Take leave; whatever is answered to that, what was sent is sent."""
        with Limit(_QUITTING_S) as limit, contextlib.suppress(Ended):
            limit.hold(self.handle)
            self.say("QUIT")
        self.close()

    def close(self) -> None:
        self._smtp.close()
        self.handle.close()

    def _begin(self) -> None:
        server = self.server
        context = _context(server) if server.security != "none" else None
        if context and server.security == "tls":
            self._encrypt(context)
        with self._lost("did not greet"):
            greeting = self._reply(self._smtp.getreply())
        if greeting.code != _READY:
            raise Ended(f"{server} does not take mail now: {greeting}")
        self._greet()
        if context and server.security == "starttls":
            self._start_tls(context)
        if server.user:
            self._log_in(server.user, server.password or "")

    def _greet(self) -> None:
        assert self._smtp.sock is not None
        with self._lost("did not answer to EHLO"):
            reply = self._reply(self._smtp.ehlo(_own_name(self._smtp.sock)))
        if not reply.is_well:
            raise Ended(f"{self.server} does not speak ESMTP: {reply}")

    def _start_tls(self, context: ssl.SSLContext) -> None:
        """Or nothing at all: where it is not offered, somebody between may have taken the offer away."""
        if not self.offers("starttls"):
            raise Ended(f"{self.server} does not offer STARTTLS, so nothing was sent: it would have gone in clear.")
        reply = self.say("STARTTLS")
        if reply.code != _READY:
            raise Ended(f"{self.server} does not begin TLS: {reply}")
        self._encrypt(context)
        self._smtp.file = None  # with whatever came before the handshake (RFC 3207 §4.2)
        self._smtp.esmtp_features = {}
        self._greet()

    def _encrypt(self, context: ssl.SSLContext) -> None:
        assert self._smtp.sock is not None
        with self._lost("did not shake hands for TLS"):
            self._smtp.sock = context.wrap_socket(self._smtp.sock, server_hostname=self.server.host)

    def _log_in(self, user: str, password: str) -> None:
        """AUTH PLAIN or LOGIN, in UTF-8 (RFC 4616)."""
        ways = self._smtp.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in ways:
            reply = self.say(f"AUTH PLAIN {_identity(user, password)}", shown="AUTH")
        elif "LOGIN" in ways:
            reply = self.say("AUTH LOGIN")
            for answer in (user, password):
                if reply.code == _ASKS:
                    reply = self.say(_base64(answer), shown="AUTH")
        else:
            offered = " ".join(ways) or "none"
            raise Ended(f"{self.server} offers no way to log in that linkwatch knows (PLAIN, LOGIN), but {offered}.")
        if not reply.is_well:
            raise Ended(f"{self.server} does not let {plain(user, 100)} log in: {reply}")

    def _reply(self, said: tuple[int, bytes]) -> Reply:
        """What a server repeats of what it did not understand may be the password."""
        text = said[1].decode("utf-8", "replace")
        for secret in filter(None, self._secrets):
            text = text.replace(secret, "…")
        return Reply(said[0], plain(text, _LONGEST_DETAIL))

    @contextlib.contextmanager
    def _lost(self, what: str) -> Iterator[None]:
        """What the network and `smtplib` raise, as `Ended`."""
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            why = plain(error.verify_message, _LONGEST_DETAIL)
            raise Ended(f"The certificate of {self.server} cannot be trusted: {why}") from error
        except (OSError, smtplib.SMTPException, ValueError) as error:  # ValueError: a host that is no name
            why = plain(str(error) or type(error).__name__, _LONGEST_DETAIL)
            raise Ended(f"{self.server} {what}: {why}") from error


def _connected(server: Server, limit: Limit) -> socket.socket:
    """Each of its addresses in turn. Raises OSError."""
    failure: OSError | None = None
    for family, kind, protocol, _, address in socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(min(server.timeout_s, limit.left))
            sock.connect(address)
        except OSError as error:
            sock.close()
            failure = error
        else:
            sock.settimeout(server.timeout_s)
            return sock
    raise failure or OSError("no address")


def _context(server: Server) -> ssl.SSLContext:
    """Verifies, against Mozilla's roots, the system's, and `ca_file`. Raises `Ended` for one that cannot be read."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if server.ca_file is not None:
        try:
            context.load_verify_locations(server.ca_file)
        except OSError as error:
            raise Ended(f"{server.ca_file}: no certificates could be read from it: {error}") from error
    return context


def _own_name(sock: socket.socket) -> str:
    """What we say in EHLO: the machine's name where that is a domain's, else its address (RFC 5321 §4.1.3)."""
    name = socket.gethostname()
    if "." in name and _HOST_NAME.fullmatch(name):
        return name
    address = str(sock.getsockname()[0])
    return f"[IPv6:{address.partition('%')[0]}]" if sock.family is socket.AF_INET6 else f"[{address}]"


def _identity(user: str, password: str) -> str:
    return _base64(f"\0{user}\0{password}")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")
