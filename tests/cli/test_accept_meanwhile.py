"""An address that somebody accepts while a command is at work stays."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from linkwatch import editing
from linkwatch.cli import accept as accepting
from linkwatch.cli import check as checking
from linkwatch.cli import cli
from linkwatch.config import load
from linkwatch.core.listed import Edit
from linkwatch.core.models import Source, Transition
from linkwatch.editing import Overtaken
from linkwatch.store import Store
from tests.cli.command import Project
from tests.servers import Site, page, running


def accept(project: Project, url: str) -> None:
    editing.apply(project.config, [Edit(kind="set", source_id="a", fields={"url": url})])


def run(project: Project, *line: str) -> Result:
    return CliRunner().invoke(cli, [*line, "--config", str(project.config)], standalone_mode=False)


def test_a_check_visits_what_was_accepted_while_it_waited_for_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, site = Store.sync_sources, Site(otherwise=page("<h1>A page</h1>"))
    with running(site):
        project = Project.make(tmp_path, {"a": site.url("/old")})

        def after_an_answer(store: Store, sources: Sequence[Source], now: datetime) -> tuple[Transition, ...]:
            accept(project, site.url("/new"))
            return sync(store, sources, now)

        monkeypatch.setattr(Store, "sync_sources", after_an_answer)
        monkeypatch.setattr(checking, "set_up", lambda **_: None)  # the log is the tests' own
        assert run(project, "check").return_value == 0
        assert site.asked("/new")
        assert not site.asked("/old")
        with Store.open(project.database) as store:
            (link,) = store.snapshot(datetime.now().astimezone()).links
        assert link.source.url == site.url("/new")


def test_of_two_who_accept_the_second_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project.make(tmp_path, {"a": "http://127.0.0.1:1/old"})

    def meanwhile(*_: object) -> str:
        accept(project, "http://127.0.0.1:1/theirs")
        return "http://127.0.0.1:1/mine"

    monkeypatch.setattr(accepting, "_proposed", meanwhile)
    assert isinstance(run(project, "accept", "a").exception, Overtaken)
    assert load(project.config).sources[0].url == "http://127.0.0.1:1/theirs"
