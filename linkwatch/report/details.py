"""Everything that is known of a few links, as plain text: for the one who wants to know why."""

from collections.abc import Iterator, Mapping, Sequence

from linkwatch.core.models import Copy, LinkView, Snapshot, State
from linkwatch.core.safe import plain
from linkwatch.locale import Words
from linkwatch.report import lines
from linkwatch.report.card import LONGEST_NAME, Card, card
from linkwatch.report.evidence import Evidence
from linkwatch.report.lines import INDENT
from linkwatch.report.reading import Reading
from linkwatch.report.story import open_incident
from linkwatch.report.text import summary
from linkwatch.report.way import Step


def render(snapshot: Snapshot, ids: Sequence[str], copies: Mapping[str, Copy], *, words: Words, timezone: str) -> str:
    """Of the links named, in that order. `copies` are their approved copies; a link without one has none."""
    reading = Reading(words=words, timezone=timezone, now=snapshot.generated_at)
    by_id = {link.source.id: link for link in snapshot.links}
    return "\n\n".join(_link(by_id[one], copies.get(one), by_id, reading) for one in ids) + "\n"


def _link(link: LinkView, copy: Copy | None, by_id: Mapping[str, LinkView], reading: Reading) -> str:
    words, told = reading.words, card(link, reading)
    title = words.text("report.details.title", name=told.row.name, id=plain(link.source.id, LONGEST_NAME))
    blocks = (
        [lines.heading(title, "="), *summary(told, words)],
        _evidence("evidence", told.evidence, words),
        _evidence("latest", told.latest_evidence, words),
        _copy(link, copy, reading),
        _incident(link, by_id, reading),
        _history(told, reading),
    )
    return "\n\n".join("\n".join(block) for block in map(list, blocks) if block)


def _evidence(key: str, evidence: Evidence | None, words: Words) -> Iterator[str]:
    if evidence is None or evidence == _NOTHING:
        return
    yield words.text(f"report.label.{key}")
    yield from lines.said("decided", evidence.decided, words)
    yield from lines.sentences(*evidence.saw)
    for label, value in evidence.facts:
        yield lines.line(label, value, words)
    if evidence.way:
        yield INDENT + words.text("report.label.chain") + ":"
        yield from (one for number, step in enumerate(evidence.way, 1) for one in _step(number, step))


_NOTHING = Evidence(decided=None, saw=(), facts=(), way=())


def _step(number: int, step: Step) -> Iterator[str]:
    yield f"{INDENT}{number}. {step.words[:1].upper()}{step.words[1:]}"
    yield f"{INDENT}   {step.address.text}"


def _copy(link: LinkView, copy: Copy | None, reading: Reading) -> Iterator[str]:
    words = reading.words
    if link.belief.state is State.NO_LINK:
        return
    yield words.text("report.label.copy")
    if copy is None:
        yield from lines.sentences(words.text("report.copy.none"))
        return
    yield from lines.sentences(
        words.count("report.copy.learnt", len(copy.text.split()), when=reading.date(copy.learnt_at))
    )
    yield from lines.said("title", plain(copy.title, LONGEST_NAME) if copy.title else None, words)
    yield from lines.said("address", plain(copy.url) if copy.url != link.source.url else None, words)


def _incident(link: LinkView, by_id: Mapping[str, LinkView], reading: Reading) -> Iterator[str]:
    incident, words = open_incident(link), reading.words
    if incident is None:
        return
    yield words.text("report.label.incident")
    since = reading.date(incident.opened_at)
    others = [one for one in incident.open_links if one != link.source.id]
    if not others:
        yield from lines.sentences(words.text("report.incident.alone", since=since))
        return
    yield from lines.sentences(words.count("report.incident.shared", len(others) + 1, since=since))
    for one in others:
        name = by_id[one].source.name if one in by_id else one
        yield lines.filled("- " + words.text("report.details.title", name=plain(name), id=plain(one)), INDENT)


def _history(told: Card, reading: Reading) -> Iterator[str]:
    if told.history:
        yield reading.words.text("report.label.history")
        yield from (lines.line(reading.when(at), change, reading.words) for at, change in told.history)
