"""`linkwatch import` and `linkwatch export`: the sources as a table, there and back."""

from collections.abc import Sequence
from pathlib import Path

import click

from linkwatch import editing
from linkwatch.cli.common import complain, config_option, now
from linkwatch.config import load
from linkwatch.config_files import read_table
from linkwatch.core.inventory import Import, exported, imported
from linkwatch.core.safe import plain
from linkwatch.editing import Edit
from linkwatch.files import write_whole
from linkwatch.locale import Words
from linkwatch.snapshots import snapshot

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("import")
@click.argument("table", metavar="FILE.csv", type=_FILE)
@click.option("--partial", is_flag=True, help="Apply the good lines also when others are bad.")
@click.option("--dry-run", is_flag=True, help="Show what would change as a patch, and change nothing.")
@config_option
def import_(table: Path, partial: bool, dry_run: bool, config_path: Path) -> int:
    """Take new addresses (column new_url), other details and new sources from a table into the configuration."""
    config = load(config_path, may_be_empty=True)
    words = Words(config.language)
    asked = imported(read_table(table), {source.id: source for source in config.sources})
    for bad in asked.mistakes:
        complain(plain(f"{table.name}:{bad.line}: {bad.where}: {bad.what}"))
    if asked.mistakes and not partial:
        complain(words.count("cli.import.nothing", len(asked.mistakes)))
        return 2
    if dry_run:
        for draft in editing.planned(config_path, asked.edits) if asked.edits else ():
            click.echo(editing.patch(draft.old, draft.new, draft.path.name), nl=False)
    else:
        _apply(config_path, asked.edits, words)
    _tell_unapplied(asked, words)
    return 2 if asked.mistakes else 0


def _apply(config_path: Path, edits: Sequence[Edit], words: Words) -> None:
    backup = editing.apply(config_path, edits) if edits else None
    added = sum(edit.kind == "add" for edit in edits)
    if not edits:
        click.echo(words.text("cli.import.same"))
    if added:
        click.echo(words.count("cli.import.added", added))
    if len(edits) > added:
        click.echo(words.count("cli.import.changed", len(edits) - added))
    if backup:
        click.echo(words.text("cli.edit.backup", path=str(backup)))


def _tell_unapplied(asked: Import, words: Words) -> None:
    if asked.unapplied:
        complain(words.count("cli.import.unapplied", len(asked.unapplied), ids=words.join(asked.unapplied[:5])))


@click.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file, not to stdout.")
@config_option
def export(out: Path | None, config_path: Path) -> None:
    """Write the sources and their states as a table for Excel. Fill in new_url and import it again."""
    text = exported(snapshot(load(config_path), now()))
    if out is None:
        click.echo(text, nl=False)
    else:
        write_whole(out, text)
