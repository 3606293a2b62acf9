"""`linkwatch serve`: the review desk."""

import logging
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linkwatch.cli.common import announce, config_option, now
from linkwatch.config import Config, load
from linkwatch.config_web import Auth, Listen, Web
from linkwatch.errors import UsageError
from linkwatch.locale import Words
from linkwatch.logs import LINES, set_up

if TYPE_CHECKING:
    from linkwatch.web.current import Current


@click.command()
@click.option(
    "--listen", metavar="HOST:PORT", help="Where to listen, in place of what [web] says.  [default: 127.0.0.1:8420]"
)
@click.option("--no-schedule", is_flag=True, help="Only the pages: something else, as cron, does what is due.")
@config_option
def serve(listen: str | None, no_schedule: bool, config_path: Path) -> int:
    """Show the review desk in the browser, and do what is due meanwhile, as `linkwatch schedule` does.

    Only this machine can reach it, unless [web] in the configuration says who may come in from elsewhere.
    """
    return desk(config_path, listen, clock=now, does_what_is_due=not no_schedule)


def desk(config_path: Path, listen: str | None, *, clock: Callable[[], datetime], does_what_is_due: bool = True) -> int:
    """Serve until a signal. `clock` is what the desk takes for the time."""
    from linkwatch.scheduling import systemd  # noqa: PLC0415
    from linkwatch.scheduling.daemon import BEGUN, Beside, Schedule  # noqa: PLC0415
    from linkwatch.store.place import is_first  # noqa: PLC0415
    from linkwatch.web.app import Works, make_app  # noqa: PLC0415  (the web server: of no use to other commands)
    from linkwatch.web.current import Current  # noqa: PLC0415
    from linkwatch.web.listen import address, listening, refuse_open_door, serve  # noqa: PLC0415
    from linkwatch.web.worker import Worker  # noqa: PLC0415

    config = load(config_path)
    settings = _settings(config, listen)
    set_up(daemon=True, also=[LINES])
    with listening(settings.listen) as sockets:
        refuse_open_door(settings, sockets)
        is_new = is_first(config.database)
        with Current(config_path, clock=clock) as current:
            if is_new:
                logging.getLogger("linkwatch").warning(BEGUN, config.database)
            workers: list[Works] = [Worker(config=current.watched.newest, ledger=current.ledger, now=clock)]
            schedule = Schedule(current.watched, clock) if does_what_is_due else None
            beside = Beside(current.watched, current.desk.last_run, schedule)

            def on_hup(*_: object) -> None:
                current.watched.read_anew()
                beside.is_told_anew = True

            signal.signal(signal.SIGHUP, on_hup)
            workers.append(beside)

            def on_ready() -> None:
                _tell(current, settings, address(sockets))
                systemd.notify(systemd.READY)

            return serve(make_app(current, settings, *workers), sockets, on_ready)


def _settings(config: Config, listen: str | None) -> Web:
    if listen is None:
        return config.web
    found = Listen.of(listen)
    if found is None:
        raise UsageError(f"--listen {listen!r} is not an address with a port, such as 127.0.0.1:8420 or [::1]:8420")
    return replace(config.web, listen=found)


def _tell(current: "Current", settings: Web, url: str) -> None:
    words = Words(current.config.language)
    announce(words.text("cli.serve.listening", url=settings.public_url or url))
    if settings.listen.is_only_here:
        announce(words.text("cli.serve.only_here"))
    if settings.auth is Auth.TOKEN and not current.tokens.all():
        announce(words.text("cli.serve.no_tokens"))
