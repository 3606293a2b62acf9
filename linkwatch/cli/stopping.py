"""Signals that end a command after what is under way."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """`number` is the signal that has come, None before. Called, it says whether one has."""

    def __init__(self) -> None:
        self.number: int | None = None

    def __call__(self) -> bool:
        return self.number is not None

    def on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self.number is not None:
            raise SystemExit(128 + number)
        self.number = number


@contextmanager
def stopping() -> Iterator[Stop]:
    """A first SIGTERM or SIGINT is noted, for the work to end when it can; a second one ends it at once."""
    stop = Stop()
    before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {
        number: signal.signal(number, stop.on_signal) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
