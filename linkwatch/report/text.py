"""The report as plain text: complete, for a terminal or a mail, what there is to do first."""

from collections.abc import Iterable, Iterator, Sequence

from linkwatch.core.models import Code, LinkView, Snapshot, State
from linkwatch.core.safe import plain
from linkwatch.locale import Words
from linkwatch.report import card as cards
from linkwatch.report import lines, story
from linkwatch.report.card import Card
from linkwatch.report.cause import CauseCard, cause_card
from linkwatch.report.evidence import Evidence
from linkwatch.report.lines import INDENT
from linkwatch.report.reading import Reading

Standing = tuple[State, Code | None, bool]


def render(snapshot: Snapshot, *, words: Words, title: str, timezone: str) -> str:
    reading = Reading(words=words, timezone=timezone, now=snapshot.generated_at, letters=False)
    parts = story.sections(snapshot)
    blocks = [
        *_opening(snapshot, reading, plain(title)),
        *_section("todo", parts.todo, reading, is_empty_told=bool(snapshot.links)),
        *_section("suspected", parts.suspected, reading),
        *_section("unverifiable", parts.unverifiable, reading),
        *_section("notices", parts.notices, reading),
        *_mended(snapshot, reading),
        *_table(snapshot, reading),
        words.text("report.generated", when=reading.when(snapshot.generated_at)),
    ]
    return "\n\n".join(blocks) + "\n"


def _opening(snapshot: Snapshot, reading: Reading, title: str) -> Iterator[str]:
    words = reading.words
    yield lines.heading(title, "=")
    yield lines.filled(story.headline(story.tally(snapshot), words).sentence(words) + ".")
    yield lines.filled(story.run_sentence(snapshot.run, words, reading.timezone, snapshot.generated_at).text)
    if beside := story.beside(story.tally(snapshot), words):
        yield lines.filled(beside)


def _section(part: str, told: Sequence[story.Told], reading: Reading, *, is_empty_told: bool = False) -> Iterator[str]:
    words = reading.words
    if told:
        yield lines.heading(words.text(f"report.{part}.heading"), "-")
        yield lines.filled(words.text(f"report.{part}.intro"))
        yield from (_told(number, one, reading) for number, one in enumerate(told, 1))
    elif is_empty_told:
        yield lines.heading(words.text(f"report.{part}.heading"), "-")
        yield words.text(f"report.{part}.none")


def _mended(snapshot: Snapshot, reading: Reading) -> Iterator[str]:
    words = reading.words
    if fixed := story.mended(snapshot):
        yield lines.heading(words.text("report.mended.heading"), "-")
        yield "\n".join(lines.filled(cards.mended(link, at, reading)) for link, at in fixed)


def _told(number: int, told: story.Told, reading: Reading) -> str:
    if isinstance(told, story.Cause):
        return "\n".join(_cause(number, cause_card(told, reading), reading.words))
    card = cards.card(told, reading)
    return "\n".join([f"{number}. {card.row.name}", *summary(card, reading.words), *_evidence(card, reading.words)])


def summary(card: Card, words: Words) -> Iterator[str]:
    """How a link stands, what that means and what to do."""
    row = card.row
    yield lines.filled(_standing(row.standing, card.since, words), INDENT)
    yield from lines.said("owner", row.owner, words)
    yield from lines.said("address", row.address.text if row.address else None, words)
    yield from lines.said("means", card.means, words)
    yield from lines.said("reason", card.reason, words)
    yield from lines.sentences(card.no_copy, card.others, card.latest, card.certificate)
    yield from lines.said("do", card.do, words)
    yield from _new_addresses(card, words)
    yield from lines.said("contact", card.contact.text if card.contact else None, words)


def _cause(number: int, cause: CauseCard, words: Words) -> Iterator[str]:
    yield lines.filled(f"{number}. {cause.title}")
    yield lines.filled(_standing(cause.standing, cause.since, words), INDENT)
    yield from lines.said("owner", cause.owner, words)
    yield from lines.said("means", cause.means, words)
    yield from lines.said("reason", cause.reason, words)
    yield from lines.sentences(words.text("report.cause.means"))
    yield from lines.said("do", cause.do, words)
    yield from lines.said("contact", cause.contact.text if cause.contact else None, words)
    for card in cause.cards:
        yield from ("", *_member(card, words, has_contact=cause.contact is None))


def _member(card: Card, words: Words, *, has_contact: bool) -> Iterator[str]:
    """What is a link's own, below what it shares with others."""
    yield lines.filled(f"- {card.row.name}", INDENT)
    yield lines.filled(_standing(words.text(f"state.{card.row.symbol}.name"), card.since, words), INDENT)
    yield from lines.said("address", card.row.address.text if card.row.address else None, words)
    yield from lines.sentences(card.no_copy, card.latest)
    yield from _new_addresses(card, words)
    yield from lines.said("contact", card.contact.text if card.contact and has_contact else None, words)
    yield from _evidence(card, words)


def _standing(standing: str, since: str | None, words: Words) -> str:
    standing = standing[:1].upper() + standing[1:]
    return words.text("report.standing_since", standing=standing, since=since) if since else standing


def _new_addresses(card: Card, words: Words) -> Iterator[str]:
    if card.proposal:
        yield lines.line(card.proposal.label, card.proposal.address.text, words)
        yield from lines.said("found", card.proposal.found, words)
    for possible in card.possible:
        one = words.text("report.possible.one", url=possible.address.text, alike=possible.alike)
        yield from lines.said("possible_one", one, words)


def _evidence(card: Card, words: Words) -> Iterator[str]:
    yield from evidence_lines(card.evidence, words)
    if card.latest_evidence:
        yield INDENT + words.text("report.label.latest") + ":"
        yield from evidence_lines(card.latest_evidence, words, INDENT * 2)


def evidence_lines(evidence: Evidence, words: Words, indent: str = INDENT) -> Iterator[str]:
    """How it was decided, what was seen, and the way hop by hop."""
    yield from lines.said("decided", evidence.decided, words, indent)
    yield from lines.sentences(*evidence.saw, indent=indent)
    for label, value in evidence.facts:
        yield lines.line(label, value, words, indent)
    if evidence.way:
        yield indent + words.text("report.label.chain") + ":"
        for step in evidence.way:
            yield f"{indent}  {step.status or '---'} {step.address.text}"


def _table(snapshot: Snapshot, reading: Reading) -> Iterator[str]:
    standings = dict[Standing, str]()  # ten thousand links stand in twenty ways

    def standing(link: LinkView) -> str:
        how = (link.belief.state, story.finding(link), story.works(link))
        if how not in standings:
            standings[how] = cards.standing(link, reading.words)
        return standings[how]

    if snapshot.links:
        rows = [(cards.name(link), standing(link)) for link in snapshot.links]
        yield lines.heading(reading.words.text("report.all.heading"), "-")
        yield "\n".join(_columns(rows))


def _columns(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    pairs = list(pairs)
    width = min(max(len(name) for name, _ in pairs), 32)
    return (f"{name:<{width}}  {standing}" for name, standing in pairs)
