import itertools
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from linkwatch.config import Config, load
from linkwatch.config_watch import WatchedConfig
from linkwatch.errors import DatabaseUnavailable, StoreError

SOURCE = '[[source]]\nid = "a"\nname = "A"\nurl = "https://a.se/"\nowner = "Region A"\n'


def write(path: Path, text: str) -> None:
    """As an editor saves: another file in its place."""
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config" / "sources.toml"
    path.parent.mkdir()
    path.write_text(SOURCE, encoding="utf-8")
    return path


def test_it_notices_an_edit(path: Path) -> None:
    watched = WatchedConfig(path)
    first = watched.now()
    assert watched.now() is first
    write(path, f'[monitor]\ntitle = "New"\n{SOURCE}')
    assert watched.now().title == "New"


def test_it_keeps_the_one_before_when_the_new_one_is_bad(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    watched = WatchedConfig(path)
    first = watched.now()
    write(path, f"[monitor]\ntitel = 1\n{SOURCE}")
    with caplog.at_level(logging.WARNING):
        assert watched.now() is first
        assert watched.now() is first
    assert len(caplog.records) == 1  # said once
    assert watched.complaint is not None
    assert "sources.toml:2" in watched.complaint
    write(path, f'[monitor]\ntitle = "Good"\n{SOURCE}')
    assert watched.now().title == "Good"
    assert watched.complaint is None


def test_it_keeps_its_database(path: Path) -> None:
    watched = WatchedConfig(path)
    write(path, f'[monitor]\ndatabase = "other.db"\n{SOURCE}')
    assert watched.now().database.name == "linkwatch.db"
    assert "start linkwatch anew" in (watched.complaint or "")


def test_it_reads_it_anew_when_told_to(path: Path) -> None:
    watched = WatchedConfig(path)
    before = path.stat()
    path.write_text(SOURCE.replace('"A"', '"B"'), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # a file system without fine times
    assert watched.now().sources[0].name == "A"
    watched.read_anew()
    assert watched.now().sources[0].name == "B"


def test_it_tries_again_after_a_while_what_could_not_be_taken_over(path: Path) -> None:
    refused, taken = [DatabaseUnavailable("busy")], list[Config]()

    def take_over(config: Config) -> None:
        if refused:
            raise refused.pop()
        taken.append(config)

    watched = WatchedConfig(path)
    watched.take_over = take_over
    first = watched.now()
    write(path, f'[monitor]\ntitle = "New"\n{SOURCE}')
    assert watched.now() is first
    assert watched.complaint == "busy"
    assert watched.now() is first  # not at every question
    watched._not_before = 0  # as after ten seconds
    assert watched.now().title == "New"
    assert taken == [watched.now()]


def test_what_was_put_back_is_no_reason_to_complain_any_more(path: Path) -> None:
    watched = WatchedConfig(path)
    kept, refused = path.with_suffix(".kept"), [DatabaseUnavailable("busy")]

    def take_over(_: Config) -> None:
        if refused:
            raise refused.pop()

    watched.take_over = take_over
    path.rename(kept)
    write(path, f'[monitor]\ntitle = "New"\n{SOURCE}')
    watched.now()
    assert watched.complaint == "busy"
    kept.replace(path)
    watched._not_before = 0
    assert watched.now().title == "linkwatch"
    assert watched.complaint is None


def test_being_told_to_read_it_anew_while_it_is_read_is_not_forgotten(path: Path) -> None:
    watched, read = WatchedConfig(path), list[Config]()

    def take_over(config: Config) -> None:
        read.append(config)
        if len(read) == 1:
            watched.read_anew()

    watched.take_over = take_over
    watched.read_anew()
    watched.now()
    watched.now()
    watched.now()
    assert len(read) == 2


def test_it_keeps_nobody_waiting_while_one_takes_over_a_change(path: Path) -> None:
    """As a signal handler that came in the midst of it would for ever."""
    seen = list[str]()
    watched = WatchedConfig(path)
    watched.take_over = lambda _: seen.append(watched.now().title)
    write(path, f'[monitor]\ntitle = "New"\n{SOURCE}')
    assert watched.now().title == "New"
    assert seen == ["linkwatch"]


def test_who_visits_links_by_it_waits_for_the_change_that_another_takes_over(path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()
    watched = WatchedConfig(path)

    def take_over(_: Config) -> None:
        begun.set()
        assert go_on.wait(10)

    watched.take_over = take_over
    write(path, f'[monitor]\ntitle = "New"\n{SOURCE}')
    with ThreadPoolExecutor(2) as threads:
        taking_over = threads.submit(watched.now)
        assert begun.wait(10)
        waiting = threads.submit(watched.newest)
        assert watched.now().title == "linkwatch"
        assert not waiting.done()
        go_on.set()
        assert waiting.result(10).title == taking_over.result(10).title == "New"


def test_nobody_visits_links_by_one_that_was_overtaken(path: Path) -> None:
    refused = [DatabaseUnavailable("busy"), DatabaseUnavailable("busy")]

    def take_over(_: Config) -> None:
        if refused:
            raise refused.pop()

    watched = WatchedConfig(path)
    watched.take_over = take_over
    write(path, f'[monitor]\ntitle = "New"\n{SOURCE}')
    assert watched.now().title == "linkwatch"
    with pytest.raises(StoreError, match="busy"):
        watched.newest()
    assert watched.newest().title == "New"  # at once: whoever visits has waited long enough


def test_what_is_overtaken_while_it_is_read_is_not_taken_over(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = list[str]()
    watched = WatchedConfig(path)
    watched.take_over = lambda config: taken.append(config.title)

    def read_slowly(path: Path) -> Config:
        config = load(path)
        if config.title == "First":
            write(path, f'[monitor]\ntitle = "Second"\n{SOURCE}')
        return config

    monkeypatch.setattr("linkwatch.config_watch.load", read_slowly)
    write(path, f'[monitor]\ntitle = "First"\n{SOURCE}')
    assert watched.now().title == "Second"
    assert taken == ["Second"]


def test_half_a_file_is_no_mistake_of_anybody(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched, half = WatchedConfig(path), f'[monitor]\ntitle = "New"\n{SOURCE}'

    def read_while_it_is_written(path: Path) -> Config:
        try:
            return load(path)
        finally:
            if path.read_text(encoding="utf-8") != half:
                path.write_text(half, encoding="utf-8")

    monkeypatch.setattr("linkwatch.config_watch.load", read_while_it_is_written)
    write(path, half[:20])
    assert watched.newest().title == "New"
    assert watched.complaint is None


def test_what_changes_all_the_time_is_left_for_later(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched, titles = WatchedConfig(path), itertools.count()

    def read_while_it_changes(path: Path) -> Config:
        config = load(path)
        write(path, f'[monitor]\ntitle = "{next(titles)} {"." * next(titles)}"\n{SOURCE}')
        return config

    monkeypatch.setattr("linkwatch.config_watch.load", read_while_it_changes)
    write(path, f'[monitor]\ntitle = "New"\n{SOURCE}')
    assert watched.now().title == "linkwatch"
    assert watched.complaint == "sources.toml changes while it is read, again and again"
    with pytest.raises(StoreError, match="changes while it is read"):
        watched.newest()


def test_links_are_visited_by_the_one_before_when_the_new_one_is_bad(path: Path) -> None:
    watched = WatchedConfig(path)
    first = watched.now()
    write(path, f"[monitor]\ntitel = 1\n{SOURCE}")
    assert watched.newest() is first
