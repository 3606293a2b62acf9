"""The log: short lines for a person at a terminal, one JSON object a line for programs, safe to show, without secrets.

    LINKWATCH_LOG              what goes to stderr: debug, info, warning or error. Where nothing is said a daemon says
                               `info`, and a command `warning`: cron sends no mail of a run that went well
    LINKWATCH_LOG_FILE         a file that it goes into as well, as JSON; opened anew when logrotate has moved it
    LINKWATCH_LOG_FILE_LEVEL   what goes there; `info` where nothing is said

A line of JSON has `time` (ISO 8601, UTC), `level`, `logger` and `message`, whatever else was given with `extra=`, and
`exception` where there was one. What libraries say comes from `warning` on. Lines that systemd's journal reads begin
with their priority, `<4>` (sd-daemon(3)).
"""

import json
import logging
import os
import re
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from logging.handlers import WatchedFileHandler
from math import isfinite
from pathlib import Path
from typing import Any, TextIO

from linkwatch.core.models import Code, RunSummary, Severity, Verdict
from linkwatch.core.safe import plain
from linkwatch.errors import LinkwatchError, UsageError

_OURS = "linkwatch"
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))  # syslog(3)
_LONGEST_MESSAGE = 4_000  # journald cuts a line at 48 KB
_LONGEST_VALUE = 1_000
_BEYOND = 1_000  # characters that are looked at beyond those shown: half a secret has not the form of one
_MOST_ITEMS = 50
_DEEPEST = 3
_MOST_FRAMES = 12  # of one exception: the last ones

_log = logging.getLogger(_OURS)
_set_up: list[logging.Handler] = []


def set_up(
    *,
    daemon: bool,
    also: Iterable[logging.Handler] = (),
    stream: TextIO | None = None,
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Log to `stream` (stderr), and wherever the environment says. Called again, it replaces what it had set up.

    `also`: handlers that get plain lines with their time, at their own level. Raises UsageError for a level that does
    not exist, LinkwatchError for a file that cannot be written.
    """
    shown, kept = _level(environment, "LINKWATCH_LOG"), _level(environment, "LINKWATCH_LOG_FILE_LEVEL")
    handlers = [_to_stream(stream or sys.stderr, environment, daemon=daemon), *also]
    handlers[0].setLevel(shown or (logging.INFO if daemon else logging.WARNING))
    if path := environment.get("LINKWATCH_LOG_FILE"):
        handlers.append(_to_file(Path(path), kept or logging.INFO))
    for one in handlers[1:]:
        if one.formatter is None:
            one.setFormatter(_Plain(with_time=True))
    _replace(handlers)


def _replace(handlers: list[logging.Handler]) -> None:
    root = logging.getLogger()
    for old in _set_up:
        root.removeHandler(old)
        if isinstance(old, _File):
            old.close()
    _set_up[:] = handlers
    for new in handlers:
        root.addHandler(new)
    root.setLevel(logging.WARNING)
    _log.setLevel(min(one.level for one in handlers))


def _level(environment: Mapping[str, str], name: str) -> int | None:
    said = environment.get(name, "").strip().lower()
    if said and said not in _LEVELS:
        raise UsageError(f"{name} is {plain(said, 30)!r}: it takes {', '.join(_LEVELS)}")
    return _LEVELS.get(said)


class LastLines(logging.Handler):
    """The last lines, for whoever has to be told of more than that something went wrong."""

    def __init__(self, number: int = 50) -> None:
        super().__init__(logging.INFO)
        self._kept: deque[str] = deque(maxlen=number)

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.append(self.format(record))

    @property
    def text(self) -> str:
        return "\n".join(self._kept)


LINES = LastLines()  # of this process


# ---------------------------------------------------------------- one line a run


def log_run(run: RunSummary, verdicts: Iterable[Verdict], *, changed: int, seconds: float | None = None) -> str:
    """One line at INFO of a run that has ended, and that line. `changed`: so many links changed their state. What an
    inconclusive run has found is not counted: it says nothing of the links."""
    found = list(verdicts) if run.conclusive else []
    ended = run.finished_at or run.started_at
    fields = {
        "run_id": run.id,
        "visited": run.visited,
        "conclusive": run.conclusive,
        "note": run.note,
        "changed": changed,
        "broken": sum(one.severity is Severity.BROKEN for one in found),
        "ok": sum(one.code is Code.OK for one in found),
        "seconds": round((ended - run.started_at).total_seconds() if seconds is None else seconds, 1),
    }
    note = f" ({run.note})" if run.note else ""
    counts = f"{fields['ok']} ok, {fields['broken']} broken, " if run.conclusive else ""
    sentence = (
        f"run {run.id}: {run.visited} visited in {fields['seconds']} s, {counts}{changed} changed, "
        f"{'conclusive' if run.conclusive else 'inconclusive'}{note}"
    )
    _log.getChild("run").info("%s", sentence, extra=fields)
    return sentence


# ---------------------------------------------------------------- where it goes


def _to_stream(stream: TextIO, environment: Mapping[str, str], *, daemon: bool) -> logging.Handler:
    handler = _Stream(stream)
    if stream.isatty():
        handler.setFormatter(_Plain(with_time=daemon))
    else:
        handler.setFormatter(_Json(with_priority=_is_journal(stream, environment)))
    return handler


def _to_file(path: Path, level: int) -> logging.Handler:
    try:
        handler = _File(path, encoding="utf-8")
    except OSError as error:
        raise LinkwatchError(f"LINKWATCH_LOG_FILE: {path} cannot be written: {error.strerror}.") from error
    handler.setLevel(level)
    handler.setFormatter(_Json())
    return handler


class _Stream(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Nobody is left to be told."""


class _File(WatchedFileHandler):
    """Says once on stderr that it cannot be written, and goes on trying."""

    _has_complained = False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:  # it was moved, and no new one can be made
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802
        if not self._has_complained and sys.stderr:
            self._has_complained = True
            print(f"linkwatch: the log file cannot be written: {sys.exc_info()[1]}", file=sys.stderr)


def _is_journal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether it is the very stream that systemd has connected with the journal (systemd.exec(5), JOURNAL_STREAM)."""
    try:
        state = os.fstat(stream.fileno())
    except (OSError, ValueError):  # it is no file
        return False
    return environment.get("JOURNAL_STREAM") == f"{state.st_dev}:{state.st_ino}"


# ---------------------------------------------------------------- how it is said


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A record of the log, safe to show and without secrets."""

    time: datetime
    level: str
    logger: str
    message: str
    exception: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


class _Plain(logging.Formatter):
    def __init__(self, *, with_time: bool) -> None:
        super().__init__()
        self._with_time = with_time

    def format(self, record: logging.LogRecord) -> str:
        entry = _entry(record)
        time = f"{entry.time.astimezone():%H:%M:%S} " if self._with_time else ""
        level = f"{entry.level}: " if record.levelno != logging.INFO else ""
        exception = f" ({entry.exception})" if entry.exception else ""
        return f"{time}linkwatch: {level}{entry.message}{exception}"


class _Json(logging.Formatter):
    def __init__(self, *, with_priority: bool = False) -> None:
        super().__init__()
        self._with_priority = with_priority

    def format(self, record: logging.LogRecord) -> str:
        entry = _entry(record)
        said: dict[str, Any] = {
            "time": entry.time.isoformat(timespec="milliseconds"),
            "level": entry.level,
            "logger": entry.logger,
            "message": entry.message,
        }
        if entry.exception:
            said["exception"] = entry.exception
        line = json.dumps({**said, **{k: v for k, v in entry.fields.items() if k not in said}}, ensure_ascii=False)
        return f"<{_priority(record.levelno)}>{line}" if self._with_priority else line


def _priority(level: int) -> int:
    return next((number for least, number in _PRIORITIES if level >= least), 7)


_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def _entry(record: logging.LogRecord) -> _Entry:
    given = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    error = record.exc_info[1] if record.exc_info else None
    return _Entry(
        time=datetime.fromtimestamp(record.created, UTC),
        level=record.levelname.lower(),
        logger=record.name,
        message=safe(_message(record), _LONGEST_MESSAGE),
        exception="; caused by ".join(map(_told, _chain(error))) if error else None,
        fields={safe(name, 100): _value(name, value) for name, value in given.items()},
    )


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # a mistake in how something was logged must not hide that it was
        return f"{record.msg} {record.args}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was caused by, and so on: no more than a few."""
    seen: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in seen and len(seen) < _DEEPEST:
        seen.append(one)
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _told(error: BaseException) -> str:
    """What it is, and where: files and lines, but nothing of what stands there."""
    frames = traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
    where = "".join(f", at {_short(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames)
    inside = "".join(f"; {type(one).__name__}: {_text(one)}" for one in getattr(error, "exceptions", ())[:_MOST_ITEMS])
    return safe(f"{type(error).__name__}: {_text(error)}", _LONGEST_VALUE) + safe(where + inside, _LONGEST_MESSAGE)


def _text(thing: object) -> str:
    try:
        return str(thing)
    except Exception:
        return f"<{type(thing).__name__}>"


_ABOVE_US = f"{Path(__file__).parent.parent}{os.sep}"


def _short(filename: str) -> str:
    return filename.rpartition("site-packages/")[2].removeprefix(_ABOVE_US)


def _value(name: str, value: object, depth: int = 0) -> Any:
    """As JSON has it."""
    if _SECRET_NAME.search(name):
        return _HIDDEN
    match value:
        case Enum():
            return _value(name, value.value, depth)
        case None | bool() | int():
            return value
        case float() if isfinite(value):
            return value
        case datetime():
            return value.isoformat()
        case Mapping() if depth < _DEEPEST:
            items = list(value.items())[:_MOST_ITEMS]
            return {safe(_text(key), 100): _value(_text(key), one, depth + 1) for key, one in items}
        case list() | tuple() | set() | frozenset() if depth < _DEEPEST:
            return [_value(name, one, depth + 1) for one in list(value)[:_MOST_ITEMS]]
    return safe(_text(value), _LONGEST_VALUE)


# ---------------------------------------------------------------- what is never said

_HIDDEN = "[hidden]"
_SECRET_NAME = re.compile(r"(?i)(password|passwd|passphrase|secret|token|authorization|cookie|api_?key|ticket)$")

# A value in quotes, or one word. Whoever logs a header without quotes has the rest of the line for its value.
_WORD = r"""(?:b?"[^"]*"?|b?'[^']*'?|[^\s,;&"']+)"""
_REST = r"""(?:b?"[^"]*"?|b?'[^']*'?|[^"'].*)"""
_MASKS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\b(lw_)[\w-]{6,}"), rf"\1{_HIDDEN}"),  # our own tokens
    (re.compile(r"\b(whsec_)[\w+/=-]+"), rf"\1{_HIDDEN}"),  # webhooks' secrets
    (re.compile(r"\beyJ[\w-]{8,}\.[\w.-]+"), _HIDDEN),  # a JSON Web Token
    (re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*"), _HIDDEN),
    (re.compile(r"(/mail/[\w-]{1,30}/)[^\s?#\"'<>]+"), rf"\1{_HIDDEN}"),  # tickets
    (re.compile(r"(://)[^/?#\s\"']{1,300}@"), rf"\1{_HIDDEN}@"),  # https://user:password@…
    (
        re.compile(
            r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key|webhook-signature)"
            rf"(['\"]\s{{0,3}}[:,]\s{{0,3}}|\s{{0,3}}[:=]\s{{0,3}}){_REST}"
        ),
        rf"\1\2{_HIDDEN}",
    ),
    (re.compile(r"\b([Bb]earer|BEARER)(\s{1,3})(?=[a-z]*[^a-z\s])[\w.~+/=-]{8,}"), rf"\1\2{_HIDDEN}"),
    (re.compile(r"\b([Bb]asic|BASIC)(\s{1,3})(?=[a-z]*[A-Z0-9+/=])[A-Za-z0-9+/]{8,}={0,2}"), rf"\1\2{_HIDDEN}"),
    (re.compile(r"\b(AUTH(?:\s(?:PLAIN|LOGIN|XOAUTH2|CRAM-MD5))?\s)[\w+/=]{4,}"), rf"\1{_HIDDEN}"),  # SMTP
    (
        re.compile(
            r"(?i)((?:password|passwd|passphrase|lösenord|secret|token|api[_-]?key|code_verifier)"
            rf"['\"]?\s{{0,3}}[:=]\s{{0,3}}){_WORD}"
        ),
        rf"\1{_HIDDEN}",
    ),
    (re.compile(r"(?i)([?&;](?:code|state|nonce|sid|session|key|sig|signature|auth|ticket)=)[^&#\s\"']+"),
     rf"\1{_HIDDEN}"),
)  # fmt: skip


def safe(text: str, limit: int) -> str:
    """`text` on one line, at most so many characters of it, with nothing that commands a terminal, and no secrets."""
    shown = plain(text, limit + _BEYOND)
    for pattern, instead in _MASKS:
        shown = pattern.sub(instead, shown)
    return plain(shown, limit)
