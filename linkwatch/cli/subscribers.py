"""`linkwatch subscribers`: who is told, how often, and when next."""

import json
from pathlib import Path

import click

from linkwatch.cli.common import complain, config_option, now, talks
from linkwatch.config import Config, load
from linkwatch.core.safe import plain
from linkwatch.core.subscribers import Heard, Subscription, as_configured
from linkwatch.locale import Words
from linkwatch.store import Subscriptions


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@config_option
def subscribers(as_json: bool, config_path: Path) -> None:
    """Show who gets the digest, when they heard last, and when they are due next."""
    config = load(config_path)
    found = _found(config)
    if as_json:
        rows = [_document(one, heard) for one, heard in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    words = Words(config.language)
    if not found and talks():
        complain(words.text("cli.digest.nobody"))
    for one, heard in found:
        last = words.datetime(heard.at, config.timezone) if heard.at else words.text("cli.subscribers.never")
        click.echo(f"{plain(one.id)}  {words.text('cli.subscribers.last', when=last)}  {_next(one, words)}")


def _found(config: Config) -> list[tuple[Subscription, Heard]]:
    known, heard = dict[str, Subscription](), dict[str, Heard]()
    if config.database.exists():
        with Subscriptions.open(config.database, create=False, read_only=True) as subscriptions:
            known = {one.id: one for one in subscriptions.all()}
            heard = dict(subscriptions.heard(known))
    at = now()
    wanted = (as_configured(one, known.get(one.id), config.timezone, at) for one in config.mail.subscribers)
    return [(one, heard.get(one.id, Heard())) for one in wanted]


def _next(one: Subscription, words: Words) -> str:
    if one.choice.has_left:
        return words.text("cli.subscribers.left")
    if one.choice.paused_until and one.choice.paused_until > one.due_on:
        return words.text("cli.subscribers.paused", date=one.choice.paused_until.isoformat())
    return words.text("cli.subscribers.next", when=words.datetime(one.comes_at, one.zone))


def _document(one: Subscription, heard: Heard) -> dict[str, object]:
    choice = one.choice
    return {
        "id": one.id,
        "address": one.address,
        "every": one.rhythm.every.value,
        "due_at": one.comes_at.isoformat(),
        "last_at": heard.at.isoformat() if heard.at else None,
        "paused_until": choice.paused_until.isoformat() if choice.paused_until else None,
        "has_left": choice.has_left,
    }
