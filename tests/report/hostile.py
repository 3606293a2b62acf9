"""What others may send us to show: each text that a page, a redirect or a configuration could hold."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from linkwatch.core.models import (
    Code,
    Facts,
    Grounds,
    Hop,
    Incident,
    LinkView,
    Snapshot,
    Source,
    State,
    Suggestion,
    Transition,
)
from tests.report.sample import NOW, ago, belief, run

TEXTS = (
    "<script>alert(1)</script>",
    "</style></title><script src=//evil.example></script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "javascript:alert(document.cookie)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "https://www.example.org/\u202egnp.exe",
    "https://www.example.org/\" onclick=\"alert(1)",
    "http://",
    "https://",
    "//evil.example/",
    " https://www.example.org/",
    "https://www.example.org/a b",
    "{{ 7 * 7 }}{% raw %}{0.__class__}{title}%s",
    "=HYPERLINK(\"https://evil.example\")",
    "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", " =1",
    "a;b\"c\nd",
    "\x1b]0;owned\x07\x1b[2J",
    "\x9b2J\x00\x7f\x85",
    "\u2066\u2067\u202d\u200f\ufeff\u200b",
    "lone \ud800 surrogate \udfff",
    "x" * 100_000,
    "https://www.example.org/" + "y" * 100_000,
    "zalgo" + "\u0301" * 5_000,
    "",
)  # fmt: skip


# Values that no rule gives: evidence is kept for years, and rules change.
EVIDENCE: dict[str, Any] = {
    "containment": float("nan"), "shrunk_to": float("inf"), "signs": "title", "signals": None, "root": "200",
    "sibling": True, "last_modified": "yesterday", "from": [1], "probe": {}, "tls": 3, "first": "made_up", "bytes": -1,
    "approved_copy": "no",
}  # fmt: skip


def link(number: int, text: str, state: State = State.BROKEN) -> LinkView:
    """One link of which every text is `text`."""
    source = Source(
        id=f"{state}{text}",
        name=text,
        url=text or "x",
        owner=text,
        contact=text,
        county=text,
        tags=(text,),
        listing=text,
    )
    return LinkView(
        source=source,
        belief=belief(state, Code.MOVED if state is State.MOVED else Code.SOFT_404, days=number, reason=text),
        facts=Facts(
            http_status=-7,
            final_url=text,
            redirects=(Hop(url=text, status=301, location=text), Hop(url=text, status=99_999)),
            title=text,
            h1=text,
            last_modified=datetime.max.replace(tzinfo=UTC),
            content_type=text,
            elapsed_ms=10**12,
            tls_expires_at=datetime.min.replace(tzinfo=UTC),
        ),
        evidence={
            **EVIDENCE, "notice": text, "period": text, "rule": text, "mark": text, "detail": text,
            text: {text: [text]},
        },
        grounds=Grounds(
            first_seen=datetime.min.replace(tzinfo=UTC), last_seen=NOW, times=10**9,
            facts=Facts(title=text, final_url=text),
            evidence={**EVIDENCE, "final_url": text, "mark": f"header {text}", "signs": [text, 1, None], "tls": text},
        ),
        incident=Incident(
            id=text, owner=text, host=text, code=Code.SOFT_404, reason=text, opened_at=NOW, last_at=NOW, closed_at=None,
            links=(text,), open_links=(f"{state}{text}",),
        ),
        suggestion=Suggestion(url=text, score=float("nan"), why=text),
        possible=(Suggestion(url=text, score=0.5, why=text),) * 5,
        transitions=(Transition(link_id=text, at=ago(days=1), old=State.OK, new=state, verdict=None, reason=text),),
    )  # fmt: skip


def cause() -> Snapshot:
    """Links of every hostile text, all of one incident."""
    links = [link(n, text) for n, text in enumerate(TEXTS)]
    ids = tuple(one.source.id for one in links)
    shared = [
        replace(one, incident=replace(one.incident, id=TEXTS[0], open_links=ids)) for one in links if one.incident
    ]
    same = [replace(one, belief=replace(one.belief, finding_reason=TEXTS[0])) for one in shared]
    return Snapshot(generated_at=NOW, run=run(), links=tuple(same))


def snapshot(texts: tuple[str, ...] = TEXTS) -> Snapshot:
    links = [link(n, text, state) for state in (State.BROKEN, State.MOVED) for n, text in enumerate(texts)]
    return Snapshot(generated_at=NOW, run=run(note="\x1b[31m<b>"), links=tuple(links))
