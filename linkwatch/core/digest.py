"""What one subscriber is to hear: what is new since the last mail that arrived, what is left of it, what is over.

A *finding* is a link that somebody has something to do with: broken, moved or to be looked at, and a page of our own in
trouble. What is only suspected is none. Of each finding a subscriber has been told by its fingerprint:

    never told, or told with another  ─▶ new      told, and works now ─▶ fixed
    told with the same                ─▶ open     told, and answered, suspected or not known ─▶ kept in mind, not shown

Silence says that all links were checked and nothing is new. So that links are not checked is told, again every week
while it lasts, and when it is over. A link that was never checked has most likely just been added: it is counted and
named, and makes no mail by itself, unless no link at all has ever been checked.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate, takewhile

from linkwatch.core import causes, fingerprint
from linkwatch.core.digest_records import Told
from linkwatch.core.due import Every, Rhythm
from linkwatch.core.incidents import is_trouble
from linkwatch.core.models import ALARMS, Code, LinkView, Severity, Snapshot, State, Transition
from linkwatch.core.reviews import QUIETING, Action, Review, holding, is_over, quieting
from linkwatch.core.subscribers import Only

LONG = timedelta(days=14)  # so long a link has not been verified before it is told of
REMIND = timedelta(days=30)  # so long nothing is sent while findings are open, or no link is followed
REMIND_UNCHECKED = timedelta(days=6, hours=12)  # while links are not checked: a week, which may lack an hour or two
OVERLAP = timedelta(hours=12)  # checks bear the time at which their run began: so much later they may become known
SPARE = timedelta(
    days=1
)  # so much longer than its rhythm may a link go unchecked: one run without a network is no news


class How(StrEnum):
    """How a finding came to its end."""

    FIXED_ON_PAGE = "fixed_on_page"  # the page that lists the link has another address now
    ACCEPTED = "accepted"  # a proposed address was taken into the configuration
    REMOVED = "removed"  # there is no link any more
    WORKS = "works"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is told of as one: one link, or several with one cause. `reported_at`: the owner was told of it then."""

    links: tuple[LinkView, ...]
    reported_at: datetime | None = None
    assignees: tuple[str, ...] = ()  # who has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The entries of one owner, or of a host where links with one cause have several. `is_ours`: our own pages."""

    owner: str
    entries: tuple[Entry, ...]
    is_ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """`broke_at` where it broke and was mended without ever having been told of."""

    link: LinkView
    how: How
    at: datetime | None
    broke_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one subscriber is to hear, sent where `is_news`.

    `told` is what has been told when it has arrived. Where it is not sent, that is what is left of what was told
    before (`left`), to be kept at once: what is over without having been news is news should it recur.
    """

    new: tuple[Group, ...]
    open: tuple[Group, ...]
    fixed: tuple[Mended, ...]  # the latest first
    unverified: tuple[LinkView, ...]  # those not told of yet first, the longest first
    unchecked: tuple[LinkView, ...]  # those of one owner together
    unchecked_since: datetime | None  # when the last of them that ever was checked was
    is_checked_again: bool  # all of them, after links that could not be checked were told of
    is_unmatched: bool  # no link is one of those that the subscriber follows
    checked: int
    watched: int  # of them `checked` were, and the rest is `unchecked`
    is_first: bool
    is_news: bool
    told: Told
    left: Told
    told_at: datetime | None  # when the last one that arrived was made
    only: Only
    rhythm: Rhythm
    always: bool

    @property
    def own_pages(self) -> tuple[Entry, ...]:
        """Pages of our own that are in trouble."""
        return tuple(entry for group in (*self.new, *self.open) if group.is_ours for entry in group.entries)

    def told_of(self, named: Container[str]) -> Told:
        """What has been told where only these links were named, and the reader can see the others nowhere.

        A finding without a name is news again next time, and so is one that is over.
        """
        unnamed = {one.source.id for one in self._findings() if one.source.id not in named}
        over = {one.link.source.id: "" for one in self.fixed if one.link.source.id not in named}
        kept = {one: seen for one, seen in self.told.findings.items() if one not in unnamed}
        before = {one: seen for one, seen in self.left.findings.items() if one in unnamed}
        unverified = self.left.unverified.union(one for one in self.told.unverified if one in named)
        return replace(self.told, findings={**kept, **before, **over}, unverified=unverified)

    def _findings(self) -> Iterator[LinkView]:
        return (one for group in (*self.new, *self.open) for entry in group.entries for one in entry.links)


def digest(
    snapshot: Snapshot,
    *,
    only: Only,
    told: Told | None,
    told_at: datetime | None,
    rhythm: Rhythm,
    always: bool,
    now: datetime,
) -> Digest:
    """For one subscriber; for many, see `Digests`.

    `told` is what the last mail that arrived told of, `told_at` when that one was made; both None: none has arrived.
    `always` makes news of it that all is well.
    """
    return Digests(snapshot, now).digest(only=only, told=told, told_at=told_at, rhythm=rhythm, always=always)


class Digests:
    """The digests of many subscribers to one snapshot: what is the same for all of them is reckoned once."""

    def __init__(self, snapshot: Snapshot, now: datetime) -> None:
        self._now = now
        self._selections = _selections((_look(link, now) for link in (*snapshot.listings, *snapshot.links)), now)
        self._by_id = {one.id: (one, selection) for selection in self._selections for one in selection.links}
        self._is_begun = any(link.belief.checked_at for link in snapshot.links)

    def digest(
        self, *, only: Only, told: Told | None, told_at: datetime | None, rhythm: Rhythm, always: bool
    ) -> Digest:
        before = told or Told()
        taken = [one for one in self._selections if _takes(only, one)]
        told_of, not_verified = self._known(before.findings, taken), self._known(before.unverified, taken)
        shown = [one for part in taken for one in part.findings if not one.is_quiet and _is_wanted(one.severity, only)]
        new = [one for one in shown if one.report is None and before.findings.get(one.id) != one.fingerprint]
        is_new = {one.id for one in new}
        unverified = [one for part in taken for one in part.unverified if _is_wanted(one.severity, only)]
        has_unverified = {one.id for one in unverified}
        unchecked = [link for part in taken for link in part.unchecked[rhythm.every]]
        overdue = [link for link in unchecked if link.belief.checked_at or not self._is_begun]
        watched = sum(part.watched for part in taken)
        is_checked_again = before.unchecked and not unchecked and bool(watched)
        is_unmatched = not only.is_everything and not taken
        since = None if told_at is None else _Since(before=before, at=told_at, now=self._now)
        fixed = sorted(
            (*_fixed(told_of), *(_in_between(since, taken, only) if since else ())), key=_mended_at, reverse=True
        )
        left = Told(
            findings={one.id: before.findings[one.id] for one in told_of if one.over is None},
            unverified=frozenset(one.id for one in not_verified if one.view.belief.state is State.UNVERIFIABLE),
            unchecked=before.unchecked and bool(unchecked),
            unmatched=before.unmatched and is_unmatched,
            through=before.through,
        )
        is_news = (
            since is None
            or always
            or bool(new or fixed or has_unverified - before.unverified)
            or is_checked_again
            or bool(overdue and not before.unchecked)
            or (is_unmatched and not before.unmatched)
            or since.is_reminder_due(shown, is_unchecked=bool(overdue) or left.unchecked, is_unmatched=is_unmatched)
        )
        return Digest(
            new=_groups(new),
            open=_groups(one for one in shown if one.id not in is_new),
            fixed=tuple(fixed),
            unverified=tuple(
                one.view for one in sorted(unverified, key=lambda one: (one.id in before.unverified, one.weight))
            ),
            unchecked=tuple(unchecked),
            unchecked_since=max((link.belief.checked_at for link in unchecked if link.belief.checked_at), default=None),
            is_checked_again=is_checked_again,
            is_unmatched=is_unmatched,
            checked=watched - len(unchecked),
            watched=watched,
            is_first=told is None,
            is_news=is_news,
            told=Told(
                findings={**left.findings, **{one.id: one.fingerprint or "" for one in shown}},
                unverified=left.unverified | has_unverified,
                unchecked=bool(overdue) or left.unchecked,
                unmatched=is_unmatched,
                through={one: at for part in taken for one, at in part.lately_changed.items()},
            )
            if is_news
            else left,
            left=left,
            told_at=told_at,
            only=only,
            rhythm=rhythm,
            always=always,
        )

    def _known(self, ids: Iterable[str], taken: Iterable["_Selection"]) -> list["_Link"]:
        """Those of these links that are still watched, and taken."""
        places = {id(selection) for selection in taken}
        known = (self._by_id.get(one) for one in ids)
        return [found[0] for found in known if found and id(found[1]) in places]


# ---------------------------------------------------------------- one link, whoever asks


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """All that is the same for every subscriber."""

    view: LinkView
    fingerprint: str | None  # None: it is no finding
    severity: Severity
    answer: Review | None  # keeps it quiet now
    report: Review | None  # holds, whether or not its date has come
    over: How | None  # how it is over, should it have been told of
    broke: tuple[Transition, ...]  # into trouble, newest first; of what is over now only
    changed_at: datetime | None  # last, as far as is known; what a wrong clock has dated ahead is not
    cause: object
    weight: tuple[int, float]
    entry: Entry  # where it is told of by itself

    @property
    def id(self) -> str:
        return self.view.source.id

    @property
    def is_quiet(self) -> bool:
        return self.answer is not None and self.answer.action is not Action.REPORT

    @property
    def is_ignored(self) -> bool:
        return self.answer is not None and self.answer.action is Action.IGNORE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Selection:
    """Links that every subscriber follows together or not at all."""

    links: tuple[_Link, ...]
    is_ours: bool
    findings: tuple[_Link, ...]
    unverified: tuple[_Link, ...]
    lately: tuple[_Link, ...]  # over now, the one that got into trouble last first
    lately_changed: Mapping[str, datetime]  # by link, what changed within `OVERLAP`
    watched: int
    unchecked: Mapping[Every, tuple[LinkView, ...]]


def _look(link: LinkView, now: datetime) -> _Link:
    over = _over(link)
    return _Link(
        view=link,
        fingerprint=(link.fingerprint or fingerprint.of(link)) if _is_finding(link) else None,
        severity=causes.severity(link),
        answer=quieting(link.reviews, now),
        report=holding(link.reviews, Action.REPORT),
        over=over,
        broke=tuple(change for change in _dated(link.transitions) if _is_bad(change)) if over else (),
        changed_at=next((change.at for change in link.transitions if change.at <= now), None),
        cause=causes.cause(link),
        weight=causes.weight((link,)),
        entry=_entry([link]),
    )


def _is_finding(link: LinkView) -> bool:
    """What is only suspected is none. A page of our own that cannot be read is one."""
    is_told = link.belief.state in ALARMS or (link.source.is_listing and link.belief.state is State.UNVERIFIABLE)
    return is_told and is_trouble(link.source, link.belief)


def _over(link: LinkView) -> How | None:
    if link.belief.state is State.NO_LINK:
        return How.REMOVED
    if not causes.works(link):
        return None
    closed_as = link.mended.closed_as if link.mended else None
    return How(closed_as) if closed_as in (How.FIXED_ON_PAGE, How.ACCEPTED) else How.WORKS


def _dated(changes: Sequence[Transition]) -> Iterator[Transition]:
    """Newest first, none later than one that followed it: a wrong clock has dated that one."""
    at = accumulate((change.at for change in changes), min)
    return (one if one.at == moment else replace(one, at=moment) for one, moment in zip(changes, at, strict=True))


def _is_bad(change: Transition) -> bool:
    return change.new in ALARMS and (change.new is not State.ATTENTION or change.verdict is not Code.REDIRECTED)


def _of(change: Transition) -> Severity:
    if change.new is State.BROKEN or change.verdict is None:
        return Severity.BROKEN
    return change.verdict.severity


def _selections(links: Iterable[_Link], now: datetime) -> list[_Selection]:
    alike: defaultdict[object, list[_Link]] = defaultdict(list)
    for one in links:
        source = one.view.source
        alike[(source.is_listing, source.county, source.owner, source.tags)].append(one)
    return [_selection(members, now) for members in alike.values()]


def _selection(links: Sequence[_Link], now: datetime) -> _Selection:
    watched = [one.view for one in links if _is_watched(one.view)]
    broke = (one for one in links if one.broke)
    return _Selection(
        links=tuple(links),
        is_ours=links[0].view.source.is_listing,
        findings=tuple(one for one in links if one.fingerprint is not None),
        unverified=tuple(one for one in links if one.answer is None and _is_long_unverified(one.view, now)),
        lately=tuple(sorted(broke, key=lambda one: one.broke[0].at, reverse=True)),
        lately_changed={one.id: one.changed_at for one in links if one.changed_at and one.changed_at > now - OVERLAP},
        watched=len(watched),
        unchecked={every: tuple(link for link in watched if _is_unchecked(link, every, now)) for every in Every},
    )


def _is_watched(link: LinkView) -> bool:
    is_paused = link.source.paused or link.belief.state is State.PAUSED
    return bool(link.source.url) and not is_paused and not link.source.is_listing


def _is_unchecked(link: LinkView, every: Every, now: datetime) -> bool:
    return link.belief.checked_at is None or now - link.belief.checked_at > every.period + SPARE


def _is_long_unverified(link: LinkView, now: datetime) -> bool:
    belief = link.belief
    is_link = not link.source.is_listing
    return is_link and belief.state is State.UNVERIFIABLE and belief.since is not None and now - belief.since >= LONG


# ---------------------------------------------------------------- what one subscriber hears of it


def _takes(only: Only, selection: _Selection) -> bool:
    """Our own pages concern those who follow everything."""
    return only.is_everything if selection.is_ours else only.takes(selection.links[0].view)


def _is_wanted(severity: Severity, only: Only) -> bool:
    return not only.severities or severity in only.severities


@dataclass(frozen=True, slots=True, kw_only=True)
class _Since:
    """The time from the last mail that arrived, made `at`, to this one."""

    before: Told
    at: datetime
    now: datetime

    @property
    def start(self) -> datetime:
        """Nothing that is dated before was unknown then."""
        return self.at if self.before.through is None else self.at - OVERLAP

    def of(self, link_id: str) -> datetime:
        """The newest change of a link that was known then, or `start`."""
        return max(self.start, (self.before.through or {}).get(link_id, self.start))

    def is_reminder_due(self, shown: Sequence[_Link], *, is_unchecked: bool, is_unmatched: bool) -> bool:
        """Whether a date that somebody set has come since, or it was long ago (or by a clock that was wrong)."""
        reviews = (one for link in shown for one in link.view.reviews if one.action in QUIETING and one.holds)
        if any(one.until and self.at < one.until and is_over(one, self.now) for one in reviews):
            return True
        span = self.now - self.at
        long_ago, a_week_ago = (span >= limit or span < timedelta(0) for limit in (REMIND, REMIND_UNCHECKED))
        return (long_ago and (bool(shown) or is_unmatched)) or (a_week_ago and is_unchecked)


def _fixed(told_of: Iterable[_Link]) -> Iterator[Mended]:
    return (_mended(one, one.over) for one in told_of if one.over and not one.is_ignored)


def _in_between(since: _Since, taken: Iterable[_Selection], only: Only) -> Iterator[Mended]:
    """What broke and was mended since the last mail, and so was never told of. What is dated ahead has its day yet."""
    for part in taken:
        for one in takewhile(lambda one: one.broke[0].at > since.start, part.lately):
            known = since.of(one.id)
            broke = [
                change.at for change in one.broke if known < change.at <= since.now and _is_wanted(_of(change), only)
            ]
            if broke and one.over and one.id not in since.before.findings and not one.is_ignored:
                yield _mended(one, one.over, min(broke))


def _mended(one: _Link, how: How, broke_at: datetime | None = None) -> Mended:
    mended, is_told = one.view.mended, how in (How.FIXED_ON_PAGE, How.ACCEPTED)
    at = mended.closed_at if mended and is_told else one.view.belief.since
    return Mended(link=one.view, how=how, at=at, broke_at=broke_at)


def _mended_at(one: Mended) -> float:
    return one.at.timestamp() if one.at else 0.0


def _weight(one: _Link) -> tuple[int, float]:
    return one.weight


def _groups(links: Iterable[_Link]) -> tuple[Group, ...]:
    """By owner, the owner of the gravest and then the oldest entry first, our own pages before all others."""
    by_owner: defaultdict[tuple[bool, str], list[Entry]] = defaultdict(list)
    for entry in _entries(links):
        by_owner[(entry.links[0].source.is_listing, _owner(entry.links))].append(entry)
    groups = [
        Group(owner=owner, entries=tuple(entries), is_ours=is_ours) for (is_ours, owner), entries in by_owner.items()
    ]
    return tuple(sorted(groups, key=lambda group: not group.is_ours))


def _entries(links: Iterable[_Link]) -> Iterator[Entry]:
    """What has one cause is one entry; what the owner has been told of is apart from what it has not."""
    alike: dict[object, list[_Link]] = {}
    for one in sorted(links, key=_weight):
        alike.setdefault((one.cause, one.report is not None), []).append(one)
    return (
        members[0].entry if len(members) == 1 else _entry([one.view for one in members]) for members in alike.values()
    )


def _entry(links: Sequence[LinkView]) -> Entry:
    reports = (holding(link.reviews, Action.REPORT) for link in links)
    assigned = (holding(link.reviews, Action.ASSIGN) for link in links)
    return Entry(
        links=tuple(links),
        reported_at=min((one.at for one in reports if one), default=None),
        assignees=tuple(dict.fromkeys(one.assignee for one in assigned if one and one.assignee)),
    )


def _owner(links: Sequence[LinkView]) -> str:
    """Who answers for them all; where they have several owners, the host that they share."""
    first = links[0]
    if len(links) == 1 or first.incident is None or len({link.source.owner for link in links}) == 1:
        return first.source.owner
    return first.incident.host
