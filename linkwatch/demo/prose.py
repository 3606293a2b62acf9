"""Articles about a county's service programme, each put together from other wordings and the county's own facts.

Two counties share a wording in at most one topic of five: wording `(a·topic + b) mod 5` is a line over the field of
five elements, and two different lines meet once at most.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_WORDINGS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One page's content, without any look."""

    title: str
    sections: tuple[Section, ...]
    contact: str

    @property
    def lines(self) -> list[str]:
        return [line for section in self.sections for line in (section.heading, *section.paragraphs)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Which wording each topic takes: `(slope * topic + start) mod 5`."""

    slope: int
    start: int

    def wording(self, topic: int) -> int:
        return (self.slope * topic + self.start) % _WORDINGS


def line(number: int) -> Line:
    """The line of the county with that number, 0 to 24."""
    return Line(slope=number // _WORDINGS, start=number % _WORDINGS)


def article(*, title: str, contact: str, facts: Mapping[str, object], by: Line, renewed: Line | None = None) -> Article:
    """An article whose wordings follow `by`; with `renewed`, every topic from the third on follows that instead."""
    sections = tuple(_sections(facts, by, renewed or by))
    return Article(title=title, sections=sections, contact=contact)


def _sections(facts: Mapping[str, object], by: Line, later: Line) -> Iterator[Section]:
    topic = 0
    for number, section in enumerate(_bank()):
        heading = section["headings"][later.wording(number + 7)]
        paragraphs = []
        for bank in section["topic"]:
            chosen = (by if topic < 3 else later).wording(topic)
            paragraphs.append(bank["wordings"][chosen].format_map(facts))
            topic += 1
        yield Section(heading=heading, paragraphs=tuple(paragraphs))


@cache
def _bank() -> list[dict[str, Any]]:
    text = files("linkwatch.demo").joinpath("prose.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)["section"])
