"""What a report tells, and in which order: the headline, the latest run, and who belongs under which heading."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from linkwatch.core import causes
from linkwatch.core.incidents import is_trouble
from linkwatch.core.models import ALARMS, LinkView, RunSummary, Snapshot, State
from linkwatch.core.reviews import quieting
from linkwatch.locale import Words

CERTIFICATE_SOON = timedelta(days=21)

finding, works, open_incident = causes.finding, causes.works, causes.open_incident

_NOT_WATCHED = (State.NO_LINK, State.PAUSED)
_IN_HEADLINE = (*ALARMS, State.FAILING, State.UNVERIFIABLE, State.UNKNOWN)  # the worst first


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
    answered: tuple[LinkView, ...] = ()  # whatever is wrong with them, somebody has said what is to be done

    @property
    def all(self) -> tuple[LinkView, ...]:
        parts = (self.todo, self.suspected, self.unverifiable, self.notices, self.answered)
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


def links_of(told: Told) -> tuple[LinkView, ...]:
    return told.links if isinstance(told, Cause) else (told,)


def sections(snapshot: Snapshot) -> Sections:
    """What shares a cause is told of where its gravest link belongs; what is answered, apart from all that is not."""
    answered = tuple(filter(partial(is_answered, now=snapshot.generated_at), (*snapshot.listings, *snapshot.links)))
    quiet = {link.source.id for link in answered}
    links = [link for link in snapshot.links if link.source.id not in quiet]
    failing = _by_cause(link for link in links if link.belief.state in causes.MAY_SHARE_A_CAUSE and not works(link))
    todo, suspected = list[Told](), list[Told]()
    for told in failing:
        (todo if any(link.belief.state in ALARMS for link in links_of(told)) else suspected).append(told)
    unverifiable = [link for link in links if link.belief.state is State.UNVERIFIABLE]
    ours = [page for page in snapshot.listings if page.source.id not in quiet and is_trouble(page.source, page.belief)]
    return Sections(
        todo=(*ours, *sorted(todo, key=_weight)),
        suspected=tuple(sorted(suspected, key=_age)),
        unverifiable=tuple(sorted(unverifiable, key=_age)),
        notices=_notices(links, snapshot.generated_at),
        answered=tuple(sorted(answered, key=_weight)),
    )


def is_answered(link: LinkView, now: datetime) -> bool:
    """Whether something is, or may be, wrong with a link, and an answer that holds keeps it quiet."""
    told = link.belief.state in (*causes.MAY_SHARE_A_CAUSE, State.UNVERIFIABLE)
    return told and quieting(link.reviews, now) is not None


def _by_cause(links: Iterable[LinkView]) -> list[Told]:
    return [Cause(links=members) if len(members) > 1 else members[0] for members in causes.by_cause(links)]


def mended(snapshot: Snapshot) -> tuple[tuple[LinkView, datetime], ...]:
    """The links that were lately fixed on the page that lists them, and when; the latest first."""
    found = [
        (link, link.mended.closed_at)
        for link in snapshot.links
        if link.mended and link.mended.closed_at and link.mended.closed_as == "fixed_on_page"
    ]
    return tuple(sorted(found, key=lambda one: one[1], reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many links are in each state; `redirected` are those in `attention` that work all the same."""

    by_state: Mapping[State, int]
    redirected: int = 0

    @property
    def watched(self) -> int:
        return sum(n for state, n in self.by_state.items() if state not in _NOT_WATCHED)

    @property
    def working(self) -> int:
        return self.by_state.get(State.OK, 0) + self.redirected


def tally(snapshot: Snapshot) -> Tally:
    redirected = sum(link.belief.state is State.ATTENTION and works(link) for link in snapshot.links)
    return Tally(by_state=snapshot.summary, redirected=redirected)


def headline(tally: Tally, words: Words) -> Headline:
    """Counts the links that are watched; those without a link or paused are told of beside it."""
    if not tally.watched:
        return Headline(working=words.text("report.headline.none"))
    if tally.by_state.get(State.UNKNOWN) == tally.watched:
        return Headline(working=words.text("report.headline.unchecked"))
    if tally.working == tally.watched:
        return Headline(working=words.count("report.headline.all", tally.working))
    some = words.count("report.headline.some", tally.watched, working=words.number(tally.working))
    return Headline(working=some, rest=tuple(_counts(tally, words)))


def _counts(tally: Tally, words: Words) -> Iterator[str]:
    for state in _IN_HEADLINE:
        n = tally.by_state.get(state, 0) - (tally.redirected if state is State.ATTENTION else 0)
        if n:
            yield words.count(f"state.{state}.count", n)


def beside(tally: Tally, words: Words) -> str | None:
    """The links that are not checked at all: "Dessutom 1 utan länk."."""
    counts = tally.by_state
    rest = [words.count(f"state.{state}.count", counts[state]) for state in _NOT_WATCHED if counts.get(state)]
    return words.text("report.beside", rest=words.join(rest)) if rest else None


def run_sentence(run: RunSummary | None, words: Words, timezone: str, now: datetime) -> RunSentence:
    """When the latest run was, and whether it says anything of the links."""
    if run is None:
        return RunSentence(text=words.text("report.run.never"), is_warning=False)
    ended = run.finished_at or run.started_at
    told = {"when": words.datetime(ended, timezone), "ago": words.before(ended, now)}
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


def _notices(links: Sequence[LinkView], now: datetime) -> tuple[LinkView, ...]:
    """Certificates that end soon, then redirects."""
    soon = [link for link in links if certificate_ends_soon(link, now)]
    redirected = [link for link in links if link.belief.state is State.ATTENTION and works(link)]
    soon.sort(key=lambda link: link.facts.tls_expires_at or now)
    told = {link.source.id for link in soon}
    return (*soon, *sorted((link for link in redirected if link.source.id not in told), key=_age))


def _weight(told: Told) -> tuple[int, float]:
    return causes.weight(links_of(told))


def _age(told: Told) -> float:
    _, since = _weight(told)
    return since
