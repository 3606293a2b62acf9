"""The operators' own mail: what they have to see to, since when, what to do now. Plain text; one mail for several."""

from collections.abc import Iterator, Mapping, Sequence
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
_MOST_NAMED = 5
_NOTES = ("own_network", "most_changed")


def content(tells: Sequence[Tell], reading: Reading, *, site: str) -> Content:
    """What is told, of which there is one at least: what has begun or lasts before what is over.

    `Problem.details`, each of which may be missing:

        run_inconclusive   {"note": "own_network" | "most_changed", "visited": 21}
        listing_missing    {"url": "https://…", "name": "Regionala serviceprogram"}
        outbox_dead        {"kind": "digest", "recipient": "a@example.se", "detail": "550 …", "attempts": 12}
                           of several at once: "count", "recipients" (each once, at most five), and "kind" where they
                           are all of one
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
    if tell.telling is Telling.OVER:
        return _worded(tell.problem, "over", words)
    title = _worded(tell.problem, "title", words)
    return words.text("mail.notice.still", what=title) if tell.telling is Telling.LASTS else title


def _told(tell: Tell, reading: Reading) -> Iterator[str]:
    words, problem = reading.words, tell.problem
    yield heading(_title(tell, words), "-")
    match tell.telling:
        case Telling.BEGAN:
            since = words.text("mail.notice.began", when=reading.when(tell.since))
        case Telling.LASTS:
            age = words.age(tell.since, reading.now)
            since = words.text("mail.notice.lasts", age=age, when=reading.when(tell.since))
        case Telling.OVER:
            yield words.text("mail.notice.ended", when=reading.when(tell.since))
            return
    values = _values(problem, words)
    yield f"{_happened(problem, words)} {since}"
    yield words.text(f"mail.notice.{problem.kind}.do", **values)
    if problem.kind is ProblemKind.OUTBOX_DEAD:
        yield " ".join(words.text(f"mail.notice.outbox_dead.{one}") for one in _lost(problem))
    else:
        yield words.text(f"mail.notice.{problem.kind}.editors", **values)


def _worded(problem: Problem, part: str, words: Words) -> str:
    several = _several(problem)
    if several:
        return words.count(f"mail.notice.outbox_dead.many_{part}", several)
    return words.text(f"mail.notice.{problem.kind}.{part}", **_values(problem, words))


def _lost(problem: Problem) -> Iterator[str]:
    """What it means for the editors: a digest is made up for by the next one, a letter is not."""
    kind, several = problem.details.get("kind"), _several(problem)
    if kind == Kind.LETTER or (several and kind not in set(Kind)):
        yield "letter"
    if kind != Kind.LETTER:
        yield "editors"
    if not several:
        yield "others"


def _several(problem: Problem) -> int:
    """How many were given up at once; 0 where it is one, or another kind of problem."""
    count = _number(problem, "count") if problem.kind is ProblemKind.OUTBOX_DEAD else 0
    return count if count > 1 else 0


def _happened(problem: Problem, words: Words) -> str:
    values = _values(problem, words)
    match problem.kind:
        case ProblemKind.RUN_INCONCLUSIVE:
            note = problem.details.get("note")
            return words.text(f"mail.notice.run_{note if note in _NOTES else 'unclear'}", **values)
        case ProblemKind.OUTBOX_DEAD:
            given_up = _given_up(problem, values, words)
            last = words.text("mail.notice.last_answer", **values) if values["detail"] else ""
            return f"{given_up} {last}".strip()
    return words.text(f"mail.notice.{problem.kind}.text", **values)


def _given_up(problem: Problem, values: Mapping[str, str], words: Words) -> str:
    several, attempts = _several(problem), _number(problem, "attempts")
    if not several:
        return (
            words.count("mail.notice.tries", attempts, **values)
            if attempts
            else words.text("mail.notice.given_up", **values)
        )
    said = problem.details.get("recipients")
    names = [_text(one, _LONGEST_NAME) for one in said[:_MOST_NAMED]] if isinstance(said, list | tuple) else []
    who = words.join(filter(None, names))
    if not who:
        return words.count("mail.notice.outbox_dead.many_unnamed", several)
    if len(names) < min(several, _MOST_NAMED) or len(names) == several:
        return words.count("mail.notice.outbox_dead.many_text", several, who=who)
    return words.count("mail.notice.outbox_dead.many_among", several, who=who)


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
