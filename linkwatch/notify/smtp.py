"""One mail to one recipient over SMTP (RFC 5321), and exactly what came of it.

The rule that everything here follows: an answer that was given is believed, and where none was given after the content
had begun to go out, the mail may have arrived.

Never is anything sent in clear where TLS is asked for. No attempt lasts longer than `Server.total_s`, beside looking up
the server's name, however slowly the server speaks.
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
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from types import TracebackType
from typing import Literal, Self

import certifi

from linkwatch.core.outbox import Outcome, Result
from linkwatch.core.safe import plain
from linkwatch.notify.mailboxes import Mailbox, mailbox

TOTAL_S = 300.0  # for one attempt; well below `core.outbox.LEASE`

_QUITTING_S = 5.0
_LONGEST_DETAIL = 300
_GREETING, _CLOSING, _GO_AHEAD = 220, 421, 354
_TOO_BIG = 552
_ASKS = 334  # RFC 4954 §4
_NOT_LOGGED_IN = (530, 535, 538)  # RFC 4954 §6
_RELAY = re.compile(r"\brelay", re.IGNORECASE)  # as Postfix, Exim, Exchange and Sendmail say that we are strangers
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.\-]*[A-Za-z0-9])?")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"^\.", re.MULTILINE)


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


class Smtp:
    """A connection that is made when first needed and used again. For one thread at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._line: _Line | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._line is not None:
            self._line.quit()
            self._line = None

    def send(self, envelope_from: str, recipient: str, message: EmailMessage) -> Outcome:
        """Hand over one mail. Whatever goes wrong is told by the outcome; nothing is raised."""
        writer, reader = mailbox(envelope_from), mailbox(recipient)
        if reader is None:
            return Outcome(result=Result.NEVER, detail=f"{plain(recipient, 100)} is not a mail address")
        if writer is None:
            return _down(f"The sender's address {plain(envelope_from, 100)} is not a mail address.")
        envelope = _envelope(writer, reader, message)
        with _Limit(self._server.total_s) as limit:
            if self._line is not None:
                with contextlib.suppress(_HungUp):
                    return self._deliver(envelope, limit, is_reused=True)
            return self._deliver(envelope, limit, is_reused=False)

    def _deliver(self, envelope: "_Envelope", limit: "_Limit", *, is_reused: bool) -> Outcome:
        """Raises `_HungUp` where the server had let go of a connection that was kept: nothing has been said then."""
        try:
            if self._line is None:
                self._line = _Line(self._server, limit)
            limit.hold(self._line.handle)
            outcome = _transact(self._line, envelope, is_reused=is_reused)
            if outcome.result is not Result.SENT and not self._line.starts_over():
                self._let_go()
        except _Ended as error:
            self._let_go()
            return error.outcome(limit)
        except _HungUp:
            self._let_go()
            raise
        return outcome

    def _let_go(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def check(server: Server) -> str | None:
    """What keeps mail from being handed over, in one sentence; None: nothing. Sends no mail."""
    with _Limit(server.total_s) as limit:
        try:
            line = _Line(server, limit)
            try:
                reply = line.say("NOOP")
            finally:
                line.quit()
        except _Ended as error:
            return error.outcome(limit).detail
    return None if reply.is_well else f"{server} answers {reply} where nothing was asked of it."


# ---------------------------------------------------------------- one mail


@dataclass(frozen=True, slots=True, kw_only=True)
class _Envelope:
    writer: Mailbox
    reader: Mailbox
    content: bytes  # CRLF, dots at the start of a line doubled (RFC 5321 §4.5.2), without the dot at its end
    needs_utf8: bool  # SMTPUTF8 (RFC 6531)


def _envelope(writer: Mailbox, reader: Mailbox, message: EmailMessage) -> _Envelope:
    needs_utf8 = writer.needs_utf8 or reader.needs_utf8
    try:
        raw = message.as_bytes(policy=MAIL_POLICY.clone(utf8=needs_utf8))
    except UnicodeEncodeError:  # another address in its headers does
        needs_utf8, raw = True, message.as_bytes(policy=MAIL_POLICY.clone(utf8=True))
    content = _DOT.sub(b"..", _LINE_END.sub(b"\r\n", raw))
    return _Envelope(writer=writer, reader=reader, content=content, needs_utf8=needs_utf8)


def _transact(line: "_Line", envelope: _Envelope, *, is_reused: bool) -> Outcome:
    """One transaction for one recipient. Raises `_Ended` when the connection is of no more use, `_HungUp` likewise."""
    if envelope.needs_utf8 and not line.offers("smtputf8"):
        who = envelope.reader if envelope.reader.needs_utf8 else envelope.writer
        why = f"{line.server} takes only addresses in ASCII (it has no SMTPUTF8), which {who} or a header is not"
        return Outcome(result=Result.NEVER, detail=why) if envelope.reader.needs_utf8 else _down(why)
    if 0 < line.most_bytes < len(envelope.content):
        why = f"{line.server} takes {line.most_bytes} bytes at most, and the mail has {len(envelope.content)}"
        return Outcome(result=Result.REFUSED, detail=why)
    return _mail(line, envelope, is_reused=is_reused) or _rcpt(line, envelope) or _data(line, envelope)


def _mail(line: "_Line", envelope: _Envelope, *, is_reused: bool) -> Outcome | None:
    options = f" SIZE={len(envelope.content)}" if line.offers("size") else ""
    if envelope.needs_utf8:
        options += " BODY=8BITMIME SMTPUTF8"
    try:
        reply = line.say(f"MAIL FROM:<{envelope.writer}>{options}")
    except _Ended as error:
        raise (_HungUp if is_reused else error) from error
    if reply.is_well:
        return None
    if reply.code == _CLOSING and is_reused:
        raise _HungUp
    if reply.code == _TOO_BIG:
        return Outcome(result=Result.REFUSED, detail=f"{line.server} refuses the mail for its size: {reply}")
    if reply.is_passing:
        return _later(line, "does not take mail now", reply)
    return _down(f"{line.server} refuses the sender {envelope.writer}: {reply}")


def _rcpt(line: "_Line", envelope: _Envelope) -> Outcome | None:
    reply = line.say(f"RCPT TO:<{envelope.reader}>")
    if reply.is_well:
        return None
    if reply.is_passing or reply.code == _TOO_BIG:  # a mailbox that is full may be emptied (RFC 5321 §4.5.3.1.10)
        why = f"{line.server} does not take mail for {envelope.reader} now: {reply}"
        return Outcome(result=Result.LATER, detail=why, is_down=reply.code == _CLOSING)
    if reply.code in _NOT_LOGGED_IN or _RELAY.search(reply.text):
        return _down(f"{line.server} does not let linkwatch send to others, as if it were a stranger: {reply}")
    return Outcome(result=Result.NEVER, detail=f"{line.server} refuses the recipient {envelope.reader}: {reply}")


def _data(line: "_Line", envelope: _Envelope) -> Outcome:
    reply = line.say("DATA")
    if reply.code == _GO_AHEAD:
        try:
            reply = line.hand_over(envelope.content)
        except _Ended as error:
            error.is_doubtful = True
            raise
        if reply.is_well:
            return Outcome(result=Result.SENT, detail=str(reply))
    if reply.is_final:
        return Outcome(result=Result.REFUSED, detail=f"{line.server} refuses the mail: {reply}")
    return _later(line, "does not take the mail now", reply)


def _later(line: "_Line", what: str, reply: "_Reply") -> Outcome:
    """Also for a reply that has no place where it came."""
    is_down = reply.code == _CLOSING or not reply.is_passing
    return Outcome(result=Result.LATER, detail=f"{line.server} {what}: {reply}", is_down=is_down)


def _down(detail: str, *, is_doubtful: bool = False) -> Outcome:
    return Outcome(result=Result.LATER, detail=detail, is_down=True, is_doubtful=is_doubtful)


# ---------------------------------------------------------------- the connection


class _Ended(Exception):
    """The connection is of no more use, for a reason that concerns every mail. `str` of it is a sentence."""

    is_doubtful = False

    def outcome(self, limit: "_Limit") -> Outcome:
        late = f" (stopped after {limit.seconds:g} seconds in all)" if limit.has_passed else ""
        return _down(f"{self}{late}", is_doubtful=self.is_doubtful)


class _HungUp(Exception):
    """The server has closed a connection that we had kept."""


@dataclass(frozen=True, slots=True)
class _Reply:
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


class _Limit:
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


class _Line:
    """A connection on which mail can be handed over: greeted, encrypted and logged in as the server is to be used."""

    def __init__(self, server: Server, limit: _Limit) -> None:
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

    def say(self, command: str, *, shown: str | None = None) -> _Reply:
        """`shown` stands for a command that nobody may read. Raises `_Ended`."""
        self._smtp.command_encoding = "utf-8"
        with self._lost(f"did not answer to {shown or command.partition(':')[0]}"):
            return self._reply(self._smtp.docmd(command))

    def hand_over(self, content: bytes) -> _Reply:
        """The content and the dot that ends it. Raises `_Ended`."""
        with self._lost("did not say whether it took the mail"):
            self._smtp.send(content + (b"" if content.endswith(b"\r\n") else b"\r\n") + b".\r\n")
            return self._reply(self._smtp.getreply())

    def starts_over(self) -> bool:
        """Forget a transaction that came to nothing. False: the connection ended with it."""
        try:
            return self.say("RSET").is_well
        except _Ended:
            return False

    def quit(self) -> None:
        """Take leave; whatever is answered to that, what was sent is sent."""
        with _Limit(_QUITTING_S) as limit, contextlib.suppress(_Ended):
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
        if greeting.code != _GREETING:
            raise _Ended(f"{server} does not take mail now: {greeting}")
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
            raise _Ended(f"{self.server} does not speak ESMTP: {reply}")

    def _start_tls(self, context: ssl.SSLContext) -> None:
        """Or nothing at all: where it is not offered, somebody between may have taken the offer away."""
        if not self.offers("starttls"):
            raise _Ended(f"{self.server} does not offer STARTTLS, so nothing was sent: it would have gone in clear.")
        reply = self.say("STARTTLS")
        if reply.code != _GREETING:
            raise _Ended(f"{self.server} does not begin TLS: {reply}")
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
            raise _Ended(f"{self.server} offers no way to log in that linkwatch knows (PLAIN, LOGIN), but {offered}.")
        if not reply.is_well:
            raise _Ended(f"{self.server} does not let {plain(user, 100)} log in: {reply}")

    def _reply(self, said: tuple[int, bytes]) -> _Reply:
        """What a server repeats of what it did not understand may be the password."""
        text = said[1].decode("utf-8", "replace")
        for secret in filter(None, self._secrets):
            text = text.replace(secret, "…")
        return _Reply(said[0], plain(text, _LONGEST_DETAIL))

    @contextlib.contextmanager
    def _lost(self, what: str) -> Iterator[None]:
        """What the network and `smtplib` raise, as `_Ended`."""
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            why = plain(error.verify_message, _LONGEST_DETAIL)
            raise _Ended(f"The certificate of {self.server} cannot be trusted: {why}") from error
        except (OSError, smtplib.SMTPException, ValueError) as error:  # ValueError: a host that is no name
            why = plain(str(error) or type(error).__name__, _LONGEST_DETAIL)
            raise _Ended(f"{self.server} {what}: {why}") from error


def _connected(server: Server, limit: _Limit) -> socket.socket:
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
    """Verifies, against Mozilla's roots, the system's, and `ca_file`. Raises `_Ended` for one that cannot be read."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if server.ca_file is not None:
        try:
            context.load_verify_locations(server.ca_file)
        except OSError as error:
            raise _Ended(f"{server.ca_file}: no certificates could be read from it: {error}") from error
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
