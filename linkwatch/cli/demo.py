"""`linkwatch demo`: the main job on an embedded web of 21 counties, told over simulated weeks."""

import asyncio
import shutil
from pathlib import Path

import click

from linkwatch.errors import LinkwatchError, UsageError

_MARK = ".linkwatch-demo"


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("linkwatch-demo"),
              show_default=True, help="Where report and database are left.")  # fmt: skip
@click.option("--language", type=click.Choice(["sv", "en"]), default="sv", show_default=True)
def demo(out: Path, language: str) -> int:
    """Play some weeks of a small web on this machine, and see what linkwatch says of it. Needs no network."""
    from linkwatch.demo.story import play  # noqa: PLC0415  (servers and certificates, of no use to other commands)

    _make_room(out)
    outcome = asyncio.run(play(out, language=language, tell=click.echo))
    return 1 if outcome.surprises else 0


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
