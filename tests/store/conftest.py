import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from linkwatch.store import Store
from tests.store.storing import NOW, source


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "db" / "linkwatch.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """A database that watches `blekinge` and `dalarna`."""
    with Store.open(path) as opened:
        opened.sync_sources([source("blekinge"), source("dalarna")], NOW)
        yield opened


@pytest.fixture
def run(store: Store) -> int:
    return store.begin_run(NOW, due=2)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte, where this machine lets us mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not _mounted("-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)):
        pytest.skip("mounting a disk takes root")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def _mounted(*arguments: str) -> bool:
    try:
        return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
