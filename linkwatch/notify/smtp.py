"""One mail to one recipient over SMTP (RFC 5321), and exactly what came of it.

The rule that everything here follows: an answer that was given is believed, and where none was given after the content
had begun to go out, the mail may have arrived.

No attempt lasts longer than `Server.total_s`, beside looking up the server's name, however slowly the server speaks.
"""

import contextlib
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from types import TracebackType
from typing import Self

from linkwatch.core.outbox import Outcome, Result
from linkwatch.core.safe import plain
from linkwatch.notify.mailboxes import Mailbox, mailbox
from linkwatch.notify.smtp_line import Ended, Limit, Line, Reply, Server

_CLOSING, _GO_AHEAD = 421, 354
_TOO_BIG = 552
_NOT_LOGGED_IN = (530, 535, 538)  # RFC 4954 §6
_RELAY = re.compile(r"\brelay", re.IGNORECASE)  # as Postfix, Exim, Exchange and Sendmail say that we are strangers
_LINE_END = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"^\.", re.MULTILINE)


class Smtp:
    """A connection that is made when first needed and used again. For one thread at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._line: Line | None = None

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
        with Limit(self._server.total_s) as limit:
            if self._line is not None:
                with contextlib.suppress(_HungUp):
                    return self._deliver(envelope, limit, is_reused=True)
            return self._deliver(envelope, limit, is_reused=False)

    def _deliver(self, envelope: "_Envelope", limit: Limit, *, is_reused: bool) -> Outcome:
        """Raises `_HungUp` where the server had let go of a connection that was kept: nothing has been said then."""
        try:
            if self._line is None:
                self._line = Line(self._server, limit)
            limit.hold(self._line.handle)
            outcome = _transact(self._line, envelope, is_reused=is_reused)
            if outcome.result is not Result.SENT and not self._line.starts_over():
                self._let_go()
        except Ended as error:
            self._let_go()
            return _ended(error, limit)
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
    with Limit(server.total_s) as limit:
        try:
            line = Line(server, limit)
            try:
                reply = line.say("NOOP")
            finally:
                line.quit()
        except Ended as error:
            return _ended(error, limit).detail
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


def _transact(line: Line, envelope: _Envelope, *, is_reused: bool) -> Outcome:
    """One transaction for one recipient. Raises `Ended` when the connection is of no more use, `_HungUp` likewise."""
    if envelope.needs_utf8 and not line.offers("smtputf8"):
        who = envelope.reader if envelope.reader.needs_utf8 else envelope.writer
        why = f"{line.server} takes only addresses in ASCII (it has no SMTPUTF8), which {who} or a header is not"
        return Outcome(result=Result.NEVER, detail=why) if envelope.reader.needs_utf8 else _down(why)
    if 0 < line.most_bytes < len(envelope.content):
        why = f"{line.server} takes {line.most_bytes} bytes at most, and the mail has {len(envelope.content)}"
        return Outcome(result=Result.REFUSED, detail=why)
    return _mail(line, envelope, is_reused=is_reused) or _rcpt(line, envelope) or _data(line, envelope)


def _mail(line: Line, envelope: _Envelope, *, is_reused: bool) -> Outcome | None:
    options = f" SIZE={len(envelope.content)}" if line.offers("size") else ""
    if envelope.needs_utf8:
        options += " BODY=8BITMIME SMTPUTF8"
    try:
        reply = line.say(f"MAIL FROM:<{envelope.writer}>{options}")
    except Ended as error:
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


def _rcpt(line: Line, envelope: _Envelope) -> Outcome | None:
    reply = line.say(f"RCPT TO:<{envelope.reader}>")
    if reply.is_well:
        return None
    if reply.is_passing or reply.code == _TOO_BIG:  # a mailbox that is full may be emptied (RFC 5321 §4.5.3.1.10)
        why = f"{line.server} does not take mail for {envelope.reader} now: {reply}"
        return Outcome(result=Result.LATER, detail=why, is_down=reply.code == _CLOSING)
    if reply.code in _NOT_LOGGED_IN or _RELAY.search(reply.text):
        return _down(f"{line.server} does not let linkwatch send to others, as if it were a stranger: {reply}")
    return Outcome(result=Result.NEVER, detail=f"{line.server} refuses the recipient {envelope.reader}: {reply}")


def _data(line: Line, envelope: _Envelope) -> Outcome:
    reply = line.say("DATA")
    if reply.code == _GO_AHEAD:
        try:
            reply = line.hand_over(envelope.content)
        except Ended as error:
            error.is_doubtful = True
            raise
        if reply.is_well:
            return Outcome(result=Result.SENT, detail=str(reply))
    if reply.is_final:
        return Outcome(result=Result.REFUSED, detail=f"{line.server} refuses the mail: {reply}")
    return _later(line, "does not take the mail now", reply)


def _later(line: Line, what: str, reply: Reply) -> Outcome:
    """Also for a reply that has no place where it came."""
    is_down = reply.code == _CLOSING or not reply.is_passing
    return Outcome(result=Result.LATER, detail=f"{line.server} {what}: {reply}", is_down=is_down)


def _down(detail: str, *, is_doubtful: bool = False) -> Outcome:
    return Outcome(result=Result.LATER, detail=detail, is_down=True, is_doubtful=is_doubtful)


def _ended(error: Ended, limit: Limit) -> Outcome:
    late = f" (stopped after {limit.seconds:g} seconds in all)" if limit.has_passed else ""
    return _down(f"{error}{late}", is_doubtful=error.is_doubtful)


class _HungUp(Exception):
    """The server has closed a connection that we had kept."""
