import sys
import zoneinfo
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from linkwatch.doctor.examination import Surroundings
from linkwatch.doctor.machine import Room
from tests.doctor.world import NOW, Names, World, dated
from tests.servers import Site, running
from tests.store.conftest import tiny_disk as tiny_disk  # noqa: PLC0414


@pytest.fixture
def no_zones(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without the data of time zones."""
    monkeypatch.setitem(sys.modules, "tzdata", None)
    zoneinfo.reset_tzpath(())
    ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """All is well: links were checked this morning, and a copy was made last night."""
    site = Site(otherwise=dated(NOW))
    with running(site):
        around = Surroundings(
            clock=lambda: NOW,
            resolver=Names(),
            room_at=lambda folder, _: Room(folder=folder, free=10**10, needed=10**6),
            patience_s=5.0,
        )
        tables: dict[str, dict[str, object]] = {
            "monitor": {"contact": "webb@myndigheten.se", "database": "db/linkwatch.db"},
            "fetch": {"allow_networks": ["127.0.0.0/8"]},
            "backup": {"folder": "copies"},
        }
        made = World(folder=tmp_path, site=site, around=around, tables=tables)
        made.write()
        made.run(NOW - timedelta(days=30))
        made.run(NOW - timedelta(hours=5))
        made.copy(NOW - timedelta(hours=9))
        yield made
