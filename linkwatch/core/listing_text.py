"""A listing as plain text, as it was copied from a page or written by hand.

A line is a link when it carries the suffix that content systems add ("… länk till annan webbplats"), an address, or
Markdown's brackets. Lines in a row are a list; blank lines and watched names without a link do not end it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from linkwatch.core.listed import FoundBy, Listed, Reading
from linkwatch.core.naming import clean_name, name_key, says_link, says_new_window
from linkwatch.core.text import fold
from linkwatch.core.urls import join

_MOST_LINES = 50_000
_MARKDOWN = re.compile(r"\[([^\]]{1,300})\]\((\S{1,4000}?)\)")
_ADDRESS = re.compile(r"https?://[^\s<>\"'|;]{1,4000}", re.IGNORECASE)
_MARKERS = " \t*•·–-|:;,<>()"


def read_text(text: str, *, base: str, heading: str | None, known: Mapping[str, str]) -> Reading:
    """The links of one list in the text: the one under the heading, the one with most of the names, or the longest."""
    lines = [line for line in map(fold, text.splitlines()[:_MOST_LINES]) if line]
    start = _start(lines, heading)
    runs = list(_runs(lines[start:], base, known))
    if not runs:
        return Reading(links=(), found_by=FoundBy.NOTHING)
    if start:
        return _reading(runs[0], lines, known, FoundBy.HEADING)
    best = max(runs, key=lambda run: (_count(run, known), len(run)))
    return _reading(best, lines, known, FoundBy.NAMES if _count(best, known) else FoundBy.WHOLE)


def _start(lines: Sequence[str], heading: str | None) -> int:
    """The line after the heading; 0 where there is none."""
    if not heading:
        return 0
    wanted = fold(heading).casefold()
    return next((at for at, line in enumerate(lines, 1) if line.casefold().strip(" #:") == wanted), 0)


def _runs(lines: Sequence[str], base: str, known: Mapping[str, str]) -> Iterator[list[Listed]]:
    run: list[Listed] = []
    for line in lines:
        if link := _link(line, base, known, len(run) + 1):
            run.append(link)
        elif run and name_key(line) not in known:
            yield run
            run = []
    if run:
        yield run


def _link(line: str, base: str, known: Mapping[str, str], position: int) -> Listed | None:
    name, url = line, None
    if found := _MARKDOWN.search(line):
        name, url = found[1], join(base, found[2])
    elif found := _ADDRESS.search(line):
        url = join(base, found[0].rstrip(".,)"))
        name = (line[: found.start()] + line[found.end() :]).strip(_MARKERS)
    elif not says_link(line):
        return None
    clean = clean_name(name).strip(_MARKERS)
    if not clean or (url is None and len(clean) > 200):
        return None
    shown = known.get(name_key(clean), clean) if name_key(clean) in known else clean
    return Listed(name=shown, url=url, position=position, new_window=says_new_window(line), text=line[:500])


def _count(run: Sequence[Listed], known: Mapping[str, str]) -> int:
    return sum(name_key(one.name) in known for one in run)


def _reading(run: Sequence[Listed], lines: Sequence[str], known: Mapping[str, str], found_by: FoundBy) -> Reading:
    linked = {name_key(one.name) for one in run}
    standing = set(map(name_key, lines))
    unlinked = tuple(name for key, name in known.items() if key not in linked and key in standing)
    return Reading(links=tuple(run), found_by=found_by, unlinked=unlinked)
