"""How fast digests are composed: `python3 do.py python bench/digest.py [--subscribers 10000] [--findings 200]`.

Each subscriber has so many open findings, a tenth of which are new. "alike": all follow the same links; "unlike": no
two of them do. What is measured is `core.digest` and `report.digest` in one process, both languages in turn; each mail
is let go as soon as it is made. With --mail FILE the HTML of the largest mail is kept.
"""

import argparse
import platform
import random
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from os import cpu_count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from linkwatch.core import fingerprint
from linkwatch.core.digest import Digests
from linkwatch.core.digest_records import Told
from linkwatch.core.due import Rhythm
from linkwatch.core.models import (
    Belief,
    Code,
    Facts,
    Incident,
    LinkView,
    Snapshot,
    Source,
    State,
    Suggestion,
)
from linkwatch.core.outbox import Content
from linkwatch.core.reviews import Action, Review
from linkwatch.core.subscribers import Only
from linkwatch.locale import LANGUAGES, Words
from linkwatch.report.digest import Writer
from linkwatch.report.reading import Reading

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
TAGS = 40
STATES = ((State.BROKEN, Code.NOT_FOUND), (State.BROKEN, Code.UNREACHABLE), (State.MOVED, Code.MOVED),
          (State.ATTENTION, Code.CHANGED))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subscribers", type=int, default=10_000)
    parser.add_argument("--findings", type=int, default=200, help="that each of them has")
    parser.add_argument("--links", type=int, default=4_000)
    parser.add_argument("--mail", type=Path, metavar="FILE")
    wanted = parser.parse_args()
    snapshot = world(wanted.links, 2 * wanted.findings)
    print(f"{cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; {len(snapshot.links)} "
          f"links, {wanted.subscribers} subscribers with {wanted.findings} open findings each")  # fmt: skip
    print(f"\n{'selections':12} {'seconds':>8} {'ms each':>8} {'deciding':>8} {'HTML kB':>8} {'text kB':>8} "
          f"{'peak MB':>8}")  # fmt: skip
    for name in ("alike", "unlike"):
        largest = measure(name, snapshot, wanted.subscribers)
        if wanted.mail:
            wanted.mail.write_text(largest.html, encoding="utf-8")


def measure(name: str, snapshot: Snapshot, subscribers: int) -> Content:
    digests, told = Digests(snapshot, NOW), _told(snapshot)
    readings = [Reading(words=Words(one), timezone="Europe/Stockholm", now=NOW) for one in LANGUAGES]
    writers = [Writer(one, site="Serviceprogram", desk="https://lankar.example/", answers=True) for one in readings]
    began, deciding, largest = time.perf_counter(), 0.0, Content(subject="", text="")
    for number, only in enumerate(_selections(name, subscribers)):
        before = time.perf_counter()
        digest = digests.digest(only=only, told=told, told_at=NOW - timedelta(days=7), rhythm=Rhythm(), always=False)
        deciding += time.perf_counter() - before
        largest = max(largest, writers[number % len(writers)].content(digest), key=lambda one: len(one.html))
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    each = 1000 / subscribers
    print(f"{name:12} {took:8.1f} {took * each:8.2f} {deciding * each:8.2f} {len(largest.html.encode()) / 1000:8.1f} "
          f"{len(largest.text.encode()) / 1000:8.1f} {peak:8.0f}")  # fmt: skip
    return largest


def _selections(name: str, subscribers: int) -> Iterator[Only]:
    """Half of the tags, and so half of the findings: always the same half, or another one each time."""
    chance, tags = random.Random(7), [f"grupp {n}" for n in range(TAGS)]
    same = tuple(tags[: TAGS // 2])
    for _ in range(subscribers):
        yield Only(tags=same if name == "alike" else tuple(chance.sample(tags, TAGS // 2)))


def _told(snapshot: Snapshot) -> Told:
    """Nine of ten findings have been told of."""
    findings = [link for link in snapshot.links if link.belief.state is not State.OK]
    return Told(findings={link.source.id: fingerprint.of(link) for n, link in enumerate(findings) if n % 10})


# ---------------------------------------------------------------- the links


def world(links: int, findings: int) -> Snapshot:
    """Every tenth finding has a cause with two others of its owner; every fourth has been answered somehow."""
    made = [_link(n, is_found=n < findings) for n in range(links)]
    for n in range(0, findings - 2, 30):
        ids = tuple(made[one].source.id for one in (n, n + 4, n + 8))
        for one in (n, n + 4, n + 8):
            made[one] = replace(made[one], incident=_incident(ids))
    return Snapshot(generated_at=NOW, run=None, links=tuple(made))


def _link(n: int, *, is_found: bool) -> LinkView:
    state, code = STATES[n % len(STATES)] if is_found else (State.OK, Code.OK)
    url = f"https://www.region-{n % 21}.example/utveckling/landsbygd/serviceprogram/sida-{n}"
    source = Source(id=f"region-{n % 21}-{n}", name=f"Regionalt serviceprogram, sida {n}", url=url,
                    owner=f"Region {n % 21}", county="H", tags=(f"grupp {n % TAGS}",))  # fmt: skip
    belief = Belief(state=state, since=NOW - timedelta(days=n % 90 + 1), verdict=code, finding=code, checked_at=NOW)
    new = f"{url}-2027"
    return LinkView(
        source=source,
        belief=belief,
        facts=Facts(http_status=404, final_url=new if state is State.MOVED else url, title="Sidan hittades inte"),
        evidence={"rule": "status"},
        suggestion=Suggestion(url=new, score=0.9, why="sitemap") if n % 3 == 0 and is_found else None,
        reviews=tuple(_reviews(n, source.id)) if is_found and n % 4 == 0 else (),
    )


def _reviews(n: int, link_id: str) -> Iterator[Review]:
    at = NOW - timedelta(days=5)
    yield Review(id=n, link_id=link_id, at=at, who="Bo", action=Action.ASSIGN, details={"assignee": "Bo Ek"})
    yield Review(id=n, link_id=link_id, at=at, who="Bo", action=Action.REPORT, until=NOW + timedelta(days=9))


def _incident(ids: tuple[str, ...]) -> Incident:
    return Incident(
        id=f"20261120T130000-{ids[0]}", owner="", host="www.example", code=Code.NOT_FOUND, reason=None, opened_at=NOW,
        last_at=NOW, closed_at=None, links=ids, open_links=ids,
    )  # fmt: skip


if __name__ == "__main__":
    main()
