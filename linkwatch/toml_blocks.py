"""sources.toml edited as text: one line of difference for one change, everything else byte by byte.

A file is cut into its [[source]] blocks; each block that changes is edited by itself, so that comments, order and
tables between the sources stay as they are. What comes out is read again and must say what was asked for.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tomlkit
from tomlkit.items import AoT, String, StringType, Table, Trivia

from linkwatch.core.listed import Edit
from linkwatch.errors import ConfigError
from linkwatch.toml_lines import Lines

_KEY = re.compile(r"[ \t]*[A-Za-z0-9_-]+([ \t]*)=([ \t]*)")


def edited(text: str, edits: Sequence[Edit]) -> str:
    """`text` with the edits made, in their order.

    A field set to "" is taken away, except `url`, where it says that there is no page. Raises ConfigError when an
    edit cannot be made: no source of that id, one too many, or sources that are not [[source]] tables.
    """
    raw = _parsed(text)
    blocks = _Blocks.of(text, raw)
    for edit in edits:
        blocks.make(edit)
    result = blocks.text()
    if edits and _parsed(result).get("source", []) != blocks.wanted():
        raise ConfigError(["the file is written in a way that cannot be edited from here: make the change by hand"])
    return result


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"the file is not valid TOML: {error}"]) from error


# ---------------------------------------------------------------- the blocks of a file


@dataclass(slots=True, kw_only=True)
class _Block:
    """One [[source]]: its lines to the last key, and the blank lines and comments between it and what follows."""

    body: str
    tail: str
    fields: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class _Blocks:
    parts: "list[str | _Block]"
    by_id: dict[str, _Block]
    newline: str

    @classmethod
    def of(cls, text: str, raw: Mapping[str, Any]) -> "_Blocks":
        rows = raw.get("source", [])
        starts = _starts(text)
        if not isinstance(rows, list) or sum(number is not None for _, number in starts) != len(rows):
            raise ConfigError(["the sources are not written as [[source]] tables, each of its own: edit them by hand"])
        lines, parts, by_id = lines_of(text), list[str | _Block](), dict[str, _Block]()
        edges = [at for at, _ in starts] + [len(lines)]
        parts.append("".join(lines[: edges[0]]))
        for (at, number), end in zip(starts, edges[1:], strict=True):
            if number is None:
                parts.append("".join(lines[at:end]))
                continue
            block = _block(lines[at:end], dict(rows[number]))
            parts.append(block)
            by_id.setdefault(str(block.fields.get("id")), block)
        return cls(parts=parts, by_id=by_id, newline="\r\n" if "\r\n" in text else "\n")

    def make(self, edit: Edit) -> None:
        known = edit.source_id in self.by_id
        if edit.kind == "add":
            if known:
                raise ConfigError([f"source.{edit.source_id}: there is one already"])
            self._add(edit)
        elif not known:
            raise ConfigError([f"source.{edit.source_id}: there is no such [[source]]"])
        elif edit.kind == "set":
            self._set(self.by_id[edit.source_id], edit.fields)
        elif edit.kind == "remove":
            self._remove(edit.source_id)
        else:
            raise ValueError(f"no such kind of edit: {edit.kind!r}")

    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.body + part.tail for part in self.parts)

    def wanted(self) -> list[dict[str, Any]]:
        return [part.fields for part in self.parts if isinstance(part, _Block)]

    def _set(self, block: _Block, fields: Mapping[str, str]) -> None:
        for key, value in fields.items():
            is_there = key in block.fields
            if value == "" and key != "url":
                if is_there:
                    block.body = _without(block.body, key)
                    del block.fields[key]
                continue
            if block.fields.get(key) == value:
                continue
            if is_there:
                block.body = _with_value(block.body, key, value)
            else:
                block.body = self._ended(block.body) + _pair(key, value, _style(block.body)) + self.newline
            block.fields[key] = value

    def _add(self, edit: Edit) -> None:
        fields = {"id": edit.source_id} | {k: v for k, v in edit.fields.items() if k != "id" and (v or k == "url")}
        at = max((n for n, part in enumerate(self.parts) if isinstance(part, _Block)), default=None)
        last = None if at is None else self.parts[at]
        style = _style(last.body) if isinstance(last, _Block) else ("", max(map(len, fields)), " ")
        body = self.newline.join(["[[source]]", *(_pair(key, value, style) for key, value in fields.items()), ""])
        block = _Block(body=body, tail="", fields=dict(fields))
        if at is not None and isinstance(last, _Block):
            last.body = self._ended(last.body)
            block.tail, last.tail = last.tail, self.newline
        elif whole := self.text():
            self.parts.append(self.newline if whole.endswith("\n") else 2 * self.newline)
        self.parts.insert(len(self.parts) if at is None else at + 1, block)
        self.by_id[edit.source_id] = block

    def _remove(self, source_id: str) -> None:
        gone = self.by_id.pop(source_id)
        at = next(n for n, part in enumerate(self.parts) if part is gone)
        self.parts[at] = gone.tail.lstrip("\r\n")

    def _ended(self, body: str) -> str:
        return body if body.endswith("\n") else body + self.newline


def _starts(text: str) -> list[tuple[int, int | None]]:
    """Where something else begins: the index of the line, and the source's number where it is one."""
    found: list[tuple[int, int | None]] = []
    for line, name in Lines(text).headers:
        number = name[1] if name[0] == "source" and len(name) > 1 else None
        if isinstance(number, int) and len(name) == 2:
            found.append((line - 1, number))
        elif number is None:
            found.append((line - 1, None))
    return found


def _block(lines: list[str], fields: dict[str, Any]) -> _Block:
    end = len(lines)
    while end > 1 and lines[end - 1].strip()[:1] in ("", "#"):
        end -= 1
    while end < len(lines) and lines[end].strip():  # a comment right below belongs to the source
        end += 1
    return _Block(body="".join(lines[:end]), tail="".join(lines[end:]), fields=fields)


def lines_of(text: str) -> list[str]:
    """Its lines with their ends. TOML knows only LF and CRLF; `str.splitlines` knows more."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + lines[-1:] * bool(lines[-1])


# ---------------------------------------------------------------- the keys of a block


def _with_value(body: str, key: str, value: str) -> str:
    document, table = _opened(body)
    table[key] = _string(value, table.get(key))
    return tomlkit.dumps(document)


def _without(body: str, key: str) -> str:
    document, table = _opened(body)
    table.remove(key)
    return tomlkit.dumps(document)


def _opened(body: str) -> tuple[tomlkit.TOMLDocument, Table]:
    document = tomlkit.parse(body)
    sources = next(item for _, item in document.items() if isinstance(item, AoT))
    return document, sources[0]


def _string(value: str, before: object = None) -> String:
    """Quoted as the value before it was, where it can be."""
    is_literal = isinstance(before, String) and before.as_string().startswith("'")
    if is_literal and value.isprintable() and "'" not in value:
        return String(StringType.SLL, value, value, Trivia())
    return tomlkit.string(value)


def _pair(key: str, value: str, style: tuple[str, int, str]) -> str:
    indent, width, space = style
    return f"{indent}{key:<{width}}{space}={space}{_string(value).as_string()}"


def _style(body: str) -> tuple[str, int, str]:
    """How its last key is written: indent, the width of keys, what stands around the equals sign."""
    found = [match for line in body.split("\n") if (match := _KEY.match(line))]
    if not found:
        return "", 0, " "
    key = found[-1].group()
    indent = key[: len(key) - len(key.lstrip())]
    widths = {len(match.group().partition("=")[0]) - len(indent) for match in found}
    space = found[-1][2][:1]
    return indent, max(widths.pop() - len(space), 0) if len(widths) == 1 else 0, space
