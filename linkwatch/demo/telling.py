"""The demo's voice: a paragraph a chapter, from the sentences in sv.toml and en.toml and from what the run found.

States, verdicts and reasons have the names that reports give them (`linkwatch.locale`).
"""

import os
import shlex
import textwrap
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from linkwatch.core.models import Code, Snapshot, State, Transition, Verdict
from linkwatch.core.reviews import BY_PEOPLE
from linkwatch.demo.chapters import STOCKHOLM, Chapter
from linkwatch.locale import Words
from linkwatch.run import RunReport

_WIDTH = 92
_LABEL = 12
_PROGRAM = os.environ.get("LINKWATCH_COMMAND", "linkwatch")  # as it was started
_TRY = ("status", "report --format text", "report --format json", "digest --dry-run --all")


class Narrator:
    """Tells in one language (sv or en)."""

    def __init__(self, language: str) -> None:
        text = files("linkwatch.demo").joinpath(f"{language}.toml").read_text(encoding="utf-8")
        self._sentences = tomllib.loads(text)
        self._words = Words(language)

    def opening(self, count: int) -> str:
        return textwrap.fill(self._sentences["opening"].format(count=count), _WIDTH) + "\n"

    def chapter(
        self,
        chapter: Chapter,
        run: RunReport,
        transitions: Sequence[Transition],
        snapshot: Snapshot,
        mails: Sequence[tuple[str, str]] = (),
    ) -> str:
        """Date and title, what happened out there, what linkwatch says of it and mails, what an editor does."""
        told = self._sentences["chapter"][chapter.key]
        return "\n".join(
            [
                f"{self._words.date(chapter.at, STOCKHOLM.key)} – {told['title']}",
                self._row("outside", told["outside"]),
                self._row("linkwatch", self._said(run, snapshot)),
                *self._changes(run, transitions, snapshot),
                *(self._row("mail", f"{to.partition('@')[0]}: {subject}") for to, subject in mails),
                self._row("editor", told["editor"]),
                "",
            ]
        )

    def ending(
        self,
        snapshot: Snapshot,
        *,
        surprises: Sequence[str],
        report: Path,
        mail: Path,
        database: Path,
        config: Path,
        is_open: bool,
    ) -> str:
        """The links that are not simply well, where everything lies, and what to try next.

        `is_open`: the web can still be visited.
        """
        sentences = self._sentences["ending"]
        date = self._words.date(snapshot.generated_at, STOCKHOLM.key)
        return "\n".join(
            [
                textwrap.fill(sentences["heading"].format(date=date, counts=self._counts(snapshot)), _WIDTH),
                "",
                *self._table(snapshot),
                "",
                *(sentences["surprise"].format(what=surprise) for surprise in surprises),
                _pair(sentences["report"], str(report)),
                _pair(sentences["mail"], str(mail)),
                _pair(sentences["database"], str(database)),
                "",
                sentences["next_open" if is_open else "next"],
                *(f"  {_PROGRAM} {command} --config {shlex.quote(str(config))}" for command in _TRY),
            ]
        )

    # ---- parts

    def _row(self, label: str, text: str) -> str:
        return _pair(self._sentences["label"][label], text)

    def _said(self, run: RunReport, snapshot: Snapshot) -> str:
        sentence: str = self._sentences["run"]["conclusive" if run.run.conclusive else "inconclusive"]
        return sentence.format(visited=run.run.visited, counts=self._counts(snapshot))

    def _counts(self, snapshot: Snapshot) -> str:
        counts = (self._words.count(f"state.{state}.count", n) for state, n in snapshot.summary.items())
        return self._words.join(counts)

    def _changes(self, run: RunReport, transitions: Sequence[Transition], snapshot: Snapshot) -> Iterator[str]:
        """A line for each link that changed. The first day's are all one and the same: the count says it."""
        joined = _joined(transitions)
        for view in snapshot.links:
            if way := joined.get(view.source.id):
                old, new = (self._words.text(f"state.{state}.name") for state in (way.old, way.new))
                why = self._why(way.new, way.verdict, way.reason)
                yield _pair("", f"{view.source.name}: {old} → {new}" + (f" ({why})" if why else ""))
                yield from self._suggested(run.verdicts.get(view.source.id))

    def _why(self, state: State, verdict: Code | None, reason: str | None) -> str:
        """The reason where it has words, else the verdict; nothing where that only says the state again."""
        if reason in BY_PEOPLE:
            return self._words.text(f"reason.{reason}")
        if verdict is None or verdict is Code.OK or verdict.value == state.value:
            return ""
        return self._words.find(f"reason.{reason}") or self._words.text(f"verdict.{verdict}.name")

    def _suggested(self, verdict: Verdict | None) -> Iterator[str]:
        if verdict is not None and verdict.suggestion is not None:
            shown = self._sentences["suggestion"].format(url=verdict.suggestion.url)
            yield f"{' ' * (_LABEL + 4)}{shown}"  # an address is copied whole: it is not folded

    def _table(self, snapshot: Snapshot) -> list[str]:
        rows = [
            (
                view.source.name,
                self._words.text(f"state.{view.belief.state}.name"),
                self._why(view.belief.state, view.belief.finding, view.belief.finding_reason),
            )
            for view in snapshot.links
            if view.belief.state is not State.OK
        ]
        name, state = (max((len(row[column]) for row in rows), default=0) for column in (0, 1))
        return [f"  {row[0]:<{name}}  {row[1]:<{state}}  {row[2]}".rstrip() for row in rows]


def _joined(transitions: Sequence[Transition]) -> dict[str, Transition]:
    """Each link's way from its first state to its last, where they differ and it had been checked before."""
    joined: dict[str, Transition] = {}
    for one in transitions:
        first = joined.get(one.link_id, one)
        joined[one.link_id] = replace(one, old=first.old)
    return {link: way for link, way in joined.items() if way.old not in (way.new, State.UNKNOWN)}


def _pair(label: str, text: str) -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=f"  {label:<{_LABEL}}",
        subsequent_indent=" " * (_LABEL + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
