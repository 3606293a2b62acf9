import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from linkwatch.store import Store
from linkwatch.store.backup import backup
from tests.store.storing import COPY, NOW, decision, source


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
def filled(store: Store, path: Path, run: int) -> Path:
    """The database, closed, with one check and one copy of a page."""
    store.commit(run, [decision(new_copy=COPY)])
    store.close()
    return path


@pytest.fixture
def made(filled: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return backup(filled, tmp_path / "copy.db", now=NOW)


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
