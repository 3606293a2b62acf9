import json
from collections.abc import Callable
from pathlib import Path

import pytest

from linkwatch.cli import _run
from linkwatch.store.tokens import Tokens
from tests.cli.command import Done, Project

Run = Callable[..., Done]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.make(tmp_path, {"a": "https://a.example/"})


@pytest.fixture
def run(project: Project, capsys: pytest.CaptureFixture[str]) -> Run:
    """`linkwatch token …`, in this process."""

    def run(*arguments: str) -> Done:
        code = _run(["token", *arguments, "--config", str(project.config)])
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return run


def test_it_makes_a_token_that_works_and_prints_nothing_else_to_stdout(project: Project, run: Run) -> None:
    done = run("add", "Åsa Öberg", "--role", "editor")
    assert done.returncode == 0
    assert "Token for Åsa Öberg (editor)" in done.stderr
    with Tokens.open(project.database, create=False) as tokens:
        found = tokens.find(done.stdout.removesuffix("\n"))
    assert found
    assert found.name == "Åsa Öberg"


def test_it_lists_them_without_their_secrets(run: Run) -> None:
    secret = run("add", "Anna", "--role", "editor").stdout.strip()
    run("add", "robot", "--role", "viewer")
    listed, data = run("list"), run("list", "--json")
    assert [line.split()[:2] for line in listed.stdout.splitlines()] == [["Anna", "editor"], ["robot", "viewer"]]
    assert [(one["name"], one["role"]) for one in json.loads(data.stdout)] == [("Anna", "editor"), ("robot", "viewer")]
    assert secret not in listed.stdout + data.stdout


def test_it_has_nothing_to_list_before_there_is_any(project: Project, run: Run) -> None:
    assert (run("list").stdout, run("list", "--json").stdout) == ("", "[]\n")
    assert not project.database.exists()


def test_it_revokes(run: Run) -> None:
    run("add", "Anna", "--role", "editor")
    done = run("revoke", "Anna")
    assert (done.returncode, done.stdout) == (0, "")
    assert run("list").stdout == ""
    again = run("revoke", "Anna")
    assert again.returncode == 2
    assert "There is no token for Anna" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "Anna"), "--role"),
        (("add", "Anna", "--role", "king"), "'king'"),
        (("add", " ", "--role", "editor"), "must be 1 to 100 characters"),
        (("add", "a\x1b[31mb", "--role", "editor"), "must be 1 to 100 characters"),
        (("revoke", "Nils"), "no token for Nils"),
    ],
)
def test_it_says_what_is_wrong(run: Run, arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_it_makes_no_second_token_of_a_name(run: Run) -> None:
    run("add", "Anna", "--role", "editor")
    done = run("add", "Anna", "--role", "operator")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'Anna' already" in done.stderr
