"""`linkwatch backup` and `linkwatch restore`: copies of the database, and the way back."""

import sys
from datetime import datetime
from pathlib import Path

import click

from linkwatch.cli.common import complain, config_option, now, talks
from linkwatch.config import Config, load
from linkwatch.core.safe import plain
from linkwatch.errors import UsageError
from linkwatch.locale import Words
from linkwatch.store import backup as backups
from linkwatch.store.restore import Restored, examine
from linkwatch.store.restore import restore as put_back


@click.command()
@click.argument("path", required=False)
@click.option("--keep", type=click.IntRange(min=1), help="Delete all but the newest N copies in the folder.")
@config_option
def backup(path: str | None, keep: int | None, config_path: Path) -> None:
    """Copy the database to the file or into the folder PATH, while it is in use.

    Without PATH it goes into the folder that [backup] in the configuration names, and old copies there are deleted.
    """
    config = load(config_path)
    made, deleted = _made(config, path, keep, now())
    if talks():
        words = Words(config.language)
        size = words.number(round(made.stat().st_size / 1_000_000, 1))
        click.echo(words.text("cli.backup.done", path=str(made), size=size))
        if deleted:
            click.echo(words.count("cli.backup.deleted", len(deleted)))


def _made(config: Config, path: str | None, keep: int | None, at: datetime) -> tuple[Path, tuple[Path, ...]]:
    operations = config.operations
    if path is None:
        if operations.backup_folder is None:
            raise UsageError(f"Name a file or a folder, or set `folder` under [backup] in {config.path.name}")
        kept = keep or operations.backups_kept
        return backups.backup_into(operations.backup_folder, config.database, keep=kept, now=at)
    to = Path(path)
    is_folder = to.is_dir() or path.endswith("/")
    if keep is not None and not is_folder:
        raise UsageError(f"--keep goes with a folder, and {path} is none: end its name with / to have it made")
    if is_folder:
        return backups.backup_into(to, config.database, keep=keep or sys.maxsize, now=at)
    return backups.backup(config.database, to, now=at), ()


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask first.")
@config_option
def restore(file: Path, yes: bool, config_path: Path) -> None:
    """Put FILE, a copy that `linkwatch backup` has made, in the place of the database.

    The database that is there now is kept beside it under another name. Stop `linkwatch serve` first.
    """
    config = load(config_path)
    words = Words(config.language)
    if not yes:
        _ask(file, config, words)
    done = put_back(file, config.database, now=now())
    if yes and done.lacks_log:
        complain(words.text("cli.restore.lacks_log", file=str(file)))
    _tell(done, words)


def _ask(file: Path, config: Config, words: Words) -> None:
    if not sys.stdin.isatty():
        raise UsageError("Nobody is there to ask: say --yes to restore without a question")
    found = examine(file, config.database)
    if found.lacks_log:
        complain(words.text("cli.restore.lacks_log", file=str(file)))
    last = words.datetime(found.last_at, config.timezone) if found.last_at else words.text("cli.restore.never")
    links = words.count("cli.restore.links", found.links)
    question = words.text("cli.restore.ask", file=str(file), links=links, last=last, database=str(config.database))
    click.confirm(question, abort=True, err=True)


def _tell(done: Restored, words: Words) -> None:
    """On stderr, a terminal or not: what there is to know of a database that is an older one now."""
    if talks():
        click.echo(words.text("cli.restore.done"))
    if done.aside:
        complain(words.text("cli.restore.aside", path=str(done.aside)))
    complain(words.text("cli.restore.again"))
    if done.held_back:
        complain(words.count("cli.restore.held_back", done.held_back))
    if done.kept.revoked:
        complain(words.text("cli.restore.revoked", names=", ".join(map(plain, done.kept.revoked))))
    if done.kept.chose:
        complain(words.count("cli.restore.chose", done.kept.chose))
    if not done.kept.is_all:
        complain(words.text("cli.restore.withdrawn"))
