"""`linkwatch status`: what is believed of every link, or all that is known of a few, without visiting any."""

import gc
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from linkwatch.cli.common import chosen_sources, config_option, now
from linkwatch.cli.outbox import counted
from linkwatch.config import Config, load
from linkwatch.core.models import Copy, Snapshot
from linkwatch.locale import Words
from linkwatch.report import details, render
from linkwatch.report import json as json_report
from linkwatch.snapshots import snapshot
from linkwatch.store import Store
from linkwatch.store.health import is_filled


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@config_option
def status(ids: tuple[str, ...], as_json: bool, config_path: Path) -> None:
    """Show what is believed of the links. Visits nothing.

    Without an ID: all links, what there is to do first. With IDs: all that is known of those links, with the evidence,
    the way hop by hop, the approved copy and what has happened.
    """
    gc.disable()  # all that is read stays until the end: to look for garbage in it takes a quarter of the time
    config = load(config_path)
    named = [source.id for source in chosen_sources(config, ids)]
    view = snapshot(config, now(), is_brief=not (ids or as_json))
    if as_json:
        click.echo(json_report.dumps(_only(view, named)))
    elif ids:
        click.echo(_details(config, view, named), nl=False)
    else:
        words = Words(config.language)
        click.echo(render(view, format="text", words=words, title=config.title, timezone=config.timezone), nl=False)
        if view.outbox and (view.outbox.pending or view.outbox.dead):
            click.echo(f"\n{counted(view.outbox, words)}")


def _only(view: Snapshot, ids: Sequence[str]) -> Snapshot:
    return replace(view, links=tuple(link for link in view.links if link.source.id in ids))


def _details(config: Config, view: Snapshot, ids: Sequence[str]) -> str:
    return details.render(view, ids, _copies(config, ids), words=Words(config.language), timezone=config.timezone)


def _copies(config: Config, ids: Sequence[str]) -> dict[str, Copy]:
    if not is_filled(config.database):
        return {}
    with Store.open(config.database, create=False, read_only=True) as store:
        return {one: copy for one in ids if (copy := store.copy(one))}
