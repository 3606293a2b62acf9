"""What a report tells, and in which order: the headline, the latest run, and who belongs under which heading."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from linkwatch.core.incidents import is_trouble
from linkwatch.core.models import Code, Incident, LinkView, Severity, Snapshot, State
from linkwatch.locale import Words

CERTIFICATE_SOON = timedelta(days=21)

_NOT_WATCHED = (State.NO_LINK, State.PAUSED)
_TODO = (State.BROKEN, State.MOVED, State.ATTENTION)
_MAY_SHARE_A_CAUSE = (*_TODO, State.FAILING)
_IN_HEADLINE = (
    State.BROKEN,
    State.MOVED,
    State.ATTENTION,
    State.FAILING,
    State.UNVERIFIABLE,
    State.UNKNOWN,
)  # the worst first


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Two links or more that fail the same way, from one cause as it seems: told of once."""

    links: tuple[LinkView, ...]


Told = LinkView | Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """What is told of one by one, each link in one part only and in the order of reading."""

    todo: tuple[Told, ...]
    suspected: tuple[Told, ...]
    unverifiable: tuple[LinkView, ...]
    notices: tuple[LinkView, ...]

    @property
    def all(self) -> tuple[LinkView, ...]:
        parts = (self.todo, self.suspected, self.unverifiable, self.notices)
        return tuple(link for part in parts for told in part for link in links_of(told))


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The whole at a glance; `rest` is what does not work or is not known, the worst first."""

    working: str
    rest: tuple[str, ...] = ()

    def sentence(self, words: Words) -> str:
        """ "19 av 21 länkar fungerar; 1 trasig, 1 flyttad", without a full stop."""
        if not self.rest:
            return self.working
        return words.text("report.headline.but", working=self.working, rest=", ".join(self.rest))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSentence:
    text: str
    is_warning: bool  # it said nothing of the links, or not of all


def finding(link: LinkView) -> Code | None:
    """The verdict that a link's state stands on."""
    return link.belief.finding or link.belief.verdict


def works(link: LinkView) -> bool:
    """Redirected to the same content is working."""
    state = link.belief.state
    return state is State.OK or (state is State.ATTENTION and finding(link) is Code.REDIRECTED)


def links_of(told: Told) -> tuple[LinkView, ...]:
    return told.links if isinstance(told, Cause) else (told,)


def sections(snapshot: Snapshot) -> Sections:
    """What shares a cause is told of where its gravest link belongs."""
    links = snapshot.links
    failing = _by_cause(link for link in links if link.belief.state in _MAY_SHARE_A_CAUSE and not works(link))
    todo = [told for told in failing if any(link.belief.state in _TODO for link in links_of(told))]
    suspected = [told for told in failing if told not in todo]
    unverifiable = [link for link in links if link.belief.state is State.UNVERIFIABLE]
    ours = [page for page in snapshot.listings if is_trouble(page.source, page.belief)]
    return Sections(
        todo=(*ours, *sorted(todo, key=lambda told: (-_gravity(told), _age(told)))),
        suspected=tuple(sorted(suspected, key=_age)),
        unverifiable=tuple(sorted(unverifiable, key=_age)),
        notices=_notices(snapshot),
    )


def _by_cause(links: Iterable[LinkView]) -> list[Told]:
    """Links of one open incident that stand on the same finding are one; all others stay by themselves."""
    alike: dict[object, list[LinkView]] = {}
    for link in links:
        alike.setdefault(_cause(link), []).append(link)
    return [Cause(links=tuple(members)) if len(members) > 1 else members[0] for members in alike.values()]


def _cause(link: LinkView) -> object:
    incident = open_incident(link)
    return (incident.id, link.belief.finding, link.belief.finding_reason) if incident else link.source.id


def open_incident(link: LinkView) -> Incident | None:
    """The incident that a link is in now: none where its address was taken away, or where it could not be checked."""
    incident = link.incident
    if incident is None or incident.closed_at or link.source.id not in incident.open_links:
        return None
    return incident if link.belief.state in _MAY_SHARE_A_CAUSE else None


def mended(snapshot: Snapshot) -> tuple[tuple[LinkView, datetime], ...]:
    """The links that were lately fixed on the page that lists them, and when; the latest first."""
    found = [
        (link, link.mended.closed_at)
        for link in snapshot.links
        if link.mended and link.mended.closed_at and link.mended.closed_as == "fixed_on_page"
    ]
    return tuple(sorted(found, key=lambda one: one[1], reverse=True))


def headline(snapshot: Snapshot, words: Words) -> Headline:
    """Counts the links that are watched; those without a link or paused are told of beside it."""
    watched = [link for link in snapshot.links if link.belief.state not in _NOT_WATCHED]
    if not watched:
        return Headline(working=words.text("report.headline.none"))
    if all(link.belief.state is State.UNKNOWN for link in watched):
        return Headline(working=words.text("report.headline.unchecked"))
    working = sum(map(works, watched))
    if working == len(watched):
        return Headline(working=words.count("report.headline.all", working))
    some = words.count("report.headline.some", len(watched), working=words.number(working))
    return Headline(working=some, rest=tuple(_counts(snapshot, words)))


def _counts(snapshot: Snapshot, words: Words) -> Iterator[str]:
    states = [link.belief.state for link in snapshot.links if not works(link)]
    for state in _IN_HEADLINE:
        if n := states.count(state):
            yield words.count(f"state.{state}.count", n)


def beside(snapshot: Snapshot, words: Words) -> str | None:
    """The links that are not checked at all: "Dessutom 1 utan länk."."""
    summary = snapshot.summary
    rest = [words.count(f"state.{state}.count", summary[state]) for state in _NOT_WATCHED if state in summary]
    return words.text("report.beside", rest=words.join(rest)) if rest else None


def run_sentence(snapshot: Snapshot, words: Words, timezone: str) -> RunSentence:
    """When the latest run was, and whether it says anything of the links."""
    run = snapshot.run
    if run is None:
        return RunSentence(text=words.text("report.run.never"), is_warning=False)
    ended = run.finished_at or run.started_at
    told = {"when": words.datetime(ended, timezone), "ago": words.before(ended, snapshot.generated_at)}
    if run.conclusive is False:
        return RunSentence(text=words.text("report.run.inconclusive", **told), is_warning=True)
    if run.finished_at is None:
        return RunSentence(text=words.text("report.run.unfinished", **told), is_warning=False)
    if run.note == "stopped":
        return RunSentence(text=words.count("report.run.stopped", run.visited, **told), is_warning=True)
    return RunSentence(text=words.count("report.run.done", run.visited, **told), is_warning=False)


def certificate_ends_soon(link: LinkView, now: datetime) -> bool:
    ends = link.facts.tls_expires_at
    return works(link) and ends is not None and now <= ends <= now + CERTIFICATE_SOON


def _notices(snapshot: Snapshot) -> tuple[LinkView, ...]:
    """Certificates that end soon, then redirects."""
    now = snapshot.generated_at
    soon = [link for link in snapshot.links if certificate_ends_soon(link, now)]
    redirected = [link for link in snapshot.links if link.belief.state is State.ATTENTION and works(link)]
    soon.sort(key=lambda link: link.facts.tls_expires_at or now)
    told = {link.source.id for link in soon}
    return (*soon, *sorted((link for link in redirected if link.source.id not in told), key=_age))


def _gravity(told: Told) -> int:
    return max(map(_gravity_of_link, links_of(told)))


def _gravity_of_link(link: LinkView) -> int:
    """A confirmed failure weighs most, whatever the latest check found."""
    if link.belief.state is State.BROKEN:
        return Severity.BROKEN
    code = finding(link)
    return code.severity if code else Severity.NOTICE


def _age(told: Told) -> float:
    return min(link.belief.since.timestamp() if link.belief.since else float("inf") for link in links_of(told))
