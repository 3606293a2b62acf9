"""A project in which all is well, on loopback, and hands to break one thing of it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path

from linkwatch.cli.doctor import line
from linkwatch.config import load
from linkwatch.doctor.examination import Surroundings, examine
from linkwatch.doctor.records import Check, Finding, Level
from linkwatch.fetch.guard import IPAddress
from linkwatch.fetch.resolver import NotResolved
from linkwatch.locale import Words
from linkwatch.store import Store
from linkwatch.store.backup import backup_into
from tests.notify.servers import Mailbox
from tests.servers import Site, answer

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def said_of(finding: Finding, language: str) -> str:
    """The line that an operator reads."""
    return line(finding, Words(language), "Europe/Stockholm")


def dated(moment: datetime, **headers: str) -> bytes:
    return answer(404, date=format_datetime(moment, usegmt=True), **headers)


@dataclass
class Names:
    """Every name leads to this machine, but for those that do not."""

    failing: Mapping[str, str] = field(default_factory=dict)  # host → reason, "*" for all

    async def resolve(self, host: str) -> Sequence[IPAddress]:
        reason = self.failing.get(host) or self.failing.get("*")
        if reason:
            raise NotResolved(reason, "planted", ours=reason == "no_resolver")
        return (ip_address("127.0.0.1"),)


@dataclass
class World:
    folder: Path
    site: Site
    around: Surroundings
    tables: dict[str, dict[str, object]]
    hosts: tuple[str, ...] = ("region-a.se", "region-b.se", "region-c.se")
    more: str = ""

    @property
    def path(self) -> Path:
        return self.folder / "config" / "sources.toml"

    @property
    def database(self) -> Path:
        return self.folder / "db" / "linkwatch.db"

    @property
    def copies(self) -> Path:
        return self.folder / "copies"

    def write(self, **tables: dict[str, object]) -> None:
        """The configuration, with what is given in place of what is usual."""
        merged = {name: {**self.tables.get(name, {}), **tables.get(name, {})} for name in {**self.tables, **tables}}
        lines = [f"[{name}]\n{_lines(table)}" for name, table in merged.items()]
        lines += [
            "[[source]]\n" + _lines({"id": host[:8], "name": host, "url": self.site.url("/", host), "owner": host})
            for host in self.hosts
        ]
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text("\n".join([*lines, self.more]), encoding="utf-8")

    def run(self, at: datetime, *, conclusive: bool = True) -> None:
        """A run that looked at nothing."""
        config = load(self.path)
        with Store.open(config.database) as store:
            store.sync_sources(config.watched, at)
            store.finish_run(store.begin_run(at, due=3), at, conclusive=conclusive, note=None, visited=3)

    def copy(self, at: datetime) -> Path:
        made, _ = backup_into(self.copies, self.database, keep=9, now=at)
        return made

    def found(self, *, is_offline: bool = False) -> tuple[Finding, ...]:
        """Each is said in both languages too: all that its words want is there."""
        found = tuple(examine(self.path, self.around, is_offline=is_offline))
        for one in found:
            assert all("\n" not in said_of(one, language) for language in ("sv", "en"))
        return found

    def wrong(self, *, is_offline: bool = False) -> dict[str, Level]:
        """The codes of all that is not well."""
        return {one.code: one.level for one in self.found(is_offline=is_offline) if one.level is not Level.OK}

    def looked_at(self, *, is_offline: bool = False) -> set[Check]:
        return {one.check for one in self.found(is_offline=is_offline)}

    def with_around(self, **changes: object) -> None:
        self.around = replace(self.around, **changes)  # type: ignore[arg-type]

    def clock(self, ahead: timedelta) -> Callable[[], datetime]:
        return lambda: NOW + ahead


def settings(server: Mailbox, **more: object) -> dict[str, object]:
    here = {"server": f"127.0.0.1:{server.port}", "security": "none", "from": "lankar@myndigheten.se"}
    return {**here, "operators": ["drift@myndigheten.se"], **more}


def damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xa5" * 4096)


def _lines(table: dict[str, object]) -> str:
    return "".join(f"{key} = {_toml(value)}\n" for key, value in table.items())


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
