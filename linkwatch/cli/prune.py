"""`linkwatch prune`: rolls up old history, forgets what is past its retention, and gives the room back."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from linkwatch.cli.common import config_option, now, talks
from linkwatch.cli.stopping import stopping
from linkwatch.config import Config, load
from linkwatch.locale import Words
from linkwatch.store.history import History, Pruned

_MEGABYTE = 1_000_000


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@config_option
def prune(dry_run: bool, as_json: bool, config_path: Path) -> int:
    """Keep the database small: roll up old checks, and forget what is older than [history] says.

    Works beside a run and the review desk. Stopped before it is done, it goes on the next time. The job of every
    night (`linkwatch schedule`, `serve` or `check --due`) does the same.
    """
    config = load(config_path)
    with stopping() as stop, History.open(config.database, create=False, read_only=dry_run) as history:
        kept = config.operations
        if dry_run:
            pruned = history.planned(now(), raw=kept.raw, days=kept.days, retention=kept.retention)
        else:
            pruned = history.prune(now(), raw=kept.raw, days=kept.days, retention=kept.retention, stop=stop)
    if as_json:
        click.echo(json.dumps(asdict(pruned), indent=2))
    elif dry_run or talks():
        _tell(pruned, config, dry_run=dry_run)
    return 128 + stop.number if stop.number else 0


def _tell(pruned: Pruned, config: Config, *, dry_run: bool) -> None:
    words = Words(config.language)
    if pruned.folded or pruned.rolled:
        numbers = {"folded": words.number(pruned.folded), "rolled": words.number(pruned.rolled)}
        click.echo(words.text("cli.prune.would_roll_up" if dry_run else "cli.prune.rolled_up", **numbers))
    for table, number in pruned.forgotten.items():
        what = words.count(f"cli.prune.rows.{table}", number)
        click.echo(words.text("cli.prune.would_forget" if dry_run else "cli.prune.forgot", what=what))
    if pruned.is_empty:
        click.echo(words.text("cli.prune.nothing"))
    if pruned.given_back >= _MEGABYTE:
        size = words.number(round(pruned.given_back / _MEGABYTE))
        click.echo(words.text("cli.prune.is_free" if dry_run else "cli.prune.given_back", size=size))
    if pruned.days_behind:
        click.echo(words.count("cli.prune.behind", pruned.days_behind))
    if not pruned.is_whole:
        click.echo(words.text("cli.prune.stopped"))
