"""A review desk to test: a project with a filled database, the app in this process, and the app behind a real port.

    with opened(tmp_path) as desk:                          # auth = "none": whoever asks is the operator
        page = desk.client().get("/")
        desk.clock.go(hours=13)

    with opened(tmp_path, 'auth = "token"') as desk:        # the keys of [web]
        editor = desk.client(token=desk.token("Anna", Role.EDITOR))
        with desk.serving() as url: ...                     # uvicorn in a thread, "http://127.0.0.1:PORT"

The links are those of tests.report.sample, one for each county and in every state, with a history of two checks and
approved copies; `moment` (NOW) is when the last run ended.
"""

import json
import socket
import threading
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from linkwatch.config import Config, load
from linkwatch.config_web import Listen
from linkwatch.core.fingerprint import fingerprint
from linkwatch.core.models import Belief, Code, Copy, Decision, Facts, LinkView, Source, State, Transition, Verdict
from linkwatch.core.roles import Role
from linkwatch.store import Store
from linkwatch.web.app import ROUTES, make_app
from linkwatch.web.current import Current
from linkwatch.web.listen import Server, listening
from tests.report.sample import NOW, sample

with warnings.catch_warnings():  # it would rather have a successor of httpx
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

HERE = "http://127.0.0.1:8420"
_TEXT = "Det regionala serviceprogrammet beskriver hur tillgången till dagligvaror, drivmedel och post ska tryggas. "


@dataclass(slots=True)
class Clock:
    """Stands still until it is told to go."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def go(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass(slots=True, kw_only=True)
class OpenDesk:
    folder: Path
    clock: Clock
    current: Current
    app: Starlette

    @property
    def config(self) -> Config:
        return self.current.config

    @property
    def config_path(self) -> Path:
        return self.folder / "config" / "sources.toml"

    def client(
        self, *, base: str = HERE, token: str | None = None, peer: str = "127.0.0.1", **headers: str
    ) -> TestClient:
        """A browser or program of its own, with its own cookies; it follows no redirect. `sec_fetch_site="none"`"""
        client = TestClient(self.app, base, follow_redirects=False, client=(peer, 50_000))
        client.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        if token:
            client.headers["authorization"] = f"Bearer {token}"
        return client

    def token(self, name: str, role: Role) -> str:
        return self.current.tokens.add(name, role, self.clock())

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Behind a port of its own, until the end of the block."""
        with listening(Listen(port=0)) as sockets, _in_thread(self.app, sockets):
            yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}"


@contextmanager
def opened(
    folder: Path,
    web: str = "",
    *,
    links: Sequence[LinkView] | None = None,
    routes: Iterable[BaseRoute] = ROUTES,
    language: str = "en",
    contacts: str = "service@region.example",
) -> Iterator[OpenDesk]:
    """A desk over `links`, by default those of the sample. `routes` in place of the app's own rooms."""
    views = sample().links if links is None else links
    path = write_project(folder, [_reachable(view.source, contacts) for view in views], web=web, language=language)
    fill(load(path), views)
    clock = Clock()
    with Current(path, clock=clock) as current:
        yield OpenDesk(
            folder=folder, clock=clock, current=current, app=make_app(current, current.config.web, routes=routes)
        )


def write_project(folder: Path, sources: Iterable[Source], *, web: str = "", language: str = "en") -> Path:
    """config/sources.toml in `folder`; its path."""
    path = folder / "config" / "sources.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f"[monitor]\ntitle = 'Regionala serviceprogram'\nlanguage = '{language}'\n"
    fetch = "[fetch]\nallow_networks = ['127.0.0.0/8']\nper_host_delay_s = 0\ntimeout_s = 2\n"
    listing = "[[listing]]\nid = 'regional-samordning'\nurl = 'http://127.0.0.1:9/listing'\n"
    tables = [head, fetch, f"[web]\n{web}\n", listing, *map(_table, sources)]
    path.write_text("\n".join(tables), encoding="utf-8")
    return path


def fill(config: Config, views: Sequence[LinkView]) -> None:
    """As if two runs had been: one a year ago when all was well, and one that ended now and found the `views`."""
    visited = [view for view in views if view.belief.checked_at]
    with Store.open(config.database) as store:
        store.sync_sources(config.watched, NOW - timedelta(days=400))
        for at, decide in ((NOW - timedelta(days=365), _was_well), (NOW - timedelta(hours=1), _as_now)):
            run = store.begin_run(at, due=len(visited))
            store.commit(run, [decide(view, at) for view in visited])
            store.finish_run(run, at + timedelta(minutes=2), conclusive=True, note=None, visited=len(visited))


def _was_well(view: LinkView, at: datetime) -> Decision:
    facts = Facts(http_status=200, final_url=view.source.url, title=f"Serviceprogram – {view.source.owner}")
    belief = Belief(state=State.OK, since=at, verdict=Code.OK, finding=Code.OK, checked_at=at, seen_at=at)
    copy = Copy(
        title=facts.title, h1="Serviceprogram", text=_TEXT * 20, shingles=(1, 2, 3), shingle_count=3, links=(),
        learnt_at=at, url=view.source.url,
    )  # fmt: skip
    return Decision(
        source=view.source,
        at=at,
        verdict=Verdict(code=Code.OK, rule="ok", saw_page=True),
        facts=replace(facts, elapsed_ms=180, content_type="text/html"),
        belief=belief,
        transition=Transition(
            link_id=view.source.id, at=at, old=State.UNKNOWN, new=State.OK, verdict=Code.OK, reason=None
        ),
        new_copy=copy,
        fingerprint=fingerprint(belief, facts),
    )


def _as_now(view: LinkView, at: datetime) -> Decision:
    belief = replace(view.belief, checked_at=at)
    code = belief.finding or Code.OK
    reason = belief.finding_reason
    changed = Transition(
        link_id=view.source.id, at=belief.since or at, old=State.OK, new=belief.state, verdict=code, reason=reason
    )
    return Decision(
        source=view.source,
        at=at,
        verdict=Verdict(
            code=code, reason=reason, evidence=view.evidence, saw_page=belief.seen_at is not None,
            suggestion=view.suggestion,
        ),
        facts=view.facts,
        belief=replace(belief, verdict=code, reason=reason),
        transition=changed if belief.state is not State.OK else None,
        incident=view.incident,
        fingerprint=fingerprint(replace(belief, verdict=code), view.facts),
    )  # fmt: skip


def _reachable(source: Source, contact: str) -> Source:
    return replace(source, contact=source.contact or contact)


def _table(source: Source) -> str:
    values = {
        "id": source.id, "name": source.name, "url": source.url, "owner": source.owner, "contact": source.contact,
        "county": source.county, "listing": source.listing, "tags": list(source.tags), "paused": source.paused,
    }  # fmt: skip
    return "[[source]]\n" + "".join(
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items() if value is not None
    )


@contextmanager
def _in_thread(app: Starlette, sockets: Sequence[socket.socket]) -> Iterator[None]:
    ready = threading.Event()
    server = Server(app, ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": list(sockets)}, daemon=True)
    thread.start()
    try:
        assert ready.wait(10), "the server did not begin"
        yield
    finally:
        server.should_exit = True
        thread.join(10)


def eventually(what: object, *, within_s: float = 10.0) -> None:
    """Until `what()` is true."""
    assert callable(what)
    deadline = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)
