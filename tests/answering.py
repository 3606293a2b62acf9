"""A project on loopback with a store and a ledger, for runs over days and what people answer between them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from linkwatch import answers
from linkwatch.answers import Given, Wish
from linkwatch.config import Config, load
from linkwatch.core.models import LinkView, State
from linkwatch.core.reviews import Action, Review, quieting
from linkwatch.run import RunReport, run_once
from linkwatch.store import Ledger, Store
from tests.cli.command import Project
from tests.small_web import Web, page

START = datetime(2026, 1, 12, 8, tzinfo=UTC)
WORDS = "service butik väg by bank post bensin skog fiske skola buss kaj torg kyrka kvarn bro sjö stig äng hage".split()


def on(days: float) -> datetime:
    return START + timedelta(days=days)


def living(letter: str, words: Sequence[str] = WORDS) -> bytes:
    """A page of one sentence a word."""
    return page(f"Sida {letter}", " ".join(f"Om {letter} och {word} finns mycket {word} i länet." for word in words))


@dataclass
class Office:
    """Three links a, b and c, each on a host of its own; `a` is what most tests are about."""

    web: Web
    project: Project
    store: Store
    ledger: Ledger
    links: dict[str, str]
    day: float = 0.0
    log: list[RunReport] = field(default_factory=list)

    @classmethod
    def open(cls, web: Web, folder: Path, *, monitor: str = "", table: str = "") -> "Office":
        links = {letter: web.url(f"{letter}.example", f"/{letter}") for letter in "abc"}
        web.url("new.example", "/new")
        for letter in (*links, "new"):
            web.say(f"/{letter}", living(letter))
        project = Project.make(folder, {} if table else links, fetch=web.pins, monitor=monitor)
        if table:
            rows = "".join(f"{id},{id.upper()},Region {id},{url}\n" for id, url in links.items())
            (project.config.parent / table).write_text(f"id,name,owner,url\n{rows}", encoding="utf-8")
        store = Store.open(project.database)
        office = cls(web, project, store, Ledger.open(project.database), links)
        store.sync_sources(office.config.watched, START)
        return office

    def close(self) -> None:
        self.store.close()
        self.ledger.close()

    @property
    def config(self) -> Config:
        return load(self.project.config)

    @property
    def now(self) -> datetime:
        return on(self.day)

    @property
    def text(self) -> str:
        return self.project.config.read_text(encoding="utf-8")

    @text.setter
    def text(self, new: str) -> None:
        self.project.config.write_text(new, encoding="utf-8")

    async def run(self, *days: float, ids: Sequence[str] = ()) -> RunReport:
        """A run on each of these days. Where an hour does, days are fractions."""
        for day in days:
            self.day, config = day, self.config
            self.store.sync_sources(config.watched, self.now)
            chosen = [source for source in config.sources if not ids or source.id in ids]
            run = run_once(
                config=config,
                store=self.store,
                sources=chosen,
                listings=() if ids else config.listings,
                now=self.now,
                asked=bool(ids),
            )
            self.log.append(await run)
        return self.log[-1]

    def reopen(self) -> None:
        self.close()
        self.store, self.ledger = Store.open(self.project.database), Ledger.open(self.project.database)

    # ---- what people do and see

    def give(self, action: Action, *link_ids: str, who: str = "Karin", **wish: Any) -> Given:
        asked = Wish(action=action, link_ids=link_ids or ("a",), who=who, **wish)
        return answers.give(self.config, self.ledger, asked, self.now)

    def answer(self, action: Action, link_id: str = "a", **wish: Any) -> Review:
        given = self.give(action, link_id, **wish)
        assert given.refused == ()
        return given.reviews[0]

    def refusal(self, action: Action, link_id: str = "a", **wish: Any) -> str:
        given = self.give(action, link_id, **wish)
        assert given.reviews == ()
        return given.refused[0].why

    def take_back(self, review: Review, who: str = "Karin") -> Given:
        return answers.take_back(self.config, self.ledger, review.id, who, self.now)

    def view(self, link_id: str = "a") -> LinkView:
        snapshot = self.store.snapshot(self.now)
        return next(view for view in (*snapshot.links, *snapshot.listings) if view.source.id == link_id)

    def state(self, link_id: str = "a") -> State:
        return self.view(link_id).belief.state

    def quiet(self, link_id: str = "a") -> Action | None:
        """By which answer a link is kept out of what there is to do."""
        found = quieting(self.view(link_id).reviews, self.now)
        return found.action if found else None

    def copy_text(self, link_id: str = "a") -> str:
        copy = self.store.copy(link_id)
        return copy.text if copy else ""
