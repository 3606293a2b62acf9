"""`linkwatch metrics`: numbers for Prometheus."""

from pathlib import Path

import click

from linkwatch.cli.common import config_option, now
from linkwatch.config import load
from linkwatch.textfile import metrics as metrics_of
from linkwatch.textfile import write_metrics


@click.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file, whole or not at all: "
              "for the textfile collector of node_exporter, which takes every *.prom in its folder.")  # fmt: skip
@config_option
def metrics(out: Path | None, config_path: Path) -> None:
    """Print numbers for Prometheus: links by state, the last run, what waits to be sent, the size of the database.

    The review desk shows the same at /metrics. With metrics_file under [schedule] they are written after every run.
    """
    config = load(config_path)
    if out:
        write_metrics(config, out, now())
    else:
        click.echo(metrics_of(config, now()), nl=False)
