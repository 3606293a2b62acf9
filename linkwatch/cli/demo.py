"""`linkwatch demo`: the main job on an embedded web of 21 counties, told over simulated weeks."""

import asyncio
import shutil
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import click

from linkwatch.cli.common import now
from linkwatch.errors import LinkwatchError, UsageError

if TYPE_CHECKING:
    from linkwatch.demo.story import Outcome

_MARK = ".linkwatch-demo"


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("linkwatch-demo"),
              show_default=True, help="Where report and database are left.")  # fmt: skip
@click.option("--language", type=click.Choice(["sv", "en"]), default="sv", show_default=True)
@click.option("--serve", is_flag=True, help="Then show the review desk, on the web as the story leaves it.")
@click.option("--listen", metavar="HOST:PORT", help="Where --serve listens.  [default: 127.0.0.1:8420]")
def demo(out: Path, language: str, serve: bool, listen: str | None) -> int:
    """Play some weeks of a small web on this machine, and see what linkwatch says of it. Needs no network."""
    _make_room(out)
    if serve:
        with _played(out, language) as outcome:
            return _serve(outcome, listen)
    from linkwatch.demo.story import play  # noqa: PLC0415  (servers and certificates, of no use to other commands)

    return 1 if asyncio.run(play(out, language=language, tell=click.echo)).surprises else 0


@contextmanager
def _played(out: Path, language: str) -> Iterator["Outcome"]:
    """The story, played; its web answers until the end of the block, in a thread of its own."""
    from linkwatch.demo.story import play  # noqa: PLC0415  (servers and certificates, of no use to other commands)

    played: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, Outcome]] = Future()

    async def linger(outcome: "Outcome") -> None:
        end = asyncio.Event()
        played.set_result((asyncio.get_running_loop(), end, outcome))
        await end.wait()

    def run() -> None:
        try:
            asyncio.run(play(out, language=language, tell=click.echo, linger=linger))
        except BaseException as error:
            if not played.done():
                played.set_exception(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    loop, end, outcome = played.result()
    try:
        yield outcome
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()


def _serve(outcome: "Outcome", listen: str | None) -> int:
    """The desk on the day of the last chapter, from where its clock goes on."""
    from linkwatch.cli.serve import desk  # noqa: PLC0415

    ahead = outcome.chapters[-1].snapshot.generated_at - now()
    return desk(outcome.config, listen, clock=lambda: now() + ahead)


def _make_room(folder: Path) -> None:
    """An earlier demo's folder is made anew; anybody else's folder is left alone."""
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).exists():
        raise UsageError(f"{folder} holds other files; name an empty or new folder with --out")
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / _MARK).write_text("Made by linkwatch demo, and made anew each time.\n", encoding="utf-8")
    except OSError as error:
        raise LinkwatchError(f"{folder} cannot be written: {error.strerror}.") from error
