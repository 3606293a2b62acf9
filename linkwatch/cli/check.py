"""`linkwatch check`: visit, remember, say what changed."""

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linkwatch.cli.common import chosen_sources, complain, config_option, now, talks
from linkwatch.cli.digest import say_what_failed
from linkwatch.cli.progress import progress
from linkwatch.cli.stopping import stopping
from linkwatch.config import Config, Listing
from linkwatch.config_watch import WatchedConfig, taken_over
from linkwatch.core.models import Code, Severity, Source
from linkwatch.core.overlay import with_paused
from linkwatch.core.recheck import due_of
from linkwatch.core.reviews import BY_PEOPLE
from linkwatch.core.safe import plain
from linkwatch.errors import LinkwatchError
from linkwatch.locale import Words
from linkwatch.logs import LINES, set_up
from linkwatch.report import json as json_report
from linkwatch.snapshots import snapshot
from linkwatch.store import Store, run_lock

if TYPE_CHECKING:
    from linkwatch.run import OnVisit, RunReport


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be visited."""

    sources: Sequence[Source]
    listings: Sequence[Listing]
    by_name: bool = False


_LEVELS = {"broken": Severity.BROKEN, "warning": Severity.WARNING}


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--due", is_flag=True, help="Only the links whose time has come: the line for cron.")
@click.option("--json", "as_json", is_flag=True, help="Print the state of all links as JSON when done.")
@click.option("--fail-on", type=click.Choice(list(_LEVELS)), help="Exit 3 when a link is found at or above this.")
@config_option
def check(ids: tuple[str, ...], due: bool, as_json: bool, fail_on: str | None, config_path: Path) -> int:
    """Visit the links, all of them or those named, and remember what was found."""
    from linkwatch.scheduling.pings import watched_over  # noqa: PLC0415  (of no use where an option is wrong)
    from linkwatch.scheduling.runs import note_metrics, noted  # noqa: PLC0415

    watched = WatchedConfig(config_path)
    config = watched.now()
    set_up(daemon=False, also=[LINES])
    chosen_sources(config, ids)
    words, at = Words(config.language), now()
    # Who only wants to see a few links has nobody told of it.
    with (
        watched_over(config, is_heard=not ids) as switch,
        run_lock(config.database, now=at),
        Store.open(config.database) as store,
    ):
        store.interrupted_runs()
        config = taken_over(watched.newest, store, at)
        chosen = list(with_paused(chosen_sources(config, ids), store.paused()))
        listings = () if ids else config.listings
        if due:
            known = store.known()
            chosen = due_of(chosen, known, at)
            listings = tuple(one for one in listings if due_of([one.as_source], known, at))
        switch.start()
        report, ended_by = _run(config, store, _Asked(chosen, listings, by_name=bool(ids)), at, words)
        if not ids:
            switch.success(noted(report))
    config = report.config
    _tell(report, config, words, quiet=as_json)
    if not ended_by and not ids:
        ended_by = _hand_on(config, words)
    if not ids:
        note_metrics(config, now())
    if as_json:
        click.echo(json_report.dumps(snapshot(config, now())))
    if ended_by:
        return 128 + ended_by
    return _exit_code(report, fail_on, config, words, quiet=as_json)


def _run(config: Config, store: Store, asked: "_Asked", at: datetime, words: Words) -> "tuple[RunReport, int | None]":
    visits = sum(bool(source.url) and not source.paused for source in asked.sources)
    with progress(visits, words) as advance:
        return asyncio.run(_until_signal(config, store, asked, at, advance))


async def _until_signal(
    config: Config, store: Store, asked: "_Asked", at: datetime, advance: "OnVisit"
) -> "tuple[RunReport, int | None]":
    """A first signal finishes the visits under way, a second one ends at once."""
    from linkwatch.mailing.heralds import Herald  # noqa: PLC0415  (half the start-up time: not before the lock is ours)
    from linkwatch.run import run_once  # noqa: PLC0415

    stop, caught = asyncio.Event(), list[int]()
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def on_signal(number: int) -> None:
        caught.append(number)
        stop.set()
        if len(caught) > 1 and task:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal, number)
    try:
        report = await run_once(
            config=config,
            store=store,
            sources=asked.sources,
            listings=asked.listings,
            now=at,
            on_visit=advance,
            stop=stop,
            asked=asked.by_name,
            herald=Herald(config),
        )
    except asyncio.CancelledError:
        raise SystemExit(128 + caught[-1]) from None
    return report, caught[0] if caught else None


def _hand_on(config: Config, words: Words) -> int | None:
    """Do what else is due: tell people, and the jobs of the night. The signal that ended it. What fails of it is said,
    and is no failure of the check."""
    from linkwatch.mailing.telling import tell  # noqa: PLC0415  (mail and its libraries: not before the run is done)
    from linkwatch.scheduling.nightly import do_jobs  # noqa: PLC0415

    with stopping() as stop:
        try:
            say_what_failed(tell(config, now, stop=stop), words)
            do_jobs(config, now, stop=stop)
        except LinkwatchError as error:
            complain(str(error))
    return stop.number


def _tell(report: "RunReport", config: Config, words: Words, *, quiet: bool) -> None:
    if report.run.note == "own_network":
        complain(words.text("cli.check.own_network"))
    if report.run.note == "most_changed":
        complain(words.text("cli.check.most_changed"))
    for link_id, verdict in report.verdicts.items():
        if verdict.reason == "internal":
            complain(
                words.text("cli.check.internal", id=link_id, detail=plain(str(verdict.evidence.get("detail", ""))))
            )
    for seen in report.listings:
        if seen.complaint:
            complain(words.text("cli.check.not_applied", id=seen.listing.id, why=plain(seen.complaint)))
    if quiet or not talks():
        return
    names = {source.id: source.name for source in config.watched}
    for change in report.transitions:
        found = words.text(f"reason.{change.reason}") if change.reason in BY_PEOPLE else None
        found = found or (words.text(f"verdict.{change.verdict}.name") if change.verdict else "")
        old, new = words.text(f"state.{change.old}.name"), words.text(f"state.{change.new}.name")
        click.echo(
            words.text(
                "cli.check.change", name=names.get(change.link_id, change.link_id), old=old, new=new, found=found
            )
        )
    click.echo(words.count("cli.check.done", report.run.visited))


def _exit_code(report: "RunReport", fail_on: str | None, config: Config, words: Words, *, quiet: bool) -> int:
    if fail_on is None or not report.run.conclusive:
        return 0
    level = _LEVELS[fail_on]
    found = [(i, v) for i, v in report.verdicts.items() if v.severity >= level and v.code is not Code.INCONCLUSIVE]
    if not quiet:
        urls = {source.id: source.url for source in config.sources}
        for link_id, verdict in found:
            click.echo(f"{link_id}: {words.text(f'verdict.{verdict.code}.name')}: {plain(urls[link_id])}")
    return 3 if found else 0
