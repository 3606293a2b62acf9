import logging
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from linkwatch.cli import main
from linkwatch.config_watch import WatchedConfig
from linkwatch.errors import DatabaseUnavailable, StoreError
from linkwatch.scheduling import daemon
from linkwatch.scheduling.daemon import Schedule, _Food
from linkwatch.store import Store, run_lock
from linkwatch.store.place import is_first

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
def schedule(tmp_path: Path, httpserver: HTTPServer) -> Schedule:
    httpserver.expect_request("/a").respond_with_data("<title>A</title><h1>A</h1>", content_type="text/html")
    httpserver.expect_request("/ping").respond_with_data("OK")
    httpserver.expect_request("/ping/start").respond_with_data("OK")
    httpserver.expect_request("/ping/fail").respond_with_data("OK")
    path = tmp_path / "config" / "sources.toml"
    path.parent.mkdir()
    path.write_text(
        f'[schedule]\nping_url = "{httpserver.url_for("/ping")}"\nmetrics_file = "linkwatch.prom"\n'
        '[fetch]\nallow_networks = ["127.0.0.0/8"]\nrespect_robots = false\nper_host_delay_s = 0\n'
        f'[[source]]\nid = "a"\nname = "A"\nurl = "{httpserver.url_for("/a")}"\nowner = "Region A"\n',
        encoding="utf-8",
    )
    watched = WatchedConfig(path)
    with Store.open(watched.now().database):
        pass
    return Schedule(watched, lambda: NOW)


def pings(server: HTTPServer) -> list[str]:
    return [request.path for request, _ in server.log if request.path.startswith("/ping")]


def no_beat() -> None:
    pass


def test_a_run_that_was_due_is_told_of_and_leaves_its_metrics(schedule: Schedule, httpserver: HTTPServer) -> None:
    schedule.check(no_beat)
    schedule.check(no_beat)  # nothing is due any more
    assert pings(httpserver) == ["/ping/start", "/ping"]
    assert "linkwatch_links" in (schedule.config.now().folder / "linkwatch.prom").read_text(encoding="utf-8")


def test_a_database_that_is_gone_is_no_reason_to_begin_another(schedule: Schedule, httpserver: HTTPServer) -> None:
    database = schedule.config.now().database
    database.parent.rename(database.parent.with_name("away"))
    for work in (schedule.check, schedule.check, schedule.tell, schedule.jobs):
        with pytest.raises(DatabaseUnavailable, match="is gone, or another file is in its place"):
            work(no_beat)
    assert not database.parent.exists()
    assert pings(httpserver) == ["/ping/fail"]  # once, however often it is tried
    database.parent.with_name("away").rename(database.parent)
    schedule.check(no_beat)
    assert pings(httpserver)[1:] == ["/ping/start", "/ping"]


def test_what_passes_is_told_of_too_where_nothing_is_due(schedule: Schedule, httpserver: HTTPServer) -> None:
    schedule.check(no_beat)
    database = schedule.config.now().database
    database.rename(database.with_name("away"))
    with pytest.raises(DatabaseUnavailable):
        schedule.check(no_beat)
    database.with_name("away").rename(database)
    for _ in range(3):
        schedule.check(no_beat)
    assert pings(httpserver) == ["/ping/start", "/ping", "/ping/fail", "/ping"]


def test_one_that_is_started_anew_begins_none_either_where_one_has_been(schedule: Schedule) -> None:
    schedule.check(no_beat)
    config = schedule.config.now()
    assert not is_first(config.database)
    config.database.unlink()
    for command in ("schedule", "serve"):
        with pytest.raises(SystemExit) as ended:
            main([command, "--config", str(config.path)])
        assert ended.value.code == 1
    assert not config.database.exists()
    config.database.with_name("linkwatch.db.lock").unlink()
    assert is_first(config.database)


def test_neither_is_another_file_in_its_place(schedule: Schedule) -> None:
    database = schedule.config.now().database
    shutil.copy(database, database.with_name("copy"))
    database.with_name("copy").replace(database)
    with pytest.raises(StoreError, match="is gone, or another file"):
        schedule.look_after()


def test_the_watchdog_is_fed_only_while_all_is_well(
    schedule: Schedule, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fed, hung = list[str](), list[str]()
    monkeypatch.setattr(daemon.systemd, "notify", fed.append)
    monkeypatch.setattr(schedule._ticks, "hung", lambda: hung[0] if hung else None)
    food = _Food(lambda: None, schedule)
    food.serve()
    assert fed == ["WATCHDOG=1"]
    with caplog.at_level(logging.ERROR):
        hung.append("check")
        food.serve()
        food.serve()
        hung.clear()
        schedule.config.now().database.unlink()
        food.serve()
    assert fed == ["WATCHDOG=1"]
    assert [record.getMessage()[:30] for record in caplog.records] == [  # each said once
        "check has given no sign of lif",
        "the database does not answer: ",
    ]


def test_a_check_that_cannot_begin_tells_the_switch(schedule: Schedule, httpserver: HTTPServer) -> None:
    config = schedule.config.now()
    config.database.write_bytes(b"no database" * 1000)
    with pytest.raises(SystemExit) as ended:
        main(["check", "--due", "--config", str(config.path)])
    assert ended.value.code == 1
    assert pings(httpserver) == ["/ping/fail"]


def test_a_check_that_another_one_keeps_out_tells_it_nothing(schedule: Schedule, httpserver: HTTPServer) -> None:
    config = schedule.config.now()
    with run_lock(config.database, NOW), pytest.raises(SystemExit) as ended:
        main(["check", "--due", "--config", str(config.path)])
    assert ended.value.code == 75
    assert pings(httpserver) == []
