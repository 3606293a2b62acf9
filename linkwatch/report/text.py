"""The report as plain text: complete, for a terminal or a mail, what there is to do first."""

import textwrap
from collections.abc import Iterable, Iterator

from linkwatch.core.models import LinkView, Snapshot
from linkwatch.core.safe import plain
from linkwatch.locale import Words
from linkwatch.report import card as cards
from linkwatch.report import story
from linkwatch.report.card import Card, Reading

_WIDTH = 76
_INDENT = "   "


def render(snapshot: Snapshot, *, words: Words, title: str, timezone: str) -> str:
    reading = Reading(words=words, timezone=timezone, now=snapshot.generated_at)
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
    yield _heading(title, "=")
    yield _filled(story.headline(snapshot, words).sentence(words) + ".")
    yield _filled(story.run_sentence(snapshot, words, reading.timezone).text)
    if beside := story.beside(snapshot, words):
        yield _filled(beside)


def _section(part: str, links: tuple[LinkView, ...], reading: Reading, *, is_empty_told: bool = False) -> Iterator[str]:
    words = reading.words
    if links:
        yield _heading(words.text(f"report.{part}.heading"), "-")
        yield _filled(words.text(f"report.{part}.intro"))
        yield from (_card(number, cards.card(link, reading), words) for number, link in enumerate(links, 1))
    elif is_empty_told:
        yield _heading(words.text(f"report.{part}.heading"), "-")
        yield words.text(f"report.{part}.none")


def _mended(snapshot: Snapshot, reading: Reading) -> Iterator[str]:
    words = reading.words
    if fixed := story.mended(snapshot):
        yield _heading(words.text("report.mended.heading"), "-")
        yield "\n".join(_filled(cards.mended(link, at, reading)) for link, at in fixed)


def _card(number: int, card: Card, words: Words) -> str:
    row = card.row
    lines = [
        f"{number}. {row.name}",
        _filled(_standing(card, words), _INDENT),
        *_said("owner", row.owner, words),
        *_said("address", row.address.text if row.address else None, words),
        *_said("means", card.means, words),
        *_said("reason", card.reason, words),
        *_sentences(card.latest, card.certificate),
        *_said("do", card.do, words),
        *_new_addresses(card, words),
        *_said("contact", card.contact.text if card.contact else None, words),
        *_evidence(card, words),
    ]
    return "\n".join(lines)


def _standing(card: Card, words: Words) -> str:
    standing = card.row.standing[:1].upper() + card.row.standing[1:]
    return words.text("report.standing_since", standing=standing, since=card.since) if card.since else standing


def _new_addresses(card: Card, words: Words) -> Iterator[str]:
    if card.proposal:
        yield _line(card.proposal.label, card.proposal.address.text, words)
        yield from _said("found", card.proposal.found, words)
    for possible in card.possible:
        one = words.text("report.possible.one", url=possible.address.text, alike=possible.alike)
        yield from _said("possible_one", one, words)


def _evidence(card: Card, words: Words) -> Iterator[str]:
    for label, value in card.facts:
        yield _line(label, value, words)
    yield from _sentences(*card.saw)
    if card.way:
        yield _INDENT + words.text("report.label.chain") + ":"
        for step in card.way:
            yield f"{_INDENT}  {step.status or '---'} {step.address.text}"


def _said(key: str, value: str | None, words: Words) -> Iterator[str]:
    if value:
        yield _line(words.text(f"report.label.{key}"), value, words)


def _sentences(*sentences: str | None) -> Iterator[str]:
    return (_filled(sentence, _INDENT) for sentence in sentences if sentence)


def _line(label: str, value: str, words: Words) -> str:
    return _filled(words.text("report.text.label", label=label, value=value), _INDENT)


def _table(snapshot: Snapshot, reading: Reading) -> Iterator[str]:
    if snapshot.links:
        rows = [cards.row(link, reading.words) for link in snapshot.links]
        yield _heading(reading.words.text("report.all.heading"), "-")
        yield "\n".join(_columns([(row.name, row.standing) for row in rows]))


def _columns(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    pairs = list(pairs)
    width = min(max(len(name) for name, _ in pairs), 32)
    return (f"{name:<{width}}  {standing}" for name, standing in pairs)


def _heading(text: str, line: str) -> str:
    return f"{text}\n{line * min(len(text), _WIDTH)}"


def _filled(text: str, indent: str = "") -> str:
    """Wrapped at words; addresses are never broken, so that they can be followed."""
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + ("  " if indent else ""),
        break_long_words=False,
        break_on_hyphens=False,
    )
