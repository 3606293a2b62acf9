"""The log: who is told what and how, that no text can do anything there, and that no secret is in it."""

import io
import json
import logging
import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch import logs
from linkwatch.core.models import Code, RunSummary, State, Verdict
from linkwatch.errors import LinkwatchError, UsageError
from linkwatch.logs import log_run, safe, set_up
from tests.cli.command import ROOT, surroundings

LOG = logging.getLogger("linkwatch.somewhere")
AT = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """The log of the other tests is not ours to change."""
    root, ours = logging.getLogger(), logging.getLogger("linkwatch")
    before = root.level, ours.level
    yield
    logs._replace([logging.NullHandler()])
    root.removeHandler(logs._set_up.pop())
    root.setLevel(before[0])
    ours.setLevel(before[1])


def to(stream: io.StringIO, *, daemon: bool = True, **environment: str) -> io.StringIO:
    set_up(daemon=daemon, stream=stream, environment=environment)
    return stream


def entries(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def entry(stream: io.StringIO) -> dict[str, Any]:
    (one,) = entries(stream.getvalue())
    return one


# ---------------------------------------------------------------- how it is said


def test_off_a_terminal_each_line_is_an_object() -> None:
    stream = to(io.StringIO())
    begun = datetime.now(UTC)
    LOG.info("%s links in %d s", 21, 4, extra={"run_id": 7, "seconds": 4.25, "conclusive": True, "note": None})
    said = entry(stream)
    assert list(said) == ["time", "level", "logger", "message", "run_id", "seconds", "conclusive", "note"]
    time = datetime.fromisoformat(said.pop("time"))
    assert time.utcoffset() == timedelta()
    assert begun - timedelta(seconds=1) <= time <= datetime.now(UTC)
    assert said == {
        "level": "info", "logger": "linkwatch.somewhere", "message": "21 links in 4 s", "run_id": 7, "seconds": 4.25,
        "conclusive": True, "note": None,
    }  # fmt: skip


def test_on_a_terminal_it_is_a_short_line() -> None:
    stream = to(Terminal(), daemon=False, LINKWATCH_LOG="info")
    LOG.info("all is well", extra={"run_id": 7})
    LOG.warning("something is not")
    LOG.error("and this failed")
    assert stream.getvalue().splitlines() == [
        "linkwatch: all is well", "linkwatch: warning: something is not", "linkwatch: error: and this failed",
    ]  # fmt: skip


def test_a_daemon_on_a_terminal_says_when() -> None:
    stream = to(Terminal())
    LOG.info("all is well")
    clock, said = stream.getvalue().rstrip("\n").split(" ", 1)
    assert time.strptime(clock, "%H:%M:%S")
    assert said == "linkwatch: all is well"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (State.OK, "ok"),
        (AT, "2026-11-23T13:00:00+00:00"),
        (timedelta(seconds=90), "0:01:30"),
        (float("nan"), "nan"),
        (Path("/srv/links.db"), "/srv/links.db"),
        (("a", 1, None), ["a", 1, None]),
        ({"a": {"b": [1.5]}}, {"a": {"b": [1.5]}}),
        ({1: "x"}, {"1": "x"}),
        (b"bytes", "b'bytes'"),
        ({"a": {"b": {"c": {"d": 1}}}}, {"a": {"b": {"c": "{'d': 1}"}}}),
    ],
)
def test_fields_are_told_as_json_has_them(value: object, told: object) -> None:
    stream = to(io.StringIO())
    LOG.info("x", extra={"field": value})
    assert entry(stream)["field"] == told


def test_a_field_takes_no_place_of_its_own_lines() -> None:
    stream = to(io.StringIO())
    LOG.info("x", extra={"time": "never", "level": "error", "logger": "root", "exception": "none"})
    said = entry(stream)
    assert (said["level"], said["logger"]) == ("info", "linkwatch.somewhere")
    assert said["time"] != "never"


def test_what_cannot_be_put_together_is_told_all_the_same() -> None:
    record = logging.makeLogRecord({"msg": "%d of %d", "args": ("many",), "name": "x"})
    assert json.loads(logs._Json().format(record))["message"] == "%d of %d ('many',)"


# ---------------------------------------------------------------- exceptions


def failing() -> None:
    try:
        int("a cause")
    except ValueError as error:
        raise ZeroDivisionError("a <detail>\nTraceback: of \x1b[31mour own making") from error


def logged_failure(stream: io.StringIO) -> None:
    try:
        failing()
    except ZeroDivisionError:
        LOG.exception("it failed")


def test_an_exception_is_one_field() -> None:
    stream = to(io.StringIO())
    logged_failure(stream)
    said = entry(stream)
    assert (said["level"], said["message"]) == ("error", "it failed")
    exception = said["exception"]
    assert exception.startswith(
        "ZeroDivisionError: a <detail> Traceback: of �[31mour own making, at tests/test_logs.py:"
    )
    assert " in failing; caused by ValueError: invalid literal for int() with base 10: 'a cause', at " in exception
    assert "raise " not in exception  # nothing of what stands there
    assert "\n" not in exception


def test_an_exception_is_on_one_line_of_a_terminal() -> None:
    stream = to(Terminal(), daemon=False)
    logged_failure(stream)
    (line,) = stream.getvalue().splitlines()
    assert line.startswith("linkwatch: error: it failed (ZeroDivisionError: a <detail> Traceback: of ")
    assert "\x1b" not in line


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even this")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Mute(), "Mute: <Mute>"),
        (ExceptionGroup("two", [ValueError("one"), OSError("other")]), "; ValueError: one; OSError: other"),
        (KeyError("password"), "KeyError: 'password'"),
    ],
)
def test_any_exception_can_be_told(error: Exception, told: str) -> None:
    stream = to(io.StringIO())
    LOG.error("x", exc_info=error)
    assert told in entry(stream)["exception"]


def test_an_exception_that_is_its_own_cause_ends() -> None:
    stream, one, other = to(io.StringIO()), ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    LOG.error("x", exc_info=one)
    assert entry(stream)["exception"] == "ValueError: one; caused by ValueError: other"


# ---------------------------------------------------------------- who is told what


@pytest.mark.parametrize(
    ("daemon", "said", "levels"),
    [
        (True, None, ["info", "warning", "error"]),
        (False, None, ["warning", "error"]),
        (False, "info", ["info", "warning", "error"]),
        (False, "debug", ["debug", "info", "warning", "error"]),
        (True, "warning", ["warning", "error"]),
        (True, " ERROR ", ["error"]),
        (True, "", ["info", "warning", "error"]),
    ],
)
def test_a_daemon_says_more_than_a_command(daemon: bool, said: str | None, levels: list[str]) -> None:
    stream = to(io.StringIO(), daemon=daemon, **({} if said is None else {"LINKWATCH_LOG": said}))
    for level in ("debug", "info", "warning", "error"):
        getattr(LOG, level)("x")
    assert [one["level"] for one in entries(stream.getvalue())] == levels


@pytest.mark.parametrize("name", ["LINKWATCH_LOG", "LINKWATCH_LOG_FILE_LEVEL"])
def test_a_level_that_there_is_not_is_a_mistake(name: str) -> None:
    with pytest.raises(UsageError, match=rf"{name} is 'loud': it takes debug, info, warning, error"):
        to(io.StringIO(), **{name: "loud"})


def test_libraries_are_heard_from_warnings_on() -> None:
    stream = to(io.StringIO(), LINKWATCH_LOG="debug")
    library = logging.getLogger("a_library")
    library.info("a request with its headers")
    library.warning("something")
    assert [one["logger"] for one in entries(stream.getvalue())] == ["a_library"]


def test_setting_it_up_again_says_nothing_twice() -> None:
    first, second = to(io.StringIO()), to(io.StringIO())
    LOG.info("x")
    assert (first.getvalue(), len(entries(second.getvalue()))) == ("", 1)


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def test_others_can_listen_at_their_own_level() -> None:
    stream, kept = io.StringIO(), Kept()
    set_up(daemon=False, also=[kept], stream=stream, environment={})
    LOG.info("a token lw_%s", "A" * 43)
    LOG.debug("x")
    assert stream.getvalue() == ""
    (line,) = kept.lines
    assert line.endswith("linkwatch: a token lw_[hidden]")


def test_a_stream_that_is_gone_is_no_failure() -> None:
    stream = to(io.StringIO())
    stream.close()
    LOG.error("nobody hears")


# ---------------------------------------------------------------- into a file


def test_a_file_has_its_own_level(tmp_path: Path) -> None:
    path = tmp_path / "linkwatch.log"
    stream = to(io.StringIO(), daemon=False, LINKWATCH_LOG_FILE=str(path))
    LOG.info("all is well, åäö")
    LOG.debug("x")
    assert stream.getvalue() == ""
    assert [one["message"] for one in entries(path.read_text(encoding="utf-8"))] == ["all is well, åäö"]
    to(io.StringIO(), LINKWATCH_LOG_FILE=str(path), LINKWATCH_LOG_FILE_LEVEL="error")
    LOG.warning("x")
    assert len(entries(path.read_text(encoding="utf-8"))) == 1


def test_it_goes_on_in_a_new_file_when_logrotate_has_moved_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "linkwatch.log"
    to(io.StringIO(), LINKWATCH_LOG_FILE=str(path))
    LOG.info("before")
    path.rename(tmp_path / "linkwatch.log.1")
    LOG.info("after")
    assert [one["message"] for one in entries(path.read_text(encoding="utf-8"))] == ["after"]
    assert "before" in (tmp_path / "linkwatch.log.1").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(LinkwatchError, match=r"LINKWATCH_LOG_FILE: .* cannot be written: No such file or directory\."):
        to(io.StringIO(), LINKWATCH_LOG_FILE=str(tmp_path / "nowhere" / "linkwatch.log"))


def test_a_file_that_cannot_be_written_any_more_is_told_once_and_stops_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    stream = to(io.StringIO(), LINKWATCH_LOG_FILE=str(folder / "linkwatch.log"))
    (folder / "linkwatch.log").unlink()
    folder.rmdir()
    LOG.info("one")
    LOG.info("two")
    assert len(entries(stream.getvalue())) == 2
    assert capsys.readouterr().err.count("the log file cannot be written") == 1
    folder.mkdir()
    LOG.info("three")
    assert [one["message"] for one in entries((folder / "linkwatch.log").read_text(encoding="utf-8"))] == ["three"]


# ---------------------------------------------------------------- systemd's journal


_PROGRAM = """
import logging
from linkwatch.logs import set_up
set_up(daemon=True)
log = logging.getLogger("linkwatch.x")
for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
    log.log(level, "x")
"""


def in_a_process(stderr: Any, **environment: str) -> None:
    command = [sys.executable, "-c", _PROGRAM]
    subprocess.run(command, env=surroundings(environment), stderr=stderr, check=True, timeout=60, cwd=ROOT)


def test_lines_for_the_journal_begin_with_their_priority(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with path.open("w") as file:
        state = os.fstat(file.fileno())
        in_a_process(file, JOURNAL_STREAM=f"{state.st_dev}:{state.st_ino}", LINKWATCH_LOG="debug")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line[:3] for line in lines] == ["<7>", "<6>", "<4>", "<3>", "<2>"]
    assert [json.loads(line[3:])["message"] for line in lines] == ["x"] * 5


@pytest.mark.parametrize("elsewhere", ["1:2", "", "nonsense"])
def test_a_stream_that_is_not_the_journal_has_no_priorities(tmp_path: Path, elsewhere: str) -> None:
    path = tmp_path / "log"
    with path.open("w") as file:
        in_a_process(file, JOURNAL_STREAM=elsewhere)
    assert [one["level"] for one in entries(path.read_text(encoding="utf-8"))] == [
        "info", "warning", "error", "critical",
    ]  # fmt: skip


def test_a_real_terminal_gets_plain_lines() -> None:
    ours, theirs = pty.openpty()
    try:
        in_a_process(theirs, LINKWATCH_LOG="error")
        said = os.read(ours, 10_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert [line[9:] for line in said.splitlines()] == ["linkwatch: error: x", "linkwatch: critical: x"]


# ---------------------------------------------------------------- text from elsewhere


_HOSTILE = (
    "one\ntwo", "one\r\x1b[2Ktwo", "\x1b]0;title\x07", "a\u202eb", "a\u2066b", "a\u2028b", "a\x9bb", "\x00",
    '"}\n{"level": "critical"', "a\u200bb",
)  # fmt: skip


@pytest.mark.parametrize("text", _HOSTILE)
@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
def test_no_text_can_do_anything_in_the_log(kind: type[io.StringIO], text: str) -> None:
    stream = to(kind())
    LOG.warning("about %s", text, extra={"field": text, text: {text: [text]}})
    LOG.warning(text)
    LOG.error("x", exc_info=ValueError(text))
    written = stream.getvalue()
    assert written.count("\n") == 3
    assert not any(ord(one) < 32 or 127 <= ord(one) < 160 for one in written.replace("\n", ""))
    assert not set(written) & set("\u2028\u202e\u2066\u200b\udcff")


def test_what_is_no_text_at_all_is_written_all_the_same() -> None:
    """Said to our handler alone: pytest takes down what is logged, and cannot pass it between its processes."""
    stream = to(io.StringIO())
    logs._set_up[0].handle(
        logging.makeLogRecord({"msg": "about \udcff", "levelno": logging.WARNING, "field": "\udcff"})
    )
    assert stream.getvalue().count("\n") == 1
    assert "\udcff" not in stream.getvalue()


@given(st.text(), st.text(min_size=1), st.text())
def test_any_text_is_one_line_of_json(text: str, name: str, value: str) -> None:
    stream = to(io.StringIO())
    LOG.warning("%s", text, extra={name + "_": value})
    written = stream.getvalue()
    assert written.endswith("\n")
    assert len(written[:-1].splitlines()) == 1
    assert set(json.loads(written)) >= {"time", "level", "logger", "message"}


def test_no_line_is_longer_than_the_journal_takes() -> None:
    stream = to(io.StringIO())
    fields = {f"field_{n}": "x" * 100_000 for n in range(10)}
    LOG.error("x" * 100_000, exc_info=ValueError("x" * 100_000), extra=fields)
    assert len(stream.getvalue()) < 40_000


# ---------------------------------------------------------------- secrets


_TOKEN = "lw_" + "aB3-_" * 9
_TICKET = "WyJhbnN3ZXIiLCJhIl0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"a token {_TOKEN}.", "a token lw_[hidden]."),
        (f"GET /links?token={_TOKEN}&a=1", "GET /links?token=[hidden]&a=1"),
        ("the secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw= is", "the secret whsec_[hidden] is"),
        (f"GET /mail/answer/{_TICKET} failed", "GET /mail/answer/[hidden] failed"),
        (f"/mail/unsubscribe/{_TICKET}?a=1", "/mail/unsubscribe/[hidden]?a=1"),
        ("Authorization: Basic YW5uYTpoZW1saWd0", "Authorization: [hidden]"),
        ("{'authorization': 'Bearer abc', 'host': 'a'}", "{'authorization': [hidden], 'host': 'a'}"),
        ("(b'Authorization', b'Basic x y'), (b'Host', b'a')", "(b'Authorization', [hidden]), (b'Host', b'a')"),
        ("Cookie: __Host-linkwatch=abc; other=def", "Cookie: [hidden]"),
        ("set-cookie: a=b; Path=/", "set-cookie: [hidden]"),
        ("sent Bearer 0123456789abcdef, and", "sent Bearer [hidden], and"),
        ("Basic YW5uYTpoZW1saWd0", "Basic [hidden]"),
        ("AUTH PLAIN AGFubmEAaGVtbGlndA==", "AUTH PLAIN [hidden]"),
        ("password=hemligt, user=anna", "password=[hidden], user=anna"),
        ("smtp_password: 'hem ligt' ok", "smtp_password: [hidden] ok"),
        ('{"client_secret": "hem ligt", "a": 1}', '{"client_secret": [hidden], "a": 1}'),
        ("lösenord = hemligt", "lösenord = [hidden]"),
        ("https://anna:hemligt@smtp.example/x", "https://[hidden]@smtp.example/x"),
        ("tgram://hem@ligt@chat", "tgram://[hidden]@chat"),
        ("/login/oidc/callback?code=abc&state=def&iss=x", "/login/oidc/callback?code=[hidden]&state=[hidden]&iss=x"),
        ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2ln", "[hidden]"),
        ("-----BEGIN RSA PRIVATE KEY----- MIIE", "[hidden]"),
        ("pass\u200bword=hemligt", "password=[hidden]"),  # hidden by what shows nothing
    ],
)
def test_it_hides_secrets(text: str, shown: str) -> None:
    assert safe(text, 1000) == shown


@pytest.mark.parametrize(
    "text",
    [
        "a login from 192.0.2.1 was refused: no such token",
        "mail.password_file: /srv/secret.txt does not exist",
        "/links?state=broken is no ticket"[7:],
        "Basic authentication is not offered",
        "https://region.example/a@b?c=d",
        "https://region.example/serviceprogram?page=2#del-1",
        "digest sent to anna@example.se",
        "run 12: 21 visited in 4.2 s, 18 ok, 3 broken, 2 changed, conclusive",
        "the cookie, once set, is ours",
    ],
)
def test_it_leaves_the_rest_as_it_is(text: str) -> None:
    assert safe(text, 1000) == text


@pytest.mark.parametrize("name", ["password", "smtp_password", "token", "Authorization", "cookie", "api_key", "ticket"])
def test_it_hides_fields_by_their_names(name: str) -> None:
    stream = to(io.StringIO())
    LOG.info("x", extra={name: "hemligt", "headers": {name: ["hemligt"]}})
    said = entry(stream)
    assert (said[name], said["headers"][name]) == ("[hidden]", "[hidden]")


@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
def test_it_hides_secrets_wherever_they_stand(kind: type[io.StringIO]) -> None:
    stream = to(kind())
    fields = {"url": f"/mail/answer/{_TICKET}", "list": [_TOKEN]}
    LOG.error("about %s", _TOKEN, extra=fields, exc_info=ValueError(_TOKEN))
    assert "lw_[hidden]" in stream.getvalue()
    assert "aB3" not in stream.getvalue()
    assert _TICKET not in stream.getvalue()


@pytest.mark.parametrize("start", ["://", "password=", "Bearer ", "?code=", "lw_", "AUTH ", "cookie: ", "'cookie' "])
@pytest.mark.parametrize("more", ["a", "A=", " ", "'", '"', "/", "@", "://"])
def test_no_text_keeps_it_busy(start: str, more: str) -> None:
    begun = time.perf_counter()
    safe((start + more * 5) * 2000, 4_000)
    safe(start + more * 20_000, 4_000)
    assert time.perf_counter() - begun < 1


def test_half_a_secret_is_hidden_too() -> None:
    shown = safe(f"{'x' * 3_970} https://user:hunter2-and-more@proxy.example/ and on", 4_000)
    assert "hunter2" not in shown
    assert len(shown) <= 4_000


# ---------------------------------------------------------------- a run


def run(**changes: Any) -> RunSummary:
    given: dict[str, Any] = {
        "id": 12, "started_at": AT, "finished_at": AT + timedelta(seconds=4.24), "conclusive": True, "note": None,
        "visited": 4,
    }  # fmt: skip
    return RunSummary(**given | changes)


FOUND = [Verdict(code=code) for code in (Code.OK, Code.OK, Code.NOT_FOUND, Code.REDIRECTED)]


def test_a_run_is_one_line() -> None:
    stream = to(io.StringIO())
    sentence = log_run(run(), FOUND, changed=1)
    assert sentence == "run 12: 4 visited in 4.2 s, 2 ok, 1 broken, 1 changed, conclusive"
    said = entry(stream)
    del said["time"]
    assert said == {
        "level": "info", "logger": "linkwatch.run", "message": sentence, "run_id": 12, "visited": 4,
        "conclusive": True, "note": None, "changed": 1, "broken": 1, "ok": 2, "seconds": 4.2,
    }  # fmt: skip


def test_a_run_that_was_not_believed_says_why() -> None:
    sentence = log_run(run(conclusive=False, note="own_network"), FOUND, changed=0, seconds=61)
    assert sentence.endswith("visited in 61 s, 0 changed, inconclusive (own_network)")


def test_a_run_that_went_well_is_nothing_for_cron() -> None:
    stream = to(io.StringIO(), daemon=False)
    log_run(run(), FOUND, changed=0)
    assert stream.getvalue() == ""
