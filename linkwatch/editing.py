"""sources.toml, and the table beside it, changed in place: atomically, with a backup, and no edit lost."""

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from linkwatch.config import load, parse, table_path
from linkwatch.config_files import read_table, read_text
from linkwatch.core import inventory
from linkwatch.core.diff import unified
from linkwatch.core.listed import Edit
from linkwatch.core.sheet import BOM, NoSheet, decoded
from linkwatch.errors import ConfigError
from linkwatch.files import write_whole
from linkwatch.toml_blocks import edited, lines_of

__all__ = ["Draft", "Edit", "Overtaken", "apply", "edited", "patch", "planned"]

_ATTEMPTS = 20


def patch(old: str, new: str, name: str) -> str:
    """The difference as `diff -u` shows it; "" when there is none."""
    lines = unified(lines_of(old), lines_of(new), name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


class Overtaken(ConfigError):
    """Somebody else has given these sources other addresses."""

    def __init__(self, path: Path, source_ids: Sequence[str]) -> None:
        super().__init__([f"{path.name}: source.{one}.url: has been changed by somebody else" for one in source_ids])
        self.source_ids = tuple(source_ids)


def apply(path: Path, edits: Sequence[Edit], *, expected: Mapping[str, str] | None = None) -> Path | None:
    """Make the edits, and keep what a file was beside it: `sources.toml.bak`, whose path is returned.

    Edits of sources in `sources_csv` are made there, and so are new sources of which a table can say everything; where
    both files change, the path is that of the configuration's backup. None when nothing changes. Raises ConfigError
    when the result would not load; then nothing is written. Edits made at the same time from elsewhere, by hand too,
    are not lost: it starts over from what is there now. `expected` are the addresses, by id, that the edits are meant
    to replace: Overtaken where a source has another one, or is gone.
    """
    with _turn(path):
        for _ in range(_ATTEMPTS):
            drafts = _planned_for(path, edits, expected or {})
            if not drafts:
                return None
            backups = [_backup(draft) for draft in drafts]
            if all(_is_as_before(draft) for draft in drafts):
                for draft in drafts:
                    write_whole(draft.path, draft.after)
                return backups[0]
    raise ConfigError([f"{path.name}: the file is being changed all the time: try again when it is left alone"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A file as it is and as it is to be, in text and bytes."""

    path: Path
    before: bytes
    after: bytes
    old: str
    new: str


def planned(path: Path, edits: Sequence[Edit]) -> list[Draft]:
    """What `apply` would write: the files that would change, the configuration first. Raises as `apply` does."""
    text = read_text(path)
    table = table_path(path, text)
    if table is None:
        return _changed(_toml_draft(path, text, edits), None, path)
    held = _draft(table) if table.exists() else Draft(path=table, before=b"", after=b"", old="", new="")
    ids = inventory.ids(held.old)
    mine = [edit for edit in edits if inventory.belongs(edit, ids)]
    others = [edit for edit in edits if not inventory.belongs(edit, ids)]
    for edit in mine:
        if edit.kind == "set" and not set(edit.fields) <= set(inventory.WRITTEN):
            raise ConfigError([f"{table.name}: source.{edit.source_id}: a table has no {sorted(edit.fields)[0]!r}"])
    return _changed(_toml_draft(path, text, others), _table_draft(held, mine), path)


def _planned_for(path: Path, edits: Sequence[Edit], expected: Mapping[str, str]) -> list[Draft]:
    """What is planned, read before the addresses are compared: what changes after that is seen before it is written."""
    try:
        return planned(path, edits)
    finally:
        if expected:
            _refuse_overtaken(path, expected)


def _refuse_overtaken(path: Path, expected: Mapping[str, str]) -> None:
    urls = {source.id: source.url for source in load(path, may_be_empty=True).sources}
    overtaken = [source_id for source_id, url in expected.items() if urls.get(source_id) != url]
    if overtaken:
        raise Overtaken(path, overtaken)


def _changed(toml: Draft, table: Draft | None, path: Path) -> list[Draft]:
    drafts = [draft for draft in (toml, table) if draft and draft.new != draft.old]
    if drafts:
        parse(path, toml.new, table.new if table else None)
    return drafts


def _toml_draft(path: Path, text: str, edits: Sequence[Edit]) -> Draft:
    before = path.read_bytes()
    new = edited(text, edits)
    mark = "utf-8-sig" if before.startswith(BOM) else "utf-8"
    return Draft(path=path, before=before, after=new.encode(mark), old=text, new=new)


def _table_draft(held: Draft, edits: Sequence[Edit]) -> Draft:
    if not edits:
        return held
    try:
        new = inventory.edited(held.old, edits)
    except NoSheet as error:
        raise ConfigError([f"{held.path.name}:{error.line}: {error.what}"]) from error
    encoding = decoded(held.before)[1] if held.before else "utf-8-sig"
    try:
        after = new.encode(encoding)
    except UnicodeEncodeError:  # windows-1252 has no letter for it
        after = new.encode("utf-8-sig")
    return replace(held, new=new, after=after)


def _draft(table: Path) -> Draft:
    text = read_table(table)
    return Draft(path=table, before=table.read_bytes(), after=b"", old=text, new=text)


def _backup(draft: Draft) -> Path:
    real = draft.path.resolve()
    backup = real.with_name(f"{real.name}.bak")
    write_whole(backup, draft.before, like=real)
    return backup


def _is_as_before(draft: Draft) -> bool:
    return (draft.path.read_bytes() if draft.path.exists() else b"") == draft.before


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """One linkwatch at a time edits in a folder. Where a file system knows no locks, comparing must do."""
    descriptor = os.open(path.resolve().parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
