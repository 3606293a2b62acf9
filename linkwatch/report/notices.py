"""The operators' own mail: what they have to see to, since when, what to do now. Plain text; one mail for several."""

from collections.abc import Iterator, Sequence
from typing import Any

from linkwatch.core.outbox import Content, Kind
from linkwatch.core.problems import Problem, ProblemKind, Tell, Telling
from linkwatch.core.safe import plain
from linkwatch.locale import Words
from linkwatch.report.lines import heading
from linkwatch.report.reading import Reading

_LONGEST_NAME = 100
_LONGEST_ADDRESS = 500
_LONGEST_DETAIL = 300
_NOTES = ("own_network", "most_changed")


def content(tells: Sequence[Tell], reading: Reading, *, site: str) -> Content:
    """What is told, of which there is one at least: what has begun or lasts before what is over.

    `Problem.details`, each of which may be missing:

        run_inconclusive   {"note": "own_network" | "most_changed", "visited": 21}
        listing_missing    {"url": "https://…", "name": "Regionala serviceprogram"}
        outbox_dead        {"kind": "digest", "recipient": "a@example.se", "detail": "550 …", "attempts": 12}
        disk_full          {"free_mb": 80, "path": "/srv/linkwatch/db"}
        job_failed         {"job": "backup", "detail": "The disk is full."}
    """
    words, ordered = reading.words, sorted(tells, key=lambda tell: tell.telling is Telling.OVER)
    whose = plain(site, _LONGEST_NAME)
    what = _title(ordered[0], words) if len(ordered) == 1 else _in_all(ordered, words)
    end = words.text("mail.notice.why", site=whose)
    return Content(
        subject=words.text("mail.notice.subject", site=whose, what=what),
        text=_blocks(*("\n\n".join(_told(tell, reading)) for tell in ordered), end),
        bare=_blocks(words.text("mail.notice.bare"), end),
        language=words.language,
    )


def _in_all(tells: Sequence[Tell], words: Words) -> str:
    over = sum(tell.telling is Telling.OVER for tell in tells)
    lasting = len(tells) - over
    parts = [words.count("mail.notice.some", lasting)] if lasting else []
    return ", ".join([*parts, words.count("mail.notice.some_over", over)] if over else parts)


def _title(tell: Tell, words: Words) -> str:
    kind, values = tell.problem.kind, _values(tell.problem, words)
    if tell.telling is Telling.OVER:
        return words.text(f"mail.notice.{kind}.over", **values)
    title = words.text(f"mail.notice.{kind}.title", **values)
    return words.text("mail.notice.still", what=title) if tell.telling is Telling.LASTS else title


def _told(tell: Tell, reading: Reading) -> Iterator[str]:
    words, problem = reading.words, tell.problem
    yield heading(_title(tell, words), "-")
    match tell.telling:
        case Telling.BEGAN:
            since = words.text("mail.notice.began", when=reading.when(tell.since))
        case Telling.LASTS:
            ago = words.ago(tell.since, reading.now)
            since = words.text("mail.notice.lasts", ago=ago, when=reading.when(tell.since))
        case Telling.OVER:
            yield words.text("mail.notice.ended", when=reading.when(tell.since))
            return
    values = _values(problem, words)
    yield f"{_happened(problem, words)} {since}"
    yield words.text(f"mail.notice.{problem.kind}.do", **values)
    yield words.text(f"mail.notice.{problem.kind}.editors", **values)


def _happened(problem: Problem, words: Words) -> str:
    values = _values(problem, words)
    match problem.kind:
        case ProblemKind.RUN_INCONCLUSIVE:
            note = problem.details.get("note")
            return words.text(f"mail.notice.run_{note if note in _NOTES else 'unclear'}", **values)
        case ProblemKind.OUTBOX_DEAD:
            tries = words.count("mail.notice.tries", _number(problem, "attempts"), **values)
            last = words.text("mail.notice.last_answer", **values) if values["detail"] else ""
            return f"{tries} {last}".strip()
    return words.text(f"mail.notice.{problem.kind}.text", **values)


def _values(problem: Problem, words: Words) -> dict[str, str]:
    """Everything that the words of a problem can name, safe to show."""
    details = problem.details
    kind = details.get("kind")
    return {
        "visited": words.count("mail.notice.visited", _number(problem, "visited")),
        "name": _text(details.get("name") or problem.subject, _LONGEST_NAME),
        "url": _text(details.get("url"), _LONGEST_ADDRESS),
        "recipient": _text(details.get("recipient") or problem.subject, _LONGEST_NAME),
        "what": words.text(f"mail.notice.kind_{kind if kind in set(Kind) else Kind.NOTICE}"),
        "detail": _text(details.get("detail"), _LONGEST_DETAIL),
        "free": words.number(_number(problem, "free_mb")),
        "path": _text(details.get("path"), _LONGEST_ADDRESS),
        "job": words.find(f"mail.notice.job_{details.get('job')}") or _text(problem.subject, _LONGEST_NAME),
    }


def _number(problem: Problem, key: str) -> int:
    value = problem.details.get(key)
    return int(value) if isinstance(value, int | float) else 0


def _text(value: Any, limit: int) -> str:
    return plain(str(value), limit) if value else ""


def _blocks(*texts: str) -> str:
    return "\n\n".join(texts) + "\n"
