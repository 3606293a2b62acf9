"""A table as Excel writes it → records with their lines, and back: CSV with semicolons, commas or tabs.

A cell that a spreadsheet would calculate gets an apostrophe before it when it is written (OWASP, CSV Injection), and
loses it when it is read. Both are done so that what was written is always read back as it was.
"""

import csv
import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

BOM = b"\xef\xbb\xbf"
_DELIMITERS = ";,\t"
_CALCULATED = re.compile(r"[\s']*[=+\-@\t\r\n＝＋－＠]")  # Excel takes the wide forms as well
_SEPARATOR = re.compile(r"sep=.?\s*\Z", re.IGNORECASE)
_UTF8_LETTER = re.compile(rb"[\xc3\xc2][\x80-\xbf]")


class NoSheet(Exception):
    """A file that cannot be read as a table: at which line, and why."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line, self.what = line, what


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row: its first line (from 1), the lines it was read from, its cells or why it has none."""

    line: int
    raw: str
    cells: Sequence[str] = ()
    mistake: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table whose first row has been read. `columns` has a name for each place, "" where it is none of ours."""

    head: str  # as it stands there
    columns: tuple[str, ...]
    delimiter: str
    newline: str
    lines: Sequence[str]  # after the head
    first: int  # the number of lines before them

    def records(self) -> Iterator[Record]:
        """Every row in order: blank ones have no cells, one that cannot be read has a mistake."""
        reader, done = csv.reader(self.lines, delimiter=self.delimiter, strict=True), 0
        while True:
            try:
                cells, mistake = next(reader), ""
            except StopIteration:
                return
            except csv.Error as error:
                cells, mistake = [], _in_words(str(error))
            raw, line, done = "".join(self.lines[done : reader.line_num]), self.first + done + 1, reader.line_num
            if len(cells) > len(self.columns) and any(map(str.strip, cells[len(self.columns) :])):
                mistake = f"has {len(cells)} cells where the first row has {len(self.columns)}"
            is_blank = not any(cell and not cell.isspace() for cell in cells)
            yield Record(line=line, raw=raw, cells=() if is_blank else [_read(one) for one in cells], mistake=mistake)

    def fields(self, record: Record) -> dict[str, str]:
        """The cells of a row by the names of their columns."""
        return {name: cell for name, cell in zip(self.columns, record.cells, strict=False) if name}

    def row(self, fields: dict[str, str], before: Record | None = None) -> str:
        """A row as text. Cells of columns that are none of ours stay as they were in `before`."""
        held = before.cells if before else ()
        cells = [
            fields.get(name, "") if name else (held[at] if at < len(held) else "")
            for at, name in enumerate(self.columns)
        ]
        return row(cells, delimiter=self.delimiter, newline=self.newline)


def opened(text: str, known: Sequence[str]) -> Sheet:
    """The table in `text` whose first row names columns, `id` among them. Raises NoSheet when it does not."""
    lines = list(StringIO(text, newline=""))
    skip = 1 if lines and _SEPARATOR.match(lines[0]) else 0
    head = lines[skip] if len(lines) > skip else ""
    delimiter, names = max(((sign, _names(head, sign)) for sign in _DELIMITERS), key=lambda one: _fit(one[1], known))
    if "id" not in names:
        raise NoSheet(skip + 1, f"the first row must name the columns, such as {';'.join(known)}")
    for name in names:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        if name and name not in known and near and near[0] not in names:
            raise NoSheet(skip + 1, f"unknown column {name!r}; did you mean {near[0]!r}?")
    twice = next((name for name in names if name in known and names.count(name) > 1), None)
    if twice:
        raise NoSheet(skip + 1, f"there are two columns {twice!r}")
    return Sheet(
        head="".join(lines[: skip + 1]),
        columns=tuple(name if name in known else "" for name in names),
        delimiter=delimiter,
        newline="\r\n" if head.endswith("\r\n") else "\n",
        lines=lines[skip + 1 :],
        first=skip + 1,
    )


def row(cells: Iterable[str], *, delimiter: str = ";", newline: str = "\r\n") -> str:
    out = StringIO()  # the line end first as CRLF: csv puts cells in quotes only for the characters in it
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerow([_written(cell) for cell in cells])
    return out.getvalue().removesuffix("\r\n") + newline


def decoded(raw: bytes) -> tuple[str, str]:
    """The text of a file and its encoding: UTF-8, UTF-16 with a mark, or windows-1252 as older Excel writes it.

    Raises NoSheet for what is none of them, a mixture above all: å must not become two letters unseen.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(raw, "utf-16"), "utf-16"
    try:
        return raw.decode("utf-8-sig"), "utf-8-sig" if raw.startswith(BOM) else "utf-8"
    except UnicodeDecodeError as error:
        if _UTF8_LETTER.search(raw):
            line = raw[: error.start].count(b"\n") + 1
            raise NoSheet(line, "the file is UTF-8 text in some places only") from error
    return _decoded(raw, "cp1252"), "cp1252"


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise NoSheet(line, "the file is not text in UTF-8, UTF-16 or windows-1252") from error


def _names(head: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([head], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []
    return [cell.strip().casefold() for cell in cells]


def _fit(names: Sequence[str], known: Sequence[str]) -> tuple[bool, int]:
    return "id" in names, len(set(names) & set(known))


def _written(cell: str) -> str:
    return f"'{cell}" if _CALCULATED.match(cell) else cell


def _read(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and _CALCULATED.match(cell, 1) else cell


def _in_words(error: str) -> str:
    if "unexpected end" in error:
        return "a quotation mark is opened here and never closed"
    if "field larger" in error:
        return "a cell is longer than 131,072 characters"
    return "a quotation mark stands where none can (inside a cell in quotes it is doubled)"
