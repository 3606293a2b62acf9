"""A mail as bytes (RFC 5322) from what is to be said: headers that hold whatever stands in them, text before HTML."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from urllib.parse import quote

from linkwatch.core.outbox import Kind, Parcel, Waiting
from linkwatch.notify.headers import LONGEST_LINE, LONGEST_WORD, put, put_mailboxes, put_named, put_text
from linkwatch.notify.mailboxes import Mailbox, mailbox

UNSUBSCRIBE = "unsubscribe"  # the subject of a mail that asks for it

_POLICY = SMTP.clone(max_line_length=LONGEST_LINE)  # RFC 2045 §6.7 (5)
_MARK = re.compile("\x02([0-9]{1,6})\x03")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LONGEST_SUBJECT = 300
_LONGEST_NAME = 200
_NOBODY = "undisclosed-recipients:;"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The deployment as its mails name it."""

    address: str  # a mailbox
    name: str
    reply_to: str  # a mailbox, or "" where answers go to `address`
    list_id: str  # "linkwatch.example.se"
    site: str  # what the list is called


def message(
    waiting: Waiting,
    sender: Sender,
    *,
    now: datetime,
    settings_url: str | None,
    unsubscribe_url: str | None,
    answer_url: Callable[[int], str] | None,
) -> EmailMessage:
    """The mail to `waiting.parcel.recipient`, with the reader's own addresses in place of the marks.

    A mark without an address (None) goes without a trace. The same arguments give the same bytes.
    """
    parcel, content = waiting.parcel, waiting.parcel.content
    mail = EmailMessage(policy=_POLICY)
    _address(mail, parcel, sender)
    put_text(mail, "Subject", content.subject[:_LONGEST_SUBJECT])
    put(mail, "Date", *format_datetime(now).split(" "))
    put(mail, "Message-ID", parcel.message_id)
    if parcel.kind is not Kind.LETTER:
        put(mail, "Auto-Submitted", "auto-generated")  # RFC 3834: no answers of machines
        put(mail, "X-Auto-Response-Suppress", "All")  # Exchange's own word for it
        put_named(mail, "List-Id", sender.site[:_LONGEST_NAME], sender.list_id)
    if parcel.kind is Kind.DIGEST:
        _unsubscribing(mail, sender, unsubscribe_url)

    def address_of(number: int) -> str:
        if number == 0:
            return settings_url or ""
        return answer_url(number) if answer_url else ""

    if waiting.is_bare:
        _set(mail, content.bare, address_of)
    else:
        _set(mail, content.text, address_of)
    if content.html and not waiting.is_bare:
        mail.make_alternative(boundary=_boundary(parcel.message_id))
        page = filled(content.html, lambda number: escape(address_of(number)))
        mail.add_alternative(page, subtype="html", charset="utf-8", cte="base64")
    put(mail, "Content-Language", content.language)  # last: making the content takes away what said so before
    return mail


# ---------------------------------------------------------------- who


def _address(mail: EmailMessage, parcel: Parcel, sender: Sender) -> None:
    if writer := mailbox(sender.address):
        put_mailboxes(mail, "From", (sender.name[:_LONGEST_NAME], writer))
    if reply_to := mailbox(parcel.reply_to or sender.reply_to):
        put_mailboxes(mail, "Reply-To", ("", reply_to))
    if named := list(_named(parcel)):
        put_mailboxes(mail, "To", *(("", one) for one in named))
    else:
        put(mail, "To", _NOBODY)


def _named(parcel: Parcel) -> Iterator[Mailbox]:
    """Whom the mail says it goes to. One in letters beyond ASCII is named to itself alone: it would keep all others
    from a mail that their servers could not take (RFC 6531)."""
    itself = mailbox(parcel.recipient)
    for one in filter(None, map(mailbox, parcel.to or (parcel.recipient,))):
        if one == itself or not one.needs_utf8:
            yield one


def _unsubscribing(mail: EmailMessage, sender: Sender, url: str | None) -> None:
    """RFC 2369, and RFC 8058 where there is an https address that takes a POST."""
    by_post = url if url and url.startswith("https://") and url.isascii() and len(url) <= LONGEST_WORD else None
    by_mail = mailbox(sender.reply_to or sender.address)
    ways = [by_post] if by_post else []
    if by_mail:
        ways.append(f"mailto:{quote(str(by_mail), safe='@')}?subject={UNSUBSCRIBE}")
    if ways:
        put(mail, "List-Unsubscribe", *", ".join(f"<{way}>" for way in ways).split(" "))
    if by_post:
        put(mail, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


# ---------------------------------------------------------------- what


def _set(mail: EmailMessage, text: str, address_of: Callable[[int], str]) -> None:
    mail.set_content(filled(text, address_of), charset="utf-8", cte="quoted-printable")


def filled(text: str, address_of: Callable[[int], str]) -> str:
    """No control character is left, so that nothing but the marks can have been one."""
    return _UNFIT.sub("", _MARK.sub(lambda found: address_of(int(found[1])), text))


def _boundary(message_id: str) -> str:
    """The same for the same mail. "=_" stands in no quoted-printable text and in no base64 (RFC 2045 §6.7)."""
    return f"=_{sha256(message_id.encode('utf-8', 'replace')).hexdigest()[:32]}"
