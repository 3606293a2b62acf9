import logging
from contextlib import suppress
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from linkwatch.config import Config, load
from linkwatch.errors import AlreadyRunning, StoreError
from linkwatch.logs import LINES
from linkwatch.scheduling.pings import Switch, watched_over

SOURCE = '[[source]]\nid = "a"\nname = "A"\nurl = "https://a.se/"\nowner = "Region A"\n'


def config(folder: Path, url: str, networks: str = '["127.0.0.0/8"]') -> Config:
    path = folder / "sources.toml"
    path.write_text(f'[schedule]\nping_url = "{url}"\n[fetch]\nallow_networks = {networks}\n{SOURCE}', encoding="utf-8")
    return load(path)


def asked(server: HTTPServer) -> list[tuple[str, str]]:
    return [(request.path, request.query_string.decode().partition("=")[0]) for request, _ in server.log]


def test_it_tells_that_a_run_begins_and_that_it_ended_well(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/abc/start").respond_with_data("OK")
    httpserver.expect_request("/abc").respond_with_data("OK")
    LINES.emit(logging.makeLogRecord({"msg": "a line of the log"}))
    with watched_over(config(tmp_path, httpserver.url_for("/abc"))) as switch:
        switch.start()
        switch.success("run 12: 21 visited")
    assert asked(httpserver) == [("/abc/start", "rid"), ("/abc", "rid")]
    first, last = (request for request, _ in httpserver.log)
    assert first.query_string == last.query_string
    assert last.method == "POST"
    assert last.data.decode().startswith("run 12: 21 visited\n")
    assert "a line of the log" in last.data.decode()


def test_it_tells_that_we_have_failed(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/abc/fail").respond_with_data("OK")
    with pytest.raises(RuntimeError, match="our own"), watched_over(config(tmp_path, httpserver.url_for("/abc"))):
        raise RuntimeError("our own mistake, at https://user:hunter2@proxy.example/")
    assert asked(httpserver) == [("/abc/fail", "rid")]
    assert b"our own mistake" in httpserver.log[-1][0].data
    assert b"hunter2" not in httpserver.log[-1][0].data


def test_that_we_fail_again_and_again_is_told_once_and_another_run_is_no_failure(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/abc/start").respond_with_data("OK")
    httpserver.expect_request("/abc/fail").respond_with_data("OK")
    told = config(tmp_path, httpserver.url_for("/abc"))
    with suppress(StoreError), watched_over(told, again=True):
        raise StoreError("the disk is full")
    with suppress(AlreadyRunning), watched_over(told):
        raise AlreadyRunning("another run")
    with suppress(StoreError), watched_over(told, is_heard=False) as switch:
        switch.start()
        raise StoreError("the disk is full")
    assert httpserver.log == []
    with suppress(StoreError), watched_over(told, again=True) as switch:
        switch.start()
        raise StoreError("the disk is full")
    assert [path for path, _ in asked(httpserver)] == ["/abc/start", "/abc/fail"]


def test_the_reason_is_told_however_long_the_log_is(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/abc/fail").respond_with_data("OK")
    for number in range(50):
        LINES.emit(logging.makeLogRecord({"msg": f"line {number}: {'x' * 1000}"}))
    Switch(config(tmp_path, httpserver.url_for("/abc"))).fail("the disk is full")
    first, *rest = httpserver.log[-1][0].data.decode().splitlines()
    assert first == "the disk is full"
    assert all("line" in line for line in rest)
    assert "line 49" in rest[-1]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/abc", "http://nowhere.invalid/abc"])
def test_a_ping_that_fails_never_fails_the_run(tmp_path: Path, url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), watched_over(config(tmp_path, url)) as switch:
        switch.start()
        switch.success("well")
    assert len(caplog.records) == 2
    assert "dead-man" in caplog.text


def test_it_passes_the_guard_of_all_outgoing_connections(tmp_path: Path, httpserver: HTTPServer) -> None:
    Switch(config(tmp_path, httpserver.url_for("/abc"), networks="[]")).start()
    assert httpserver.log == []


def test_it_says_nothing_where_no_address_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(SOURCE, encoding="utf-8")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("nothing is to be sent")

    Switch(load(path), post=refuse).start()
