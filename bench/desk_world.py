"""A large inventory with a long past, made straight into the database: what bench/desk.py measures on.

Daily checks, folded as the store folds them, of links that are well most of the time; about six changes of state a
link, one in twenty in trouble now, some of these by one cause; answers, requests, approved copies and response times.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench import desk_answers
from linkwatch.config import Config, load
from linkwatch.core.counties import COUNTIES
from linkwatch.core.fingerprint import fingerprint
from linkwatch.core.models import (
    Belief,
    Code,
    Copy,
    Decision,
    Facts,
    Hop,
    Incident,
    Source,
    State,
    Suggestion,
    Transition,
    Verdict,
)
from linkwatch.core.urls import host
from linkwatch.store import Store, rows, search, statements

WORDS = (
    "service landsbygd butik drivmedel apotek region kommun program länet boende företag stöd post bank åtgärd "
    "tillgänglighet samverkan utveckling strategi översikt ärende näringsliv bygd väg ö skärgård fjäll"
).split()
OWNERS = 300

_ADD_CHECKS = """
INSERT INTO checks (link_id, first_run_id, last_run_id, first_at, last_at, times, verdict, reason, evidence,
    http_status, final_url, redirects, title, last_modified, content_type, timed, elapsed_sum, elapsed_min, elapsed_max)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'text/html', ?, ?, ?, ?)
"""
_ADD_RUN = "INSERT INTO runs (id, started_at, due, visited, finished_at, conclusive) VALUES (?, ?, ?, ?, ?, 1)"

# Of the links that are not well now: so many in a thousand, and what was found of them.
_NOW = (
    (18, State.BROKEN, Code.NOT_FOUND, None),
    (5, State.BROKEN, Code.SOFT_404, None),
    (4, State.BROKEN, Code.UNREACHABLE, "dns_nxdomain"),
    (10, State.MOVED, Code.MOVED, "permanent"),
    (6, State.ATTENTION, Code.CHANGED, None),
    (3, State.ATTENTION, Code.TLS_ERROR, "expired"),
    (4, State.FAILING, Code.SERVER_ERROR, None),
    (20, State.ATTENTION, Code.REDIRECTED, None),
    (15, State.UNVERIFIABLE, Code.BLOCKED, "cloudflare"),
)
# What befell them before: states in a row, the days each lasted at most, and what was found.
_MISHAPS = (
    (((State.FAILING, 3), (State.BROKEN, 60)), Code.NOT_FOUND, None),
    (((State.FAILING, 3),), Code.SERVER_ERROR, None),
    (((State.MOVED, 90),), Code.MOVED, "permanent"),
    (((State.ATTENTION, 60),), Code.CHANGED, None),
    (((State.UNVERIFIABLE, 20),), Code.BLOCKED, "cloudflare"),
)
_STATUS = {Code.NOT_FOUND: 404, Code.SERVER_ERROR: 503, Code.BLOCKED: 403, Code.UNREACHABLE: None}
_WHOLE_HOSTS = 12  # owners whose links fail together now


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A link stood in one state on these days, the last one included."""

    first: int
    last: int
    state: State
    code: Code
    reason: str | None


@dataclass(slots=True, kw_only=True)
class World:
    """`now` is when the last run ended."""

    folder: Path
    now: datetime
    links: int
    days: int
    dice: random.Random = field(default_factory=lambda: random.Random(5))

    @property
    def config_path(self) -> Path:
        return self.folder / "config" / "sources.toml"

    def at(self, day: int) -> datetime:
        return self.now - timedelta(days=self.days - 1 - day, hours=1)


def make(folder: Path, *, now: datetime, links: int = 10_000, years: float = 5) -> Config:
    """A project with its database in `folder`; the same dice each time."""
    world = World(folder=folder, now=now.replace(microsecond=0), links=links, days=max(int(years * 365.25), 30))
    _write_project(world)
    config = load(world.config_path)
    with Store.open(config.database) as store:
        store.sync_sources(config.watched, world.at(0) - timedelta(hours=1))
        with store.writing() as db:
            # Statements of our own: through `commit` five years take hours.
            conn = db.conn
            conn.executemany(_ADD_RUN, _runs(world))
            past = {source.id: _spells(world, number, source) for number, source in enumerate(config.sources)}
            of = {source.id: source for source in config.watched}
            conn.executemany(_ADD_CHECKS, _checks(world, of, past))
            conn.executemany(statements.ADD_TRANSITION, _transitions(world, past))
            incidents = list(_incidents(world, of, past))
            conn.executemany(statements.SAVE_INCIDENT, map(rows.incident_columns, incidents))
            conn.executemany(statements.ADD_INCIDENT_LINKS, map(rows.incident_columns, incidents))
            decisions = [_decision(world, of[link_id], spells) for link_id, spells in past.items() if spells]
            decisions += [_our_page(world, source, n) for n, source in enumerate(config.watched[len(config.sources) :])]
            conn.executemany(statements.UPDATE_LINK, map(_columns, decisions))
            conn.executemany("UPDATE links SET beats = ? WHERE id = ?", _beats(world, decisions))
            conn.executemany(statements.ADD_COPY, _copies(world, decisions))
            conn.executemany(statements.SAVE_SEEN, _seen(world, decisions))
            given = desk_answers.reviews(world.dice, world.now, world.days, decisions)
            conn.executemany(
                desk_answers.ADD_REVIEW, map(desk_answers.columns, sorted(given, key=lambda review: review.at))
            )
            asked = desk_answers.requests(world.dice, world.now, world.days, decisions)
            conn.executemany(desk_answers.ADD_REQUEST, asked)
        store.sync_sources(config.watched, world.now)  # what people have paused
    return config


# ---------------------------------------------------------------- configuration


def _write_project(world: World) -> None:
    world.config_path.parent.mkdir(parents=True, exist_ok=True)
    written = min(world.links // 20, 300)
    world.config_path.write_text(
        "[monitor]\ntitle = 'Länkar i tiotusental'\nsources_csv = 'links.csv'\n"
        + "".join(f"[[listing]]\nid = 'sida-{n}'\nurl = 'https://publik.example/sida-{n}.html'\n" for n in range(3))
        + "".join(_table(_source(n)) for n in range(written)),
        encoding="utf-8",
    )
    listed = (";".join(_cells(_source(n))) for n in range(written, world.links))
    world.config_path.with_name("links.csv").write_text(
        "\ufeffid;name;owner;contact;county;url\r\n" + "\r\n".join(listed) + "\r\n", encoding="utf-8"
    )


def _source(n: int) -> Source:
    owner, counties = n % OWNERS, list(COUNTIES)
    name = " ".join(WORDS[(n * step + n // len(WORDS)) % len(WORDS)] for step in (1, 3, 7)).capitalize()
    path = "" if n % 199 == 7 else f"https://www.organisation{owner}.example/sv/{WORDS[n % len(WORDS)]}/sida-{n}.html"
    return Source(
        id=f"lank-{n}",
        name=f"{name} {n}",
        url=path,
        owner=f"{('Region', 'Kommun', 'Länsstyrelse')[owner % 3]} {WORDS[owner % len(WORDS)].capitalize()} {owner}",
        contact=f"webb@organisation{owner}.example",
        county=counties[owner % len(counties)],
        listing=f"sida-{n % 3}",
        tags=(WORDS[n % 7], f"grupp {n % 11}"),
    )


def _table(source: Source) -> str:
    tags = ", ".join(f'"{tag}"' for tag in source.tags)
    return (
        f'[[source]]\nid = "{source.id}"\nname = "{source.name}"\nowner = "{source.owner}"\nurl = "{source.url}"\n'
        f'contact = "{source.contact}"\ncounty = "{source.county}"\nlisting = "{source.listing}"\ntags = [{tags}]\n'
    )


def _cells(source: Source) -> tuple[str, ...]:
    return source.id, source.name, source.owner, source.contact or "", source.county or "", source.url


# ---------------------------------------------------------------- the past


def _runs(world: World) -> Iterator[tuple[object, ...]]:
    for day in range(world.days):
        at = world.at(day)
        yield day + 1, rows.iso(at), world.links, world.links, rows.iso(at + timedelta(minutes=20))


def _spells(world: World, number: int, source: Source) -> list[Spell]:
    """Mishaps with days of calm between them, and at the end how it stands now."""
    if not source.url:
        return []
    dice, spells, day = world.dice, list[Spell](), 0
    now = _stands(world, number)
    end = world.days - 1 if now is None else world.days - 1 - min(dice.randint(1, 40), world.days // 4)
    if now and now.state is State.FAILING:
        end = world.days - 2
    starts = sorted(dice.randrange(2, max(end - 100, 3)) for _ in range(dice.choice((0, 1, 2, 2, 3, 3, 4))))
    for start in starts:
        if start <= day + 1:
            continue
        states, code, reason = dice.choice(_MISHAPS)
        spells.append(Spell(first=day, last=start - 1, state=State.OK, code=Code.OK, reason=None))
        day = start
        for state, longest in states:
            last = min(day + dice.randrange(longest), end - 2)
            if last >= day:
                spells.append(Spell(first=day, last=last, state=state, code=code, reason=reason))
                day = last + 1
    spells.append(Spell(first=day, last=end, state=State.OK, code=Code.OK, reason=None))
    if now:
        spells.append(replace(now, first=end + 1, last=world.days - 1))
    return spells


def _stands(world: World, number: int) -> Spell | None:
    """How a link stands now, where it is not well."""
    if number % OWNERS < _WHOLE_HOSTS and number // OWNERS < 10:
        return Spell(first=0, last=0, state=State.BROKEN, code=Code.MOVED_TO_HOME, reason="front_page")
    die = world.dice.randrange(1000)
    for share, state, code, reason in _NOW:
        die -= share
        if die < 0:
            return Spell(first=0, last=0, state=state, code=code, reason=reason)
    return None


def _facts(source: Source, spell: Spell, title: str, modified: datetime | None) -> Facts:
    final = source.url
    if spell.code in (Code.MOVED, Code.REDIRECTED):
        final = source.url.replace("/sv/", "/nya/")
    if spell.code is Code.MOVED_TO_HOME:
        final = source.url.partition("/sv/")[0] + "/"
    hops = () if final == source.url else (Hop(url=source.url, status=301, location=final),)
    is_page = spell.code is not Code.UNREACHABLE
    return Facts(
        http_status=_STATUS.get(spell.code, 200),
        final_url=final,
        redirects=hops,
        title=title if is_page else None,
        h1=title if is_page else None,
        last_modified=modified if is_page else None,
        content_type="text/html" if is_page else None,
        charset="utf-8",
        elapsed_ms=180 if is_page else None,
    )


def _evidence(spell: Spell) -> dict[str, object]:
    return {"containment": 0.91, "words": 412, "rule": f"{spell.code}_seen", "title_alike": True, "chain": [200]}


def _checks(world: World, of: dict[str, Source], past: dict[str, list[Spell]]) -> list[tuple[Any, ...]]:
    """As they came: those of one link lie far apart."""
    checks = list[tuple[Any, ...]]()
    for link_id, spells in past.items():
        for spell in spells:
            checks += [_check(world, of[link_id], spell, *span) for span in _updates(world, spell)]
    return sorted(checks, key=lambda check: check[1])


def _updates(world: World, spell: Spell) -> Iterator[tuple[int, int]]:
    """A page that is well is edited now and then."""
    first = spell.first
    while spell.state is State.OK and spell.last - first > 20:
        last = first + world.dice.randint(20, 240)
        if last >= spell.last:
            break
        yield first, last
        first = last + 1
    yield first, spell.last


def _check(world: World, source: Source, spell: Spell, first: int, last: int) -> tuple[Any, ...]:
    facts = _facts(source, spell, _title(source, first), world.at(first) - timedelta(days=1))
    times = last - first + 1
    timed = 0 if facts.elapsed_ms is None else times
    return (
        source.id, first + 1, last + 1, rows.iso(world.at(first)), rows.iso(world.at(last)), times, spell.code,
        spell.reason, rows.pack_json(_evidence(spell)), facts.http_status, facts.final_url,
        rows.facts_columns(facts)["redirects"], facts.title, rows.iso(facts.last_modified), timed, timed * 180,
        120 if timed else None, 340 if timed else None,
    )  # fmt: skip


def _title(source: Source, day: int) -> str:
    return f"{source.name} – {source.owner} ({2021 + day // 365})"


def _transitions(world: World, past: dict[str, list[Spell]]) -> list[rows.Columns]:
    """As they came."""
    changes = list[tuple[int, Transition]]()
    for link_id, spells in past.items():
        before = State.UNKNOWN
        for spell in spells:
            change = Transition(
                link_id=link_id, at=world.at(spell.first), old=before, new=spell.state, verdict=spell.code,
                reason=spell.reason,
            )  # fmt: skip
            changes.append((spell.first, change))
            before = spell.state
    changes.sort(key=lambda one: one[0])
    return [rows.transition_columns(change, day + 1) for day, change in changes]


def _incidents(world: World, of: dict[str, Source], past: dict[str, list[Spell]]) -> Iterator[Incident]:
    shared: dict[str, list[str]] = {}
    for link_id, spells in past.items():
        for number, spell in enumerate(spells):
            if spell.state in (State.OK, State.UNVERIFIABLE) or spell.code is Code.REDIRECTED:
                continue
            if spell.code is Code.MOVED_TO_HOME:
                shared.setdefault(of[link_id].owner, []).append(link_id)
            elif spells[number - 1].state is State.OK:
                yield _incident(world, of[link_id], spells[number:], (link_id,))
    for members in shared.values():
        yield _incident(world, of[members[0]], past[members[0]][-1:], tuple(members))


def _incident(world: World, source: Source, rest: list[Spell], links: tuple[str, ...]) -> Incident:
    first = rest[0]
    over = next((spell.first for spell in rest if spell.state is State.OK), None)
    return Incident(
        id=f"{world.at(first.first):%Y%m%dT%H%M%S}-{source.id}",
        owner=source.owner,
        host=host(source.url),
        code=first.code,
        reason=first.reason,
        opened_at=world.at(first.first),
        last_at=world.at(first.last),
        closed_at=None if over is None else world.at(over),
        links=links,
        open_links=links if over is None else (),
    )


# ---------------------------------------------------------------- how it stands


def _decision(world: World, source: Source, spells: list[Spell]) -> Decision:
    """The last check."""
    spell = spells[-1]
    facts = _facts(source, spell, _title(source, spell.first), world.at(spell.first) - timedelta(days=1))
    is_broken = spell.state in (State.BROKEN, State.FAILING)
    failures = spell.last - spell.first + 1 if is_broken else 0
    checked = world.at(spell.last)
    belief = Belief(
        state=spell.state, since=world.at(spell.first), verdict=spell.code, reason=spell.reason, finding=spell.code,
        finding_reason=spell.reason, failures=failures, failing_since=world.at(spell.first) if failures else None,
        missing=failures, missing_since=world.at(spell.first) if failures else None, checked_at=checked,
        seen_at=world.at(spell.first) if is_broken else checked,
    )  # fmt: skip
    offer = Suggestion(url=source.url.replace("/sv/", "/nya/"), score=0.83, why="sitemap")
    verdict = Verdict(
        code=spell.code, reason=spell.reason, evidence=_evidence(spell),
        suggestion=offer if is_broken and world.dice.random() < 0.3 else None,
    )  # fmt: skip
    return Decision(
        source=source, at=checked, verdict=verdict, facts=facts, belief=belief, fingerprint=fingerprint(belief, facts)
    )


def _our_page(world: World, source: Source, number: int) -> Decision:
    """One of our own pages is in trouble."""
    state, code = (State.ATTENTION, Code.CHANGED) if number == 0 else (State.OK, Code.OK)
    spell = Spell(first=world.days - 9, last=world.days - 1, state=state, code=code, reason=None)
    return _decision(world, source, [spell])


def _columns(decision: Decision) -> rows.Columns:
    return rows.link_columns(decision) | {"searched_title": search.fold(decision.facts.title or "")}


def _beats(world: World, decisions: Iterable[Decision]) -> Iterator[tuple[bytes, str]]:
    for decision in decisions:
        base = world.dice.randint(60, 900)
        facts = [replace(decision.facts, elapsed_ms=base + world.dice.randrange(base)) for _ in range(8)]
        seen = (
            replace(decision, at=decision.at - timedelta(days=back), facts=facts[back % 8])
            for back in range(119, -1, -1)
        )
        yield b"".join(map(rows.pack_beat, seen)), decision.source.id


def _copy(world: World, decision: Decision) -> Copy:
    text = " ".join(world.dice.choices(WORDS, k=400))
    return Copy(
        title=decision.facts.title, h1=decision.facts.h1, text=text,
        shingles=tuple(sorted(world.dice.getrandbits(64) for _ in range(300))), shingle_count=300,
        links=(f"{decision.source.url}/a", f"{decision.source.url}/b"), learnt_at=decision.at - timedelta(days=300),
        url=decision.source.url,
    )  # fmt: skip


def _copies(world: World, decisions: Iterable[Decision]) -> Iterator[rows.Columns]:
    for decision in decisions:
        yield rows.copy_columns(decision.source.id, _copy(world, decision))


def _seen(world: World, decisions: Iterable[Decision]) -> Iterator[rows.Columns]:
    for decision in decisions:
        if decision.belief.finding not in (Code.OK, Code.UNREACHABLE):
            yield rows.copy_columns(decision.source.id, replace(_copy(world, decision), learnt_at=decision.at))
