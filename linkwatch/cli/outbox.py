"""`linkwatch outbox`: what waits to be sent, and what was given up."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from linkwatch.cli.common import complain, config_option, now, talks
from linkwatch.config import Config, load
from linkwatch.core.outbox import Counts, Fate
from linkwatch.core.safe import plain
from linkwatch.errors import LinkwatchError, UsageError
from linkwatch.locale import Words
from linkwatch.store import Outbox
from linkwatch.store.outbox import Listed


def counted(counts: Counts, words: Words) -> str:
    """ "I utkorgen: 2 väntar, 1 har inte gått att skicka." """
    return words.text(
        "cli.outbox.counts", pending=words.number(counts.pending), dead=words.count("cli.outbox.dead", counts.dead)
    )


@click.group()
def outbox() -> None:
    """See what waits to be sent, and see to what was given up."""


@outbox.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@config_option
def list_(as_json: bool, config_path: Path) -> None:
    """Show what waits to be sent and what was given up, with the reason."""
    config = load(config_path)
    found = _listed(config)
    if as_json:
        click.echo(json.dumps([_document(one) for one in found], ensure_ascii=False, indent=2))
        return
    words = Words(config.language)
    if not found and talks():
        complain(words.text("cli.outbox.empty"))
    for one in found:
        click.echo(_line(one, config, words))


@outbox.command()
@click.argument("numbers", metavar="NUMBER...", nargs=-1, type=int)
@click.option("--dead", is_flag=True, help="All that was given up.")
@config_option
def retry(numbers: tuple[int, ...], dead: bool, config_path: Path) -> None:
    """Try again with the next `linkwatch digest`, as if for the first time."""
    config = load(config_path)
    chosen = _chosen(config, numbers, is_all_dead=dead)
    with Outbox.open(config.database, create=False) as found:
        number = found.retry(chosen, now())
    if not number and chosen:
        raise LinkwatchError(
            "None of these can be tried again: it is being sent just now, or a later one is on its way."
        )
    if talks():
        click.echo(Words(config.language).count("cli.outbox.retried", number))


@outbox.command()
@click.argument("numbers", metavar="NUMBER...", nargs=-1, type=int)
@click.option("--dead", is_flag=True, help="All that was given up.")
@config_option
def drop(numbers: tuple[int, ...], dead: bool, config_path: Path) -> None:
    """Send it no more, and speak of it no more."""
    config = load(config_path)
    chosen = _chosen(config, numbers, is_all_dead=dead)
    with Outbox.open(config.database, create=False) as found:
        number = found.drop(chosen, now())
    if not number and chosen:
        raise LinkwatchError("None of these can be dropped: it is being sent just now.")
    if talks():
        click.echo(Words(config.language).count("cli.outbox.dropped", number))


def _listed(config: Config) -> tuple[Listed, ...]:
    if not config.database.exists():
        return ()
    with Outbox.open(config.database, create=False, read_only=True) as found:
        return found.listed()


def _chosen(config: Config, numbers: Sequence[int], *, is_all_dead: bool) -> list[int]:
    known = {one.id: one for one in _listed(config)}
    if not numbers and not is_all_dead:
        raise UsageError("Name the numbers that `linkwatch outbox list` shows, or --dead for all that was given up")
    for number in numbers:
        if number not in known:
            raise UsageError(f"There is nothing with the number {number} in the outbox")
    dead = [one.id for one in known.values() if one.fate is Fate.DEAD] if is_all_dead else []
    return list(dict.fromkeys([*numbers, *dead]))


def _line(one: Listed, config: Config, words: Words) -> str:
    told = {
        "kind": words.text(f"cli.outbox.kind.{one.kind}"),
        "recipient": plain(one.recipient),
        "made": words.datetime(one.made_at, config.timezone),
        "when": words.datetime(one.ended_at or one.not_before or one.made_at, config.timezone),
        "why": plain(one.detail or "", 300) or words.text("cli.outbox.no_reason"),
    }
    fate = "dead_one" if one.fate is Fate.DEAD else "pending_one" if one.attempts else "new_one"
    fate = "leased_one" if one.leased_until and one.fate is Fate.PENDING else fate
    return f"{one.id:>5}  {words.text(f'cli.outbox.{fate}', **told)}"


def _document(one: Listed) -> dict[str, object]:
    return {
        "id": one.id,
        "kind": one.kind,
        "channel": one.channel,
        "recipient": one.recipient,
        "message_id": one.message_id,
        "subscriber": one.subscriber,
        "made_at": one.made_at.isoformat(),
        "state": one.fate.value,
        "attempts": one.attempts,
        "not_before": one.not_before.isoformat() if one.not_before and one.fate is Fate.PENDING else None,
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
        "detail": one.detail,
    }
