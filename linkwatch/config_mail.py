"""`[mail]`, `[[subscriber]]` and `[[webhook]]`: who is told, by whom and how."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from linkwatch.config_shapes import TABLE, County, Identifier, Mail, Text, Url, wrong
from linkwatch.core.due import Every, Rhythm
from linkwatch.core.models import Severity
from linkwatch.core.outbox import Channel
from linkwatch.core.subscribers import Only, Subscriber

Security = Literal["starttls", "tls", "none"]

_PORTS: Mapping[str, int] = {"starttls": 587, "tls": 465, "none": 25}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SEVERITIES = {"notice": Severity.NOTICE, "unverifiable": Severity.UNVERIFIABLE, "warning": Severity.WARNING,
               "broken": Severity.BROKEN}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A program that is told of each change. The secret is read when it is used."""

    id: str
    url: str
    secret_file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """What the three tables say, or how it is where nothing is said: nobody is told."""

    host: str = ""  # of the server; "": there is none
    port: int = 587
    security: Security = "starttls"
    user: str | None = None
    password_file: Path | None = None
    sender: str = ""  # the mailbox in From, and where what cannot be delivered comes back to
    name: str = ""  # beside it
    reply_to: str = ""
    timeout_s: float = 30.0
    give_up_after: timedelta = timedelta(days=3)
    operators: tuple[str, ...] = ()
    letters: bool = False  # whether the desk may send letters to owners
    subscribers: tuple[Subscriber, ...] = ()
    apprise_files: Mapping[str, Path] | None = None  # by the subscriber's id, where its secret address is
    webhooks: tuple[Webhook, ...] = ()

    @property
    def can_send(self) -> bool:
        return bool(self.host and self.sender)

    @property
    def can_be_overheard(self) -> bool:
        """Whether a password would go out in clear, to another machine."""
        return self.security == "none" and not _is_here(self.host)

    @property
    def tells_anybody(self) -> bool:
        return bool(self.subscribers or self.operators or self.webhooks or self.letters)

    @property
    def domain(self) -> str:
        """Whose mail this is: the end of its Message-IDs."""
        return self.sender.rpartition("@")[2] or "linkwatch.invalid"

    def subscriber(self, subscriber_id: str) -> Subscriber | None:
        return next((one for one in self.subscribers if one.id == subscriber_id), None)

    def webhook(self, webhook_id: str) -> Webhook | None:
        return next((one for one in self.webhooks if one.id == webhook_id), None)


# ---------------------------------------------------------------- the tables' shape


def _server(text: str) -> str:
    host, colon, port = text.rpartition(":")
    name = host if colon else text
    if not name or any(letter in name for letter in " /@[]") or (colon and not (port.isdigit() and int(port) <= 65535)):
        raise wrong(f"{text!r} is not a mail server, such as 'smtp.example.se' or 'smtp.example.se:587'")
    return text


def _weekday(word: str) -> str:
    if word not in _WEEKDAYS:
        raise wrong(f"{word!r} is not a weekday: {', '.join(_WEEKDAYS)}")
    return word


class MailTable(BaseModel):
    model_config = TABLE

    server: Annotated[Text, AfterValidator(_server)] | None = None
    security: Security = "starttls"
    user: Text | None = None
    password_file: Text | None = None
    sender: Annotated[Mail | None, Field(alias="from")] = None
    name: Text | None = None
    reply_to: Mail | None = None
    timeout_s: Annotated[float, Field(gt=0, le=120)] = 30.0
    give_up_after_days: Annotated[float, Field(gt=0, le=30)] = 3
    operators: list[Mail] = []
    letters: bool = False


class OnlyTable(BaseModel):
    model_config = TABLE

    counties: list[County] = []
    owners: list[Text] = []
    tags: list[Text] = []
    severities: list[Literal["broken", "warning", "notice", "unverifiable"]] = []

    def frozen(self) -> Only:
        return Only(
            counties=tuple(self.counties),
            owners=tuple(self.owners),
            tags=tuple(self.tags),
            severities=tuple(_SEVERITIES[word] for word in self.severities),
        )


class SubscriberTable(BaseModel):
    model_config = TABLE

    id: Identifier | None = None
    address: Mail | None = None
    apprise_file: Text | None = None
    name: Text | None = None
    language: Literal["sv", "en"] | None = None
    every: Literal["day", "week", "month"] = "week"
    weekday: Annotated[str, AfterValidator(_weekday)] = "monday"
    day: Annotated[int, Field(ge=1, le=31)] = 1
    hour: Annotated[int, Field(ge=0, le=23)] = 7
    only: OnlyTable = OnlyTable()
    always: bool = False

    def frozen(self, language: str) -> Subscriber:
        known_as = self.id or (self.address or "").lower()
        return Subscriber(
            id=known_as,
            address=self.address or known_as,
            channel=Channel.APPRISE if self.apprise_file else Channel.MAIL,
            name=self.name or "",
            language=self.language or language,
            rhythm=Rhythm(every=Every(self.every), hour=self.hour, weekday=_WEEKDAYS.index(self.weekday), day=self.day),
            only=self.only.frozen(),
            always=self.always,
        )


class WebhookTable(BaseModel):
    model_config = TABLE

    id: Identifier
    url: Url
    secret_file: Text


def frozen(
    mail: MailTable,
    subscribers: list[SubscriberTable],
    webhooks: list[WebhookTable],
    *,
    folder: Path,
    title: str,
    language: str,
    contact: str | None,
) -> MailSettings:
    """The tables as the program uses them; relative paths start from `folder`."""
    host, _, port = (mail.server or "").partition(":")
    told = tuple(one.frozen(language) for one in subscribers)
    files = {one.id: folder / row.apprise_file for one, row in zip(told, subscribers, strict=True) if row.apprise_file}
    return MailSettings(
        host=host,
        port=int(port) if port else _PORTS[mail.security],
        security=mail.security,
        user=mail.user,
        password_file=folder / mail.password_file if mail.password_file else None,
        sender=mail.sender or "",
        name=mail.name or title,
        reply_to=mail.reply_to or contact or "",
        timeout_s=mail.timeout_s,
        give_up_after=timedelta(days=mail.give_up_after_days),
        operators=tuple(dict.fromkeys(mail.operators)),
        letters=mail.letters,
        subscribers=told,
        apprise_files=files,
        webhooks=tuple(Webhook(id=one.id, url=one.url, secret_file=folder / one.secret_file) for one in webhooks),
    )


# ---------------------------------------------------------------- mistakes that no single key shows


Mistake = tuple[tuple[str | int, ...], str]


def across(raw: Mapping[str, Any]) -> Iterator[Mistake]:
    """`raw` is the whole file as it stands."""
    mail = raw.get("mail")
    yield from _of_mail(mail if isinstance(mail, dict) else {}, is_needed=_is_needed(raw))
    seen: dict[str, int] = {}
    for number, row in enumerate(_rows(raw, "subscriber")):
        place = ("subscriber", number)
        yield from ((place + loc, what) for loc, what in _of_subscriber(row))
        known_as = str(row.get("id") or str(row.get("address") or "").lower())
        if known_as and seen.setdefault(known_as, number) != number:
            yield (
                (*place, "id" if row.get("id") else "address"),
                f"{known_as!r} is used already, by subscriber number {seen[known_as] + 1}: give this one an id",
            )


def _is_needed(raw: Mapping[str, Any]) -> str | None:
    """Why a server is needed."""
    if any(row.get("address") for row in _rows(raw, "subscriber")):
        return "there are subscribers"
    mail = raw.get("mail")
    if isinstance(mail, dict) and mail.get("operators"):
        return "there are operators"
    return "letters are to be sent" if isinstance(mail, dict) and mail.get("letters") is True else None


def _of_mail(mail: Mapping[str, Any], *, is_needed: str | None) -> Iterator[Mistake]:
    if "password" in mail:
        yield (
            ("mail", "password"),
            "a password does not belong in this file: put it into a file of its own (password_file), or into the "
            "environment (LINKWATCH_SMTP_PASSWORD)",
        )
    if mail.get("security") == "none" and mail.get("user") and not _is_here(str(mail.get("server", ""))):
        yield ("mail", "security"), "user and password would go out for everybody to read: use 'starttls' or 'tls'"
    if is_needed:
        for key, what in (("server", "the mail server"), ("from", "the mailbox that the mail comes from")):
            if not mail.get(key):
                yield ("mail", key), f"is missing: {is_needed}, and this is {what}"


def _is_here(server: str) -> bool:
    return server.partition(":")[0] in ("localhost", "127.0.0.1")


def _of_subscriber(row: Mapping[str, Any]) -> Iterator[Mistake]:
    if bool(row.get("address")) == bool(row.get("apprise_file")):
        yield (), "needs one of address (a mailbox) and apprise_file"
    elif row.get("apprise_file") and not row.get("id"):
        yield (), "needs an id, since it has no address"
    for key, every in (("weekday", "week"), ("day", "month")):
        if key in row and row.get("every", "week") != every:
            yield (key,), f"goes with every = {every!r} only"


def _rows(raw: Mapping[str, Any], table: str) -> list[dict[str, Any]]:
    rows = raw.get(table)
    return [row if isinstance(row, dict) else {} for row in rows] if isinstance(rows, list) else []
