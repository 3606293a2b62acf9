"""Records for the store's tests, small and complete."""

from datetime import UTC, datetime, timedelta

from linkwatch.core.models import (
    Belief,
    Code,
    Copy,
    Decision,
    Facts,
    Hop,
    Source,
    State,
    Suggestion,
    Transition,
    Validators,
    Verdict,
)

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


def after(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def source(link_id: str = "blekinge", *, url: str | None = None, paused: bool = False) -> Source:
    return Source(
        id=link_id,
        name=link_id.title(),
        url=f"https://region.example/{link_id}" if url is None else url,
        owner=f"Region {link_id.title()}",
        contact="service@region.example",
        county="K",
        listing="regional-samordning",
        tags=("service", "örebro"),
        paused=paused,
    )


FACTS = Facts(
    http_status=200,
    final_url="https://region.example/programme",
    redirects=(Hop(url="https://region.example/blekinge", status=301, location="/programme"),),
    title="Regionalt serviceprogram – Örebro",
    h1="Serviceprogram",
    last_modified=datetime(2021, 12, 15, 9, 30, tzinfo=UTC),
    content_type="text/html",
    charset="utf-8",
    elapsed_ms=120,
    tls_expires_at=datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC),
    wire_bytes=23_456,
)

VERDICT = Verdict(
    code=Code.MOVED,
    reason="permanent",
    rule="redirect",
    evidence={"containment": 0.83, "words": 512, "chain": ["301"], "probe": None},
    saw_page=True,
    suggestion=Suggestion(url="https://region.example/programme", score=0.83, why="redirect"),
)

COPY = Copy(
    title="Regionalt serviceprogram",
    h1="Serviceprogram",
    text="Service på landsbygden i Örebro län. " * 20,
    shingles=(0, 1, 2**63, 2**64 - 1),
    shingle_count=2_000,
    links=("https://region.example/a", "https://region.example/å"),
    learnt_at=NOW,
    url="https://region.example/programme",
)


def belief(state: State = State.MOVED, at: datetime = NOW, *, failures: int = 0) -> Belief:
    return Belief(
        state=state,
        since=NOW,
        verdict=Code.MOVED,
        reason="permanent",
        finding=Code.MOVED,
        finding_reason="permanent",
        failures=failures,
        failing_since=NOW if failures else None,
        missing=failures,
        missing_since=NOW if failures else None,
        checked_at=at,
        seen_at=at,
    )


def decision(
    of: Source | None = None,
    at: datetime = NOW,
    *,
    verdict: Verdict = VERDICT,
    facts: Facts = FACTS,
    believed: Belief | None = None,
    changed: bool = False,
    validators: Validators | None = None,
    body_hash: bytes | None = None,
    new_copy: Copy | None = None,
) -> Decision:
    of = of or source()
    return Decision(
        source=of,
        at=at,
        verdict=verdict,
        facts=facts,
        belief=believed or belief(at=at),
        transition=transition(of.id, at) if changed else None,
        validators=validators,
        body_hash=body_hash,
        new_copy=new_copy,
    )


def transition(link_id: str = "blekinge", at: datetime = NOW) -> Transition:
    return Transition(
        link_id=link_id, at=at, old=State.UNKNOWN, new=State.MOVED, verdict=Code.MOVED, reason="permanent"
    )
