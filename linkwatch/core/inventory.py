"""Sources in a CSV table: read as sources, told as a table, and a table that was worked on told as edits."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from linkwatch.core.fields import REQUIRED, mistakes, wrong_id
from linkwatch.core.listed import Edit
from linkwatch.core.models import LinkView, Snapshot, Source
from linkwatch.core.sheet import NoSheet, Record, Sheet, opened, row

COLUMNS = ("id", "name", "owner", "contact", "county", "url", "new_url", "state", "verdict", "since")
WRITTEN = ("id", "name", "owner", "contact", "county", "url")  # what a source can say of itself in a table
_CHANGEABLE = ("name", "owner", "contact", "county")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mistake:
    """What is wrong on a line (from 1); `where` is such as "source.blekinge.url"."""

    line: int
    where: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What a table asks for. `unapplied` are ids whose url differs from what is watched, with no new_url."""

    edits: tuple[Edit, ...]
    mistakes: tuple[Mistake, ...]
    rows: int
    unapplied: tuple[str, ...]


# ---------------------------------------------------------------- a table of sources


def sources(text: str, taken: Mapping[str, str]) -> tuple[list[Source], list[Mistake]]:
    """The sources of a table, or its mistakes. `taken` says of ids in use elsewhere where that is."""
    try:
        sheet = opened(text, COLUMNS)
    except NoSheet as error:
        return [], [Mistake(line=error.line, where="source", what=error.what)]
    missing = [name for name in REQUIRED if name not in sheet.columns]
    if missing:
        return [], [Mistake(line=sheet.first, where="source", what=f"there is no column {missing[0]!r}")]
    found, wrong = list[Source](), list[Mistake]()
    for _, fields, errors in _rows(sheet, taken):
        wrong += errors
        if not errors:
            found.append(_source(fields))
    return found, wrong


def _source(fields: Mapping[str, str]) -> Source:
    return Source(
        id=fields["id"],
        name=fields["name"],
        url=fields["url"],
        owner=fields["owner"],
        contact=fields.get("contact") or None,
        county=fields.get("county") or None,
    )


def _rows(
    sheet: Sheet, taken: Mapping[str, str], watched: Container[str] | None = None
) -> Iterator[tuple[int, dict[str, str], list[Mistake]]]:
    """Each row's line, fields without space around them, and mistakes, an id used before among them.

    In an import, where `watched` says what is known, `url` may be anything where it is not taken over.
    """
    lines: dict[str, int] = {}
    unsaid = {name: "" for name in REQUIRED if name in sheet.columns}
    for record in sheet.records():
        if record.mistake:
            yield record.line, {}, [Mistake(line=record.line, where="row", what=record.mistake)]
        elif record.cells:
            fields = unsaid | {name: cell.strip() for name, cell in sheet.fields(record).items()}
            is_aside = watched is not None and (fields.get("new_url") or fields.get("id") in watched)
            checked = {name: cell for name, cell in fields.items() if name != "url"} if is_aside else fields
            yield record.line, fields, _wrong(record, checked, lines, taken)


def _wrong(record: Record, fields: Mapping[str, str], lines: dict[str, int], taken: Mapping[str, str]) -> list[Mistake]:
    source_id = fields.get("id", "")
    what = wrong_id(source_id) if source_id else "is missing"
    if what:
        where = f"source.{source_id}.id" if source_id else "source.id"
        return [Mistake(line=record.line, where=where, what=what)]
    found = [Mistake(line=record.line, where=f"source.{source_id}.{key}", what=what) for key, what in mistakes(fields)]
    before = lines.setdefault(source_id, record.line)
    other = taken.get(source_id) or (f"on line {before}" if before != record.line else "")
    if other:
        found.append(
            Mistake(line=record.line, where=f"source.{source_id}.id", what=f"{source_id!r} is used already, {other}")
        )
    return found


# ---------------------------------------------------------------- export


def exported(snapshot: Snapshot) -> str:
    """The sources and what is believed of them, `new_url` left for people to fill in. As Swedish Excel reads it."""
    return "\ufeff" + row(COLUMNS) + "".join(row(_cells(link)) for link in snapshot.links)


def _cells(link: LinkView) -> Sequence[str]:
    source, belief = link.source, link.belief
    since = belief.since.isoformat(timespec="seconds") if belief.since else ""
    said = (source.id, source.name, source.owner, source.contact or "", source.county or "", source.url)
    return (*said, "", str(belief.state), str(belief.verdict or ""), since)


# ---------------------------------------------------------------- import


def imported(text: str, watched: Mapping[str, Source]) -> Import:
    """What a table asks to be changed: a filled `new_url`, other names, owners, contacts, counties, and new sources.

    States and verdicts in it are only for reading, and `url` says which address a row is about.
    """
    try:
        sheet = opened(text, COLUMNS)
    except NoSheet as error:
        columns = Mistake(line=error.line, where="columns", what=error.what)
        return Import(edits=(), mistakes=(columns,), rows=0, unapplied=())
    edits, mistaken, unapplied, rows = list[Edit](), list[Mistake](), list[str](), 0
    for line, fields, errors in _rows(sheet, {}, watched):
        rows += 1
        source = watched.get(fields.get("id", ""))
        if wrong := [*errors, *_wrong_here(line, fields, source)]:
            mistaken += wrong
            continue
        edit = _changed(fields, source) if source else _new(fields)
        if edit:
            edits.append(edit)
        if source and "url" in fields and not fields.get("new_url") and fields["url"] != source.url.strip():
            unapplied.append(source.id)
    return Import(edits=tuple(edits), mistakes=tuple(mistaken), rows=rows, unapplied=tuple(unapplied))


def _wrong_here(line: int, fields: Mapping[str, str], source: Source | None) -> list[Mistake]:
    where = f"source.{fields.get('id', '')}"
    found = [
        Mistake(line=line, where=f"{where}.new_url", what=what)
        for _, what in mistakes({"url": fields.get("new_url", "")})
    ]
    if source is None and wrong_id(fields.get("id", "")) is None:
        known = {**fields, "url": fields.get("url", fields.get("new_url"))}
        lacking = [key for key in REQUIRED if known.get(key) is None]
        what = "is missing, and the source is new"
        found += [Mistake(line=line, where=f"{where}.{key}", what=what) for key in lacking]
    return found


def _new(fields: Mapping[str, str]) -> Edit:
    url = fields.get("new_url") or fields.get("url", "")
    said = {"name": fields["name"], "url": url, "owner": fields["owner"]}
    more = {key: fields[key] for key in ("contact", "county") if fields.get(key)}
    return Edit(kind="add", source_id=fields["id"], fields=said | more)


def _changed(fields: Mapping[str, str], source: Source) -> Edit | None:
    now = {key: (getattr(source, key) or "").strip() for key in _CHANGEABLE}
    changes = {key: fields[key] for key in _CHANGEABLE if key in fields and fields[key] != now[key]}
    new_url = fields.get("new_url")
    if new_url and new_url != source.url:
        changes["url"] = new_url
    return Edit(kind="set", source_id=source.id, fields=changes) if changes else None


# ---------------------------------------------------------------- a table edited


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The table with the edits made, each row that none is about byte by byte as it was. Raises NoSheet.

    A row that gets its new address has no `new_url` left.
    """
    sheet = opened(text or row(COLUMNS), COLUMNS)
    by_id: dict[str, list[Edit]] = {}
    for edit in edits:
        by_id.setdefault(edit.source_id, []).append(edit)
    done = [sheet.head]
    for record in sheet.records():
        fields = sheet.fields(record)
        meant = by_id.get(fields.get("id", "").strip()) if record.cells and not record.mistake else None
        done.append(_edited_row(sheet, record, fields, meant) if meant else record.raw)
    new = [sheet.row({"id": edit.source_id, **edit.fields}) for edit in edits if edit.kind == "add"]
    if new and not done[-1].endswith(("\n", "\r")):
        done[-1] += sheet.newline
    return "".join(done + new)


def _edited_row(sheet: Sheet, record: Record, fields: dict[str, str], edits: Sequence[Edit]) -> str:
    for edit in edits:
        if edit.kind == "remove":
            return ""
        fields = {**fields, **edit.fields}
        if "url" in edit.fields and "new_url" in fields:
            fields["new_url"] = ""
    return sheet.row(fields, record)


def ids(text: str) -> frozenset[str]:
    """The ids in a table; none where it cannot be read."""
    try:
        sheet = opened(text, COLUMNS)
    except NoSheet:
        return frozenset()
    return frozenset(sheet.fields(record).get("id", "").strip() for record in sheet.records())


def belongs(edit: Edit, held: Container[str]) -> bool:
    """Whether an edit is one of the table: about a source in it, or a new one of which it can say everything."""
    if edit.kind == "add":
        return all(key in WRITTEN for key in edit.fields)
    return edit.source_id in held
