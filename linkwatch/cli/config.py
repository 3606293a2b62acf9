"""`linkwatch config`: the configuration, looked at."""

from pathlib import Path

import click

from linkwatch.cli.common import config_option, talks
from linkwatch.config import load
from linkwatch.locale import Words


@click.group()
def config() -> None:
    """Look at the configuration."""


@config.command()
@config_option
def check(config_path: Path) -> None:
    """Say every mistake in the configuration, each with its line; exit 2 if there is one."""
    loaded = load(config_path)
    if talks():
        words = Words(loaded.language)
        click.echo(words.count("cli.config.good", len(loaded.sources), path=str(config_path)))
