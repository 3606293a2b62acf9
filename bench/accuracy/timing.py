"""How long a judgement takes once the bytes are here: reading the page, and the rules."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from bench.accuracy.corpus import World, frame, text
from bench.accuracy.corpus.ground import Ground
from bench.accuracy.corpus.model import Host, Phase, Request, rng_of
from bench.accuracy.corpus.text import Prose
from linkwatch.core import page as reading
from linkwatch.core.classify import classify
from linkwatch.core.models import Case, Copy, Page, Visit
from linkwatch.core.text import sample, shingles

_NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
_BYTES = 40_000
_TURNS = 40


def judgements(world: World) -> dict[str, list[float]]:
    """Seconds for each of some turns: of a page of 40 kB whose text has changed, and of an answer 304."""
    url, before, after = _pair(world)
    copy = _copy(reading.read_page(_visit(url, before)), url)
    changed = _visit(url, after)
    unchanged = replace(changed, status=304, body=b"")

    def read_and_judge() -> None:
        classify(Case(url=url, visit=changed, page=reading.read_page(changed), copy=copy, now=_NOW))

    def judge_304() -> None:
        classify(Case(url=url, visit=unchanged, page=None, copy=copy, now=_NOW))

    size = f"{len(after) / 1000:.0f} kB"
    return {
        f"reading and judging a changed page of {size}": list(_timed(read_and_judge)),
        "judging a 304": list(_timed(judge_304)),
    }


def _timed(work: Callable[[], None]) -> Iterator[float]:
    for _ in range(_TURNS):
        started = time.perf_counter()
        work()
        yield time.perf_counter() - started


def _pair(world: World) -> tuple[str, bytes, bytes]:
    """One page of a site with a large navigation, before and after a third of it was rewritten."""
    site = next(site for site in frame.profiles() if "hugenav" in site.flags)
    host = world.hosts[site.host]
    ground = Ground(world=world, site=site, index=0, host=host, rng=rng_of("timing"))
    old = ground.prose(sentences=40, table=True)
    while len(_body(ground, host, old)) < _BYTES:
        old = replace(old, paragraphs=old.paragraphs + ground.prose(sentences=12).paragraphs)
    new = text.edit(old, ground.rng, site.facts, keep=0.66, topic=text.topics(site.language)[0])
    return ground.url("/matning/"), _body(ground, host, old), _body(ground, host, new)


def _body(ground: Ground, host: Host, prose: Prose) -> bytes:
    request = Request(scheme=ground.site.scheme, host=host.name, target="/matning/", phase=Phase.AFTER)
    return ground.shown(prose, "/matning/")(request).body


def _visit(url: str, body: bytes) -> Visit:
    headers = (("content-type", "text/html; charset=utf-8"),)
    return Visit(url=url, started_at=_NOW, elapsed_ms=90, final_url=url, status=200, headers=headers, body=body)


def _copy(page: Page, url: str) -> Copy:
    found = shingles(page.text)
    return Copy(
        title=page.title,
        h1=page.h1,
        text=page.text,
        shingles=sample(found),
        shingle_count=len(found),
        links=tuple(link.url for link in page.links),
        learnt_at=_NOW,
        url=url,
    )
