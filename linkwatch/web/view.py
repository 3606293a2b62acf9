"""What the desk's templates ask for beside words: where things are, who may answer, which dates to propose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.requests import Request

from linkwatch.core.models import LinkView, Snapshot, State
from linkwatch.core.overlay import with_listed
from linkwatch.core.reviews import Action, holding
from linkwatch.report.discretion import nameless
from linkwatch.report.reading import Reading
from linkwatch.snapshots import listed_elsewhere
from linkwatch.store.ledger import NOTHING_FOUND
from linkwatch.web.people import Person, person_of
from linkwatch.web.showing import address_of, current_of, words_of

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskView:
    """`swaps`: an answer replaces its card in place; without it the whole page comes anew. `shows_all`: with the
    evidence open, on a page that is about this link only.
    """

    person: Person
    back: str  # the page that a form comes back to
    today: date
    people: tuple[str, ...] = ()
    waiting: frozenset[str] = frozenset()  # links that are about to be checked
    swaps: bool = True
    shows_all: bool = False
    is_brief: bool = False  # without the evidence, where there are many cards on a page
    chooses: bool = False  # links are chosen in the table, to be answered together

    @property
    def may_answer(self) -> bool:
        return self.person.may_edit

    @property
    def tomorrow(self) -> str:
        return (self.today + timedelta(days=1)).isoformat()

    @property
    def in_a_week(self) -> str:
        return (self.today + _WEEK).isoformat()

    @property
    def in_two_weeks(self) -> str:
        return (self.today + 2 * _WEEK).isoformat()

    def is_waiting(self, links: Sequence[LinkView]) -> bool:
        return any(link.source.id in self.waiting for link in links)

    def has_finding(self, links: Sequence[LinkView]) -> bool:
        """Whether there is anything to answer: what works, or was never looked at, can only be looked at."""
        return any(link.belief.state not in NOTHING_FOUND for link in links)

    def is_paused(self, links: Sequence[LinkView]) -> bool:
        return all(link.belief.state is State.PAUSED for link in links)

    def may_resume(self, links: Sequence[LinkView]) -> bool:
        """Whether somebody here has paused them; what the configuration pauses, it resumes."""
        return any(holding(link.reviews, Action.PAUSE) for link in links)

    def link(self, link: LinkView) -> str:
        return link_path(link.source.id)

    def owner(self, name: str) -> str:
        return f"/owners/{quote(name, safe='')}"

    def letter(self, name: str) -> str:
        """The letter to an owner, open."""
        return f"{self.owner(name)}?letter=1#letter"

    def incident(self, link: LinkView) -> str:
        """Where the cause is told of that a link shares with others; its own page where it has none."""
        return incident_path(link.incident.id) if link.incident else self.link(link)


def link_path(link_id: str) -> str:
    return f"/links/{quote(link_id, safe='')}"


def incident_path(incident_id: str) -> str:
    return f"/incidents/{quote(incident_id, safe='')}"


def reading_of(request: Request) -> Reading:
    """In the reader's language; with names only for those who have said who they are."""
    current = current_of(request)
    return Reading(
        words=words_of(request),
        timezone=current.config.timezone,
        now=current.now(),
        names=person_of(request).is_known,
        letters=False,
    )


def view_of(
    request: Request, links: Sequence[LinkView] = (), *, back: str | None = None, swaps: bool = True
) -> DeskView:
    current, person, reading = current_of(request), person_of(request), reading_of(request)
    asked = current.desk.requests([link.source.id for link in links]) if person.may_edit and links else {}
    return DeskView(
        person=person,
        back=back or address_of(request),
        today=today(reading),
        people=current.desk.assignees() if person.may_edit and person.is_known else (),
        waiting=frozenset(link for link, one in asked.items() if one.done_at is None),
        swaps=swaps,
    )


def prepared(request: Request, links: Sequence[LinkView]) -> tuple[LinkView, ...]:
    """As this reader may see them: with the addresses that our own page shows, without names for who is not known."""
    current = current_of(request)
    shown = Snapshot(generated_at=current.now(), run=None, links=tuple(links))
    links = with_listed(shown, _listed(request)).links
    return links if person_of(request).is_known else tuple(map(nameless, links))


def _listed(request: Request) -> dict[str, str]:
    """What our own pages show in place of what is watched; compared anew when either has changed."""
    current, state = current_of(request), request.app.state
    config, readings = current.config, current.desk.readings()
    key = tuple((name, kept.at) for name, kept in readings.items())
    kept = getattr(state, "listed", None)
    if kept is None or kept[0] is not config or kept[1] != key:
        kept = (config, key, listed_elsewhere(config, readings))
        state.listed = kept
    found: dict[str, str] = kept[2]
    return found


def today(reading: Reading) -> date:
    return reading.now.astimezone(ZoneInfo(reading.timezone)).date()


def start_of(day: date, timezone: str) -> datetime:
    """When a day begins where the desk is, as a time."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone))
