"""Cases in one line: an approved copy, what was seen, and what the probes answered."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from linkwatch.core import text
from linkwatch.core.classify import classify
from linkwatch.core.models import (
    Ask,
    Case,
    Copy,
    Fault,
    FaultKind,
    Hop,
    Link,
    Need,
    Page,
    PageKind,
    Probe,
    Verdict,
    Visit,
)

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
URL = "https://www.region.example/utveckling/landsbygd/regionalt-serviceprogram.html"
NAV = "Hoppa till innehåll Sök Meny Hälsa och vård Regional utveckling Kollektivtrafik Kultur Kontakta oss"

PROGRAMME = " ".join(
    f"Det regionala serviceprogrammet beskriver hur service i by {n} tryggas med butik, drivmedel och betaltjänster "
    f"under åren framöver, mål nummer {n} antogs av nämnden i ärende {n * 7} och följs upp med partnerskapet."
    for n in range(1, 13)
)
OTHER = " ".join(
    f"Konserthuset spelar verk {n} av tonsättare från trakten, biljetter säljs vid kassan plats {n} och publiken får "
    f"kaffe i pausen medan orkestern stämmer instrumenten inför akt {n} under ledning av dirigenten."
    for n in range(1, 13)
)


def page(title: str | None = None, h1: str | None = None, body: str = "", **more: Any) -> Page:
    """An HTML page. `links` may be plain addresses; the visible text is navigation and main text."""
    more["links"] = tuple(x if isinstance(x, Link) else Link(url=x, text="") for x in more.get("links", ()))
    more.setdefault("full_text", f"{NAV} {h1 or ''} {body}")
    return Page(**{"kind": PageKind.HTML, "title": title, "h1": h1, "text": body, **more})


GOOD = page("Regionalt serviceprogram | Region Exempel", "Regionalt serviceprogram", PROGRAMME)
ELSEWHERE = page("Konserthuset | Region Exempel", "Konserthuset", OTHER)
NOT_FOUND = page("Sidan kunde inte hittas | Region Exempel", "Sidan kunde inte hittas", "Kontrollera adressen.")
NOTHING = page(full_text="")


def copy_of(seen: Page, url: str = URL) -> Copy:
    shingles = text.shingles(seen.text)
    return Copy(
        title=seen.title,
        h1=seen.h1,
        text=seen.text,
        shingles=text.sample(shingles),
        shingle_count=len(shingles),
        links=tuple(link.url for link in seen.links),
        learnt_at=datetime(2026, 1, 1, tzinfo=UTC),
        url=url,
    )


def visit(
    url: str = URL,
    status: int | None = 200,
    *,
    to: str | None = None,
    by: int = 301,
    headers: Mapping[str, str] | None = None,
    fault: tuple[FaultKind, str] | None = None,
    **more: Any,
) -> Visit:
    """One address visited; `to` where one redirect of status `by` led."""
    hops = (Hop(url=url, status=by, location=to),) if to else ()
    return Visit(
        **{
            "url": url,
            "started_at": NOW,
            "elapsed_ms": 120,
            "final_url": to or url,
            "hops": hops,
            "status": None if fault else status,
            "headers": tuple((headers or {}).items()),
            "fault": Fault(kind=fault[0], reason=fault[1], url=to or url) if fault else None,
            **more,
        }
    )


def case(
    seen: Page | None = GOOD,
    status: int | None = 200,
    *,
    copy: Copy | Page | None = GOOD,
    url: str = URL,
    now: datetime = NOW,
    others_ending_here: int = 0,
    twins: int = 0,
    **more: Any,
) -> Case:
    """A case judged against `copy` (a page stands for its copy); `more` are a visit's."""
    approved = copy_of(copy, url) if isinstance(copy, Page) else copy
    went = visit(url, status, **more)
    answered = None if went.fault or went.not_modified else seen
    return Case(
        url=url,
        visit=went,
        page=answered,
        copy=approved,
        now=now,
        others_ending_here=others_ending_here,
        twins=twins,
    )


Reply = tuple[Visit, Page | None]
Web = Callable[[str], Reply]


def answer(seen: Page | None = None, status: int | None = 200, **more: Any) -> Web:
    """What every probe of a kind is answered."""
    return lambda url: (visit(url, status, **more), seen)


GONE = answer(page("404", "Sidan finns inte", "Sidan finns inte."), 404)
FAILS = answer(None, fault=(FaultKind.TIMEOUT, "read_timeout"))


def play(
    asked: Case,
    *,
    sibling: Web = GONE,
    root: Web = FAILS,
    again: Web | None = None,
    untrusted: Web = FAILS,
) -> tuple[Verdict, list[Need]]:
    """The verdict and the needs on the way; each is answered as the shell would, three requests at most.

    A second fetch finds the same as the first, unless `again` says otherwise.
    """
    same: Web = lambda url: (replace(asked.visit, url=url), asked.page)  # noqa: E731
    web = {Ask.SIBLING: sibling, Ask.ROOT: root, Ask.AGAIN: again or same, Ask.UNTRUSTED: untrusted}
    needs: list[Need] = []
    while isinstance(said := classify(asked), Need):
        needs.append(said)
        assert len(needs) <= 3, needs
        fresh = [Probe(ask=said.ask, url=url, visit=v, page=p) for url in said.urls for v, p in [web[said.ask](url)]]
        asked = replace(asked, probes=(*asked.probes, *fresh))
        assert len(asked.probes) <= 3, needs
    return said, needs


def found(asked: Case, **web: Web) -> tuple[str, str | None]:
    said, _ = play(asked, **web)
    return said.code.value, said.reason
