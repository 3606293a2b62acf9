"""`linkwatch token`: who may use the review desk, where it is reached with tokens."""

import json
from pathlib import Path

import click

from linkwatch.cli.common import complain, config_option, now, talks
from linkwatch.config import Config, load
from linkwatch.core.roles import GRANTED, Role
from linkwatch.core.safe import plain
from linkwatch.errors import UsageError
from linkwatch.locale import Words
from linkwatch.store.tokens import Token, Tokens


@click.group()
def token() -> None:
    """Say who may use the review desk (auth = "token" under [web]), and its API."""


@token.command()
@click.argument("name")
@click.option(
    "--role", type=click.Choice(GRANTED), required=True, help="viewer looks, editor answers, operator sees all."
)
@config_option
def add(name: str, role: str, config_path: Path) -> None:
    """Make a token for a person or a program, and print it this once."""
    config = load(config_path)
    with Tokens.open(config.database) as tokens:
        secret = tokens.add(name, Role.of(role), now())
    words = Words(config.language)
    complain(words.text("cli.token.added", name=plain(name), role=words.text(f"desk.role.{role}")))
    click.echo(secret)


@token.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@config_option
def list_(as_json: bool, config_path: Path) -> None:
    """Show whose tokens there are. The tokens themselves nobody can show."""
    config = load(config_path)
    found = _all(config)
    words = Words(config.language)
    if as_json:
        rows = [{"name": one.name, "role": one.role.word, "made_at": one.made_at.isoformat()} for one in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif not found and talks():
        complain(words.text("cli.token.none"))
    width = max((len(plain(one.name)) for one in found), default=0)
    for one in () if as_json else found:
        click.echo(f"{plain(one.name):<{width}}  {one.role.word:<8}  {words.day(one.made_at, config.timezone)}")


@token.command()
@click.argument("name")
@config_option
def revoke(name: str, config_path: Path) -> None:
    """End a token at once, and every login that was made with it."""
    config = load(config_path)
    words = Words(config.language)
    if not config.database.exists():
        raise UsageError(words.text("cli.token.unknown", name=plain(name)))
    with Tokens.open(config.database, create=False) as tokens:
        if not tokens.revoke(name):
            raise UsageError(words.text("cli.token.unknown", name=plain(name)))
    if talks():
        click.echo(words.text("cli.token.revoked", name=plain(name)))


def _all(config: Config) -> tuple[Token, ...]:
    if not config.database.exists():
        return ()
    with Tokens.open(config.database, create=False) as tokens:
        return tokens.all()
