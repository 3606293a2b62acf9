"""What the commands share."""

import difflib
import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from linkwatch.config import Config
from linkwatch.core.models import Source
from linkwatch.errors import UsageError

_log = logging.getLogger("linkwatch")

Command = TypeVar("Command", bound=Callable[..., Any])


def config_option(command: Command) -> Command:
    return click.option(
        "--config",
        "config_path",
        type=click.Path(path_type=Path, readable=False),  # why it cannot be read is for `load` to say
        envvar="LINKWATCH_CONFIG",
        default=Path("config/sources.toml"),
        show_default=True,
        show_envvar=True,
        help="The configuration.",
    )(command)


def chosen_sources(config: Config, ids: Sequence[str]) -> list[Source]:
    """The sources named, in that order; all of them where none is."""
    by_id = {source.id: source for source in config.sources}
    for wanted in ids:
        if wanted not in by_id:
            near = difflib.get_close_matches(wanted, by_id, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise UsageError(f"There is no source with the id {wanted!r} in {config.path.name}{hint}")
    return [by_id[wanted] for wanted in dict.fromkeys(ids)] if ids else list(config.sources)


def now() -> datetime:
    """The one place where a command looks at the clock."""
    return datetime.now(UTC)


def complain(sentence: str) -> None:
    """To stderr, each line with our name before it. Where that takes nothing any more, the exit code has to do."""
    with suppress(OSError):
        for line in sentence.splitlines():
            click.echo(f"linkwatch: {line}", err=True)


def announce(sentence: str) -> None:
    """What a daemon says when it is ready: to who started it at a terminal, or into the log."""
    if sys.stderr.isatty():
        complain(sentence)
    else:
        _log.info("%s", sentence)


def talks() -> bool:
    """Whether a person is reading: off a terminal a command that went well says nothing."""
    return sys.stdout.isatty()
