"""`linkwatch doctor`: everything that linkwatch needs, looked at; what is wrong, and what to do."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from linkwatch.cli.common import config_option, now
from linkwatch.config import load
from linkwatch.core.safe import plain
from linkwatch.doctor.records import Finding, Level
from linkwatch.locale import Words

_LONGEST = 400
_SIZES = ("size", "free")  # values in bytes


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.option("--offline", is_flag=True, help="Ask nobody else: neither hosts nor the mail server.")
@config_option
def doctor(as_json: bool, offline: bool, config_path: Path) -> int:
    """Look at configuration, network, mail, database and machine, and say what is wrong and what to do.

    Sends no mail and changes nothing. Exits 1 where there is a fault; warnings are no faults. No check takes longer
    than half a minute, but for reading the whole database, or a whole copy, which may take two minutes.
    """
    from linkwatch.doctor.examination import Surroundings, examine  # noqa: PLC0415  (mail, network and their libraries)

    words, zone = _words(config_path)
    told: list[Finding] = []
    for finding in examine(config_path, Surroundings(clock=now), is_offline=offline):
        told.append(finding)
        if not as_json:
            click.echo(line(finding, words, zone))
    is_well = all(one.level is not Level.FAULT for one in told)
    if as_json:
        checks = [_document(one, words, zone) for one in told]
        said = {"generated_at": now().isoformat(timespec="seconds"), "ok": is_well, "checks": checks}
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
    return 0 if is_well else 1


def _words(path: Path) -> tuple[Words, str]:
    """Of a configuration that can be loaded; why another cannot is found by the first check."""
    try:
        config = load(path)
    except Exception:
        return Words("sv"), "UTC"
    return Words(config.language), config.timezone


def line(finding: Finding, words: Words, zone: str) -> str:
    """How grave, what, and the remedy."""
    level = words.text(f"cli.doctor.level.{finding.level}")
    name = words.text(f"cli.doctor.check.{finding.check}")
    said = [f"{name}: {_found(finding, words, zone)}", _remedy(finding, words, zone)]
    return f"{level:<8} {' '.join(part for part in said if part)}"


def _found(finding: Finding, words: Words, zone: str) -> str:
    return words.text(f"cli.doctor.found.{finding.code}", **_shown(finding.values, words, zone))


def _remedy(finding: Finding, words: Words, zone: str) -> str | None:
    if finding.level is Level.OK:
        return None
    return words.text(f"cli.doctor.do.{finding.code}", **_shown(finding.values, words, zone))


def _shown(values: Mapping[str, object], words: Words, zone: str) -> dict[str, str]:
    return {name: _value(name, value, words, zone) for name, value in values.items()}


def _value(name: str, value: object, words: Words, zone: str) -> str:
    match value:
        case datetime():
            return words.datetime(value, zone)
        case int():
            return words.number(round(value / 1_000_000, 1) if name in _SIZES else value)
    return plain(str(value), _LONGEST).rstrip(".")  # what SQLite or a server said goes into a sentence of ours


def _document(finding: Finding, words: Words, zone: str) -> dict[str, object]:
    return {
        "check": finding.check.value,
        "level": finding.level.value,
        "code": finding.code,
        "found": _found(finding, words, zone),
        "do": _remedy(finding, words, zone),
    }
