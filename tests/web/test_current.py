"""The configuration followed while the desk stands."""

import threading
from pathlib import Path

from linkwatch.store import Store
from linkwatch.web.current import Current
from tests.store.storing import source
from tests.web.desk import Clock, OpenDesk, opened, write_project


def edit(desk: OpenDesk, old: str, new: str) -> None:
    text = desk.config_path.read_text(encoding="utf-8")
    assert old in text
    desk.config_path.write_text(text.replace(old, new), encoding="utf-8")


def known(desk: OpenDesk) -> set[str]:
    with Store.open(desk.config.database, create=False, read_only=True) as store:
        return set(store.known())


def test_it_makes_the_database_of_a_new_project(tmp_path: Path) -> None:
    path = write_project(tmp_path, [source("blekinge")])
    with Current(path, clock=Clock()) as current:
        assert current.ledger.standing(["blekinge"]).keys() == {"blekinge"}


def test_it_takes_over_a_changed_file_into_the_database(desk: OpenDesk) -> None:
    before = desk.current.config
    assert desk.current.config is before
    edit(desk, 'id = "blekinge"', 'id = "bleking"')
    assert "bleking" in {one.id for one in desk.current.config.sources}
    assert "bleking" in known(desk)
    assert "blekinge" not in known(desk)
    assert desk.current.complaint is None


def test_it_keeps_what_it_has_when_the_file_is_wrong_and_says_so(desk: OpenDesk) -> None:
    before = desk.current.config
    edit(desk, 'id = "blekinge"', 'id = "Blekinge å"')
    assert desk.current.config is before
    assert "source.Blekinge å.id" in (desk.current.complaint or "")
    edit(desk, 'id = "Blekinge å"', 'id = "blekinge"')
    assert desk.current.config == before
    assert desk.current.complaint is None


def test_it_keeps_what_it_has_when_the_file_is_gone(desk: OpenDesk) -> None:
    desk.config_path.rename(desk.folder / "elsewhere.toml")
    assert desk.current.config.sources
    assert "there is no such file" in (desk.current.complaint or "")
    (desk.folder / "elsewhere.toml").rename(desk.config_path)
    assert desk.current.config
    assert desk.current.complaint is None


def test_it_follows_the_table_beside_the_file(desk: OpenDesk) -> None:
    edit(desk, "[monitor]\n", "[monitor]\nsources_csv = 'more.csv'\n")
    assert "more.csv" in ((desk.current.config and desk.current.complaint) or "")
    table = desk.config_path.with_name("more.csv")
    table.write_text("id;name;owner;url\nny;Ny;Region Ny;https://ny.example/\n", encoding="utf-8")
    assert "ny" in {one.id for one in desk.current.config.sources}
    table.write_text("id;name;owner;url\nny;Nyare;Region Ny;https://ny.example/\n", encoding="utf-8")
    assert "Nyare" in {one.name for one in desk.current.config.sources}


def test_it_moves_to_no_other_database_while_it_stands(desk: OpenDesk) -> None:
    edit(desk, "[monitor]\n", "[monitor]\ndatabase = 'other.db'\n")
    assert desk.current.config.database.name == "linkwatch.db"
    assert "start linkwatch anew" in (desk.current.complaint or "")
    assert not (desk.folder / "other.db").exists()


def test_it_tries_again_after_a_while_what_the_database_could_not_take(desk: OpenDesk) -> None:
    desk.current.ledger.close()
    edit(desk, 'name = "Blekinge"', 'name = "Blekingen"')
    assert "Blekinge" in {one.name for one in desk.current.config.sources}
    assert desk.current.complaint
    desk.current.ledger = type(desk.current.ledger).open(desk.current.config.database)
    assert "Blekinge" in {one.name for one in desk.current.config.sources}
    desk.current.watched._not_before = 0  # as after ten seconds
    assert "Blekingen" in {one.name for one in desk.current.config.sources}


def test_it_serves_many_threads(tmp_path: Path) -> None:
    seen: list[str] = []

    def look(one: OpenDesk) -> None:
        seen.extend(one.current.config.title for _ in range(50))

    with opened(tmp_path) as desk:
        threads = [threading.Thread(target=look, args=(desk,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for n in range(10):
            edit(
                desk,
                f"title = 'Regionala serviceprogram{n - 1 if n else ''}'",
                f"title = 'Regionala serviceprogram{n}'",
            )
        for thread in threads:
            thread.join()
        assert len(seen) == 400
        assert desk.current.config.title == "Regionala serviceprogram9"
