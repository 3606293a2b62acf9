"""The channels that parcels go by, each with what the configuration says of it and the secrets that it needs."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from linkwatch.config import Config
from linkwatch.core.outbox import Channel, Outcome, Result, Waiting, mark
from linkwatch.core.tickets import ANSWERS_FOR, Purpose, Ticket, hash_of, sign
from linkwatch.fetch.post import post
from linkwatch.notify import apprise, webhook
from linkwatch.notify.message import Sender, filled, message
from linkwatch.notify.smtp import Smtp
from linkwatch.notify.smtp_line import Server

USER, PASSWORD = "LINKWATCH_SMTP_USER", "LINKWATCH_SMTP_PASSWORD"


class Carrier(Protocol):
    """One channel, open for as long as one pass lasts."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def send(self, waiting: Waiting, now: datetime) -> Outcome: ...


Carriers = Callable[[Config, bytes], Mapping[Channel, Carrier]]  # the key signs the readers' own links


def carriers_of(config: Config, key: bytes) -> Mapping[Channel, Carrier]:
    return {
        Channel.MAIL: MailCarrier(config, key),
        Channel.WEBHOOK: WebhookCarrier(config),
        Channel.APPRISE: AppriseCarrier(config, key),
    }


class _Opened:
    """A carrier without anything to open."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class MailCarrier(_Opened):
    def __init__(self, config: Config, key: bytes) -> None:
        super().__init__(config)
        self._links = Links(config, key)
        self._smtp: Smtp | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._smtp:
            self._smtp.__exit__(kind, error, trace)
            self._smtp = None

    def send(self, waiting: Waiting, now: datetime) -> Outcome:  # noqa: ARG002  (a mail bears the time it was made)
        mail = self._config.mail
        if not mail.can_send:
            return Outcome(result=Result.LATER, detail="[mail] names no server and sender", is_down=True)
        if self._smtp is None:
            try:
                self._smtp = Smtp(server(self._config))
            except _NoSecret as error:
                return Outcome(result=Result.LATER, detail=str(error), is_down=True)
        return self._smtp.send(mail.sender, waiting.parcel.recipient, mail_of(self._config, waiting, self._links))


class WebhookCarrier(_Opened):
    def send(self, waiting: Waiting, now: datetime) -> Outcome:
        hook = self._config.mail.webhook(waiting.parcel.recipient)
        if hook is None:
            return Outcome(result=Result.VOID)
        body = waiting.parcel.content.text.encode()
        try:
            secret = _secret(hook.secret_file)
            headers = webhook.signed(body, message_id=waiting.parcel.message_id, now=now, secret=secret)
        except (_NoSecret, ValueError) as error:
            return Outcome(result=Result.LATER, detail=str(error))
        posted = post(hook.url, body, headers, self._config.fetch, timeout_s=self._config.mail.timeout_s)
        return webhook.outcome(posted.status, posted.headers, posted.detail, now=now, is_doubtful=posted.is_doubtful)


class AppriseCarrier(_Opened):
    def __init__(self, config: Config, key: bytes) -> None:
        super().__init__(config)
        self._links = Links(config, key)

    def send(self, waiting: Waiting, now: datetime) -> Outcome:  # noqa: ARG002
        path = (self._config.mail.apprise_files or {}).get(waiting.parcel.subscriber or "")
        if path is None:
            return Outcome(result=Result.VOID)
        try:
            return apprise.send(_secret(path), waiting.parcel.content.subject, text_of(waiting, self._links))
        except _NoSecret as error:
            return Outcome(result=Result.LATER, detail=str(error))


# ---------------------------------------------------------------- mail


class Links:
    """The addresses that only one reader has."""

    def __init__(self, config: Config, key: bytes) -> None:
        self._desk = config.web.public_url
        self._key = key

    @property
    def is_nowhere(self) -> bool:
        return self._desk is None

    def settings(self, waiting: Waiting) -> str | None:
        return self._at("settings", _ticket(waiting, Purpose.SETTINGS))

    def leaving(self, waiting: Waiting) -> str | None:
        return self._at("unsubscribe", _ticket(waiting, Purpose.SETTINGS))

    def answering(self, waiting: Waiting) -> Callable[[int], str] | None:
        if self._desk is None:
            return None

        def answer_url(number: int) -> str:
            asked = waiting.parcel.content.asked[number - 1]
            ticket = replace(
                _ticket(waiting, Purpose.ANSWER),
                link_id=asked.link_id,
                fingerprint=asked.fingerprint,
                ends=waiting.made_at + ANSWERS_FOR,
            )
            return self._at("answer", ticket) or ""

        return answer_url

    def _at(self, page: str, ticket: Ticket) -> str | None:
        return f"{self._desk}/mail/{page}/{sign(ticket, self._key)}" if self._desk and ticket.subscriber else None


def _ticket(waiting: Waiting, purpose: Purpose) -> Ticket:
    parcel = waiting.parcel
    return Ticket(purpose=purpose, subscriber=parcel.subscriber or "", address_hash=hash_of(parcel.recipient))


def mail_of(config: Config, waiting: Waiting, links: Links) -> EmailMessage:
    """The mail exactly as it goes out; the same each time.

    Where its links lead to a desk that the configuration no longer names, it goes without them, and all that is around
    them.
    """
    mail = config.mail
    if links.is_nowhere and mark(0) in waiting.parcel.content.text:
        waiting = replace(waiting, is_bare=True)
    return message(
        waiting,
        Sender(
            address=mail.sender,
            name=mail.name,
            reply_to=mail.reply_to,
            list_id=f"linkwatch.{mail.domain}",
            site=config.title,
        ),
        now=waiting.made_at,
        settings_url=links.settings(waiting),
        unsubscribe_url=links.leaving(waiting),
        answer_url=links.answering(waiting),
    )


def text_of(waiting: Waiting, links: Links) -> str:
    """The text alone, with the reader's own addresses."""
    content, answering = waiting.parcel.content, links.answering(waiting)

    def address_of(number: int) -> str:
        return (links.settings(waiting) if number == 0 else answering(number) if answering else None) or ""

    return filled(content.bare if waiting.is_bare else content.text, address_of)


class _NoSecret(Exception):
    """A secret cannot be had, or not be used. `str(error)` is a sentence."""


def server(config: Config) -> Server:
    """Where mail is handed over, with user and password from the environment or the configuration's file.

    Raises _NoSecret, also where they would go out in clear.
    """
    mail, user = config.mail, os.environ.get(USER) or config.mail.user
    if user and mail.can_be_overheard:
        raise _NoSecret('[mail] has security = "none": user and password would go out for everybody to read')
    password = os.environ.get(PASSWORD) or (_secret(mail.password_file) if mail.password_file else None)
    return Server(
        host=mail.host,
        port=mail.port,
        security=mail.security,
        user=user,
        password=password,
        timeout_s=mail.timeout_s,
        ca_file=config.fetch.ca_file,
    )


def _secret(path: Path) -> str:
    try:
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _NoSecret(f"{path} cannot be read ({getattr(error, 'strerror', None) or 'it is not text'})") from error
    if not found:
        raise _NoSecret(f"{path} is empty")
    return found
