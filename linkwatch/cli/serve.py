"""`linkwatch serve`: the review desk."""

import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linkwatch.cli.common import complain, config_option, now
from linkwatch.config import Config, load
from linkwatch.config_web import Auth, Listen, Web
from linkwatch.errors import UsageError
from linkwatch.locale import Words

if TYPE_CHECKING:
    from linkwatch.web.current import Current


@click.command()
@click.option(
    "--listen", metavar="HOST:PORT", help="Where to listen, in place of what [web] says.  [default: 127.0.0.1:8420]"
)
@config_option
def serve(listen: str | None, config_path: Path) -> int:
    """Show the review desk in the browser: what there is to do, and answers in one click.

    Only this machine can reach it, unless [web] in the configuration says who may come in from elsewhere.
    """
    return desk(config_path, listen, clock=now)


def desk(config_path: Path, listen: str | None, *, clock: Callable[[], datetime]) -> int:
    """Serve until a signal. `clock` is what the desk takes for the time."""
    from linkwatch.web.app import make_app  # noqa: PLC0415  (the web server: of no use to other commands)
    from linkwatch.web.current import Current  # noqa: PLC0415
    from linkwatch.web.listen import address, listening, refuse_open_door, serve  # noqa: PLC0415
    from linkwatch.web.postman import Postman  # noqa: PLC0415
    from linkwatch.web.worker import Worker  # noqa: PLC0415

    config = load(config_path)
    settings = _settings(config, listen)
    _log_to_stderr()
    with listening(settings.listen) as sockets:
        refuse_open_door(settings, sockets)
        with Current(config_path, clock=clock) as current:
            worker = Worker(path=config_path, ledger=current.ledger, now=clock)
            app = make_app(current, settings, worker, Postman(path=config_path, now=clock))
            return serve(app, sockets, lambda: _tell(current, settings, address(sockets)))


def _settings(config: Config, listen: str | None) -> Web:
    if listen is None:
        return config.web
    found = Listen.of(listen)
    if found is None:
        raise UsageError(f"--listen {listen!r} is not an address with a port, such as 127.0.0.1:8420 or [::1]:8420")
    return replace(config.web, listen=found)


def _tell(current: "Current", settings: Web, url: str) -> None:
    words = Words(current.config.language)
    complain(words.text("cli.serve.listening", url=settings.public_url or url))
    if settings.listen.is_only_here:
        complain(words.text("cli.serve.only_here"))
    if settings.auth is Auth.TOKEN and not current.tokens.all():
        complain(words.text("cli.serve.no_tokens"))


def _log_to_stderr() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="linkwatch: %(message)s")
