"""Looking at a database leaves it, and what lies beside it, as it was."""

from pathlib import Path

import pytest

from linkwatch.errors import DamagedDatabase, DatabaseUnavailable
from linkwatch.store import Store
from linkwatch.store import health as module
from linkwatch.store.health import Health, health, is_filled
from tests.doctor.world import NOW, World


def beside(path: Path) -> set[str]:
    return {one.name for one in path.parent.iterdir()}


def test_it_leaves_nothing_beside_a_database_that_nobody_uses(world: World) -> None:
    before = beside(world.database)
    assert health(world.database) == health(world.database)
    assert beside(world.database) == before


def test_it_sees_what_another_has_written_and_not_yet_taken_over(world: World) -> None:
    with Store.open(world.database) as store:
        store.begin_run(NOW, due=1)
        seen = health(world.database)
        assert seen
        assert seen.newest_at == NOW


def test_it_looks_again_where_somebody_writes_meanwhile(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    modes, look = [], module._seen

    def interrupted(path: Path, found: object, mode: str) -> Health:
        modes.append(mode)
        if len(modes) == 1:
            world.run(NOW)
            return Health(size=0, trouble=DamagedDatabase("torn"))
        return look(path, found, mode)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_seen", interrupted)
    seen = health(world.database)
    assert seen
    assert (seen.trouble, seen.newest_at) == (None, NOW)
    assert modes == ["ro&immutable=1", "ro"]


def test_whether_there_is_a_database(tmp_path: Path) -> None:
    assert not is_filled(tmp_path / "linkwatch.db")
    (tmp_path / "linkwatch.db").touch()
    assert not is_filled(tmp_path / "linkwatch.db")
    (tmp_path / "linkwatch.db").write_text("something")
    assert is_filled(tmp_path / "linkwatch.db")
    with pytest.raises(DatabaseUnavailable, match="Not a directory"):
        is_filled(tmp_path / "linkwatch.db" / "linkwatch.db")
