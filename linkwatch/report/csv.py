"""A table for Excel, and for scripts: UTF-8 with a byte order mark, semicolons, one row a link.

Swedish Excel splits at semicolons and needs the mark to read å, ä, ö. Cells that a spreadsheet would calculate are
taken as text (OWASP, CSV Injection).
"""

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import StringIO

from linkwatch.core.models import LinkView, Snapshot
from linkwatch.core.reviews import Action, holding, quieting
from linkwatch.core.safe import plain
from linkwatch.locale import Words
from linkwatch.report.story import open_incident

COLUMNS = (
    "id", "name", "owner", "county", "url", "state", "verdict", "reason", "since", "checked_at", "failures",
    "http_status", "final_url", "redirects", "title", "last_modified", "content_type", "elapsed_ms", "tls_expires_at",
    "suggestion_url", "suggestion_score", "suggestion_why", "possible_urls", "finding", "finding_reason", "listing",
    "tags", "contact", "incident", "answer", "answer_until", "answer_note", "assignee",
)  # fmt: skip

_BOM = "\ufeff"
_CALCULATED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # Excel takes the wide forms as well
_HARMLESS = re.compile("[0-9A-Za-z][!-~\u00a1-\u00ac\u00ae-\u02ff]*(?: [!-~\u00a1-\u00ac\u00ae-\u02ff]+)*")  # the most
_LONGEST = 32_000  # a cell holds 32,767 characters


def render(snapshot: Snapshot, *, words: Words, title: str, timezone: str) -> str:  # noqa: ARG001  (data has no language)
    return "".join(lines(snapshot))


def lines(snapshot: Snapshot) -> Iterator[str]:
    """The same, a row at a time."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    out.write(_BOM)
    writer.writerow(COLUMNS)
    for link in snapshot.links:
        writer.writerow([_cell(value) for value in _row(link, snapshot.generated_at)])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _row(link: LinkView, now: datetime) -> Sequence[object]:
    return (*_belief(link), *_facts(link), *_repair(link), *_additions(link), *_answers(link, now))


def _belief(link: LinkView) -> Sequence[object]:
    source, belief = link.source, link.belief
    return (
        source.id, source.name, source.owner, source.county, source.url, belief.state, belief.verdict, belief.reason,
        belief.since, belief.checked_at, belief.failures,
    )  # fmt: skip


def _facts(link: LinkView) -> Sequence[object]:
    facts = link.facts
    redirects = " > ".join(f"{hop.status} {hop.url}" for hop in facts.redirects)
    return (
        facts.http_status, facts.final_url, redirects, facts.title, facts.last_modified, facts.content_type,
        facts.elapsed_ms, facts.tls_expires_at,
    )  # fmt: skip


def _repair(link: LinkView) -> Sequence[object]:
    best = link.suggestion
    possible = " ".join(one.url for one in link.possible)
    return (*((best.url, best.score, best.why) if best else (None, None, None)), possible)


def _additions(link: LinkView) -> Sequence[object]:
    source, belief = link.source, link.belief
    incident = open_incident(link)
    return (
        belief.finding, belief.finding_reason, source.listing, " ".join(source.tags), source.contact,
        incident.id if incident else None,
    )  # fmt: skip


def _answers(link: LinkView, now: datetime) -> Sequence[object]:
    """The answer that keeps a finding quiet, as an editor would write beside it; and who has the link."""
    quiet, assigned = quieting(link.reviews, now), holding(link.reviews, Action.ASSIGN)
    answer = (quiet.action, quiet.until, quiet.note) if quiet else (None, None, None)
    return (*answer, assigned.assignee if assigned else None)


def _cell(value: object) -> str:
    """Numbers stay numbers, times are ISO 8601, text is never calculated and never spans lines."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value if _HARMLESS.fullmatch(value) and len(value) <= _LONGEST else _uncalculated(value)
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)


def _uncalculated(text: str) -> str:
    """The apostrophe goes before what the spreadsheet would see: judged both before and after folding."""
    shown = plain(text, _LONGEST)
    return f"'{shown}" if text.startswith(_CALCULATED) or shown.startswith(_CALCULATED) else shown
