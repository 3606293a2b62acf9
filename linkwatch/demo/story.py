"""`linkwatch demo`: the real pipeline on the county web, week by week, told as it happens."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from linkwatch import config as configuration
from linkwatch import report
from linkwatch.config import Config
from linkwatch.core.models import LinkView, Snapshot, Transition
from linkwatch.core.outbox import Channel
from linkwatch.demo.chapters import CHAPTERS, Belief, Chapter, expected, stage
from linkwatch.demo.postbox import Postbox
from linkwatch.demo.project import write_project
from linkwatch.demo.sites import counties, first_day
from linkwatch.demo.telling import Narrator
from linkwatch.demo.web import CountyWeb
from linkwatch.locale import Words
from linkwatch.mailing.heralds import Herald
from linkwatch.mailing.telling import tell as mail
from linkwatch.run import RunReport, run_once
from linkwatch.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One chapter played. `transitions` are the run's and those that the editor's own changes brought before it."""

    chapter: Chapter
    run: RunReport
    mails: tuple[tuple[str, str], ...]  # recipient and subject of those that went out an hour later
    transitions: tuple[Transition, ...]
    snapshot: Snapshot

    @property
    def surprises(self) -> tuple[str, ...]:
        """Ids of links of which linkwatch believes something else than the story expects."""
        beliefs = {view.source.id: _belief(view) for view in self.snapshot.links}
        return tuple(link for link, belief in expected(self.chapter).items() if beliefs.get(link) != belief)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Where the demo left what, and every chapter as it was played."""

    config: Path
    database: Path
    report: Path
    mail: Path  # the last one
    chapters: tuple[Told, ...]

    @property
    def surprises(self) -> tuple[str, ...]:
        return tuple(f"{told.chapter.key}: {link}" for told in self.chapters for link in told.surprises)


async def play(
    folder: Path,
    *,
    language: str,
    tell: Callable[[str], None],
    linger: Callable[[Outcome], Awaitable[None]] | None = None,
) -> Outcome:
    """Play the whole story into `folder` (config/, db/, report.html); `tell` gets one paragraph at a time.

    `language` is sv or en. Nothing but 127.0.0.1 is visited, and nothing listens when it returns. The web stays as the
    last chapter left it while `linger` is awaited.
    """
    narrator = Narrator(language)
    tell(narrator.opening(len(counties())))
    addresses = {one.id: one.url for one in counties()}
    async with _web() as web:
        told, postbox = [], Postbox(folder / "mail")
        for chapter in CHAPTERS:
            addresses |= chapter.edits
            config = _configured(folder, web, addresses, language)
            told.append(await _played(chapter, web, config, postbox))
            addresses |= {source.id: source.url for source in told[-1].run.config.sources}
            last = told[-1]
            tell(narrator.chapter(chapter, last.run, last.transitions, last.snapshot, last.mails))
        outcome = _outcome(folder, config, told, postbox)
        tell(
            narrator.ending(
                outcome.chapters[-1].snapshot,
                surprises=outcome.surprises,
                report=outcome.report,
                mail=outcome.mail,
                database=outcome.database,
                config=outcome.config,
                is_open=linger is not None,
            )
        )
        if linger:
            await linger(outcome)
    return outcome


def _outcome(folder: Path, config: Config, told: Sequence[Told], postbox: Postbox) -> Outcome:
    page = folder / "report.html"
    page.write_text(_report(config, told[-1].snapshot), encoding="utf-8")
    assert postbox.page is not None
    return Outcome(config=config.path, database=config.database, report=page, mail=postbox.page, chapters=tuple(told))


def _web() -> CountyWeb:
    """The web on its first day. TLS clients look at the real clock, so the certificates do too."""
    now = datetime.now(UTC)
    lapsing = next(chapter for chapter in CHAPTERS if chapter.key == "certificate").at - timedelta(days=1)
    return CountyWeb([*first_day(), *stage()], now=now, lapsed_at=min(lapsing, now - timedelta(days=1)))


def _configured(folder: Path, web: CountyWeb, addresses: Mapping[str, str], language: str) -> Config:
    path = write_project(folder, addresses, resolve=web.resolve, authority=web.authority.pem, language=language)
    return configuration.load(path)


async def _played(chapter: Chapter, web: CountyWeb, config: Config, postbox: Postbox) -> Told:
    chapter.change(web)
    if chapter.offline:
        await web.go_offline()
    now = chapter.at.astimezone(UTC)
    with Store.open(config.database) as store:
        edited = store.sync_sources(config.watched, now)
        run = await run_once(
            config=config,
            store=store,
            sources=config.sources,
            listings=config.listings,
            now=now,
            herald=Herald(config),
        )
        snapshot = store.snapshot(now)
    if chapter.offline:
        await web.go_online()
    return Told(
        chapter=chapter,
        run=run,
        mails=_mailed(run.config, postbox, now + timedelta(hours=1)),
        transitions=(*edited, *run.transitions),
        snapshot=snapshot,
    )


def _mailed(config: Config, postbox: Postbox, now: datetime) -> tuple[tuple[str, str], ...]:
    mail(config, lambda: now, carriers=lambda config, key: {Channel.MAIL: postbox.of(config, key)})
    return tuple(postbox.heads)


def _report(config: Config, snapshot: Snapshot) -> str:
    words = Words(config.language)
    return report.render(snapshot, format="html", words=words, title=config.title, timezone=config.timezone)


def _belief(view: LinkView) -> Belief:
    return Belief(state=view.belief.state, finding=view.belief.finding)
