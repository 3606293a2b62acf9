"""The metrics as a file, for the textfile collector of node_exporter: it takes every `*.prom` in its folder."""

from datetime import datetime
from pathlib import Path

from linkwatch import __version__
from linkwatch.config import Config
from linkwatch.files import write_whole
from linkwatch.report.metrics import exposition
from linkwatch.store import Desk
from linkwatch.store.measures import measure

_MODE = 0o644  # node_exporter is another user


def metrics(config: Config, now: datetime) -> str:
    """What Prometheus reads. Raises the StoreError family, also where there is no database yet."""
    with Desk.open(config.database, create=False, read_only=True) as desk:
        return exposition(measure(desk, config.database, now), version=__version__)


def write_metrics(config: Config, path: Path, now: datetime) -> None:
    """Put them in place whole; a new file is for everybody to read, another keeps its mode. Raises LinkwatchError."""
    write_whole(path, metrics(config, now), mode=_MODE)
