"""Writes reference.md beside this file: commands, configuration, and the words for what is found, as the code has them.

python3 do.py python docs/reference.py
"""  # noqa: INP001

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

from linkwatch.cli import cli
from linkwatch.config import _TABLES
from linkwatch.core.models import Code, State
from linkwatch.locale import Words, catalogue

PAGE = Path(__file__).with_name("reference.md")

_REPEATED = frozenset({"listing", "source", "subscriber", "webhook"})
_WIDTH = 100
_PREFIX = "reason."


def reference() -> str:
    """The whole page, as Markdown."""
    return "\n".join((*_begin(), *_commands(), *_configuration(), *_states(), *_verdicts(), *_reasons()))


def _begin() -> Iterator[str]:
    yield "# Reference\n"
    yield "Written by `docs/reference.py` from the code; do not edit it by hand. What the settings are for is said in"
    yield "[configuration.md](configuration.md), and how to run it all in [operator.md](operator.md).\n"
    yield "[Commands](#commands) · [Configuration](#configuration) · [States](#states) · [Verdicts](#verdicts) ·"
    yield "[Reasons](#reasons)\n"


# ---------------------------------------------------------------- commands


def _commands() -> Iterator[str]:
    yield "## Commands\n"
    for path, command in _walked(cli, ("linkwatch",)):
        yield f"### {' '.join(path)}\n"
        yield f"```text\n{_help(path, command)}\n```\n"


def _walked(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            if one := command.get_command(context, name):
                yield from _walked(one, (*path, name))


def _help(path: Sequence[str], command: click.Command) -> str:
    settings = {
        **cli.context_settings,
        **command.context_settings,
        "terminal_width": _WIDTH,
        "max_content_width": _WIDTH,
    }
    context = click.Context(command, info_name=" ".join(path), **settings)
    return command.get_help(context).rstrip()


# ---------------------------------------------------------------- configuration


def _configuration() -> Iterator[str]:
    yield "## Configuration\n"
    yield "A key without a default that is not required may be left out.\n"
    for name, table in _TABLES.items():
        yield f"### {f'[[{name}]]' if name in _REPEATED else f'[{name}]'}\n"
        yield from _table(("key", "value", "default"), _keys(table))


def _keys(table: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    schema = table.model_json_schema()
    required = schema.get("required", ())
    for key, found in schema["properties"].items():
        default = "required" if key in required else _default(found.get("default"))
        yield f"`{key}`", _value(found, schema.get("$defs", {})), default


def _default(value: object) -> str:
    """As TOML has it."""
    match value:
        case None:
            return "–"
        case bool():
            return f"`{str(value).lower()}`"
        case str():
            return f'`"{value}"`'
        case list():
            return f"`[{', '.join(_default(one).strip('`') for one in value)}]`"
        case float():
            return f"`{value:g}`"
        case dict():
            return "`{}`" if not any(value.values()) else f"`{value}`"
    return f"`{value}`"


def _value(found: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """What may stand there, in words."""
    if "$ref" in found:
        keys = known[found["$ref"].rpartition("/")[2]]["properties"]
        return "a table: " + "; ".join(f"`{key}`, {_value(one, known)}" for key, one in keys.items())
    if "anyOf" in found:
        kinds = dict.fromkeys(_value(one, known) for one in found["anyOf"] if one.get("type") != "null")
        return " or ".join(kinds)
    if "enum" in found or "const" in found:
        return " ".join(f'`"{word}"`' for word in found.get("enum", [found.get("const")]))
    match found.get("type"):
        case "array":
            return f"a list of: {_value(found['items'], known)}"
        case "object":
            return f"a table of: {_value(found['additionalProperties'], known)}"
        case "boolean":
            return "`true` `false`"
        case "integer":
            return f"a whole number{_range(found)}"
        case "number":
            return f"a number{_range(found)}"
    return {"ipv4network": "a network", "ipv6network": "a network"}.get(found.get("format", ""), "text")


def _range(found: Mapping[str, Any]) -> str:
    least, more, most = found.get("minimum"), found.get("exclusiveMinimum"), found.get("maximum")
    said = [f"from {least}" if least is not None else "", f"above {more}" if more is not None else ""]
    said.append(f"to {most}" if most is not None else "")
    return f" {' '.join(filter(None, said))}" if any(said) else ""


# ---------------------------------------------------------------- what was found


def _states() -> Iterator[str]:
    yield "## States\n"
    yield "What is believed of a link over time.\n"
    sv, en = Words("sv"), Words("en")
    yield from _table(
        ("state", "Swedish", "English", "it means"),
        (
            (f"`{one}`", sv.text(f"state.{one}.name"), en.text(f"state.{one}.name"), en.text(f"state.{one}.means"))
            for one in State
        ),
    )


def _verdicts() -> Iterator[str]:
    yield "## Verdicts\n"
    yield "What one check found, the least grave first. A broken verdict is confirmed by `missing_runs` and"
    yield "`missing_hours` of `[confirm]`, or where it says *trouble* by `trouble_runs` and `trouble_hours`.\n"
    sv, en = Words("sv"), Words("en")
    yield from _table(
        ("verdict", "severity", "Swedish", "English", "it means", "what to do"),
        (
            (
                f"`{one}`",
                one.severity.name.lower() + (", trouble" if one.is_trouble else ""),
                sv.text(f"verdict.{one}.name"),
                en.text(f"verdict.{one}.name"),
                en.text(f"verdict.{one}.means"),
                en.text(f"verdict.{one}.do"),
            )
            for one in sorted(Code, key=lambda one: one.severity)
        ),
    )


def _reasons() -> Iterator[str]:
    yield "## Reasons\n"
    yield "The `reason` beside a verdict: what exactly was seen.\n"
    sv, en = Words("sv"), Words("en")
    found = sorted(key for key in catalogue("en") if key.startswith(_PREFIX))
    yield from _table(
        ("reason", "Swedish", "English"),
        ((f"`{key.removeprefix(_PREFIX)}`", sv.text(key), en.text(key)) for key in found),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---"] * len(head))
    yield from (_row(row) for row in rows)
    yield ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
