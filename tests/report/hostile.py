"""What others may send us to show: each text that a page, a redirect or a configuration could hold."""

from datetime import UTC, datetime

from linkwatch.core.models import Code, Facts, Hop, LinkView, Snapshot, Source, State, Suggestion, Transition
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
            "notice": text, "period": text, "containment": float("nan"), "shrunk_to": float("inf"),
            text: {text: [text]},
        },
        suggestion=Suggestion(url=text, score=float("nan"), why=text),
        possible=(Suggestion(url=text, score=0.5, why=text),) * 5,
        transitions=(Transition(link_id=text, at=ago(days=1), old=State.OK, new=state, verdict=None, reason=text),),
    )  # fmt: skip


def snapshot(texts: tuple[str, ...] = TEXTS) -> Snapshot:
    links = [link(n, text, state) for state in (State.BROKEN, State.MOVED) for n, text in enumerate(texts)]
    return Snapshot(generated_at=NOW, run=run(note="\x1b[31m<b>"), links=tuple(links))
