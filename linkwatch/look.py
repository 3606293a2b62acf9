"""One link looked at: visited, read, judged. What it came to is a `Finding`, small enough to be kept."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from linkwatch import extract
from linkwatch.config import Config
from linkwatch.core import text
from linkwatch.core.classify import classify
from linkwatch.core.models import (
    Ask,
    Case,
    Code,
    Copy,
    Facts,
    Fault,
    Known,
    Need,
    Page,
    Probe,
    Source,
    Validators,
    Verdict,
    Visit,
)
from linkwatch.core.urls import folder_of, host
from linkwatch.errors import StoreError
from linkwatch.fetch.visit import Visitor
from linkwatch.store import Store

_MOST_PROBES = 3
_MOST_NEIGHBOURS = 20
_TWIN = 0.9
_HEAD = 65_536  # bytes of a body that a rule may still look at once the page has been read
_REREAD_DAYS = 30  # an unchanged page is fetched whole about so often, in case a server says 304 for ever
_PROBES_KEEP = timedelta(days=7)
_COPY_SETTLES = timedelta(days=30)

_GOOD_ENOUGH_TO_LEARN = (Code.OK, Code.REDIRECTED, Code.MOVED, Code.OUTDATED)
_MAY_BE_APPROVED = (
    Code.CHANGED, Code.OUTDATED, Code.REPLACED, Code.SOFT_404, Code.MOVED_TO_HOME, Code.PARKED,
)  # fmt: skip
_SAME_AS_APPROVED = (Code.OK, Code.REDIRECTED, Code.MOVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One visit judged, without its body."""

    source: Source
    at: datetime
    verdict: Verdict
    facts: Facts
    fault: Fault | None = None
    validators: Validators | None = None
    body_hash: bytes | None = None
    new_copy: Copy | None = None
    seen: Copy | None = None  # the page as it was read, where it is not the approved one


@dataclass(frozen=True, slots=True, kw_only=True)
class Looker:
    """Looks at links, one at a time or many side by side."""

    config: Config
    store: Store
    visitor: Visitor
    known: Mapping[str, Known]
    now: datetime  # the run's, for all its checks alike: they are a day apart when the runs are
    endings: Counter[str]  # at how many links' last visits each final address was reached
    ids_at: Mapping[str, list[str]]  # the links of each host
    copies: dict[str, tuple[tuple[str, tuple[int, ...]], ...]]

    @classmethod
    def at_work(
        cls,
        *,
        config: Config,
        store: Store,
        visitor: Visitor,
        known: Mapping[str, Known],
        now: datetime,
    ) -> Self:
        endings = Counter(one.facts.final_url for one in known.values() if one.facts.final_url)
        ids_at: defaultdict[str, list[str]] = defaultdict(list)
        for source in config.sources:
            ids_at[host(source.url)].append(source.id)
        return cls(
            config=config,
            store=store,
            visitor=visitor,
            known=known,
            now=now,
            endings=endings,
            ids_at=ids_at,
            copies={},
        )

    async def look(self, source: Source) -> Finding:
        """One finding, whatever a server sends and whatever of our code throws. Raises only when the store fails."""
        finding, _ = await self.look_closely(source)
        return finding

    async def look_closely(self, source: Source) -> tuple[Finding, Visit | None]:
        """As `look`, with all that was sent; None where our own side failed."""
        try:
            return await self._visit(source)
        except StoreError:
            raise
        except Exception as error:  # a bug of ours must cost neither the run nor the row, nor the link its good name
            return nothing(source, self.now, "internal", f"{type(error).__name__}: {error}"[:500]), None

    async def _visit(self, source: Source) -> tuple[Finding, Visit]:
        known = self.known.get(source.id, Known())
        at = self.now
        visit = await self.visitor.visit(source.url, validators=_validators(known, source, at))
        digest = hashlib.sha256(visit.body).digest()[:16] if visit.status == 200 and visit.complete else None
        if digest is not None and digest == known.body_hash and visit.final_url == _validated_url(known):
            visit = replace(visit, status=304)  # the same bytes again: as good as told so
        page = None if visit.fault or visit.not_modified else await extract.read(visit)
        visit = _without_body(visit)
        copy = self.store.copy(source.id)
        verdict = await self._judge(source, visit, page, copy)
        same = verdict.saw_page and verdict.learnable and verdict.code in _SAME_AS_APPROVED
        unchanged = visit.not_modified
        finding = Finding(
            source=source,
            at=at,
            verdict=verdict,
            facts=_facts(visit, page, known),
            fault=visit.fault,
            validators=(known.validators if unchanged else _new_validators(visit)) if same else None,
            body_hash=(known.body_hash if unchanged else digest) if same else None,
            new_copy=_copy_of(page, visit.final_url, at) if page and _worth_learning(verdict, page, copy, at) else None,
            seen=_copy_of(page, visit.final_url, at) if page and _worth_showing(verdict, page) else None,
        )
        return finding, visit

    async def _judge(self, source: Source, visit: Visit, page: Page | None, copy: Copy | None) -> Verdict:
        case = Case(
            url=source.url,
            visit=visit,
            page=page,
            copy=copy,
            now=self.now,
            max_age=self.config.max_age,
            others_ending_here=self._others_ending_at(visit.final_url, source.id),
        )
        while isinstance(answer := classify(case), Need):
            if len(case.probes) == 0:
                case = replace(case, twins=self._twins(source, page))
            probes = await self._answers(answer, room=max(_MOST_PROBES - len(case.probes), 0))
            if not probes:
                return Verdict(code=Code.INCONCLUSIVE, reason="internal", rule="too_many_questions")
            case = replace(case, probes=(*case.probes, *probes))
        return answer

    async def _answers(self, need: Need, *, room: int) -> list[Probe]:
        """What a rule asked for. Addresses that cannot exist are asked for once a week in each folder."""
        urls = need.urls[:room]
        if need.ask is not Ask.SIBLING or not urls:
            return [await self._probe(need.ask, url) for url in urls]
        folder, now = folder_of(urls[0]), self.now
        if kept := self.store.probes(folder, now - _PROBES_KEEP):
            return list(kept[:room])
        probes = [await self._probe(need.ask, url) for url in urls]
        if all(_is_worth_keeping(probe) for probe in probes):
            self.store.save_probes(folder, now, probes)
        return probes

    async def _probe(self, ask: Ask, url: str) -> Probe:
        visit = await self.visitor.fetch(url, trust=ask is not Ask.UNTRUSTED)
        page = None if visit.fault or visit.not_modified else await extract.read(visit)
        return Probe(ask=ask, url=url, visit=_without_body(visit), page=page)

    def _others_ending_at(self, final_url: str, link_id: str) -> int:
        own = self.known[link_id].facts.final_url if link_id in self.known else None
        return self.endings[final_url] - (own == final_url)

    def _twins(self, source: Source, page: Page | None) -> int:
        """How many other links of this host have an approved copy that this page is the same as."""
        if page is None:
            return 0
        seen = text.shingles(page.text)
        return sum(
            text.containment(shingles, seen) >= _TWIN
            for other, shingles in self._copies_at(host(source.url))
            if other != source.id
        )

    def _copies_at(self, name: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """The approved copies of a host's first links, by their shingles; read once a run."""
        if name not in self.copies:
            links = self.ids_at[name][: _MOST_NEIGHBOURS + 1]
            found = ((link, self.store.copy(link)) for link in links)
            self.copies[name] = tuple((link, copy.shingles) for link, copy in found if copy and copy.shingles)
        return self.copies[name]


def _without_body(visit: Visit) -> Visit:
    """Visits wait for their probes side by side, and must not hold all that servers sent meanwhile."""
    return replace(visit, body=visit.body[:_HEAD])


def _is_worth_keeping(probe: Probe) -> bool:
    """A site's usual answer, not what it said on a bad day or to too many questions."""
    return probe.visit.fault is None and (probe.visit.status or 500) < 500 and probe.visit.status not in (403, 429)


def nothing(source: Source, now: datetime, reason: str, detail: str = "") -> Finding:
    """What is found of a link when our own side failed."""
    evidence = {"detail": detail} if detail else {}
    verdict = Verdict(code=Code.INCONCLUSIVE, reason=reason, rule="our_side", evidence=evidence)
    return Finding(source=source, at=now, verdict=verdict, facts=Facts())


def _validators(known: Known, source: Source, now: datetime) -> Validators | None:
    if source.is_listing:  # what it lists is read anew each time
        return None
    turn = sum(source.id.encode()) % _REREAD_DAYS
    return None if now.toordinal() % _REREAD_DAYS == turn else known.validators


def _validated_url(known: Known) -> str | None:
    return known.validators.url if known.validators else None


def _new_validators(visit: Visit) -> Validators:
    """Kept also without an ETag or a date: then the body's hash alone tells whether the page is the same."""
    return Validators(url=visit.final_url, etag=visit.header("etag"), last_modified=visit.header("last-modified"))


def _facts(visit: Visit, page: Page | None, known: Known) -> Facts:
    """What this check saw; where the page is unchanged, what was read of it then."""
    seen = Facts(
        http_status=visit.status,
        final_url=visit.final_url,
        redirects=visit.hops,
        content_type=visit.header("content-type"),
        elapsed_ms=visit.elapsed_ms,
        tls_expires_at=visit.tls.expires_at if visit.tls else None,
        wire_bytes=visit.wire_bytes,
    )
    if visit.not_modified:
        then = known.facts
        return replace(
            seen,
            http_status=then.http_status or visit.status,  # a 304 freshens the answer that was kept (RFC 9111 §4.3.4)
            title=then.title,
            h1=then.h1,
            last_modified=then.last_modified,
            content_type=then.content_type,
            charset=then.charset,
        )
    if page is None:
        return seen
    return replace(seen, title=page.title, h1=page.h1, last_modified=page.last_modified, charset=page.charset)


def _worth_learning(verdict: Verdict, page: Page, copy: Copy | None, now: datetime) -> bool:
    """The first good visit is learnt; later only slow drift of a page that is still ok."""
    seen = verdict.saw_page and verdict.learnable and verdict.code in _GOOD_ENOUGH_TO_LEARN
    if not seen or not (page.text or page.title):
        return False
    if copy is None:
        return True
    return verdict.code is Code.OK and page.text != copy.text and now - copy.learnt_at >= _COPY_SETTLES


def _worth_showing(verdict: Verdict, page: Page) -> bool:
    """What an editor may want to compare with the approved copy, or approve in its place."""
    return verdict.code in _MAY_BE_APPROVED and verdict.learnable and bool(page.text)


def _copy_of(page: Page, url: str, now: datetime) -> Copy:
    shingles = text.shingles(page.text)
    return Copy(
        title=page.title,
        h1=page.h1,
        text=page.text,
        shingles=text.sample(shingles),
        shingle_count=len(shingles),
        links=tuple(link.url for link in page.links),
        learnt_at=now,
        url=url,
    )
