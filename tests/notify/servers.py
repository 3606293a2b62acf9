"""A mail server on loopback (aiosmtpd) that does exactly what a test says, and keeps what it accepted.

    with Mailbox() as server:
        server.on("RCPT", "550 5.1.1 no such mailbox", to="nobody@example.se")
        server.on("CONTENT", DIE, times=1)
        ...
        assert [kept.recipients for kept in server.kept] == [("anna@example.se",)]

Scripted are CONNECT (the greeting), EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA (before the content), CONTENT (after it),
RSET, NOOP and QUIT; what has no script is answered as aiosmtpd does. It serves from a thread of its own.
"""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from typing import Any, Literal, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True, kw_only=True)
class Act:
    """What is done in place of the usual. `is_kept`: the content counts as accepted, whatever is said of it."""

    reply: str | None = None
    closes: bool = False
    hangs: bool = False
    drips: bool = False  # the reply comes a byte at a time and never to its end
    is_kept: bool = False


HANG = Act(hangs=True)
DRIP = Act(reply="250-" + "x" * 10_000, drips=True)
DIE = Act(closes=True)
KEEP_AND_DIE = Act(closes=True, is_kept=True)  # accepted, and nobody is told
KEEP_AND_HANG = Act(hangs=True, is_kept=True)
KEEP_AND_CLOSE = Act(reply="250 2.0.0 accepted", closes=True, is_kept=True)
SHUT_DOWN = Act(reply="421 4.3.2 shutting down", closes=True)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A message that was accepted, with its envelope."""

    envelope_from: str
    recipients: tuple[str, ...]
    content: bytes
    options: tuple[str, ...] = ()  # of MAIL FROM
    is_encrypted: bool = False
    user: str | None = None

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.content, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class _Script:
    act: Act
    to: str | None
    times: int | None  # None: always


@dataclass
class Mailbox:
    """`security` as in `linkwatch.notify.smtp_line.Server`, all but "none" with `tls`; `login` is (user, password)."""

    security: Literal["none", "starttls", "tls"] = "none"
    tls: ssl.SSLContext | None = None
    login: tuple[str, str] | None = None
    most_bytes: int = 10_000_000
    smtputf8: bool = False
    auth_without_tls: bool = False
    auth_ways: tuple[str, ...] = ("LOGIN", "PLAIN")
    port: int = 0  # one of its own where it is 0; a stopped server starts again on the same
    host: str = "127.0.0.1"
    kept: list[Kept] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)  # every command, as it came
    connections: int = 0
    _scripts: dict[str, list[_Script]] = field(default_factory=dict)
    _open: set["_Connection"] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop | None = None
    _server: asyncio.Server | None = None

    def on(self, step: str, does: str | Act, *, to: str | None = None, times: int | None = None) -> Self:
        """What to do at a step: a reply, or an act. `to` is one recipient's RCPT or CONTENT only."""
        act = Act(reply=does, is_kept=does.startswith("2")) if isinstance(does, str) else does
        self._scripts.setdefault(step, []).append(_Script(act, to, times))
        return self

    def forget(self) -> None:
        """From now on as usual."""
        self._scripts.clear()

    def verbs(self) -> list[str]:
        """The commands that it heard, without what followed them."""
        return [line.split(" ")[0].upper() for line in self.heard]

    def hang_up(self) -> None:
        """Close every connection that is open, as a server does with idle ones."""
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(10)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda _loop, _context: None)  # connections that a test breaks
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> None:
        assert self._loop is not None
        context = self.tls if self.security == "tls" else None
        self._server = await self._loop.create_server(lambda: _Connection(self), self.host, self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._hang_up()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _hang_up(self) -> None:
        for connection in list(self._open):
            connection.break_off()
        await asyncio.sleep(0)

    def scripted(self, step: str, recipients: tuple[str, ...] = ()) -> Act | None:
        for script in self._scripts.get(step, ()):
            if script.times == 0 or (script.to is not None and script.to not in recipients):
                continue
            if script.times is not None:
                script.times -= 1
            return script.act
        return None

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _name: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        said = (data.login.decode(), data.password.decode())
        return AuthResult(success=said == self.login, auth_data=said[0], handled=False)


class _Handler:
    """What aiosmtpd calls when a content is there."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, server: "_Connection", session: Session, envelope: Envelope) -> str:
        recipients = tuple(envelope.rcpt_tos)
        act = self._mailbox.scripted("CONTENT", recipients)
        if act is None or act.is_kept:
            self._mailbox.kept.append(_kept(session, envelope))
        if act is None:
            return "250 2.0.0 accepted"
        await server.perform(act)
        return ""


def _kept(session: Session, envelope: Envelope) -> Kept:
    assert isinstance(envelope.original_content, bytes)
    return Kept(
        envelope_from=envelope.mail_from or "",
        recipients=tuple(envelope.rcpt_tos),
        content=envelope.original_content,
        options=tuple(envelope.mail_options),
        is_encrypted=session.ssl is not None,
        user=session.auth_data if session.authenticated else None,
    )


class _Connection(SMTP):
    """One connection, with each command through its script first."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        starts_tls = mailbox.tls is not None and mailbox.security == "starttls"
        super().__init__(
            _Handler(mailbox),
            hostname="mail.example.se",
            data_size_limit=mailbox.most_bytes,
            enable_SMTPUTF8=mailbox.smtputf8,
            tls_context=mailbox.tls if starts_tls else None,
            authenticator=mailbox.authenticate,
            auth_require_tls=mailbox.security != "tls" and not mailbox.auth_without_tls,
            auth_exclude_mechanism={"LOGIN", "PLAIN"} - {*mailbox.auth_ways},
            loop=asyncio.get_running_loop(),
        )
        self._auth_required = mailbox.login is not None
        self._smtp_methods = {step: partial(self._step, step, usual) for step, usual in self._smtp_methods.items()}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self not in self._mailbox._open:
            self._mailbox._open.add(self)
            self._mailbox.connections += 1
        super().connection_made(transport)
        assert self.session is not None
        if self._mailbox.security == "tls":
            self.session.ssl = {}

    def connection_lost(self, error: Exception | None) -> None:
        self._mailbox._open.discard(self)
        super().connection_lost(error)

    def break_off(self) -> None:
        below = self._original_transport or self.transport
        if isinstance(below, asyncio.Transport):
            below.abort()

    async def perform(self, act: Act) -> None:
        if act.drips and act.reply:
            for letter in act.reply:
                self._writer.write(letter.encode())
                await self._writer.drain()
                await asyncio.sleep(0.05)
        if act.reply is not None:
            await self.push(act.reply)
        if act.hangs:
            await asyncio.sleep(3600)
        if act.closes:
            self._writer.close()
            raise asyncio.CancelledError

    async def push(self, status: Any) -> None:
        if status:  # what was performed has been said
            await super().push(status)

    async def _handle_client(self) -> None:
        act = self._mailbox.scripted("CONNECT")
        if act is not None:
            await self.perform(act)
            await self._reader.read()
            return
        await super()._handle_client()

    async def _step(self, step: str, usual: Callable[[str | None], Awaitable[None]], argument: str | None) -> None:
        self._mailbox.heard.append(step if argument is None else f"{step} {argument}")
        recipient = (argument or "").partition("<")[2].partition(">")[0]
        act = self._mailbox.scripted(step, (recipient,))
        if act is None:
            await usual(argument)
        else:
            await self.perform(act)
