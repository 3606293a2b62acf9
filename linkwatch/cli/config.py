"""`linkwatch config`: the configuration, looked at."""

import difflib
from collections.abc import Iterator
from pathlib import Path

import click

from linkwatch.cli.common import config_option, talks
from linkwatch.config import Config, load
from linkwatch.core.safe import plain
from linkwatch.core.subscribers import unmatched
from linkwatch.locale import Words


@click.group()
def config() -> None:
    """Look at the configuration."""


@config.command()
@config_option
def check(config_path: Path) -> None:
    """Say every mistake in the configuration, each with its line; exit 2 if there is one.

    What is allowed and unlikely to be meant is warned of.
    """
    loaded = load(config_path)
    words = Words(loaded.language)
    for warning in _warnings(loaded, words):
        click.echo(warning, err=True)
    if talks():
        click.echo(words.count("cli.config.good", len(loaded.sources), path=str(config_path)))


def _warnings(loaded: Config, words: Words) -> Iterator[str]:
    """No mistakes: links come and go, and those that are there are to be checked all the same."""
    sources = loaded.sources
    known = {
        "counties": {one.county for one in sources if one.county},
        "owners": {one.owner for one in sources},
        "tags": {tag for one in sources for tag in one.tags},
    }
    for subscriber, key, value in unmatched(loaded.mail.subscribers, sources):
        said = {"subscriber": plain(subscriber), "which": key, "value": plain(value)}
        near = difflib.get_close_matches(value, sorted(known.get(key, ())), n=1)
        if not value:
            yield words.text("cli.config.unmatched_together", subscriber=said["subscriber"])
        elif near:
            yield words.text("cli.config.unmatched_near", **said, near=plain(near[0]))
        else:
            yield words.text("cli.config.unmatched", **said)
