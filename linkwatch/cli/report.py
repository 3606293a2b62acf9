"""`linkwatch report`: the state of all links as a page, a table or data."""

from pathlib import Path

import click

from linkwatch.cli.common import config_option, now
from linkwatch.config import load
from linkwatch.files import write_whole
from linkwatch.locale import Words
from linkwatch.report import FORMATS, render
from linkwatch.snapshots import snapshot


@click.command()
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), help="Default: by the ending of --out, else html.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file, not to stdout.")
@config_option
def report(kind: str | None, out: Path | None, config_path: Path) -> None:
    """Write a report: html for reading and printing, text, csv (for Excel) or json."""
    config = load(config_path)
    words = Words(config.language)
    view = snapshot(config, now())
    text = render(view, format=kind or _by_ending(out), words=words, title=config.title, timezone=config.timezone)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_whole(out, text)


def _by_ending(out: Path | None) -> str:
    ending = out.suffix.lstrip(".").lower() if out else ""
    return {"htm": "html", "txt": "text"}.get(ending, ending if ending in FORMATS else "html")
