"""`linkwatch accept`: the new address of a link into the configuration."""

from pathlib import Path

import click

from linkwatch import editing
from linkwatch.cli.common import chosen_sources, config_option, now
from linkwatch.config import Config, load
from linkwatch.core.proposal import proposal
from linkwatch.core.safe import plain
from linkwatch.core.urls import normalise
from linkwatch.editing import Edit
from linkwatch.errors import LinkwatchError, UsageError
from linkwatch.locale import Words
from linkwatch.snapshots import snapshot


@click.command()
@click.argument("source_id", metavar="ID")
@click.argument("url", required=False)
@config_option
def accept(source_id: str, url: str | None, config_path: Path) -> None:
    """Take the suggested address of a link, or URL, into the configuration. The next check starts the link anew."""
    config = load(config_path)
    words = Words(config.language)
    (source,) = chosen_sources(config, [source_id])
    if url is not None and normalise(url) is None:
        raise UsageError(f"{url!r} is not an http or https address")
    new = (url or "").strip() or _proposed(config, source_id, words)
    if new == source.url:
        raise UsageError(words.text("cli.accept.already", name=plain(source.name), url=plain(new)))
    backup = editing.apply(
        config_path, [Edit(kind="set", source_id=source_id, fields={"url": new})], expected={source_id: source.url}
    )
    click.echo(words.text("cli.accept.done", name=plain(source.name), old=plain(source.url) or "–", new=plain(new)))
    if backup:
        click.echo(words.text("cli.edit.backup", path=str(backup)))


def _proposed(config: Config, source_id: str, words: Words) -> str:
    link = next(link for link in snapshot(config, now()).links if link.source.id == source_id)
    found = proposal(link)
    if found is None:
        raise LinkwatchError(words.text("cli.accept.nothing", name=plain(link.source.name), id=source_id))
    return found.url
