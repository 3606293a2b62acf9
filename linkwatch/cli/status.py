"""`linkwatch status`: what is believed of every link, without visiting any."""

from dataclasses import replace
from pathlib import Path

import click

from linkwatch.cli.common import chosen_sources, config_option, now, snapshot
from linkwatch.config import load
from linkwatch.locale import Words
from linkwatch.report import json as json_report
from linkwatch.report import render


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@config_option
def status(ids: tuple[str, ...], as_json: bool, config_path: Path) -> None:
    """Show what is believed of the links, all of them or those named. Visits nothing."""
    config = load(config_path)
    wanted = {source.id for source in chosen_sources(config, ids)}
    view = snapshot(config, now())
    view = replace(view, links=tuple(link for link in view.links if link.source.id in wanted))
    if as_json:
        click.echo(json_report.dumps(view))
    else:
        words = Words(config.language)
        click.echo(render(view, format="text", words=words, title=config.title, timezone=config.timezone), nl=False)
