"""Whatever the library apprise can reach: chats, telephones, pagers (`pip install linkwatch[apprise]`).

Apprise opens connections of its own, to wherever the address says: they do not pass the check of addresses that all
visits and webhooks pass, nor are they bound to our time limits beyond its own. So only the operator's configuration may
name such an address, never a reader.
"""

import importlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from linkwatch.core.outbox import Outcome, Result
from linkwatch.core.safe import plain

_MISSING = "The library apprise is not installed: pip install 'linkwatch[apprise]'."
_LONGEST_DETAIL = 300


def send(url: str, title: str, body: str) -> Outcome:
    """Plain text to one apprise address. It says only whether it worked; the reason is what it wrote into its log.

    The address may hold a password: neither it nor the log's debugging lines are repeated.
    """
    library = _library()
    if library is None:
        return Outcome(result=Result.LATER, detail=_MISSING, is_down=True)
    service = library.Apprise()
    if not service.add(url):
        return Outcome(result=Result.NEVER, detail="apprise does not know what to do with this address")
    with _listening() as said:
        is_sent = service.notify(title=title, body=body, body_format=library.NotifyFormat.TEXT)
    detail = plain(" ".join(said), _LONGEST_DETAIL)
    if is_sent:
        return Outcome(result=Result.SENT, detail=detail)
    return Outcome(result=Result.LATER, detail=detail or "apprise could not deliver it and did not say why")


def _library() -> ModuleType | None:
    try:
        return importlib.import_module("apprise")
    except ImportError:
        return None


@contextmanager
def _listening() -> Iterator[list[str]]:
    """What apprise warns of."""
    listener, log = _Listener(), logging.getLogger("apprise")
    log.addHandler(listener)
    try:
        yield listener.said
    finally:
        log.removeHandler(listener)


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())
