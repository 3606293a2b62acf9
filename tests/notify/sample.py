"""What the tests of this room send."""

from datetime import UTC, datetime
from typing import Any

from linkwatch.core.outbox import Asked, Channel, Content, Kind, Parcel, Waiting, mark
from linkwatch.notify.message import Sender

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

SENDER = Sender(
    address="linkwatch@example.se",
    name="linkwatch",
    reply_to="webb@example.se",
    list_id="linkwatch.example.se",
    site="Regionala serviceprogram",
)

CONTENT = Content(
    subject="1 ny trasig länk, 2 åtgärdade – 21 av 21 kontrollerade",
    text=f"Blekinge: sidan finns inte.\nDet här är rätt: {mark(1)}\nÄndra: {mark(0)}\n",
    html=f'<p>Blekinge</p><a href="{mark(1)}">Rätt</a> <a href="{mark(0)}">Ändra</a>',
    bare="Se granskningen.\n",
    asked=(Asked(link_id="blekinge", fingerprint="1"),),
)


def waiting(*, content: Content = CONTENT, is_bare: bool = False, **more: Any) -> Waiting:
    parcel = Parcel(
        **{
            "kind": Kind.DIGEST,
            "channel": Channel.MAIL,
            "recipient": "anna@example.se",
            "message_id": "<20261123.1@example.se>",
            "content": content,
            **more,
        }
    )
    return Waiting(id=1, parcel=parcel, made_at=NOW, first_at=NOW, is_bare=is_bare)
