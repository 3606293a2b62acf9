"""The demo's mail server: a folder, in which every mail is left as a file that a mail program or a browser opens."""

from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Self

from linkwatch.config import Config
from linkwatch.core.outbox import Outcome, Result, Waiting
from linkwatch.mailing.carriers import Links, mail_of


class Postbox:
    """Takes every mail. `heads` are recipient and subject of those since it was opened, `page` is the latest digest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.heads: list[tuple[str, str]] = []
        self.page: Path | None = None
        self._links: Links | None = None
        self._config: Config | None = None

    def of(self, config: Config, key: bytes) -> Self:
        self._config, self._links = config, Links(config, key)
        self.heads = []
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def send(self, waiting: Waiting, now: datetime) -> Outcome:
        assert self._config is not None
        assert self._links is not None
        mail = mail_of(self._config, waiting, self._links)
        self._folder.mkdir(exist_ok=True)
        name = f"{now:%Y-%m-%d}-{waiting.id}"
        (self._folder / f"{name}.eml").write_bytes(mail.as_bytes())
        for kind, ending in (("plain", "txt"), ("html", "html")):
            if part := _part(mail, kind):
                (self._folder / f"{name}.{ending}").write_text(part, encoding="utf-8")
                if ending == "html":
                    self.page = self._folder / f"{name}.{ending}"
        self.heads.append((waiting.parcel.recipient, waiting.parcel.content.subject))
        return Outcome(result=Result.SENT)


def _part(mail: EmailMessage, kind: str) -> str | None:
    body = mail.get_body((kind,))
    return str(body.get_content()) if body else None
