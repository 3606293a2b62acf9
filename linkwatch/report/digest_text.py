"""A digest as plain text: headings underlined, one thing a line, and lines as long as they are: mail programs wrap."""

from collections.abc import Iterable, Iterator, Sequence

from linkwatch.locale import Words
from linkwatch.report.digest_words import Answer, Said
from linkwatch.report.lines import heading

_INDENT = "  "  # little: mail programs wrap long lines to the edge


def blocks(*texts: str | None) -> str:
    return "\n\n".join(filter(None, texts))


def section(title: str, *texts: str | None) -> str:
    return blocks(heading(title, "-"), *texts)


def grouped(groups: Iterable[tuple[str, Sequence[str]]]) -> Iterator[str]:
    """Entries under the names of their owners; those without stand close together."""
    for group, texts in groups:
        if group:
            yield group
            yield from texts
        else:
            yield "\n".join(texts)


def item(text: str) -> str:
    """An entry as it stands in a list."""
    return f"- {text}"


def entry(said: Said, answers: Sequence[Answer], words: Words) -> str:
    """`answers` has one for each link of it, or nothing."""
    own = () if said.members else answers
    about = (*_about(said, words), *_members(said, answers, words), *_ways(said, own, words))
    return "\n".join((f"* {said.name}", *(_INDENT + line for line in about)))


def line(said: Said, words: Words) -> str:
    """What nothing is to be done with."""
    why = _INDENT + _known("reason", said.reason, words) if said.reason else None
    return "\n".join(filter(None, (labelled(said.name, standing(said, words), words), why)))


def bare(said: Said, words: Words) -> str:
    """The names and the state, and nothing that was found."""
    state = words.text("mail.digest.standing", standing=said.state, since=said.age) if said.age else said.state
    names = ", ".join(one.name for one in said.members) or said.name
    return "\n".join(filter(None, (labelled(names, state, words), said.href and _INDENT + said.href)))


def standing(said: Said, words: Words) -> str:
    """ "Trasig: otillgänglig, sedan 41 dagar (13 oktober 2026)" """
    if said.since is None:
        return said.standing
    return words.text("mail.digest.standing", standing=said.standing, since=said.since)


def labelled(label: str, value: str, words: Words) -> str:
    return words.text("report.text.label", label=label, value=value)


def _about(said: Said, words: Words) -> Iterator[str]:
    yield standing(said, words)
    if said.reason:
        yield _known("reason", said.reason, words)
    if said.advice:
        yield _known("do", said.advice.text, words)
    if said.address:
        yield _known("address", said.address.text, words)
    yield from said.notes


def _members(said: Said, answers: Sequence[Answer], words: Words) -> Iterator[str]:
    for place, one in enumerate(said.members):
        yield f"- {one.name}"
        if one.address:
            yield _INDENT + _known("address", one.address.text, words)
        if one.advice and one.advice.address:
            yield _INDENT + _known("do", one.advice.text, words)
        yield from (_INDENT + line for line in _offered(answers[place : place + 1]))
    if said.more:
        yield f"- {said.more}"


def _ways(said: Said, answers: Sequence[Answer], words: Words) -> Iterator[str]:
    if said.href:
        yield labelled(words.text("mail.digest.about"), said.href, words)
    yield from _offered(answers)


def _offered(answers: Sequence[Answer]) -> Iterator[str]:
    """The address fills a line of its own, from the edge."""
    return (f"{one.label}:\n{one.href}" for one in answers)


def _known(key: str, value: str, words: Words) -> str:
    return labelled(words.text(f"report.label.{key}"), value, words)
