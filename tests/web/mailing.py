"""A desk that sends mail, and the links that stand in the mails of its one subscriber."""

from dataclasses import replace
from typing import Any

from linkwatch.core import fingerprint
from linkwatch.core.reviews import Review
from linkwatch.core.subscribers import Subscription
from linkwatch.core.tickets import ANSWERS_FOR, Purpose, Ticket, hash_of, sign
from tests.web.desk import OpenDesk

WHO = "Webbredaktionen"
ADDRESS = "webb@myndigheten.example"
MAIL = """
[mail]
server = "127.0.0.1:25"
security = "none"
from = "linkwatch@myndigheten.example"
reply_to = "svar@myndigheten.example"
letters = true
"""
SUBSCRIBER = f"""
[[subscriber]]
address = "{ADDRESS}"
name = "{WHO}"
language = "sv"
"""


def ticket(desk: OpenDesk, link_id: str = "blekinge", **changes: Any) -> Ticket:
    """As a mail has it that is made now."""
    link = desk.current.desk.link(link_id, desk.clock())
    seen = (link.fingerprint or fingerprint.of(link)) if link else ""
    made = Ticket(
        purpose=Purpose.ANSWER,
        subscriber=ADDRESS,
        address_hash=hash_of(ADDRESS),
        link_id=link_id,
        fingerprint=seen,
        ends=desk.clock() + ANSWERS_FOR,
    )
    return replace(made, **changes)


def answering(desk: OpenDesk, link_id: str = "blekinge", **changes: Any) -> str:
    """The address of the page that answers a finding."""
    return f"/mail/answer/{sign(ticket(desk, link_id, **changes), desk.current.subscriptions.key())}"


def about(desk: OpenDesk, page: str, subscriber: str = ADDRESS, *, address: str | None = None) -> str:
    """The address of a page of the subscriber's own: "settings" or "unsubscribe". `address` is where the mail went."""
    own = Ticket(purpose=Purpose.SETTINGS, subscriber=subscriber, address_hash=hash_of(address or subscriber))
    return f"/mail/{page}/{sign(own, desk.current.subscriptions.key())}"


def subscription(desk: OpenDesk) -> Subscription:
    found = desk.current.subscriptions.get(ADDRESS)
    assert found is not None
    return found


def given(desk: OpenDesk, link_id: str = "blekinge") -> list[Review]:
    """The answers that hold."""
    link = desk.current.desk.link(link_id, desk.clock())
    assert link is not None
    return list(link.reviews)


def rewrite(desk: OpenDesk, old: str, new: str) -> None:
    """In sources.toml; the desk follows it."""
    text = desk.config_path.read_text(encoding="utf-8")
    assert old in text
    desk.config_path.write_text(text.replace(old, new), encoding="utf-8")
