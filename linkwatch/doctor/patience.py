"""One look after the other, each within its time. One that fails, or takes too long, is a finding like any other."""

import os
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

from linkwatch.doctor.records import Check, Finding, fault
from linkwatch.errors import LinkwatchError

T = TypeVar("T")


def looked(check: Check, look: Callable[[], Iterable[Finding]], *, within_s: float) -> tuple[Finding, ...]:
    """What a look finds, or why it found nothing."""
    nothing: tuple[Finding, ...] = ()
    found, failed = measured(check, lambda: tuple(look()), nothing, within_s=within_s)
    return (*found, *failed)


def measured(check: Check, measure: Callable[[], T], otherwise: T, *, within_s: float) -> tuple[T, tuple[Finding, ...]]:
    """What is measured and no finding; or `otherwise`, and why nothing could be measured.

    What hangs cannot be called off: it is left to a thread that the end of the program does not wait for. With
    LINKWATCH_DEBUG set what was raised is raised here too.
    """
    came: list[T] = []
    raised: list[Exception] = []

    def work() -> None:
        try:
            came.append(measure())
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=work, name=f"doctor {check}", daemon=True)
    thread.start()
    thread.join(within_s)
    if came:
        return came[0], ()
    if not raised:
        return otherwise, (fault(check, "check_slow", seconds=round(within_s)),)
    if os.environ.get("LINKWATCH_DEBUG"):
        raise raised[0]
    return otherwise, (fault(check, "check_failed", detail=_said(raised[0])),)


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, LinkwatchError) else f"{type(error).__name__}: {error}"
