"""`linkwatch metrics`: to stdout, or as a file that node_exporter reads."""

import os
import stat
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from linkwatch.config import load
from linkwatch.store import Store
from linkwatch.textfile import write_metrics
from tests.cli.command import Done, Project, no_traceback
from tests.store.storing import NOW


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Watches three links, none of them visited yet."""
    made = Project.make(tmp_path, {"a": "http://127.0.0.1:1/", "b": "http://127.0.0.1:2/", "c": ""})
    with Store.open(made.database) as store:
        store.sync_sources(load(made.config).watched, NOW)
    return made


def links(text: str) -> dict[str, float]:
    found = [family for family in parse(text) if family.name == "linkwatch_links"]
    return {sample.labels["state"]: sample.value for family in found for sample in family.samples if sample.value}


def test_it_prints_what_prometheus_reads(project: Project) -> None:
    done = project.run("metrics")
    assert (done.returncode, done.stderr) == (0, "")
    assert links(done.stdout) == {"unknown": 2, "no_link": 1}
    assert done.stdout.endswith("\n")
    assert "\n\n" not in done.stdout


def test_it_writes_the_same_to_a_file_for_everybody_to_read_and_says_nothing(project: Project) -> None:
    path = project.folder / "collector" / "linkwatch.prom"
    assert project.run("metrics", "--out", str(path)) == Done(0, "", "")
    assert links(path.read_text(encoding="utf-8")) == {"unknown": 2, "no_link": 1}
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [one.name for one in path.parent.iterdir()] == ["linkwatch.prom"]


def test_a_new_file_is_for_everybody_to_read_whatever_the_umask(project: Project) -> None:
    path, before = project.folder / "linkwatch.prom", os.umask(0o077)
    try:
        write_metrics(load(project.config), path, NOW)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_it_replaces_the_file_whole_and_keeps_the_mode_that_somebody_gave_it(project: Project) -> None:
    path = project.folder / "linkwatch.prom"
    path.write_text("linkwatch_links 99\n", encoding="utf-8")
    path.chmod(0o640)
    with path.open(encoding="utf-8") as being_read:
        write_metrics(load(project.config), path, NOW)
        assert being_read.read() == "linkwatch_links 99\n"
    assert links(path.read_text(encoding="utf-8")) == {"unknown": 2, "no_link": 1}
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_where_there_is_no_database_it_says_so_and_leaves_the_file_alone(tmp_path: Path) -> None:
    project, path = Project.make(tmp_path, {"a": "http://127.0.0.1:1/"}), tmp_path / "linkwatch.prom"
    path.write_text("before\n", encoding="utf-8")
    done = project.run("metrics", "--out", str(path))
    no_traceback(done)
    assert done.returncode == 1
    assert "linkwatch check" in done.stderr
    assert path.read_text(encoding="utf-8") == "before\n"
    assert not project.database.exists()


def test_a_file_that_cannot_be_written_is_a_failure_in_one_sentence(project: Project) -> None:
    done = project.run("metrics", "--out", str(project.config / "linkwatch.prom"))
    no_traceback(done)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
