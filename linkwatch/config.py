"""config/sources.toml → a frozen `Config`, or every mistake at once, each with its line. Nothing is half-loaded."""

import difflib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, ValidationError
from pydantic_core import ErrorDetails

from linkwatch import __version__, config_mail, config_operations
from linkwatch.config_files import project_folder, read_table, read_text, table_at
from linkwatch.config_mail import MailSettings, MailTable, OnlyTable, SubscriberTable, WebhookTable
from linkwatch.config_operations import BackupTable, HistoryTable, Operations, ScheduleTable
from linkwatch.config_shapes import (
    TABLE,
    County,
    HeaderUrl,
    Identifier,
    Mail,
    Network,
    Pin,
    Selector,
    Text,
    Url,
    Whole,
    Zone,
    discreet,
    is_zone_known,
    without_user,
)
from linkwatch.config_web import Web, WebTable, missing
from linkwatch.core import fields, inventory
from linkwatch.core.models import LISTING_PREFIX, Confirm, FetchPolicy, Source
from linkwatch.core.urls import host
from linkwatch.errors import ConfigError
from linkwatch.toml_lines import Lines, Location

NO_ZONE = "is not known on this machine: install the package tzdata"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of ours that lists the links."""

    id: str
    url: str
    expect: int | None
    heading: str | None = None  # the text over the links
    selector: str | None = None  # or a CSS selector for where they are
    auto_apply: bool = False  # a run takes over what the page says

    @property
    def as_source(self) -> Source:
        """The page itself as a link that is watched. No source of the configuration can have such an id."""
        return Source(id=f"{LISTING_PREFIX}{self.id}", name=self.id, url=self.url, owner=host(self.url))

    def among(self, sources: Sequence[Source]) -> tuple[Source, ...]:
        """The sources that stand on it: those that say so, or where none names a listing, all."""
        own = tuple(source for source in sources if source.listing == self.id)
        return own or tuple(source for source in sources if source.listing is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that a configuration says. `folder` is the project folder that relative paths start from."""

    path: Path
    folder: Path
    title: str
    language: str
    timezone: str
    database: Path
    max_age: timedelta
    fetch: FetchPolicy
    confirm: Confirm
    listings: tuple[Listing, ...]
    sources: tuple[Source, ...]
    sources_csv: Path | None = None  # where more of the sources are kept, as a table
    web: Web = field(default_factory=Web)
    mail: MailSettings = field(default_factory=MailSettings)
    operations: Operations = field(default_factory=Operations)

    @property
    def watched(self) -> tuple[Source, ...]:
        """All that is visited: the sources, and the pages of ours that list them."""
        return (*self.sources, *(listing.as_source for listing in self.listings))


def load(path: Path, *, may_be_empty: bool = False) -> Config:
    """Read and check a configuration. One that `may_be_empty` is about to be filled: it needs no source, no table yet.

    Raises `ConfigError` with one line a mistake, `sources.toml:LINE: source.blekinge.url: what is wrong`.
    """
    text = read_text(path)
    table = table_path(path, text)
    is_there = table is not None and (table.exists() or not may_be_empty)
    return parse(path, text, read_table(table) if table and is_there else None, may_be_empty=may_be_empty)


def parse(path: Path, text: str, table: str | None = None, *, may_be_empty: bool = False) -> Config:
    """The configuration that `text` would be if it stood at `path`, with the `table` of `sources_csv` beside it."""
    raw = _parsed(path, text)
    lines = Lines(text)
    try:
        file = _File.model_validate(raw)
    except ValidationError as error:
        file = None
        mistakes = [(lines.of(found["loc"]), _where(found["loc"], raw), _what(found)) for found in error.errors()]
    else:
        mistakes = []
    if file and file.fetch.ca_file and not (project_folder(path) / file.fetch.ca_file).is_file():
        loc = ("fetch", "ca_file")
        mistakes.append((lines.of(loc), _where(loc, raw), f"there is no file {file.fetch.ca_file!r}"))
    if file and not is_zone_known(file.monitor.timezone):
        loc = ("monitor", "timezone")
        mistakes.append((lines.of(loc), _where(loc, raw), f"{file.monitor.timezone!r} {NO_ZONE}"))
    in_table, wrong = inventory.sources(table, _taken(path, raw)) if table is not None else ([], [])
    mistakes += [(lines.of(loc), _where(loc, raw), what) for loc, what in _across(raw)]
    if not (may_be_empty or in_table or wrong or "source" in raw):
        mistakes.append((1, "source", "there is no [[source]]: nothing to watch"))
    said = [f"{path.name}:{line}: {where}: {discreet(what)}" for line, where, what in sorted(dict.fromkeys(mistakes))]
    name = Path(_sources_csv(raw) or "").name
    said += [f"{name}:{one.line}: {one.where}: {discreet(one.what)}" for one in sorted(wrong)]
    if said or file is None:
        raise ConfigError(said)
    return _freeze(path, file, in_table)


def table_path(path: Path, text: str) -> Path | None:
    """Where `sources_csv` is: beside the configuration, or as other relative paths from the project folder."""
    name = _sources_csv(_parsed(path, text)) if "sources_csv" in text else None
    return table_at(path, name) if name else None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return _toml(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax(path, error, text)]) from error
    except (RecursionError, ValueError) as error:
        raise ConfigError(
            [f"{path.name}:1: the file cannot be read: brackets too deep, or a number too long"]
        ) from error


@lru_cache(1)
def _toml(text: str) -> dict[str, Any]:
    """Read once for the name of the table and once for all."""
    return tomllib.loads(text)


def _sources_csv(raw: dict[str, Any]) -> str | None:
    monitor = raw.get("monitor")
    name = monitor.get("sources_csv") if isinstance(monitor, dict) else None
    return name if isinstance(name, str) and name and "\0" not in name else None


def _taken(path: Path, raw: dict[str, Any]) -> dict[str, str]:
    """The ids of the file's own sources, and where they are."""
    rows = enumerate(_rows(raw, "source"), start=1)
    return {str(row.get("id")): f"by source number {number} in {path.name}" for number, row in rows}


# ---------------------------------------------------------------- the file's shape


class _Table(BaseModel):
    model_config = TABLE


class _Monitor(_Table):
    title: Text = "linkwatch"
    language: Literal["sv", "en"] = "sv"
    timezone: Zone = "Europe/Stockholm"
    database: Text = "db/linkwatch.db"
    contact: Mail | None = None
    about: HeaderUrl | None = None
    outdated_after_days: Whole = 1825
    sources_csv: Text | None = None


class _Fetch(_Table):
    timeout_s: Annotated[float, Field(gt=0, le=600)] = 30.0
    per_host_delay_s: Annotated[float, Field(ge=0, le=3600)] = 1.0
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 16
    max_body_mb: Annotated[float, Field(gt=0, le=1000)] = 10.0
    respect_robots: bool = True
    allow_networks: list[Network] = []
    resolve: dict[str, Pin] = {}
    ca_file: Text | None = None


class _Confirm(_Table):
    missing_runs: Whole = 2
    missing_hours: Annotated[float, Field(ge=0, le=100_000)] = 24
    trouble_runs: Whole = 3
    trouble_hours: Annotated[float, Field(ge=0, le=100_000)] = 144


class _Listing(_Table):
    id: Identifier
    url: Url
    expect: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    heading: Text | None = None
    selector: Selector | None = None
    auto_apply: bool = False


class _Source(_Table):
    id: Identifier
    name: Text
    url: Url
    owner: Text
    contact: Text | None = None
    county: County | None = None
    listing: Identifier | None = None
    tags: list[Text] = []
    paused: bool = False


class _File(_Table):
    monitor: _Monitor = _Monitor()
    fetch: _Fetch = _Fetch()
    confirm: _Confirm = _Confirm()
    web: WebTable = WebTable()
    mail: MailTable = MailTable()
    schedule: ScheduleTable = ScheduleTable()
    history: HistoryTable = HistoryTable()
    backup: BackupTable = BackupTable()
    listing: list[_Listing] = []
    source: list[_Source] = []
    subscriber: list[SubscriberTable] = []
    webhook: list[WebhookTable] = []


_TABLES: dict[str, type[BaseModel]] = {
    "monitor": _Monitor, "fetch": _Fetch, "confirm": _Confirm, "web": WebTable, "mail": MailTable,
    "schedule": ScheduleTable, "history": HistoryTable, "backup": BackupTable,
    "listing": _Listing, "source": _Source, "subscriber": SubscriberTable, "webhook": WebhookTable,
}  # fmt: skip


# ---------------------------------------------------------------- mistakes, in words


def _across(raw: dict[str, Any]) -> list[tuple[Location, str]]:
    """The mistakes that no single key shows: an id used twice, a listing that is not there."""
    found: list[tuple[Location, str]] = []
    for table in ("listing", "source", "webhook"):
        seen: dict[str, int] = {}
        for number, row in enumerate(_rows(raw, table)):
            identifier = row.get("id")
            if isinstance(identifier, str) and seen.setdefault(identifier, number) != number:
                first = seen[identifier] + 1
                found.append(((table, number, "id"), f"{identifier!r} is used already, by {table} number {first}"))
    listings = {row.get("id") for row in _rows(raw, "listing")}
    for number, row in enumerate(_rows(raw, "source")):
        name = row.get("listing")
        if isinstance(name, str) and name not in listings:
            found.append((("source", number, "listing"), f"there is no [[listing]] with the id {name!r}"))
    web = raw.get("web")
    return [*found, *(missing(web) if isinstance(web, dict) else ()), *config_mail.across(raw)]


def _rows(raw: dict[str, Any], table: str) -> list[dict[str, Any]]:
    rows = raw.get(table)
    return [row if isinstance(row, dict) else {} for row in rows] if isinstance(rows, list) else []


def _where(loc: Location, raw: dict[str, Any]) -> str:
    """`source.blekinge.url`: a row by its id where it has one, else by its number."""
    parts = [str(part) for part in loc]
    if len(loc) > 1 and isinstance(loc[1], int):
        rows = _rows(raw, str(loc[0]))
        row = rows[loc[1]] if loc[1] < len(rows) else {}
        identifier = row.get("id") or row.get("address")
        parts[1] = without_user(identifier) if isinstance(identifier, str) and identifier else f"number {loc[1] + 1}"
    return ".".join(parts)


_SENTENCES = {
    "missing": "is missing",
    "string_type": "must be text in quotes",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "list_type": "must be a list in [ ]",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "string_too_short": fields.EMPTY,
    "string_too_long": fields.TOO_LONG,
    "string_pattern_mismatch": fields.BAD_ID,
    "literal_error": "must be {expected}",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "finite_number": "must be a number",
}


def _what(found: ErrorDetails) -> str:
    if found["type"] == "extra_forbidden":
        return _unknown(found["loc"])
    sentence = _SENTENCES.get(found["type"])
    return sentence.format(**found.get("ctx", {})) if sentence else found["msg"]


def _unknown(loc: Location) -> str:
    known = list(_TABLES) if len(loc) == 1 else _keys(OnlyTable if "only" in loc[:-1] else _TABLES[str(loc[0])])
    near = difflib.get_close_matches(str(loc[-1]), known, n=1)
    return "unknown key" + (f"; did you mean {near[0]!r}?" if near else f" (known here: {', '.join(known)})")


def _keys(table: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in table.model_fields.items()]


def _syntax(path: Path, error: tomllib.TOMLDecodeError, text: str) -> str:
    message, _, place = str(error).partition(" (at ")
    line = place.removeprefix("line ").partition(",")[0]
    number = int(line) if line.isdigit() else text.count("\n") + 1
    return f"{path.name}:{number}: the file is not valid TOML: {message[:1].lower()}{message[1:]}"


# ---------------------------------------------------------------- frozen


def _freeze(path: Path, file: _File, in_table: list[Source]) -> Config:
    folder, monitor = project_folder(path), file.monitor
    return Config(
        path=path,
        folder=folder,
        title=monitor.title,
        language=monitor.language,
        timezone=ZoneInfo(monitor.timezone).key,
        database=folder / monitor.database,
        max_age=timedelta(days=monitor.outdated_after_days),
        fetch=_fetch_policy(file, folder),
        confirm=_confirm(file.confirm),
        listings=tuple(Listing(**row.model_dump()) for row in file.listing),
        sources=(*(Source(**row.model_dump() | {"tags": tuple(row.tags)}) for row in file.source), *in_table),
        sources_csv=table_at(path, monitor.sources_csv) if monitor.sources_csv else None,
        web=file.web.frozen(folder),
        mail=config_mail.frozen(
            file.mail,
            file.subscriber,
            file.webhook,
            folder=folder,
            title=monitor.title,
            language=monitor.language,
            contact=monitor.contact,
        ),
        operations=config_operations.frozen(file.schedule, file.history, file.backup, folder=folder),
    )


def _fetch_policy(file: _File, folder: Path) -> FetchPolicy:
    table = file.fetch
    return FetchPolicy(
        timeout_s=table.timeout_s,
        per_host_delay_s=table.per_host_delay_s,
        concurrency=table.concurrency,
        max_body_bytes=int(table.max_body_mb * 1_000_000),
        respect_robots=table.respect_robots,
        allow_networks=tuple(table.allow_networks),
        resolve={host.lower(): address for host, address in table.resolve.items()},
        ca_file=str(folder / table.ca_file) if table.ca_file else None,
        user_agent=_user_agent(file.monitor),
        contact=file.monitor.contact,
    )


def _user_agent(monitor: _Monitor) -> str:
    """`linkwatch/<version> (+<about>; <contact>)`, with what is known."""
    who = "; ".join(part for part in (monitor.about and f"+{monitor.about}", monitor.contact) if part)
    return f"linkwatch/{__version__}" + (f" ({who})" if who else "")


def _confirm(table: _Confirm) -> Confirm:
    return Confirm(
        missing_runs=table.missing_runs,
        missing_for=timedelta(hours=table.missing_hours),
        trouble_runs=table.trouble_runs,
        trouble_for=timedelta(hours=table.trouble_hours),
    )
