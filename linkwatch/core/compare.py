"""Reading and sources → Differences: what the page says otherwise than what is watched, and the edits that follow it.

A link and a source are the same when they have the same name, the same county, the same address, or else names or
addresses that are nearly the same; each is used once. So "Södermanland" at a new domain is the same source, and so is
"Sörmland" at its old address.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from linkwatch.core.listed import Difference, DifferenceKind, Edit, Listed, Reading
from linkwatch.core.models import Source
from linkwatch.core.naming import county_of, name_key
from linkwatch.core.urls import host, is_trivial_redirect, normalise, registrable_domain

_NEAR = 0.85
_MOST_GUESSED = 300  # of what is left over on either side, that many are compared each with each


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What stands on the page for each source, and what stands there for none."""

    pairs: tuple[tuple[Source, Listed], ...]  # in the page's order
    new: tuple[Listed, ...]
    missing: tuple[Source, ...]
    again: tuple[tuple[Listed, Listed], ...]  # a second link to what was listed before, with the first


def compare(reading: Reading, sources: Sequence[Source]) -> tuple[Difference, ...]:
    """In the page's order, with what is gone and the order last. `sources` are those that the listing should have.

    A source without an address that is not listed is no difference: there is no page to link to.
    """
    matched = match(reading, sources)
    owners = {_address_key(source.url): source for source, link in reversed(matched.pairs) if _keeps(source, link)}
    found = [difference for source, link in matched.pairs for difference in _changes(source, link, owners)]
    found += [_new(link) for link in matched.new]
    found += [_again(link, first) for link, first in matched.again]
    found.sort(key=lambda difference: difference.listed.position if difference.listed else 0)
    found += [_gone(source, reading) for source in matched.missing if source.url]
    return (*found, *_order(matched, sources))


def edits(differences: Iterable[Difference], *, listing: str, taken: Iterable[str] = ()) -> tuple[Edit, ...]:
    """What makes the sources say what the page says. `taken`: the ids in use, of whatever listing.

    A name that stands there without its link becomes a source without an address; one that is gone is removed. The
    order is left as it is, and a link that is listed twice is the web editor's to mend.
    """
    used = set(taken)
    fields: dict[str, dict[str, str]] = {}
    others: list[Edit] = []
    for one in differences:
        match one.kind:
            case DifferenceKind.NEW if one.listed and one.listed.url:
                others.append(_added(one.listed, listing, used))
            case DifferenceKind.RENAMED if one.source_id:
                fields.setdefault(one.source_id, {})["name"] = one.now
            case DifferenceKind.ADDRESS_CHANGED if one.source_id:
                fields.setdefault(one.source_id, {})["url"] = one.now
            case DifferenceKind.GONE if one.source_id and one.now:
                fields.setdefault(one.source_id, {})["url"] = ""
            case DifferenceKind.GONE if one.source_id:
                others.append(Edit(kind="remove", source_id=one.source_id))
    changed = (Edit(kind="set", source_id=source_id, fields=said) for source_id, said in fields.items())
    return (*changed, *others)


def unwatched(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """Those by which the page links to an address that nobody watches."""
    kinds = (DifferenceKind.NEW, DifferenceKind.ADDRESS_CHANGED)
    return tuple(one for one in differences if one.kind in kinds and one.listed and one.listed.url)


# ---------------------------------------------------------------- which is which


@dataclass(frozen=True, slots=True)
class _Side:
    """What a link and a source are matched by."""

    name: str
    url: str
    county: str | None


def _of_link(link: Listed) -> _Side:
    return _Side(link.name, link.url or "", county_of(link.name))


def _of_source(source: Source) -> _Side:
    return _Side(source.name, source.url, source.county or county_of(source.name))


def match(reading: Reading, sources: Sequence[Source]) -> Matched:
    """Every link with its source, by the surest sign first."""
    links, left = list(reading.links), {source.id: source for source in sources}
    pairs: list[tuple[Source, Listed]] = []
    for sign in (_name_and_address, _name, _county, _address):
        pairs += _matched_by(sign, links, left)
    again = [(link, first) for link in links if (first := _first_like(link, [one for _, one in pairs]))]
    repeated = {link.position for link, _ in again}
    links = [link for link in links if link.position not in repeated]
    pairs += _guessed(links, left)
    pairs.sort(key=lambda pair: pair[1].position)
    return Matched(pairs=tuple(pairs), new=tuple(links), missing=tuple(left.values()), again=tuple(again))


def _matched_by(
    sign: Callable[[_Side], object], links: list[Listed], left: dict[str, Source]
) -> list[tuple[Source, Listed]]:
    """Pairs with the same sign, in order; they leave `links` and `left`."""
    by_sign: dict[object, list[Source]] = {}
    for source in left.values():
        by_sign.setdefault(sign(_of_source(source)), []).append(source)
    pairs: list[tuple[Source, Listed]] = []
    for link in links:
        mine = _of_link(link)
        alike = by_sign.get(seen, []) if (seen := sign(mine)) else []
        if chosen := next((source for source in alike if not _differ_in_county(_of_source(source), mine)), None):
            alike.remove(chosen)
            del left[chosen.id]
            pairs.append((chosen, link))
    taken = {link.position for _, link in pairs}
    links[:] = [link for link in links if link.position not in taken]
    return pairs


def _name_and_address(one: _Side) -> object:
    return (name_key(one.name), _address_key(one.url)) if one.url else None


def _name(one: _Side) -> object:
    return name_key(one.name)


def _county(one: _Side) -> object:
    return one.county


def _address(one: _Side) -> object:
    return _address_key(one.url) if one.url else None


def _differ_in_county(one: _Side, other: _Side) -> bool:
    return None not in (one.county, other.county) and one.county != other.county


@lru_cache(maxsize=50_000)  # the same addresses are held against each other
def _address_key(url: str) -> str:
    bare = (normalise(url) or url).partition("://")[2]
    return bare.removeprefix("www.").rstrip("/").casefold()


def _first_like(link: Listed, others: Iterable[Listed]) -> Listed | None:
    return next((one for one in others if _is_same_link(link, one)), None)


def _is_same_link(link: Listed, other: Listed) -> bool:
    same_address = bool(link.url and other.url) and _address_key(link.url or "") == _address_key(other.url or "")
    return same_address or name_key(link.name) == name_key(other.name)


def _guessed(links: list[Listed], left: dict[str, Source]) -> list[tuple[Source, Listed]]:
    """Pairs of what nearly agrees, the nearest first; they leave `links` and `left`."""
    some_left = list(left.values())[:_MOST_GUESSED]
    scored = [
        (score, source, link)
        for link in links[:_MOST_GUESSED]
        for source in some_left
        if (score := _likeness(_of_source(source), _of_link(link))) > _NEAR
    ]
    pairs: list[tuple[Source, Listed]] = []
    for _, source, link in sorted(scored, key=lambda one: (-one[0], one[2].position)):
        if source.id in left and link in links:
            pairs.append((source, link))
            del left[source.id]
            links.remove(link)
    return pairs


def _likeness(one: _Side, other: _Side) -> float:
    """0 to 1: of the names, or of two addresses on one domain. Two counties are never alike."""
    if _differ_in_county(one, other):
        return 0.0
    same_numbers = re.findall(r"\d+", one.name) == re.findall(r"\d+", other.name)
    by_name = _ratio(name_key(one.name), name_key(other.name)) if same_numbers else 0.0
    same_domain = bool(one.url and other.url) and _domain(one.url) == _domain(other.url)
    return max(by_name, _ratio(one.url, other.url) if same_domain else 0.0)


def _domain(url: str) -> str:
    return registrable_domain(host(url))


def _ratio(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() > _NEAR and matcher.quick_ratio() > _NEAR else 0.0


# ---------------------------------------------------------------- how they differ


def _keeps(source: Source, link: Listed) -> bool:
    return link.url is not None and (link.url == normalise(source.url) or is_same_address(source.url, link.url))


def _changes(source: Source, link: Listed, owners: Mapping[str, Source]) -> Iterator[Difference]:
    """`owners`: the sources that stand there with their own addresses. Another link to one of those is a slip."""
    owner = owners.get(_address_key(link.url)) if link.url else None
    if link.url and owner and owner.id != source.id and not _keeps(source, link):
        yield Difference(
            kind=DifferenceKind.DUPLICATE,
            name=source.name,
            source_id=source.id,
            was=owner.name,
            now=link.url,
            listed=link,
        )
    elif link.url and not _keeps(source, link):
        yield Difference(
            kind=DifferenceKind.ADDRESS_CHANGED,
            name=source.name,
            source_id=source.id,
            was=source.url,
            now=link.url,
            listed=link,
        )
    if name_key(source.name) != name_key(link.name):
        yield Difference(
            kind=DifferenceKind.RENAMED,
            name=source.name,
            source_id=source.id,
            was=source.name,
            now=link.name,
            listed=link,
        )


def _new(link: Listed) -> Difference:
    return Difference(kind=DifferenceKind.NEW, name=link.name, now=link.url or "", listed=link)


def _again(link: Listed, first: Listed) -> Difference:
    return Difference(
        kind=DifferenceKind.DUPLICATE, name=link.name, was=first.name, now=link.url or first.url or "", listed=link
    )


def _gone(source: Source, reading: Reading) -> Difference:
    """`now` is the name where that still stands there, without its link."""
    stands = next((name for name in reading.unlinked if name_key(name) == name_key(source.name)), "")
    return Difference(kind=DifferenceKind.GONE, name=source.name, source_id=source.id, was=source.url, now=stands)


def _order(matched: Matched, sources: Sequence[Source]) -> Iterator[Difference]:
    """One difference however many have moved; `was` and `now` are the names from the first to the last that did."""
    listed = [source.id for source, _ in matched.pairs]
    watched = [source.id for source in sources if source.id in set(listed)]
    moved = [at for at, (one, other) in enumerate(zip(listed, watched, strict=True)) if one != other]
    if not moved:
        return
    names = {source.id: source.name for source in sources}
    part = slice(moved[0], moved[-1] + 1)
    was, now = (", ".join(names[one] for one in order[part]) for order in (watched, listed))
    yield Difference(kind=DifferenceKind.ORDER, name="", was=was, now=now)


# ---------------------------------------------------------------- a source from a link


def slug(name: str) -> str:
    """An id from a name: "Västra Götaland" is vastra-gotaland."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ø", "o").replace("æ", "ae"))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")[:80].strip("-") or "link"


def _added(link: Listed, listing: str, used: set[str]) -> Edit:
    first = slug(link.name)
    source_id = next(one for one in (first, *(f"{first}-{n}" for n in range(2, 100_000))) if one not in used)
    used.add(source_id)
    county = county_of(link.name)
    fields = {"name": link.name[:500], "url": link.url or "", "owner": link.name[:500]}
    return Edit(
        kind="add",
        source_id=source_id,
        fields=fields | ({"county": county} if county else {}) | {"listing": listing},
    )


def is_same_address(one: str, other: str) -> bool:
    """Whether a page lists an address, however it is spelt there."""
    return one == other or is_trivial_redirect(one, other)
