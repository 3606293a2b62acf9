"""`[schedule]`, `[history]` and `[backup]`: what runs by itself, what is kept and for how long."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field

from linkwatch.config_shapes import TABLE, Text, Url, wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """What the three tables say, or how it is where nothing is said."""

    nightly_hour: int = 3  # local
    ping_url: str | None = None  # of a dead-man's switch
    metrics_file: Path | None = None  # Prometheus text, for node_exporter's textfile collector
    raw: timedelta = timedelta(days=90)  # so long every check is kept; then one row a day
    days: timedelta = timedelta(days=1827)  # so long the rows of days are kept
    retention: timedelta = timedelta(days=3653)  # so long changes, answers, runs and replaced copies are kept
    backup_folder: Path | None = None
    backups_kept: int = 14


def _without_user(url: str) -> str:
    if "@" in urlsplit(url).netloc:
        raise wrong("holds a user or a password, which would not be sent: name an address that is secret by itself")
    return url


class ScheduleTable(BaseModel):
    model_config = TABLE

    nightly_hour: Annotated[int, Field(ge=0, le=23)] = 3
    ping_url: Annotated[Url, AfterValidator(_without_user)] | None = None
    metrics_file: Text | None = None


class HistoryTable(BaseModel):
    model_config = TABLE

    raw_days: Annotated[int, Field(ge=2, le=36_500)] = 90
    day_rows_days: Annotated[int, Field(ge=2, le=36_500)] = 1827
    retention_days: Annotated[int, Field(ge=30, le=36_500)] = 3653


class BackupTable(BaseModel):
    model_config = TABLE

    folder: Text | None = None
    keep: Annotated[int, Field(ge=1, le=10_000)] = 14


def frozen(schedule: ScheduleTable, history: HistoryTable, backup: BackupTable, *, folder: Path) -> Operations:
    """The tables as the program uses them; relative paths start from `folder`."""
    return Operations(
        nightly_hour=schedule.nightly_hour,
        ping_url=schedule.ping_url,
        metrics_file=folder / schedule.metrics_file if schedule.metrics_file else None,
        raw=timedelta(days=history.raw_days),
        days=timedelta(days=history.day_rows_days),
        retention=timedelta(days=history.retention_days),
        backup_folder=folder / backup.folder if backup.folder else None,
        backups_kept=backup.keep,
    )
