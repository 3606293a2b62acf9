"""`linkwatch doctor`: one line a check, the remedy with it, and what a script reads of it."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from linkwatch.cli import cli
from linkwatch.cli.common import now
from tests.cli.command import Done, Project, no_traceback
from tests.doctor.world import dated
from tests.servers import Site, running


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.make(tmp_path, {"a": "http://127.0.0.1:1/"}, monitor="contact = 'webb@myndigheten.se'")


def doctor(project: Project, *arguments: str) -> Done:
    done = project.run("doctor", *arguments)
    no_traceback(done)
    assert done.stderr == ""
    return done


def test_it_says_each_check_on_a_line_and_exits_0_without_a_fault(project: Project) -> None:
    site = Site(otherwise=dated(now()))
    with running(site):
        project.add("b", f"http://127.0.0.1:{site.port}/")
        text = project.config.read_text(encoding="utf-8").replace("127.0.0.1:1/", f"127.0.0.1:{site.port}/")
        project.config.write_text(text, encoding="utf-8")
        done = doctor(project)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "ok       configuration: 2 links are watched."
    assert "warning  database: There is no database yet. Run linkwatch check." in lines
    assert {line.split()[0] for line in lines} == {"ok", "warning"}


def test_it_names_a_fault_with_its_remedy_and_exits_1(project: Project) -> None:
    done = doctor(project)
    assert done.returncode == 1
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("fault")]
    assert line.startswith("fault    network: None of 127.0.0.1 answers (")
    assert line.endswith("Check the network, and that the firewall lets ports 80 and 443 out.")


def test_it_asks_nobody_offline(project: Project) -> None:
    done = doctor(project, "--offline")
    assert done.returncode == 0
    assert "network" not in done.stdout


def test_scripts_read_json(project: Project) -> None:
    done = doctor(project, "--json")
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert said["ok"] is False
    (fault,) = [one for one in said["checks"] if one["level"] == "fault"]
    assert (fault["check"], fault["code"]) == ("network", "network_failed")
    assert fault["do"].startswith("Check the network")
    assert all(one["do"] is None for one in said["checks"] if one["level"] == "ok")
    assert json.loads(doctor(project, "--json", "--offline").stdout)["ok"] is True


def test_a_bad_configuration_is_a_finding_too(project: Project) -> None:
    project.config.write_text("[monitor]\nlanguage = 'fi'\n[[source]]\n", encoding="utf-8")
    done = doctor(project)
    assert done.returncode == 1
    assert done.stdout.startswith("fel      inställningar: ")
    assert "sources.toml:2: monitor.language" in done.stdout
    assert done.stdout.count("\n") == 1


def test_one_that_may_not_be_read_is_one_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no wrong usage."""
    may = os.access
    monkeypatch.setattr(
        os, "access", lambda path, *more, **how: path != str(project.config) and may(path, *more, **how)
    )
    line = ["doctor", "--offline", "--config", str(project.config)]
    done = CliRunner().invoke(cli, line, standalone_mode=False)
    assert "Usage" not in done.output
    assert done.return_value == 0


def test_a_check_that_cannot_be_made_keeps_no_other_from_being_told(project: Project) -> None:
    project.database.parent.mkdir()
    project.database.symlink_to(project.database)
    done = doctor(project, "--json", "--offline")
    assert done.returncode == 1
    said = {one["check"]: one for one in json.loads(done.stdout)["checks"]}
    assert said["permissions"]["code"] == "check_failed"
    assert "Symlink loop" in said["permissions"]["found"]
    assert said["database"]["code"] == "database_unusable"
    assert "backups" in said


def test_status_says_so_too_where_the_database_has_no_place(project: Project) -> None:
    project.database.parent.write_text("no folder", encoding="utf-8")
    assert doctor(project, "--offline").returncode == 1
    done = project.run("status")
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be looked at (Not a directory): point `database` at" in done.stderr


def test_it_says_nothing_that_commands_a_terminal(project: Project) -> None:
    project.config.write_text('[monitor]\ntitle = "x"\n"\\u001b[31m" = 1\n', encoding="utf-8")
    done = doctor(project)
    assert "\x1b" not in done.stdout


def test_it_makes_nothing(project: Project) -> None:
    before = sorted(project.folder.rglob("*"))
    doctor(project)
    assert sorted(project.folder.rglob("*")) == before
