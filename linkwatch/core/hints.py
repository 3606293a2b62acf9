"""What the web editor could do better on the listing itself. None of it is a fault of a link."""

from collections.abc import Iterator, Mapping, Sequence

from linkwatch.core.compare import Matched
from linkwatch.core.listed import Hint, HintKind, Listed, Reading
from linkwatch.core.models import Facts
from linkwatch.core.naming import says_nothing
from linkwatch.core.urls import is_trivial_redirect

_LASTING = (301, 308)


def hints(reading: Reading, matched: Matched, facts: Mapping[str, Facts]) -> tuple[Hint, ...]:
    """`facts`: what the latest check of each source saw, by its id."""
    return (
        *_new_windows(reading.links),
        *_same_address(reading.links),
        *_redirects(matched, facts),
        *_say_nothing(reading.links),
    )


def _new_windows(links: Sequence[Listed]) -> Iterator[Hint]:
    """Names those in the minority: what the fewer say is the exception that readers do not expect."""
    say = [link.name for link in links if link.new_window]
    do_not = [link.name for link in links if not link.new_window]
    if say and do_not:
        fewer = min(say, do_not, key=len)
        yield Hint(kind=HintKind.NEW_WINDOW, names=tuple(fewer), better="remove" if fewer is say else "add")


def _same_address(links: Sequence[Listed]) -> Iterator[Hint]:
    by_address: dict[str, list[str]] = {}
    for link in links:
        if link.url:
            by_address.setdefault(link.url, []).append(link.name)
    for url, names in by_address.items():
        if len(names) > 1:
            yield Hint(kind=HintKind.SAME_ADDRESS, names=tuple(names), url=url)


def _redirects(matched: Matched, facts: Mapping[str, Facts]) -> Iterator[Hint]:
    """Where the last visit was led on for good to the same address spelt otherwise, and that page answered."""
    for source, link in matched.pairs:
        seen = facts.get(source.id, Facts())
        url, ended = link.url, seen.final_url
        answered = seen.http_status == 200
        if url and ended and answered and _led_on(seen, url) and is_trivial_redirect(url, ended):
            yield Hint(kind=HintKind.REDIRECTS, names=(link.name,), url=url, better=ended)


def _led_on(seen: Facts, url: str) -> bool:
    """By HTTP, from this address, and for good."""
    return bool(seen.redirects) and seen.redirects[0].url == url and all(h.status in _LASTING for h in seen.redirects)


def _say_nothing(links: Sequence[Listed]) -> Iterator[Hint]:
    names = tuple(link.name for link in links if says_nothing(link.text))
    if names:
        yield Hint(kind=HintKind.SAYS_NOTHING, names=names)
