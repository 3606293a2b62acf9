"""`linkwatch listing`: the page of ours that lists the links, against what is watched."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linkwatch.cli.common import complain, config_option, now
from linkwatch.config import Config, load
from linkwatch.core.listed import Difference, DifferenceKind, Edit, Hint, HintKind
from linkwatch.core.models import Code
from linkwatch.core.safe import plain
from linkwatch.core.urls import display
from linkwatch.errors import UsageError
from linkwatch.locale import Words
from linkwatch.store import Store, run_lock

if TYPE_CHECKING:
    from linkwatch.listings import Seen

_LONGEST = 400


@click.command()
@click.option("--apply", "is_applied", is_flag=True, help="Take what the page says into the configuration.")
@click.option("--dry-run", is_flag=True, help="Print what --apply would change, as a patch; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@config_option
def listing(is_applied: bool, dry_run: bool, as_json: bool, config_path: Path) -> int:
    """Read the page that lists the links, and show how it differs from what is watched."""
    config = load(config_path)
    if not config.listings:
        raise UsageError(f"There is no [[listing]] in {config_path.name}")
    at = now()
    with run_lock(config.database, now=at), Store.open(config.database) as store:
        told = _told(config, store, at)
    edits = tuple(edit for one in told for edit in one.edits)
    if dry_run:
        click.echo(_patch(config, edits), nl=False)
    elif as_json:
        click.echo(json.dumps({"listings": [_as_json(one) for one in told]}, ensure_ascii=False, indent=2))
    else:
        _show(told, config, offers=bool(edits) and not is_applied)
    if is_applied and not dry_run:
        return _apply(told, config, edits, is_quiet=as_json)
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """One listing with all that is said of it."""

    seen: "Seen"
    hints: tuple[Hint, ...]
    edits: tuple[Edit, ...]


def _told(config: Config, store: Store, at: datetime) -> list[_Told]:
    from linkwatch import listings  # noqa: PLC0415  (half the start-up time: not before the lock is ours)

    return [
        _Told(
            seen=seen,
            hints=listings.tips(config, seen, store),
            edits=listings.wanted(config, seen.listing, seen.differences),
        )
        for seen in asyncio.run(listings.look_now(config, store, at))
    ]


# ---------------------------------------------------------------- doing


def _apply(told: list[_Told], config: Config, edits: tuple[Edit, ...], *, is_quiet: bool) -> int:
    """1 where a page could not be read: what was asked for was not done."""
    from linkwatch import editing  # noqa: PLC0415  (a library that only edits need)

    words = Words(config.language)
    backup = editing.apply(config.path, edits) if edits else None
    if not is_quiet:
        done = words.count("cli.listing.applied", len(edits), path=str(config.path), backup=str(backup))
        click.echo(done if backup else words.text("cli.listing.nothing"))
    unread = [one for one in told if one.seen.reading is None]
    for one in unread:
        complain(words.text("cli.listing.unread", finding=_finding(one.seen, words)))
    return 1 if unread else 0


def _patch(config: Config, edits: tuple[Edit, ...]) -> str:
    from linkwatch import editing  # noqa: PLC0415  (a library that only edits need)

    drafts = editing.planned(config.path, edits) if edits else []
    return "".join(editing.patch(draft.old, draft.new, str(draft.path)) for draft in drafts)


# ---------------------------------------------------------------- in words


def _show(told: list[_Told], config: Config, *, offers: bool) -> None:
    words = Words(config.language)
    for one in told:
        for line in _lines(one, config, words):
            click.echo(line)
    if offers:
        click.echo(words.text("cli.listing.how", path=config.path.name))


def _lines(one: _Told, config: Config, words: Words) -> Iterator[str]:
    seen, reading = one.seen, one.seen.reading
    yield words.text("cli.listing.page", id=seen.listing.id, url=display(seen.listing.url))
    if reading is None:
        yield words.text("cli.listing.unread", finding=_finding(seen, words))
        return
    how = words.text(f"cli.listing.by_{reading.found_by.value}")
    yield words.count("cli.listing.read", len(reading.links), how=how)
    if seen.verdict.code is Code.MOVED or seen.verdict.reason == "listing_count":
        yield words.text("cli.listing.alarm", reason=_finding(seen, words))
    if seen.differences:
        yield words.count("cli.listing.differences", len(seen.differences), path=config.path.name)
        yield from (f"  {_difference(difference, words)}" for difference in seen.differences)
    else:
        yield words.text("cli.listing.same", path=config.path.name)
    if one.hints:
        yield words.text("cli.listing.hints")
        yield from (f"  {_hint(hint, words)}" for hint in one.hints)


def _finding(seen: "Seen", words: Words) -> str:
    reason = words.find(f"reason.{seen.verdict.reason}") if seen.verdict.reason else None
    return reason or words.text(f"verdict.{seen.verdict.code}.name")


def _difference(one: Difference, words: Words) -> str:
    key = one.kind.value
    if one.kind is DifferenceKind.GONE and one.now:
        key = "unlinked"
    elif one.kind is DifferenceKind.ADDRESS_CHANGED and not one.was:
        key = "address_added"
    return words.text(f"cli.listing.{key}", name=_safe(one.name), was=_safe(one.was), now=_safe(one.now))


def _hint(one: Hint, words: Words) -> str:
    key = f"{one.kind.value}_{one.better}" if one.kind is HintKind.NEW_WINDOW else one.kind.value
    names = words.join([plain(name, _LONGEST) for name in one.names])
    return words.text(f"cli.listing.hint_{key}", names=names, url=_safe(one.url), better=_safe(one.better))


def _safe(text: str) -> str:
    return display(text) if text.startswith(("http://", "https://")) else plain(text, _LONGEST)


# ---------------------------------------------------------------- as data


def _as_json(one: _Told) -> dict[str, Any]:
    seen, reading = one.seen, one.seen.reading
    return {
        "id": seen.listing.id,
        "url": seen.listing.url,
        "verdict": seen.verdict.code.value,
        "reason": seen.verdict.reason,
        "found_by": reading.found_by.value if reading else None,
        "links": [
            {"name": link.name, "url": link.url, "position": link.position, "new_window": link.new_window}
            for link in (reading.links if reading else ())
        ],
        "differences": [
            {"kind": each.kind.value, "name": each.name, "source": each.source_id, "was": each.was, "now": each.now}
            for each in seen.differences
        ],
        "hints": [
            {"kind": each.kind.value, "names": list(each.names), "url": each.url, "better": each.better}
            for each in one.hints
        ],
        "edits": [{"kind": each.kind, "source": each.source_id, "fields": dict(each.fields)} for each in one.edits],
    }
