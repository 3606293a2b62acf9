"""What is made of a visit to a listing: whether it is the list at all, its alarms, and what may follow it unasked."""

from collections.abc import Sequence
from dataclasses import replace

from linkwatch.core.compare import match, unwatched
from linkwatch.core.listed import Difference, Edit, Reading
from linkwatch.core.models import Code, Source, Verdict

_MAY_BE = (Code.OK, Code.REDIRECTED, Code.MOVED, Code.CHANGED, Code.OUTDATED, Code.REPLACED)
_STANDS = (Code.MOVED, Code.REDIRECTED)
_FEW = 3  # so many changes at once need no doubt
_MOST_NAMED = 10


def may_be_the_list(verdict: Verdict) -> bool:
    """A page whose text is new may still be the list; a wall, a login or an error page is not."""
    return verdict.code in _MAY_BE


def fault(reading: Reading, sources: Sequence[Source]) -> Verdict | None:
    """Why a reading is not to be believed; None: it is. It must hold links, and half of those that are watched."""
    evidence = {"listed": len(reading.links), "found_by": reading.found_by.value}
    if not reading.links:
        return Verdict(code=Code.REPLACED, reason="listing_empty", rule="listing_empty", evidence=evidence)
    linked = [source for source in sources if source.url]
    found = match(reading, sources).pairs
    if len(found) * 2 < len(linked):
        evidence |= {"recognised": len(found)}
        return Verdict(
            code=Code.REPLACED, reason="listing_unrecognised", rule="listing_unrecognised", evidence=evidence
        )
    return None


def verdict(visited: Verdict, reading: Reading, differences: Sequence[Difference], *, expect: int | None) -> Verdict:
    """Of a listing that was read. It is known by its names, so other text around them is no news."""
    evidence = {"listed": len(reading.links), "found_by": reading.found_by.value}
    seen = Verdict(code=Code.OK, rule="listing_read", evidence=evidence, saw_page=True)
    if visited.code is Code.MOVED:
        return replace(visited, evidence={**visited.evidence, **evidence})
    if expect is not None and expect != len(reading.links):
        evidence |= {"expected": expect}
        return replace(seen, code=Code.CHANGED, reason="listing_count", rule="listing_count", evidence=evidence)
    if strange := unwatched(differences):
        named = ", ".join(f"{one.name} ({one.now})" for one in strange[:_MOST_NAMED])
        evidence |= {"unwatched": named}
        return replace(seen, code=Code.CHANGED, reason="listing_unwatched", rule="listing_unwatched", evidence=evidence)
    return visited if visited.code in _STANDS else seen


def safe(edits: Sequence[Edit], sources: Sequence[Source], *, is_expected: bool) -> tuple[Edit, ...]:
    """Those that a run may make by itself.

    Where most addresses are new at once, the page is more likely wrong than all the sources: none. A source is taken
    away only from a page that holds as many links as it should.
    """
    taken_away = [edit for edit in edits if edit.kind == "remove" or edit.fields.get("url") == ""]
    others = [edit for edit in edits if edit not in taken_away]
    return tuple(
        edit for part in (others, taken_away if is_expected else []) if _is_believable(part, sources) for edit in part
    )


def _is_believable(edits: Sequence[Edit], sources: Sequence[Source]) -> bool:
    return len(edits) <= max(_FEW, len(sources) // 2)
