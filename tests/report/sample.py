"""A rich snapshot to render: 21 counties' links, fictional, in every state and with most kinds of evidence."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from linkwatch.core.counties import COUNTIES
from linkwatch.core.models import (
    Belief,
    Code,
    Facts,
    Grounds,
    Hop,
    Incident,
    LinkView,
    RunSummary,
    Snapshot,
    Source,
    State,
    Suggestion,
    Transition,
)

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)

_IDS = {
    "K": "blekinge", "W": "dalarna", "I": "gotland", "X": "gavleborg", "N": "halland", "Z": "jamtland",
    "F": "jonkoping", "H": "kalmar", "G": "kronoberg", "BD": "norrbotten", "M": "skane", "AB": "stockholm",
    "D": "sodermanland", "C": "uppsala", "O": "vastra-gotaland", "S": "varmland", "AC": "vasterbotten",
    "Y": "vasternorrland", "U": "vastmanland", "T": "orebro", "E": "ostergotland",
}  # fmt: skip


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def source(letter: str, **changes: Any) -> Source:
    """A county's link at an address that nobody has."""
    name = COUNTIES[letter]
    given: dict[str, Any] = {
        "id": _IDS[letter],
        "name": name,
        "url": f"https://www.region-{_IDS[letter]}.example/utveckling/serviceprogram",
        "owner": f"Region {name}",
        "county": letter,
        "listing": "regional-samordning",
    }
    return Source(**{**given, **changes})


def belief(state: State, code: Code | None, *, days: float, **changes: Any) -> Belief:
    """What is believed since `days` ago, last checked an hour ago."""
    given: dict[str, Any] = {
        "state": state,
        "since": ago(days=days),
        "verdict": code,
        "finding": code,
        "finding_reason": changes.get("reason"),
        "checked_at": ago(hours=1),
    }
    return Belief(**{**given, **changes})


def view(
    about: Source, believed: Belief, facts: Facts | None = None, evidence: Mapping[str, Any] | None = None, **rest: Any
) -> LinkView:
    seen = facts or Facts(http_status=200, final_url=about.url, title=f"Serviceprogram – {about.owner}", elapsed_ms=120)
    return LinkView(source=about, belief=believed, facts=seen, evidence=evidence or {}, **rest)


def grounds(*, first: float, last: float, times: int, facts: Facts | None = None, **evidence: Any) -> Grounds:
    """Seen `times` times in a row, from `first` to `last` days ago."""
    return Grounds(
        first_seen=ago(days=first), last_seen=ago(days=last), times=times, facts=facts or Facts(), evidence=evidence
    )


def incident(*open_links: str, **changes: Any) -> Incident:
    given: dict[str, Any] = {
        "id": "20261120T130000-kalmar-1",
        "owner": "Region Kalmar",
        "host": "www.region-kalmar.example",
        "code": Code.MOVED_TO_HOME,
        "reason": "front_page",
        "opened_at": ago(days=5),
        "last_at": ago(hours=1),
        "closed_at": None,
        "links": open_links,
        "open_links": open_links,
    }
    return Incident(**{**given, **changes})


def shared(*states: State, code: Code = Code.MOVED_TO_HOME, owners: tuple[str, ...] = ("Region Kalmar",)) -> Snapshot:
    """Links "kalmar-1", "kalmar-2" … of one incident, in these states; and one that works."""
    ids = [f"kalmar-{n}" for n in range(1, len(states) + 1)]
    cause = incident(*ids, code=code)
    links = [_sharing(n, state, code, owners[n % len(owners)], cause) for n, state in enumerate(states, 1)]
    return Snapshot(generated_at=NOW, run=run(), links=(*links, well("C")))


def _sharing(n: int, state: State, code: Code, owner: str, cause: Incident) -> LinkView:
    url = f"https://www.region-kalmar.example/utveckling/service-{n}"
    about = source(
        "H", id=f"kalmar-{n}", name=f"Kalmar {n}", owner=owner, url=url, contact="webb@region-kalmar.example"
    )
    front = "https://www.region-kalmar.example/"
    facts = Facts(http_status=200, final_url=front, redirects=(Hop(url=url, status=301, location=front),))
    believed = belief(state, code, days=5 - n, reason="front_page", failures=3, failing_since=ago(days=5))
    seen: dict[str, Any] = {"rule": "led_to_front", "containment": 0.02, "sibling_ends_here": True}
    return view(about, believed, facts, seen, incident=cause, grounds=grounds(first=5, last=0.04, times=3, **seen))


def well(letter: str, **changes: Any) -> LinkView:
    return view(source(letter), belief(State.OK, Code.OK, days=200, seen_at=ago(hours=1)), **changes)


def sample() -> Snapshot:
    links = (
        _not_found(), _gone_after_merger(), well("I"), _changed(), well("N"), _moved(), _next_period(), _closed_down(),
        well("G"), _expired(), _moved_to_home(), _certificate_soon(), _redirected(), well("C"), _blocked(), _robots(),
        _old_pdf(), _failing(), _no_link(), _paused(), _new(),
    )  # fmt: skip
    return Snapshot(generated_at=NOW, run=run(), links=links)


def run(**changes: Any) -> RunSummary:
    given: dict[str, Any] = {
        "id": 12,
        "started_at": ago(hours=1, minutes=2),
        "finished_at": ago(hours=1),
        "conclusive": True,
        "note": None,
        "visited": 18,
    }
    return RunSummary(**{**given, **changes})


def _not_found() -> LinkView:
    about = source("K", contact="webb@region-blekinge.example")
    return view(
        about,
        belief(State.BROKEN, Code.NOT_FOUND, days=3, failures=2, failing_since=ago(days=5), seen_at=ago(days=6)),
        Facts(http_status=404, final_url=about.url, title="Sidan hittades inte – Region Blekinge", elapsed_ms=87),
        {"rule": "status", "status": 404, "containment": 0.0},
        grounds=grounds(first=5, last=0.04, times=2, rule="status", containment=0.0),
        suggestion=Suggestion(url="https://www.region-blekinge.example/service-2023-2030", score=0.83, why="sitemap"),
        possible=(
            Suggestion(url="https://www.region-blekinge.example/landsbygd/service", score=0.52, why="parent"),
            Suggestion(url="https://www.region-blekinge.example/naringsliv", score=0.34, why="parent"),
        ),
        transitions=(
            Transition(link_id="blekinge", at=ago(days=3), old=State.FAILING, new=State.BROKEN,
                       verdict=Code.NOT_FOUND, reason=None),
            Transition(link_id="blekinge", at=ago(days=5), old=State.OK, new=State.FAILING,
                       verdict=Code.NOT_FOUND, reason=None),
        ),
    )  # fmt: skip


def _gone_after_merger() -> LinkView:
    about = source("W", url="https://www.lansstyrelsen.example/dalarna/serviceprogram.aspx?id=4711")
    believed = belief(
        State.BROKEN, Code.UNREACHABLE, days=41, reason="dns_nxdomain", failures=9, failing_since=ago(days=47)
    )
    return view(about, believed, Facts(elapsed_ms=12), {"rule": "transport", "detail": "NXDOMAIN"})


def _moved() -> LinkView:
    old, new = "http://region-jamtland.example/service", "https://www.region-jh.example/regionaltserviceprogram20232030"
    hops = (
        Hop(url=old, status=301, location="https://region-jamtland.example/service"),
        Hop(url="https://region-jamtland.example/service", status=308, location=new),
    )
    facts = Facts(
        http_status=200, final_url=new, redirects=hops, title="Regionalt serviceprogram 2023–2030", elapsed_ms=340,
        last_modified=datetime(2024, 2, 9, 10, 30, tzinfo=UTC), tls_expires_at=NOW + timedelta(days=71),
    )  # fmt: skip
    believed = belief(State.MOVED, Code.MOVED, days=12, reason="permanent", seen_at=ago(hours=1))
    suggestion = Suggestion(url=new, score=0.94, why="redirect")
    return view(
        source("Z", url=old),
        believed,
        facts,
        {"rule": "moved", "containment": 0.94, "hops": 2, "shrunk_to": 1.08},
        grounds=grounds(first=6, last=0.04, times=6, rule="moved", containment=0.94, shrunk_to=1.08),
        suggestion=suggestion,
    )


def _changed() -> LinkView:
    believed = belief(State.ATTENTION, Code.CHANGED, days=8, seen_at=ago(hours=1))
    return view(source("X"), believed, evidence={"rule": "drift", "containment": 0.31})


def _next_period() -> LinkView:
    believed = belief(State.ATTENTION, Code.OUTDATED, days=300, reason="period_over", seen_at=ago(hours=1))
    about = source("F")
    facts = Facts(http_status=200, final_url=about.url, title="Regionalt serviceprogram 2014–2018", elapsed_ms=95)
    return view(about, believed, facts, {"rule": "outdated", "period": "2014–2018", "containment": 0.98})


def _closed_down() -> LinkView:
    about = source("H", url="https://rfkl.example/sv/Verksamheter/Regionalt-Serviceprogram/", contact="0480-000 00")
    believed = belief(State.BROKEN, Code.SOFT_404, days=17, reason="same_as_missing", failures=4)
    facts = Facts(http_status=200, final_url=about.url, title="Sidan kunde inte hittas", elapsed_ms=210)
    return view(
        about,
        believed,
        facts,
        {
            "rule": "soft_404",
            "probe": "text",
            "probe_similarity": 0.97,
            "signs": ["title", "noindex"],
            "confirmed": True,
        },
    )


def _expired() -> LinkView:
    believed = belief(State.ATTENTION, Code.TLS_ERROR, days=2, reason="expired")
    about = source("BD", contact="https://www.region-norrbotten.example/kontakt")
    facts = Facts(final_url=about.url, tls_expires_at=ago(days=2), elapsed_ms=60)
    return view(
        about, believed, facts, {"rule": "certificate", "tls": "expired", "status_behind": 200, "approved_copy": False}
    )


def _moved_to_home() -> LinkView:
    about, front = (
        source("M", url="https://utveckling.region-skane.example/service/"),
        "https://www.region-skane.example/",
    )
    facts = Facts(
        http_status=200, final_url=front, redirects=(Hop(url=about.url, status=302, location=front),),
        title="Region Skåne", elapsed_ms=410,
    )  # fmt: skip
    believed = belief(
        State.BROKEN, Code.MOVED_TO_HOME, days=1, reason="front_page", failures=3, verdict=Code.INCONCLUSIVE
    )
    stood = grounds(
        first=4, last=1, times=3, facts=facts, rule="led_to_front", others_ending_here=2, sibling_ends_here=True
    )
    return view(about, believed, Facts(), {"rule": "inconclusive_run", "saw": "unreachable"}, grounds=stood)


def _certificate_soon() -> LinkView:
    about = source("AB")
    facts = Facts(
        http_status=200, final_url=about.url, title="Serviceprogram", elapsed_ms=77,
        tls_expires_at=NOW + timedelta(days=9),
    )  # fmt: skip
    return view(about, belief(State.OK, Code.OK, days=90, seen_at=ago(hours=1)), facts)


def _redirected() -> LinkView:
    about = source("D", name="Södermanland", owner="Region Sörmland")
    final = about.url + "/"
    facts = Facts(
        http_status=200, final_url=final, redirects=(Hop(url=about.url, status=301, location=final),),
        title="Serviceprogram", elapsed_ms=150,
    )  # fmt: skip
    return view(about, belief(State.ATTENTION, Code.REDIRECTED, days=120, reason="trivial"), facts)


def _blocked() -> LinkView:
    about = source("O", owner="Västra Götalandsregionen")
    facts = Facts(http_status=403, final_url=about.url, title="Just a moment...", elapsed_ms=48)
    seen = {"rule": "wall", "mark": "header cf-mitigated", "status": 403}
    return view(about, belief(State.UNVERIFIABLE, Code.BLOCKED, days=33, reason="cloudflare"), facts, seen)


def _robots() -> LinkView:
    return view(source("S"), belief(State.UNVERIFIABLE, Code.ROBOTS_DISALLOWED, days=60), Facts())


def _old_pdf() -> LinkView:
    about = source("AC", url="https://www.region-vasterbotten.example/Filer/Regionalt%20serviceprogram.pdf")
    facts = Facts(
        http_status=200, final_url=about.url, title="Regionalt serviceprogram", content_type="application/pdf",
        last_modified=datetime(2014, 5, 20, tzinfo=UTC), elapsed_ms=530,
    )  # fmt: skip
    return view(about, belief(State.ATTENTION, Code.OUTDATED, days=75, reason="last_modified"), facts)


def _failing() -> LinkView:
    believed = belief(
        State.FAILING, Code.SERVER_ERROR, days=0.2, failures=1, failing_since=ago(hours=5), seen_at=ago(days=1)
    )
    about = source("Y")
    return view(about, believed, Facts(http_status=503, final_url=about.url, elapsed_ms=3100))


def _no_link() -> LinkView:
    return view(source("U", url=""), Belief(state=State.NO_LINK), Facts())


def _paused() -> LinkView:
    return view(source("T", paused=True), Belief(state=State.PAUSED), Facts())


def _new() -> LinkView:
    return view(source("E"), Belief(), Facts())
