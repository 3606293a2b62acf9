"""A progress bar, on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from linkwatch.core.models import Verdict
from linkwatch.locale import Words


@contextmanager
def progress(total: int, words: Words) -> Iterator[Callable[[str, Verdict], None]]:
    """Yields what to call after each visit. Off a terminal it draws nothing."""
    if not sys.stderr.isatty():
        yield lambda _link_id, _verdict: None
        return
    from rich.console import Console  # noqa: PLC0415  (a quarter of the start-up time, and cron never needs it)
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words.text("cli.check.progress"), total=total)

        def advance(_link_id: str, _verdict: Verdict) -> None:
            bar.advance(task)

        yield advance
