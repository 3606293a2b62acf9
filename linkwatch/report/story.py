"""What a report tells, and in which order: the headline, the latest run, and who belongs under which heading."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from linkwatch.core.incidents import is_trouble
from linkwatch.core.models import Code, LinkView, Severity, Snapshot, State
from linkwatch.locale import Words

CERTIFICATE_SOON = timedelta(days=21)

_NOT_WATCHED = (State.NO_LINK, State.PAUSED)
_TODO = (State.BROKEN, State.MOVED, State.ATTENTION)
_IN_HEADLINE = (
    State.BROKEN,
    State.MOVED,
    State.ATTENTION,
    State.FAILING,
    State.UNVERIFIABLE,
    State.UNKNOWN,
)  # the worst first


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """The links that are told of one by one, each in one part only and in the order of reading."""

    todo: tuple[LinkView, ...]
    suspected: tuple[LinkView, ...]
    unverifiable: tuple[LinkView, ...]
    notices: tuple[LinkView, ...]

    @property
    def all(self) -> tuple[LinkView, ...]:
        return self.todo + self.suspected + self.unverifiable + self.notices


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


def sections(snapshot: Snapshot) -> Sections:
    links = snapshot.links
    todo = [link for link in links if link.belief.state in _TODO and not works(link)]
    ours = [page for page in snapshot.listings if is_trouble(page.source, page.belief)]
    return Sections(
        todo=(*ours, *sorted(todo, key=lambda link: (-_gravity(link), _age(link)))),
        suspected=_oldest_first(links, State.FAILING),
        unverifiable=_oldest_first(links, State.UNVERIFIABLE),
        notices=_notices(snapshot),
    )


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


def _oldest_first(links: tuple[LinkView, ...], state: State) -> tuple[LinkView, ...]:
    return tuple(sorted((link for link in links if link.belief.state is state), key=_age))


def _gravity(link: LinkView) -> int:
    """A confirmed failure weighs most, whatever the latest check found."""
    if link.belief.state is State.BROKEN:
        return Severity.BROKEN
    code = finding(link)
    return code.severity if code else Severity.NOTICE


def _age(link: LinkView) -> float:
    return link.belief.since.timestamp() if link.belief.since else float("inf")
