"""One run, in order; it decides nothing.

    our listings ─▶ the sources follow them where they may (listings.py)
    known links ─▶ one queue a host ─▶ visit ─▶ read the page ─▶ classify ─┐
                                         ▲                                 │ a rule may ask for a look beside it
                                         └──────── probe ◀─────────────────┘
    verdict ─▶ step (belief, transition) ─▶ Decision ─▶ ledger ─▶ store, in one transaction a batch

The ledger keeps decisions back until it is certain that the run is conclusive: until more than half of all hosts have
been seen well. Should the run turn out inconclusive, what is kept back is written as "nothing can be said".
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from linkwatch import listings as our_pages
from linkwatch.config import Config, Listing
from linkwatch.core import conclusive
from linkwatch.core.fingerprint import fingerprint
from linkwatch.core.incidents import FLAP, Register, is_trouble
from linkwatch.core.models import (
    Code,
    Decision,
    Facts,
    Fault,
    FaultKind,
    Known,
    RunSummary,
    Source,
    State,
    Transition,
    Verdict,
)
from linkwatch.core.outbox import Parcel
from linkwatch.core.overlay import with_paused
from linkwatch.core.problems import Noted
from linkwatch.core.transitions import step
from linkwatch.core.urls import origin, politeness_key
from linkwatch.errors import LinkwatchError
from linkwatch.fetch.visit import Visitor
from linkwatch.listings import Seen
from linkwatch.look import Finding, Looker, nothing
from linkwatch.store import Notices, Store

OnVisit = Callable[[str, Verdict], None]

_log = logging.getLogger(__name__)


class Herald(Protocol):
    """Who is told at once of what a run finds; written down together with it (heralds.py)."""

    def changed(self, decision: Decision) -> tuple[Parcel, ...]: ...

    def ended(
        self, run: RunSummary, listings: Iterable[Decision], noted: Iterable[Noted], now: datetime
    ) -> Notices | None: ...


_BATCH = 100
_SECONDS = 2.0  # and no later than this is what is certain written down
_PATIENCE = 3  # so many read time-outs in a row, and the rest of a host's links wait for the next run
_CONTROLS = 3
_CONNECTION_FAULTS = (FaultKind.DNS, FaultKind.CONNECT)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What a run came to. `verdicts` are what was found, also where the run was inconclusive and none was believed."""

    run: RunSummary
    transitions: tuple[Transition, ...]
    verdicts: dict[str, Verdict]
    config: Config  # as it is after the run: a listing may have changed its sources
    listings: tuple[Seen, ...] = ()


async def run_once(
    *,
    config: Config,
    store: Store,
    sources: Sequence[Source],
    now: datetime,
    on_visit: OnVisit | None = None,
    stop: asyncio.Event | None = None,
    listings: Sequence[Listing] = (),
    asked: bool = False,
    herald: Herald | None = None,
) -> RunReport:
    """Visit `sources` once and remember what was found: one check a source, whatever happens.

    `asked`: somebody named these links; the run is not taken for one that visited all that was due.

    `stop` ends the run early: visits under way are finished, the others are not begun. `listings` are looked at first;
    where they change a source, that is visited too.
    """
    async with Visitor(config.fetch, now=now, hosts=store.hosts()) as visitor:
        published = await _published(config, store, visitor, listings, now)
        config, known = published.config, store.known()
        register = Register(store.incidents(now - FLAP))
        anew = {
            link: "fixed_on_page" if link in published.on_page else "accepted"
            for link, one in known.items()
            if _is_new_address(link, one, register, store)
        }
        looker = Looker.at_work(config=config, store=store, visitor=visitor, known=known, now=now)
        chosen = with_paused(published.chosen(sources), store.paused())
        queues = _by_host([source for source in chosen if source.url and not source.paused], known)
        due = sum(map(len, queues))
        run_id = store.begin_run(now, due=due, asked=asked)
        desk = _Desk(
            config=config,
            store=store,
            looker=looker,
            known=known,
            run_id=run_id,
            on_visit=on_visit,
            register=register,
            anew=anew,
            herald=herald,
        )
        desk.hosts_in_all = len({conclusive.independent_host(source.url) for queue in queues for source in queue})
        await _work_through(queues, desk, stop or asyncio.Event())
        is_conclusive = await desk.is_conclusive()
        desk.settle(is_conclusive=is_conclusive)
        if is_conclusive:
            for seen in published.seen:
                # With no link beside it nobody bears witness that the network is well: only good news is believed.
                if desk.tally.hosts or seen.finding.verdict.saw_page:
                    desk.take_listing(seen)
        note = None if is_conclusive else "most_changed" if desk.tally.some_changed else "own_network"
        note = note or ("stopped" if len(desk.verdicts) < due else None)
        summary = RunSummary(
            id=run_id,
            started_at=now,
            finished_at=visitor.now(),
            conclusive=is_conclusive,
            note=note,
            visited=len(desk.verdicts),
            asked=asked,
        )
        desk.finish(summary, visitor.now())
    return RunReport(
        run=summary,
        transitions=(*published.transitions, *desk.transitions),
        verdicts=desk.verdicts,
        config=config,
        listings=published.seen,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Published:
    """What our own pages say: the configuration that follows, and who stands there with the address that is watched."""

    config: Config
    seen: tuple[Seen, ...]
    on_page: frozenset[str]
    transitions: tuple[Transition, ...] = ()

    def chosen(self, sources: Sequence[Source]) -> list[Source]:
        """Those that were asked for as they are now, and those that a listing has changed."""
        changed = {edit.source_id for one in self.seen for edit in one.applied}
        if not changed:
            return list(sources)
        asked = {source.id for source in sources} | changed
        return [source for source in self.config.sources if source.id in asked]


async def _published(
    config: Config, store: Store, visitor: Visitor, listings: Sequence[Listing], now: datetime
) -> _Published:
    looker = Looker.at_work(config=config, store=store, visitor=visitor, known=store.known(), now=now)
    paused = store.paused()
    seen = await our_pages.look(config, looker, [one for one in listings if one.as_source.id not in paused])
    followed, seen = our_pages.follow(config, seen, store.readings())
    edited = store.sync_sources(followed.watched, now) if any(one.applied for one in seen) else ()
    readings = store.readings() | {one.finding.source.id: one.kept for one in seen if one.kept}
    return _Published(config=followed, seen=seen, on_page=our_pages.on_page(followed, readings), transitions=edited)


def _is_new_address(link: str, known: Known, register: Register, store: Store) -> bool:
    """Whether a link that was in trouble got another address since it was last looked at.

    One that was only resumed has its facts still, and one that got its old address back its approved copy.
    """
    is_unseen = known.belief.state is State.UNKNOWN and known.facts.final_url is None
    return is_unseen and register.has_open(link) and store.copy(link) is None


async def _work_through(queues: list[list[Source]], desk: "_Desk", stop: asyncio.Event) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for queue in queues:
                group.create_task(desk.work(queue, stop))
    except* LinkwatchError as failures:
        failure = failures.exceptions[0]
    else:
        return
    raise failure


def _by_host(sources: Sequence[Source], known: Mapping[str, Known]) -> list[list[Source]]:
    """A queue a host, the longest unchecked first: what a host in trouble left over has its turn next time."""
    queues: dict[str, list[Source]] = {}
    for source in sorted(sources, key=lambda source: _last_look(known.get(source.id))):
        queues.setdefault(politeness_key(source.url), []).append(source)
    return list(queues.values())


def _last_look(known: Known | None) -> float:
    checked_at = known.belief.checked_at if known else None
    return checked_at.timestamp() if checked_at else 0.0


@dataclass(slots=True, kw_only=True)
class _Desk:
    """Where one run's findings come in, are kept back, and go out as decisions."""

    config: Config
    store: Store
    looker: Looker
    known: dict[str, Known]
    run_id: int
    on_visit: OnVisit | None
    register: Register
    anew: Mapping[str, str]  # links in trouble that got another address, and why their incident closes if that is well
    herald: Herald | None
    hosts_in_all: int = 0
    is_certain: bool = False
    settled_at: float = field(default_factory=time.monotonic)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    transitions: list[Transition] = field(default_factory=list)
    listings: list[Decision] = field(default_factory=list)
    kept_back: list[Finding] = field(default_factory=list)
    tally: conclusive.Tally = field(default_factory=conclusive.Tally)

    async def work(self, queue: list[Source], stop: asyncio.Event) -> None:
        """One host's links, one after the other. A host in trouble is not asked the same thing four hundred times."""
        no_connection: Finding | None = None
        timeouts = 0
        for source in queue:
            if stop.is_set():
                return
            spared = _spared(source, no_connection, timeouts, self.looker.now)
            finding = spared or await self.looker.look(source)
            kind = _own_fault(finding)
            if kind in _CONNECTION_FAULTS and not finding.facts.redirects:
                no_connection = finding
            timeouts = timeouts + 1 if kind is FaultKind.TIMEOUT else 0
            self._take(finding)

    async def is_conclusive(self) -> bool:
        if self.is_certain:
            return True
        since, now = self.store.doubted_since(), self.looker.now
        judgement = self.tally.judgement(doubted_for=now - (since or now))
        if judgement == "ask_controls":
            return await self._controls_answer(alone=len(self.tally.hosts) == 1)
        return judgement == "conclusive"

    def settle(self, *, is_conclusive: bool) -> None:
        """Write what was kept back."""
        findings, self.kept_back = self.kept_back, []
        self.settled_at = time.monotonic()
        self.store.save_hosts(self.looker.visitor.changed_hosts())
        decide = self._decide if is_conclusive else self._say_nothing
        for start in range(0, len(findings), _BATCH):
            self._commit([decide(finding) for finding in findings[start : start + _BATCH]])

    def take_listing(self, seen: Seen) -> None:
        """Write down what a page of ours came to, beside the links."""
        decision = self._decide(seen.finding)
        self.store.commit_listing(self.run_id, decision, seen.reading)
        self.listings.append(decision)
        if decision.transition:
            self.transitions.append(decision.transition)

    def finish(self, run: RunSummary, now: datetime) -> None:
        """A mistake in telling of it keeps no run from having ended."""
        try:
            notices = self.herald.ended(run, self.listings, self.store.problems(), now) if self.herald else None
        except LinkwatchError:
            raise
        except Exception:
            _log.exception("nobody could be told of run %s", run.id)
            notices = None
        self.store.finish_run(
            run.id, now, conclusive=bool(run.conclusive), note=run.note, visited=run.visited, notices=notices
        )

    # ---- what is made of the findings

    def _take(self, finding: Finding) -> None:
        before = self.known.get(finding.source.id, Known()).belief.state
        self.verdicts[finding.source.id] = finding.verdict
        self.kept_back.append(finding)
        if self.on_visit:
            self.on_visit(finding.source.id, finding.verdict)
        if self.is_certain:
            self._settle_now_and_then()
            return
        self.tally.add(conclusive.Witness(url=finding.source.url, before=before, verdict=finding.verdict))
        self.is_certain = self.tally.is_certain(self.hosts_in_all)

    def _settle_now_and_then(self) -> None:
        if len(self.kept_back) >= _BATCH or time.monotonic() - self.settled_at >= _SECONDS:
            self.settle(is_conclusive=True)

    def _decide(self, finding: Finding) -> Decision:
        source = finding.source
        belief, transition = step(
            self.known.get(source.id, Known()).belief,
            finding.verdict,
            link_id=source.id,
            now=finding.at,
            confirm=self.config.confirm,
        )
        said = finding.verdict.code is not Code.INCONCLUSIVE
        is_well = finding.verdict.saw_page and not is_trouble(source, belief)
        mended = self.anew.get(source.id) if is_well else None
        if transition and mended:
            transition = replace(transition, reason=mended)
        decision = Decision(
            source=source,
            at=finding.at,
            verdict=finding.verdict,
            facts=finding.facts,
            belief=belief,
            transition=transition,
            validators=finding.validators,
            body_hash=finding.body_hash,
            new_copy=finding.new_copy,
            seen=finding.seen,
            fingerprint=fingerprint(belief, finding.facts) if said else None,
            incident=self.register.note(source, belief, finding.at, closed_as=mended) if said else None,
        )
        return replace(decision, parcels=self._told_of(decision))

    def _told_of(self, decision: Decision) -> tuple[Parcel, ...]:
        """A mistake in telling of a check keeps neither it nor the others from being written down."""
        try:
            return self.herald.changed(decision) if self.herald else ()
        except Exception:
            _log.exception("nobody could be told of %s", decision.source.id)
            return ()

    def _say_nothing(self, finding: Finding) -> Decision:
        saw = {"saw": finding.verdict.code.value, "saw_reason": finding.verdict.reason}
        verdict = Verdict(code=Code.INCONCLUSIVE, reason="own_network", rule="inconclusive_run", evidence=saw)
        return self._decide(replace(finding, verdict=verdict, facts=Facts(), new_copy=None, seen=None))

    def _commit(self, decisions: list[Decision]) -> None:
        try:
            self.store.commit(self.run_id, decisions)
        except LinkwatchError:
            raise
        except Exception as error:  # one that cannot be written must not take the others of its batch with it
            if len(decisions) > 1:
                for decision in decisions:
                    self._commit([decision])
                return
            lost = nothing(decisions[0].source, decisions[0].at, "internal", f"{type(error).__name__}: {error}")
            self.verdicts[lost.source.id] = lost.verdict
            self.store.commit(self.run_id, [self._decide(lost)])
            return
        self.transitions += [decision.transition for decision in decisions if decision.transition]

    async def _controls_answer(self, *, alone: bool) -> bool:
        """Few hosts were visited and all were silent: do others, that were well, still answer?

        With nobody to ask, one silent host is taken at its word; two that went silent together are not.
        """
        well = {
            conclusive.independent_host(source.url): source.url
            for source in self.config.sources
            if source.url and self.known.get(source.id, Known()).belief.state is State.OK
        }
        controls = [url for key, url in well.items() if key not in self.tally.hosts][:_CONTROLS]
        answers = await asyncio.gather(*map(self.looker.visitor.reachable, controls))
        return any(answers) if controls else alone


# ---------------------------------------------------------------- small and without a desk


def _own_fault(finding: Finding) -> FaultKind | None:
    """The kind of fault, where it is the link's own host's and not that of one it redirects to."""
    fault = finding.fault
    own = fault is not None and politeness_key(fault.url) == politeness_key(finding.source.url)
    return fault.kind if fault and own else None


def _shares_fault(source: Source, no_connection: Finding) -> bool:
    """A name that does not resolve fails for all its links; a port that refuses, only for those that go to it."""
    is_name = no_connection.fault is not None and no_connection.fault.kind is FaultKind.DNS
    return is_name or origin(source.url) == origin(no_connection.source.url)


def _spared(source: Source, no_connection: Finding | None, timeouts: int, now: datetime) -> Finding | None:
    """What is said of a link that is not visited, since its host's trouble is known already in this run."""
    if no_connection is not None and _shares_fault(source, no_connection):
        told = {**no_connection.verdict.evidence, "host_fault_of": no_connection.source.id}
        verdict = replace(no_connection.verdict, evidence=told)
        return replace(no_connection, source=source, at=now, verdict=verdict, facts=Facts(final_url=source.url))
    if timeouts >= _PATIENCE:
        return replace(
            nothing(source, now, "host_trouble"),
            fault=Fault(kind=FaultKind.TIMEOUT, reason="host_trouble", url=source.url),
        )
    return None
