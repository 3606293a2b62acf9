"""`linkwatch status`: the overview of all links, and all that is known of a few."""

from pathlib import Path

import pytest

from tests.cli.command import Project, no_traceback

CLOSED = "http://127.0.0.1:1/"  # nobody listens at port 1


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.make(tmp_path, {"a": f"{CLOSED}a", "b": f"{CLOSED}b", "c": ""})


def test_it_tells_of_links_that_were_never_checked(project: Project) -> None:
    done = project.run("status", "b", "a")
    no_traceback(done)
    assert done.returncode == 0
    assert done.stdout.index("B (b)\n=====") < done.stdout.index("A (a)\n=====")
    assert done.stdout.count("There is no approved copy of the page yet.") == 2
    assert not project.database.exists()


def test_it_tells_why_after_a_check(project: Project) -> None:
    project.run("check")
    done = project.run("status", "a")
    assert done.stdout.startswith("A (a)\n=====\n")
    text = " ".join(done.stdout.split())
    for part in (f"Address: {CLOSED}a", "What it means:", "What to do:", "How it was decided:", "Approved copy"):
        assert part in text
    assert "B (b)" not in done.stdout


def test_it_keeps_the_overview_without_ids_and_the_selection_in_json(project: Project) -> None:
    assert "All links\n---------" in project.run("status").stdout
    assert [link["id"] for link in project.run("status", "b", "--json").json["links"]] == ["b"]
