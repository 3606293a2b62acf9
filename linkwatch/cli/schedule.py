"""`linkwatch schedule`: does by itself what is due, until it is told to stop."""

from pathlib import Path

import click

from linkwatch.cli.common import announce, config_option, now
from linkwatch.config import load
from linkwatch.locale import Words
from linkwatch.logs import LINES, set_up


@click.command()
@config_option
def schedule(config_path: Path) -> int:
    """Check links, send mail and look after the database, each when it is due, until a signal comes.

    SIGTERM finishes the visits under way and exits 0; SIGHUP reads the configuration anew. What is due stands in the
    database: a restart loses nothing, and a second one beside it, or cron, does nothing twice.
    """
    from linkwatch.scheduling.daemon import run  # noqa: PLC0415  (APScheduler: of no use to other commands)

    set_up(daemon=True, also=[LINES])
    words = Words(load(config_path).language)
    return run(config_path, now, on_ready=lambda: announce(words.text("cli.schedule.ready")))
