"""Who hears of the links: how often, of which, and what they have chosen themselves."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from linkwatch.core.digest_records import Told
from linkwatch.core.due import Rhythm, first_on, is_astray, moment, next_on
from linkwatch.core.models import LinkView, Severity, Source
from linkwatch.core.outbox import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """Which links a subscriber wants to hear of. All that is given must hold; empty is everything."""

    counties: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()

    def takes(self, link: LinkView) -> bool:
        """Whether a link is one of those, whatever is found of it."""
        return self.takes_source(link.source)

    def takes_source(self, source: Source) -> bool:
        return (
            (not self.counties or source.county in self.counties)
            and (not self.owners or source.owner in self.owners)
            and (not self.tags or bool(set(self.tags) & set(source.tags)))
        )

    @property
    def is_everything(self) -> bool:
        """Whether no link is left out."""
        return not (self.counties or self.owners or self.tags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """One who is told, as the configuration says. `address` is a mailbox, or its id for `Channel.APPRISE`."""

    id: str  # the address in lower case, where no other is given
    address: str
    channel: Channel = Channel.MAIL
    name: str = ""
    language: str = "sv"
    rhythm: Rhythm = field(default_factory=Rhythm)
    only: Only = field(default_factory=Only)
    always: bool = False  # to hear "all well" too


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a subscriber has chosen by the links in the mail; it goes before what the configuration says."""

    rhythm: Rhythm | None = None
    paused_until: date | None = None  # nothing before that day
    has_left: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """When a subscriber is told next."""

    id: str
    address: str
    zone: str
    due_on: date  # local, in `zone`
    rhythm: Rhythm  # the one that is in force
    choice: Choice = Choice()
    is_configured: bool = True  # the configuration names them still

    @property
    def comes_on(self) -> date:
        """The day of the next one: where that falls into a pause, the first of the rhythm after it."""
        until = self.choice.paused_until
        return self.due_on if until is None or self.due_on >= until else next_on(self.rhythm, until - timedelta(days=1))

    @property
    def comes_at(self) -> datetime:
        return moment(self.comes_on, self.rhythm.hour, self.zone)

    def is_due(self, now: datetime) -> bool:
        return not self.choice.has_left and self.comes_at <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the last mail told of that arrived; None: none has. `telling` is the same for whoever was told the same."""

    told: Told | None = None
    at: datetime | None = None  # when that one was made
    telling: int | None = None


def as_configured(one: Subscriber, known: Subscription | None, zone: str, now: datetime) -> Subscription:
    """A subscription as the configuration wants it. Who is new, or has come back, is due at the next hour of their
    rhythm, and so is one whose rhythm or zone is another, or whose date a wrong clock has set. Who is due already keeps
    their day where only the hour or the zone is another."""
    rhythm = (known.choice.rhythm if known else None) or one.rhythm
    if known and known.is_configured and _keeps_its_date(known, rhythm, zone, now):
        on = known.due_on
    else:
        on = first_on(rhythm, now, zone)
    choice = known.choice if known else Choice()
    return Subscription(id=one.id, address=one.address, zone=zone, due_on=on, rhythm=rhythm, choice=choice)


def _keeps_its_date(known: Subscription, rhythm: Rhythm, zone: str, now: datetime) -> bool:
    if known.is_due(now) and replace(known.rhythm, hour=rhythm.hour) == rhythm:
        return True
    return (known.rhythm, known.zone) == (rhythm, zone) and not is_astray(known.due_on, rhythm, now, zone)


def with_choice(known: Subscription, choice: Choice, configured: Rhythm, now: datetime) -> Subscription:
    """A subscription as its subscriber wants it; `configured` is their rhythm where they have chosen none."""
    rhythm = choice.rhythm or configured
    on = known.due_on if rhythm == known.rhythm else first_on(rhythm, now, known.zone)
    return replace(known, choice=choice, rhythm=rhythm, due_on=on)


def unmatched(subscribers: Iterable[Subscriber], sources: Iterable[Source]) -> list[tuple[str, str, str]]:
    """What subscribers have chosen and no link has: the subscriber's id, "counties", "owners" or "tags", and the value.

    Where links have each of the values, and none has them together: ("…", "only", "").
    """
    known = tuple(sources)
    here = {
        "counties": {one.county for one in known if one.county},
        "owners": {one.owner for one in known},
        "tags": {tag for one in known for tag in one.tags},
    }
    return [(one.id, key, value) for one in subscribers for key, value in _unmatched(one.only, known, here)]


def _unmatched(only: Only, sources: Iterable[Source], here: Mapping[str, set[str]]) -> Iterator[tuple[str, str]]:
    chosen = {"counties": only.counties, "owners": only.owners, "tags": only.tags}
    missing = [(key, value) for key, values in chosen.items() for value in values if value not in here[key]]
    if missing or only.is_everything or any(map(only.takes_source, sources)):
        yield from missing
    else:
        yield "only", ""
