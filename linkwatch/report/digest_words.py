"""What a digest says of each link, and in one line of them all. All text from elsewhere has passed `plain` here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from linkwatch.core.causes import finding, open_incident
from linkwatch.core.counties import COUNTIES
from linkwatch.core.digest import Digest, Entry, Group, Mended
from linkwatch.core.due import Every, Rhythm
from linkwatch.core.models import ALARMS, Code, LinkView, State
from linkwatch.core.reviews import Action, holding, is_over
from linkwatch.core.safe import plain
from linkwatch.core.subscribers import Only
from linkwatch.locale import Words
from linkwatch.report import answers
from linkwatch.report.addresses import Address
from linkwatch.report.card import LONGEST_NAME, Card, card
from linkwatch.report.cause import cause_card
from linkwatch.report.pages import upper_first
from linkwatch.report.reading import Reading
from linkwatch.report.story import Cause

MOST_MEMBERS = 10  # of one cause; the desk shows them all

_WITHOUT_REASON = (  # says itself what happens; the reason is how that was seen
    Code.MOVED, Code.MOVED_TO_HOME, Code.SOFT_404, Code.PARKED, Code.REPLACED, Code.CHANGED,
)  # fmt: skip
_LONGEST_FOLLOWED = 2_000
_MOST_NAMED = 5
_LONGEST_NAMED = 60
_URL = "\x00"  # stands for an address until it is known where in the sentence it goes
SIGNS = {State.BROKEN: "✕", State.MOVED: "→", State.ATTENTION: "!", State.UNVERIFIABLE: "?", State.OK: "✓"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do: a sentence, with the address that it may name in its place."""

    before: str
    address: Address | None = None
    after: str = ""

    @property
    def text(self) -> str:
        return f"{self.before}{self.address.text if self.address else ''}{self.after}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the reader can answer, and the address that does it."""

    label: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One entry, or one link of a cause. `state` and `since` are all that is said of it where nothing else may be."""

    name: str
    href: str | None  # its page on the desk
    symbol: State
    standing: str
    state: str
    since: str | None
    age: str | None
    reason: str | None = None
    advice: Advice | None = None
    address: Address | None = None
    notes: tuple[str, ...] = ()  # who has it, and what the owner knows
    members: tuple["Said", ...] = ()
    more: str | None = None  # members that are left out

    @property
    def sign(self) -> str:
        return SIGNS.get(self.symbol, "!")


# ---------------------------------------------------------------- findings


def entry(told: Entry, reading: Reading, desk: str | None, *, is_new: bool) -> Said:
    """What has been told of before is told with less."""
    if len(told.links) > 1:
        return _cause(told, reading, desk, is_new=is_new)
    return replace(_link(told.links[0], reading, desk, is_new=is_new), notes=tuple(_notes(told, reading)))


def _link(link: LinkView, reading: Reading, desk: str | None, *, is_new: bool) -> Said:
    seen, since = card(link, reading), link.belief.since
    return Said(
        name=seen.row.name,
        href=link_page(link, desk),
        symbol=seen.row.symbol,
        standing=upper_first(_standing(link, seen, reading.words)),
        state=reading.words.text(f"state.{link.belief.state}.name"),
        since=_since(since, reading, is_new=is_new),
        age=reading.words.ago(since, reading.now) if since else None,
        reason=seen.reason if is_new and finding(link) not in _WITHOUT_REASON else None,
        advice=_advice(link, seen, reading.words),
        address=followed(seen.row.address) if is_new else None,
    )


def _standing(link: LinkView, seen: Card, words: Words) -> str:
    """Why a page could not be checked says that it could not be."""
    code = finding(link)
    if link.belief.state is State.UNVERIFIABLE and code is not None:
        return words.text(f"verdict.{code}.name")
    return seen.row.standing


def _cause(told: Entry, reading: Reading, desk: str | None, *, is_new: bool) -> Said:
    words, shared = reading.words, cause_card(Cause(links=told.links), reading)
    members, n = told.links[:MOST_MEMBERS], words.number(len(told.links))
    since = min((link.belief.since for link in told.links if link.belief.since), default=None)
    code, incident = finding(told.links[0]), open_incident(told.links[0])
    left = len(told.links) - len(members)
    return Said(
        name=words.find(f"verdict.{code}.many", n=n) or words.text("report.cause.many", n=n),
        href=f"{desk}incidents/{_quoted(incident.id)}" if desk is not None and incident else None,
        symbol=shared.symbol,
        standing=upper_first(shared.standing),
        state=shared.standing,
        since=_since(since, reading, is_new=is_new),
        age=words.ago(since, reading.now) if since else None,
        reason=shared.reason if is_new and code not in _WITHOUT_REASON else None,
        advice=Advice(before=shared.do),
        notes=tuple(_notes(told, reading)),
        members=tuple(_link(link, reading, desk, is_new=is_new) for link in members),
        more=words.count("mail.digest.more", left) if left else None,
    )


def _since(since: datetime | None, reading: Reading, *, is_new: bool) -> str | None:
    """With the date where it is news."""
    if since is None:
        return None
    return reading.ago_and_date(since) if is_new else reading.words.ago(since, reading.now)


def _advice(link: LinkView, seen: Card, words: Words) -> Advice:
    if seen.proposal is None or link.source.is_listing:
        return Advice(before=seen.do)
    sentence = words.text(
        "mail.digest.do_moved" if finding(link) is Code.MOVED else "mail.digest.do_suggested", url=_URL
    )
    before, _, after = sentence.partition(_URL)
    return Advice(before=before, address=followed(seen.proposal.address), after=after)


def _notes(told: Entry, reading: Reading) -> Iterator[str]:
    words, reviews = reading.words, told.links[0].reviews
    if told.assignees:
        names = [plain(one, answers.LONGEST_PERSON) for one in told.assignees[:_MOST_NAMED]]
        yield words.count("mail.digest.has", len(told.links), who=words.join(names))
    if report := holding(reviews, Action.REPORT):
        yield answers.sentence(report, reading)
    snooze = holding(reviews, Action.SNOOZE)
    if snooze and is_over(snooze, reading.now):
        yield answers.sentence(snooze, reading)


def followed(address: Address | None) -> Address | None:
    """An address that is not too long for a mail."""
    if address and address.href and len(address.href) > _LONGEST_FOLLOWED:
        return Address(text=address.text, href=None)
    return address


def link_page(link: LinkView, desk: str | None) -> str | None:
    return f"{desk}links/{_quoted(link.source.id)}" if desk is not None else None


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")


def owner(group: Group, words: Words) -> str:
    return words.text("mail.digest.own_pages") if group.is_ours else plain(group.owner, LONGEST_NAME)


# ---------------------------------------------------------------- what is over, and what is not known


def mended(one: Mended, reading: Reading, desk: str | None) -> Said:
    words, state = reading.words, State.OK
    return Said(
        name=plain(one.link.source.name, LONGEST_NAME),
        href=link_page(one.link, desk),
        symbol=state,
        standing=_over(one, reading),
        state=words.text(f"state.{state}.name"),
        since=None,
        age=None,
    )


def _over(one: Mended, reading: Reading) -> str:
    words = reading.words
    if one.broke_at and one.at:
        days = _days(one.broke_at, one.at, reading)
        return words.text(f"mail.digest.between.{one.how}", days=days)
    return words.text(f"mail.digest.fixed.{one.how}", date=reading.date(one.at) if one.at else "")


def _days(start: datetime, end: datetime, reading: Reading) -> str:
    """ "3 november", "3–5 november" or "30 oktober–5 november" """
    first, last = (reading.words.day_and_month(one, reading.timezone) for one in (start, end))
    if first == last:
        return last
    day, _, month = first.partition(" ")
    return f"{day if month == last.partition(' ')[2] else first}–{last}"


def unverified(link: LinkView, reading: Reading, desk: str | None) -> Said:
    return replace(_link(link, reading, desk, is_new=True), advice=None, address=None)


def unchecked(told: Digest, reading: Reading) -> Iterator[tuple[str, list[LinkView]]]:
    """Of those that have not been checked for too long, since when and whose fault that is; and of those never checked.
    A sentence about each kind that there is, and its links."""
    words = reading.words
    overdue = [link for link in told.unchecked if link.belief.checked_at]
    never = [link for link in told.unchecked if not link.belief.checked_at]
    if overdue and told.unchecked_since:
        since = reading.date(told.unchecked_since)
        yield words.count("mail.digest.unchecked.since", len(overdue), date=since), overdue
    if never:
        yield words.count("mail.digest.unchecked.never", len(never)), never


# ---------------------------------------------------------------- them all


def subject(told: Digest, words: Words) -> str:
    """ "1 ny trasig länk, 2 åtgärdade – 21 av 21 kontrollerade" """
    return words.text(
        "mail.digest.subject", news=upper_first(", ".join(_news(told, words))), checked=_checked(told, words)
    )


def opening(told: Digest, words: Words) -> str:
    """The same as a sentence or two, with what is left."""
    news = upper_first(words.join(_news(told, words)))
    left = links_in(told.open)
    is_more = bool(told.new or told.fixed) and left
    kept = words.count("mail.digest.first_left" if told.is_first else "mail.digest.left", left) if is_more else ""
    counted = words.count("mail.digest.checked", told.watched, checked=words.number(told.checked))
    return " ".join(filter(None, (f"{news}.", kept, counted)))


def unmatched(told: Digest, words: Words, site: str) -> str:
    """In place of the opening: that there is nothing to tell, why, and who can change that."""
    return words.text("mail.digest.unmatched", site=site, which=_chosen(told.only, words))


def welcome(told: Digest, words: Words, site: str) -> str:
    """What the first mail says of itself."""
    return words.text(
        "mail.digest.first_always" if told.always else "mail.digest.first",
        site=site,
        rhythm=rhythm(told.rhythm, words),
    )


def _news(told: Digest, words: Words) -> list[str]:
    """What there is to say, the most urgent first; one thing at least."""
    parts = list(_new(told, words))
    if told.fixed:
        parts.append(
            words.count("mail.digest.count.fixed" if parts else "mail.digest.count.fixed_alone", len(told.fixed))
        )
    if told.is_checked_again:
        parts.append(words.text("mail.digest.count.checked_again"))
    if parts:
        return parts
    if told.is_unmatched:
        return [words.text("mail.digest.count.unmatched")]
    if told.unchecked:
        parts.append(words.count("mail.digest.count.unchecked", len(told.unchecked)))
    if told.open:
        parts.append(words.count("mail.digest.count.open", links_in(told.open)))
    if told.unverified:
        parts.append(words.count("mail.digest.count.unverified", len(told.unverified)))
    return parts or [words.text("mail.digest.count.well" if told.watched else "mail.digest.count.nothing")]


def _new(told: Digest, words: Words) -> Iterator[str]:
    """In the first mail nothing is new: it is told of for the first time."""
    area = "first_count" if told.is_first else "count"
    links = [link for group in told.new if not group.is_ours for one in group.entries for link in one.links]
    for state in ALARMS:
        if n := sum(link.belief.state is state for link in links):
            yield words.count(f"mail.digest.{area}.{state}", n)
    if n := sum(len(group.entries) for group in told.new if group.is_ours):
        yield words.count("mail.digest.count.own_pages", n)


def _checked(told: Digest, words: Words) -> str:
    return words.text("mail.digest.count.checked", checked=words.number(told.checked), n=words.number(told.watched))


def links_in(groups: Sequence[Group]) -> int:
    return sum(len(one.links) for group in groups for one in group.entries)


# ---------------------------------------------------------------- why it comes


def why(told: Digest, words: Words, site: str) -> str:
    """How often it comes, and which links it is about."""
    return words.text(
        "mail.digest.why_always" if told.always else "mail.digest.why",
        rhythm=rhythm(told.rhythm, words),
        links=_followed(told.only, words, site),
    )


def rhythm(one: Rhythm, words: Words) -> str:
    if one.every is Every.WEEK:
        return words.text("mail.digest.every.week", day=words.text(f"mail.digest.weekday.{one.weekday}"))
    return words.text(f"mail.digest.every.{one.every}", day=one.day)


def _followed(only: Only, words: Words, site: str) -> str:
    """ "en del av länkarna på Serviceprogram (län: Kalmar och Skåne)" """
    which = _chosen(only, words)
    if not which:
        return words.text("mail.digest.only.everything", site=site)
    return words.text("mail.digest.only.some", site=site, which=which)


def _chosen(only: Only, words: Words) -> str:
    """ "län: Kalmar och Skåne; läge: trasigt"; "" where everything is followed."""
    counties = [COUNTIES.get(one, one) for one in only.counties]
    states = [words.text(f"mail.digest.severity.{one.name.lower()}") for one in sorted(only.severities, reverse=True)]
    parts = [
        words.text(f"mail.digest.only.{key}", which=named(values, _MOST_NAMED, words))
        for key, values in (
            ("counties", counties),
            ("owners", only.owners),
            ("tags", only.tags),
            ("severities", states),
        )
        if values
    ]
    return "; ".join(parts)


def named(names: Sequence[str], most: int, words: Words) -> str:
    """ "Blekinge, Kalmar och 35 till" """
    shown, left = [plain(one, _LONGEST_NAMED) for one in names[:most]], len(names) - most
    return words.join([*shown, *([words.count("mail.digest.more", left)] if left > 0 else [])])
