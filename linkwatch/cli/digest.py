"""`linkwatch digest`: send what is due to those who want to hear of it, and whatever else waits in the outbox."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linkwatch.cli.common import complain, config_option, now, talks
from linkwatch.cli.stopping import stopping
from linkwatch.config import Config, load
from linkwatch.core.safe import plain
from linkwatch.errors import UsageError
from linkwatch.files import write_whole
from linkwatch.locale import Words
from linkwatch.logs import set_up

if TYPE_CHECKING:
    from linkwatch.mailing.delivery import Delivered
    from linkwatch.mailing.previews import Preview

_SHOWN = ("From", "Reply-To", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "Auto-Submitted")


@click.command()
@click.option("--dry-run", is_flag=True, help="Print what would go out now; send nothing, change nothing.")
@click.option("--all", "everybody", is_flag=True, help="With --dry-run: also to those who are not due yet.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="With --dry-run: leave the mails there "
              "as .eml files, for a mail program to open.")  # fmt: skip
@config_option
def digest(dry_run: bool, everybody: bool, out: Path | None, config_path: Path) -> int:
    """Send the digests that are due, and whatever else waits to be sent: the second line for cron.

    Run it as often as you like: everybody is told when their time has come, once. What cannot be delivered is tried
    again, ever less often, and given up after the days in [mail]; then the operators hear of it.
    """
    if (everybody or out) and not dry_run:
        raise UsageError("--all and --out go with --dry-run only")
    config = load(config_path)
    if dry_run:
        return _preview(config, out, everybody=everybody)
    set_up(daemon=False)
    with stopping() as stop:
        from linkwatch.mailing.telling import tell  # noqa: PLC0415  (mail and its libraries, of no use to other commands)

        delivered = tell(config, now, stop=stop)
    _tell(config, delivered)
    if stop.number:
        return 128 + stop.number
    return 1 if delivered.complaints else 0


def say_what_failed(delivered: "Delivered", words: Words) -> None:
    """Each sentence on a line of its own, to stderr."""
    for complaint in delivered.complaints:
        complain(words.text("cli.digest.failed", what=plain(complaint)))


def _tell(config: Config, delivered: "Delivered") -> None:
    words = Words(config.language)
    say_what_failed(delivered, words)
    if talks():
        if not config.mail.tells_anybody:
            complain(words.text("cli.digest.nobody"))
        else:
            click.echo(words.count("cli.digest.sent", delivered.sent))


# ---------------------------------------------------------------- what would go out


def _preview(config: Config, out: Path | None, *, everybody: bool) -> int:
    from linkwatch.mailing.previews import previews  # noqa: PLC0415

    words, number = Words(config.language), 0
    for preview in previews(config, now(), everybody=everybody):
        click.echo("\n".join(_lines(preview, config, words)))
        number += preview.text is not None
        if preview.mail and out:
            write_whole(out / f"{number:03d}.eml", preview.mail.as_bytes())
    if number == 0 and talks():
        complain(words.text("cli.digest.nothing_due"))
    return 0


def _lines(preview: "Preview", config: Config, words: Words) -> Iterator[str]:
    """One mail: why it would go out or not, its headers, its text."""
    when = words.datetime(preview.due_at, config.timezone) if preview.due_at else ""
    yield f"== {plain(preview.recipient)}: {words.text(f'cli.digest.why.{preview.why}', when=when)}"
    if preview.mail:
        yield from (f"{name}: {plain(str(preview.mail[name]))}" for name in _SHOWN if preview.mail[name])
    elif preview.text is not None:
        yield f"Subject: {plain(preview.subject)}"
    if preview.text is not None:
        yield f"\n{preview.text}"
