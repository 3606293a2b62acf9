"""Desks to look at: the sample's links, what people said of them, and a web for those that are to be looked at anew."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from linkwatch.core.models import Copy, LinkView, State
from linkwatch.core.reviews import Action, Review
from linkwatch.core.roles import Role
from linkwatch.store import Store, rows, statements
from linkwatch.web.app import make_app
from linkwatch.web.worker import Worker
from tests.report.sample import NOW, sample, shared
from tests.servers import Site
from tests.web.desk import OpenDesk, TestClient, opened

GUARDED = 'auth = "token"\nanonymous = "viewer"'
INCIDENT = "20261120T130000-kalmar-1"
_LATER = (
    "Sidan har fått ett nytt innehåll. Programmet gäller nu till 2034, och butikerna söker stöd hos länsstyrelsen. "
)


@dataclass(slots=True, kw_only=True)
class Served:
    """A desk behind a port of its own."""

    desk: OpenDesk
    url: str
    tokens: Mapping[Role | None, str | None] = field(default_factory=dict)  # one of each role

    def link(self, link_id: str) -> LinkView:
        found = self.desk.current.desk.link(link_id, self.desk.clock())
        assert found is not None
        return found

    def state(self, link_id: str) -> State:
        return self.link(link_id).belief.state

    def answers(self, link_id: str) -> dict[Action, Review]:
        """Those that hold."""
        return {review.action: review for review in self.link(link_id).reviews}

    def sources(self) -> str:
        return self.desk.config_path.read_text(encoding="utf-8")

    def finds_something_else(self, link_id: str) -> None:
        """As a run does that sees a link fail in another way."""
        found = f"{self.link(link_id).fingerprint}-and-more"
        with Store.open(self.desk.config.database) as store, store.writing() as db:
            db.execute("UPDATE links SET fingerprint = ? WHERE id = ?", (found, link_id))


@contextmanager
def served(folder: Path, web: str = "", *, links: Sequence[LinkView] | None = None) -> Iterator[Served]:
    with opened(folder, web, links=links, language="sv") as desk, desk.serving() as url:
        yield Served(desk=desk, url=url)


@contextmanager
def at_work(folder: Path, site: Site) -> Iterator[Served]:
    """A desk whose worker looks at links when asked to. They all lead to `site`: "/blekinge" for that of Blekinge."""
    links = [_leading_to(site, link) for link in sample().links]
    with opened(folder, links=links, language="sv") as desk:
        worker = Worker(config=desk.current.watched.newest, ledger=desk.current.ledger, now=desk.clock, poll_s=0.05)
        desk.app = make_app(desk.current, desk.config.web, worker)
        with desk.serving() as url:
            yield Served(desk=desk, url=url)


def _leading_to(site: Site, link: LinkView) -> LinkView:
    url = site.url(f"/{link.source.id}") if link.source.url else ""
    suggestion = replace(link.suggestion, url=site.url("/new")) if link.suggestion else None
    return replace(link, source=replace(link.source, url=url), suggestion=suggestion)


# ---------------------------------------------------------------- a desk with a past


@contextmanager
def lived_in(folder: Path) -> Iterator[Served]:
    """Something of everything that pages show: answers of each kind, an incident of two links, texts that differ."""
    links = [*sample().links, *shared(State.BROKEN, State.BROKEN).links[:2]]
    with served(folder, GUARDED, links=links) as one:
        _read_anew(one.desk, "kalmar", "vasternorrland")
        anna, eva = one.desk.token("Anna Ek", Role.EDITOR), one.desk.token("Eva Å", Role.VIEWER)
        one.tokens = {Role.EDITOR: anna, Role.VIEWER: eva, None: None}
        _answered(one.desk.client(token=anna))
        yield one


def _read_anew(desk: OpenDesk, *link_ids: str) -> None:
    """As a run leaves pages whose text is no longer the approved one."""
    copy = Copy(title="Serviceprogram", h1=None, text=_LATER * 8, shingles=(9,), shingle_count=1, links=(),
                learnt_at=NOW - timedelta(hours=1), url="https://a.example/")  # fmt: skip
    with Store.open(desk.config.database) as store, store.writing() as db:
        for link_id in link_ids:
            db.execute(statements.SAVE_SEEN, rows.copy_columns(link_id, copy))


def _answered(anna: TestClient) -> None:
    for link_id, action, more in (
        ("dalarna", "acknowledge", {"note": "Länsstyrelsen svarar i telefon:\n023-22 50 00."}),
        ("blekinge", "assign", {"assignee": "Bo Öst"}),
        ("blekinge", "confirm", {}),
        ("gavleborg", "snooze", {"until": "2026-12-24"}),
        ("jonkoping", "report", {"remind": "2026-12-04"}),
        ("norrbotten", "ignore", {"note": "De byter leverantör."}),
        ("vasterbotten", "approve", {}),
        ("halland", "pause", {}),
        ("kronoberg", "check", {}),
    ):
        done = anna.post("/answer", data={"id": link_id, "action": action, "back": "/links", **more})
        assert "done=" in done.headers["location"], (action, done.headers["location"])
    assert "done=" in anna.post("/undo", data={"review": "4", "back": "/links"}).headers["location"]
