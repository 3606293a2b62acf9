"""Carries out what people answer: for forms and the API alike.

    Wish ─▶ is it whole? ─▶ (accept) sources.toml or its table, in place ─▶ ledger, in one transaction ─▶ Given

What depends on the database is refused in that transaction (`store.ledger`), all else here. The words for each refusal
stand under `answers.refused.<why>`.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from linkwatch import config as configuration
from linkwatch import editing
from linkwatch.config import Config
from linkwatch.core.fields import wrong_url
from linkwatch.core.listed import Edit
from linkwatch.core.models import LISTING_PREFIX, LinkView, Snapshot, Source
from linkwatch.core.overlay import with_listed
from linkwatch.core.proposal import proposal
from linkwatch.core.reviews import Action, Given, Refused, Review
from linkwatch.core.urls import host, normalise
from linkwatch.errors import ConfigError, LinkwatchError, StoreError
from linkwatch.snapshots import listed_elsewhere
from linkwatch.store import Ledger
from linkwatch.store.ledger import Standing

__all__ = ["REFUSALS", "REMIND_AFTER", "Given", "Refused", "Wish", "give", "take_back"]

REMIND_AFTER = timedelta(days=14)  # so long an owner has who was told of a fault, where no other date is wished
LONGEST_NOTE = 2_000
LONGEST_NAME = 100

REFUSALS = (
    "unknown_action", "no_such_link", "changed", "no_finding", "note_too_long", "no_date", "past_date", "no_reason",
    "no_assignee", "no_link", "paused", "already_paused", "not_paused", "paused_in_config", "own_page", "one_address",
    "nothing_proposed", "bad_address", "private_address", "same_address", "not_written", "no_such_answer",
    "not_undoable", "address_changed",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One action on some links. `until` goes with snooze and report, `assignee` with assign.

    `url` goes with accept, of one link; None takes what is proposed of each. `seen` is the `LinkView.fingerprint` (""
    for none) that each link was shown with: what has changed since is refused, and so nothing is answered unseen.
    """

    action: Action
    link_ids: tuple[str, ...]
    who: str
    note: str = ""
    until: datetime | None = None
    assignee: str | None = None
    url: str | None = None
    seen: Mapping[str, str] = field(default_factory=dict)


def give(config: Config, ledger: Ledger, wish: Wish, now: datetime) -> Given:
    """Carry a wish out, for each link that it can be. Raises the StoreError family."""
    link_ids = tuple(dict.fromkeys(wish.link_ids))
    if why := _why_not_at_all(wish, link_ids, now):
        return Given(refused=_refused(link_ids, why))
    if wish.action is Action.ACCEPT:
        return _accept(config, ledger, wish, link_ids, now)
    kept = _paused_in(config) if wish.action is Action.RESUME else frozenset()
    given = ledger.record([_review(wish, link_id, now) for link_id in link_ids if link_id not in kept], now)
    refused = _refused((link_id for link_id in link_ids if link_id in kept), "paused_in_config")
    return Given(reviews=given.reviews, refused=(*refused, *given.refused))


def take_back(config: Config, ledger: Ledger, review_id: int, who: str, now: datetime) -> Given:
    """Undo an answer, with all that it did. Raises the StoreError family."""
    review = ledger.review(review_id)
    if review is None:
        return Given(refused=_refused([""], "no_such_answer"))
    link_id, sources, written = review.link_id, None, dict[str, tuple[str, str]]()
    if not review.is_undoable():
        return Given(refused=_refused([link_id], "not_undoable"))
    if review.action is Action.PAUSE and link_id in _paused_in(config):
        return Given(refused=_refused([link_id], "paused_in_config"))
    if review.action is Action.ACCEPT:
        written[link_id] = (review.details["url"], review.details["old"])
        put_back = _changed(config.path, written, "address_changed")
        if put_back.refused:
            return Given(refused=put_back.refused)
        sources = _watched(config.path)
    with _or_put_back(config.path, written):
        undone = ledger.undo(review_id, who, now, sources=sources)
    return Given(reviews=(undone,)) if undone else Given(refused=_refused([link_id], "not_undoable"))


# ---------------------------------------------------------------- what is wished


def _why_not_at_all(wish: Wish, link_ids: tuple[str, ...], now: datetime) -> str | None:
    """A stable word why a wish is not whole; None where it is."""
    if len(wish.note) > LONGEST_NOTE:
        return "note_too_long"
    if wish.action in (Action.SNOOZE, Action.REPORT) and wish.until is not None and wish.until <= now:
        return "past_date"
    match wish.action:
        case Action.UNDO:
            return "unknown_action"
        case Action.SNOOZE if wish.until is None:
            return "no_date"
        case Action.IGNORE if not wish.note.strip():
            return "no_reason"
        case Action.ASSIGN if not _is_name((wish.assignee or "").strip()):
            return "no_assignee"
        case Action.ACCEPT if wish.url is not None and len(link_ids) > 1:
            return "one_address"
    return None


def _is_name(text: str) -> bool:
    return 0 < len(text) <= LONGEST_NAME and text.isprintable()


def _review(wish: Wish, link_id: str, now: datetime, **details: object) -> Review:
    until = wish.until if wish.action in (Action.SNOOZE, Action.REPORT) else None
    if wish.action is Action.ASSIGN and wish.assignee:
        details["assignee"] = wish.assignee.strip()
    return Review(
        id=0,
        link_id=link_id,
        at=now,
        who=wish.who,
        action=wish.action,
        note=wish.note.strip() or None,
        until=now + REMIND_AFTER if until is None and wish.action is Action.REPORT else until,
        fingerprint=wish.seen.get(link_id),
        details=details,
    )


def _refused(link_ids: Iterable[str], why: str, detail: str = "") -> tuple[Refused, ...]:
    return tuple(Refused(link_id=link_id, why=why, detail=detail) for link_id in link_ids)


def _paused_in(config: Config) -> frozenset[str]:
    return frozenset(source.id for source in config.sources if source.paused)


# ---------------------------------------------------------------- a new address


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changed:
    """What became of addresses that were to be written: those that are, and why the others are not."""

    urls: Mapping[str, tuple[str, str]]
    refused: tuple[Refused, ...] = ()


def _accept(config: Config, ledger: Ledger, wish: Wish, link_ids: tuple[str, ...], now: datetime) -> Given:
    standing = ledger.standing(link_ids)
    proposed = _Proposed.of(config, ledger, standing) if wish.url is None else None
    chosen, refused = dict[str, tuple[str, str]](), list[Refused]()
    for link_id in link_ids:
        held = standing.get(link_id)
        url = proposed.url(link_id) if proposed else (wish.url or "").strip()
        why = _why_not_accepted(config, wish, link_id, held, url)
        if why or held is None or url is None:
            refused += _refused([link_id], why or "no_such_link")
        else:
            chosen[link_id] = (held.link.source.url, url)
    written = _changed(config.path, chosen, "changed")
    lines = [
        _review(wish, link_id, now, old=old, url=url, copy=standing[link_id].copy)
        for link_id, (old, url) in written.urls.items()
    ]
    with _or_put_back(config.path, written.urls):
        given = ledger.record(lines, now, sources=_watched(config.path)) if lines else Given()
    return Given(reviews=given.reviews, refused=(*refused, *written.refused, *given.refused))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proposed:
    """What is proposed of each link, as it is shown: what our own page says first."""

    links: Mapping[str, LinkView]

    @classmethod
    def of(cls, config: Config, ledger: Ledger, standing: Mapping[str, Standing]) -> "_Proposed":
        links = tuple(held.link for held in standing.values())
        known = Snapshot(generated_at=datetime.min, run=None, links=links)  # noqa: DTZ901  (nobody is shown it)
        shown = with_listed(known, listed_elsewhere(config, ledger.readings()))
        return cls(links={link.source.id: link for link in shown.links})

    def url(self, link_id: str) -> str | None:
        found = proposal(self.links[link_id]) if link_id in self.links else None
        return found.url if found else None


def _why_not_accepted(config: Config, wish: Wish, link_id: str, held: Standing | None, url: str | None) -> str | None:
    if link_id.startswith(LISTING_PREFIX):
        return "own_page"
    if held is None:
        return "no_such_link"
    if wish.seen.get(link_id, held.link.fingerprint or "") != (held.link.fingerprint or ""):
        return "changed"
    if url is None:
        return "nothing_proposed"
    if not url or not url.isprintable() or wrong_url(url):
        return "bad_address"
    if _is_private(config, url):
        return "private_address"
    return "same_address" if normalise(url) == normalise(held.link.source.url) else None


def _is_private(config: Config, url: str) -> bool:
    """Whether an address says of itself that it leads inwards. What a name leads to is asked when it is visited."""
    name = host(url)
    if name == "localhost" or name.endswith(".localhost"):
        return not config.fetch.allow_networks
    try:
        ip = ipaddress.ip_address(name)
    except ValueError:
        return False
    plain = getattr(ip, "ipv4_mapped", None) or ip
    return not plain.is_global and not any(plain in network for network in config.fetch.allow_networks)


def _changed(path: Path, wanted: Mapping[str, tuple[str, str]], overtaken_as: str) -> _Changed:
    """Write the addresses (old, new) into the configuration, but for those that are no longer the old ones there."""
    left, refused = dict(wanted), list[Refused]()
    while left:
        edits = [Edit(kind="set", source_id=link_id, fields={"url": new}) for link_id, (_, new) in left.items()]
        try:
            editing.apply(path, edits, expected={link_id: old for link_id, (old, _) in left.items()})
        except editing.Overtaken as error:
            refused += _refused(error.source_ids, overtaken_as)
            left = {link_id: urls for link_id, urls in left.items() if link_id not in error.source_ids}
        except LinkwatchError as error:
            return _Changed(urls={}, refused=(*refused, *_refused(left, "not_written", str(error))))
        else:
            break
    return _Changed(urls=left, refused=tuple(refused))


@contextmanager
def _or_put_back(path: Path, urls: Mapping[str, tuple[str, str]]) -> Iterator[None]:
    """The addresses (old, new) go out of the configuration again where the database does not take them."""
    try:
        yield
    except StoreError:
        _changed(path, {link_id: (new, old) for link_id, (old, new) in urls.items()}, "changed")
        raise


def _watched(path: Path) -> tuple[Source, ...] | None:
    """All that the configuration says now; None where it cannot be read, for the next run to complain of."""
    try:
        return configuration.load(path).watched
    except ConfigError:
        return None
