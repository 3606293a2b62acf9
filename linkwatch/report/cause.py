"""Several links with one cause, told of once: what they have in common first, then each with what is its own."""

from dataclasses import dataclass

from linkwatch.core.models import Code, State
from linkwatch.core.safe import plain
from linkwatch.report.addresses import Address
from linkwatch.report.card import LONGEST_NAME, Card, card
from linkwatch.report.letter import contact
from linkwatch.report.reading import Reading
from linkwatch.report.story import Cause, finding


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseCard:
    """`title` says who, how many and what; `standing` how many are confirmed. `cards` have what differs."""

    symbol: State
    title: str
    standing: str
    since: str | None
    means: str
    reason: str | None
    do: str
    owner: str
    contact: Address | None  # where all have the same
    cards: tuple[Card, ...]


def cause_card(cause: Cause, reading: Reading) -> CauseCard:
    words, cards = reading.words, tuple(card(link, reading) for link in cause.links)
    owner, first = _owner(cause), cards[0]
    since = min((link.belief.since for link in cause.links if link.belief.since), default=None)
    return CauseCard(
        symbol=_symbol(cause),
        title=words.text("report.cause.title", owner=owner, finding=_many(cause, reading)),
        standing=_standing(cause, reading),
        since=reading.ago_and_date(since) if since else None,
        means=first.means,
        reason=first.reason,
        do=_do(cause, reading),
        owner=owner,
        contact=_contact(cause, owner, reading),
        cards=cards,
    )


def _symbol(cause: Cause) -> State:
    """Confirmed where one of them is."""
    states = [link.belief.state for link in cause.links]
    return next((state for state in states if state is not State.FAILING), State.FAILING)


def _owner(cause: Cause) -> str:
    """Who answers for them all; where they have several owners, the host that they share."""
    first = cause.links[0]
    owners = {link.source.owner for link in cause.links}
    shared = first.incident.host if first.incident and len(owners) > 1 else first.source.owner
    return plain(shared, LONGEST_NAME)


def _code(cause: Cause) -> Code:
    return finding(cause.links[0]) or Code.INCONCLUSIVE


def _many(cause: Cause, reading: Reading) -> str:
    """ "3 länkar leder till en startsida" """
    n = reading.words.number(len(cause.links))
    many = reading.words.find(f"verdict.{_code(cause)}.many", n=n)
    return many or reading.words.text("report.cause.many", n=n)


def _standing(cause: Cause, reading: Reading) -> str:
    """ "2 trasiga, 1 misstänkt fel" """
    states = [link.belief.state for link in cause.links]
    return ", ".join(
        reading.words.count(f"state.{state}.count", states.count(state)) for state in dict.fromkeys(states)
    )


def _do(cause: Cause, reading: Reading) -> str:
    words = reading.words
    if _symbol(cause) is State.FAILING:
        return words.text("report.suspected.do")
    return words.find(f"verdict.{_code(cause)}.many_do") or words.text(f"verdict.{_code(cause)}.do")


def _contact(cause: Cause, owner: str, reading: Reading) -> Address | None:
    """One letter about all of them."""
    if len({link.source.contact for link in cause.links}) > 1:
        return None
    return contact(cause.links, owner, reading)
