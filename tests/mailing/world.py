"""A project that tells people of its links, and a mail server on loopback that it hands its mail to.

    with Mailbox() as server:
        world = World.made(tmp_path, server, ANNA)
        world.clock.to(2026, 11, 24, 7)
        world.tell()
        assert subjects(server) == [...]

The links are those of tests.report.sample; `break_` and `mend` are what a later run finds of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from linkwatch.config import Config, load
from linkwatch.core.fingerprint import fingerprint
from linkwatch.core.models import Belief, Code, Decision, Facts, LinkView, State, Transition, Verdict
from linkwatch.mailing.delivery import Delivered
from linkwatch.mailing.heralds import Herald
from linkwatch.mailing.telling import tell
from linkwatch.store import Outbox, Store, Subscriptions
from tests.notify.servers import Mailbox
from tests.report.sample import NOW, sample
from tests.web.desk import Clock, fill, write_project

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ANNA = '[[subscriber]]\naddress = "anna@example.se"\nevery = "day"\n'
BERTIL = '[[subscriber]]\naddress = "bertil@example.se"\nevery = "day"\n'
CECILIA = '[[subscriber]]\naddress = "cecilia@example.se"\nevery = "day"\n'
DESK = 'public_url = "https://lankar.example.se"\n'


def at(year: int, month: int, day: int, hour: int = 7, minute: int = 0) -> datetime:
    """In Stockholm."""
    return datetime(year, month, day, hour, minute, tzinfo=STOCKHOLM)


@dataclass(kw_only=True)
class World:
    folder: Path
    clock: Clock = field(default_factory=Clock)

    @classmethod
    def made(
        cls,
        folder: Path,
        server: Mailbox,
        *subscribers: str,
        mail: str = "",
        more: str = "",
        links: Sequence[LinkView] | None = None,
        language: str = "sv",
    ) -> "World":
        views = sample().links if links is None else links
        path = write_project(folder, [view.source for view in views], web=DESK, language=language)
        world = cls(folder=folder)
        world.subscribe(server, *subscribers, mail=mail, more=more)
        fill(load(path), views)
        world.tell()  # who is new is due from now on
        return world

    def subscribe(self, server: Mailbox, *subscribers: str, mail: str = "", more: str = "") -> None:
        """These and no others."""
        text = self.path.read_text(encoding="utf-8").partition("\n#mail\n")[0]
        table = f'[mail]\nserver = "127.0.0.1:{server.port}"\nsecurity = "none"\nfrom = "lankar@example.se"\n{mail}\n'
        self.path.write_text("\n".join([text, "#mail", table, *subscribers, more]), encoding="utf-8")

    @property
    def path(self) -> Path:
        return self.folder / "config" / "sources.toml"

    @property
    def config(self) -> Config:
        return load(self.path)

    def go_to(self, moment: datetime) -> None:
        self.clock.now = moment

    def tell(self) -> Delivered:
        return tell(self.config, self.clock)

    def outbox(self) -> Outbox:
        return Outbox.open(self.config.database)

    def subscriptions(self) -> Subscriptions:
        return Subscriptions.open(self.config.database)

    # ------------------------------------------------------------ what a run finds

    def find(self, link_id: str, state: State, code: Code, **facts: object) -> None:
        """A run that finds this of one link, and everything else as it was."""
        config, now = self.config, self.clock()
        with Store.open(config.database) as store:
            known = store.known()
            source = next(one for one in config.sources if one.id == link_id)
            run = store.begin_run(now, due=len(known))
            old = known[link_id].belief
            belief = Belief(
                state=state, since=now, verdict=code, finding=code, checked_at=now,
                seen_at=now if code is Code.OK else old.seen_at,
            )  # fmt: skip
            seen = Facts(http_status=200 if code is Code.OK else 404, final_url=source.url)
            seen = replace(seen, **facts)
            decision = Decision(
                source=source,
                at=now,
                verdict=Verdict(code=code, rule="test", saw_page=code is Code.OK),
                facts=seen,
                belief=belief,
                transition=Transition(link_id=link_id, at=now, old=old.state, new=state, verdict=code, reason=None),
                fingerprint=fingerprint(belief, seen),
            )
            others = [self._again(one, store, now) for one in config.sources if one.url and one.id != link_id]
            store.commit(run, [replace(decision, parcels=Herald(config).changed(decision)), *filter(None, others)])
            store.finish_run(run, now, conclusive=True, note=None, visited=len(known))

    def break_(self, link_id: str) -> None:
        self.find(link_id, State.BROKEN, Code.NOT_FOUND)

    def mend(self, link_id: str) -> None:
        self.find(link_id, State.OK, Code.OK)

    def check_all(self) -> None:
        """A run that finds everything as it was."""
        config, now = self.config, self.clock()
        with Store.open(config.database) as store:
            run = store.begin_run(now, due=1)
            store.commit(run, [one for source in config.sources if (one := self._again(source, store, now))])
            store.finish_run(run, now, conclusive=True, note=None, visited=1)

    def _again(self, source: object, store: Store, now: datetime) -> Decision | None:
        known = store.known().get(source.id)
        if known is None or known.belief.verdict is None:
            return None
        return Decision(
            source=source,
            at=now,
            verdict=Verdict(code=known.belief.verdict, reason=known.belief.reason),
            facts=known.facts,
            belief=replace(known.belief, checked_at=now),
        )


def well(number: int = 3) -> tuple[LinkView, ...]:
    """Links that all work."""
    views = [view for view in sample().links if view.source.url and not view.source.paused][:number]
    belief = Belief(state=State.OK, since=NOW, verdict=Code.OK, finding=Code.OK, checked_at=NOW, seen_at=NOW)
    return tuple(
        LinkView(
            source=view.source, belief=belief, facts=Facts(http_status=200, final_url=view.source.url), evidence={}
        )
        for view in views
    )


def mails(server: Mailbox) -> list[tuple[str, str]]:
    """Who got what: recipient and subject, in the order in which they came."""
    return [(kept.recipients[0], str(kept.message["Subject"])) for kept in server.kept]


def ids(server: Mailbox) -> list[str]:
    return [str(kept.message["Message-ID"]) for kept in server.kept]
