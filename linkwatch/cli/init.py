"""`linkwatch init`: a configuration to start from."""

import asyncio
from pathlib import Path

import click

from linkwatch.cli.common import config_option, now
from linkwatch.core.listed import Listed
from linkwatch.core.models import FetchPolicy
from linkwatch.core.safe import plain
from linkwatch.core.starter import Origin, starter
from linkwatch.errors import LinkwatchError, UsageError
from linkwatch.files import write_whole
from linkwatch.locale import LANGUAGES, Words


@click.command()
@click.option("--from", "place", metavar="URL_OR_FILE", help="A page that lists the links: its address, or a file.")
@click.option("--heading", help="The heading over the links, where the page has other links too.")
@click.option("--selector", help="A CSS selector for the part of the page that they are in.")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="sv", show_default=True)
@config_option
def init(place: str | None, heading: str | None, selector: str | None, language: str, config_path: Path) -> None:
    """Write a configuration to start from, with a comment on every setting. Overwrites nothing."""
    if config_path.exists() or config_path.is_symlink():
        raise UsageError(f"{config_path} is there already; name another file with --config PATH")
    words = Words(language)
    text, found = starter(language=language), 0
    if place is not None:
        origin = Origin(url=place, heading=heading, selector=_checked(selector))
        links, is_page = _links(place, origin, words)
        text, found = starter(links, origin=origin if is_page else None, language=language), len(links)
    write_whole(config_path, text)
    click.echo(words.count("cli.init.filled", found, path=str(config_path)) if place else
               words.text("cli.init.written", path=str(config_path)))  # fmt: skip


def _checked(selector: str | None) -> str | None:
    from linkwatch.core.listing import is_selector  # noqa: PLC0415  (the HTML parser, of no use to other commands)

    if selector is not None and not is_selector(selector):
        raise UsageError(f"{selector!r} is not a CSS selector such as 'main .list a'")
    return selector


def _links(place: str, origin: Origin, words: Words) -> tuple[tuple[Listed, ...], bool]:
    """The links, and whether the page they stand on is one that can be watched."""
    from linkwatch import starting  # noqa: PLC0415  (as above)

    if not starting.is_address(place):
        return starting.links_of_file(Path(place), origin), False
    visit = asyncio.run(starting.visited(place, FetchPolicy(), now()))
    if visit.fault:
        why = words.find(f"reason.{visit.fault.reason}") or visit.fault.detail
        raise LinkwatchError(words.text("cli.init.unreachable", url=plain(place, 500), why=plain(why, 300)))
    if visit.status != 200:
        raise LinkwatchError(words.text("cli.init.refused", url=plain(place, 500), status=str(visit.status)))
    return starting.links_of_page(visit, origin), True
