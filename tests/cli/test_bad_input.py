"""Bad input gets one clear sentence and the right exit code, and nothing is lost."""

import sqlite3
from pathlib import Path

import pytest

from tests.cli.command import Project, linkwatch, no_traceback


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.make(tmp_path, links={"a": "http://127.0.0.1:9/"})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chek"], "No such command 'chek'"),
        (["check", "--fail-on", "never"], "Invalid value for '--fail-on'"),
        (["check", "b"], "There is no source with the id 'b' in sources.toml; did you mean"),
        (["status", "nowhere"], "There is no source with the id 'nowhere' in sources.toml"),
        (["report", "--format", "docx"], "Invalid value for '--format'"),
        (["check", "--config", "/nowhere/sources.toml"], "/nowhere/sources.toml: there is no such file"),
    ],
)
def test_it_says_how_it_was_called_wrongly(project: Project, arguments: list[str], said: str) -> None:
    project.add("bb", "http://127.0.0.1:9/")
    done = project.run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    no_traceback(done)


def test_it_visits_nothing_with_a_bad_configuration(project: Project) -> None:
    project.config.write_text(project.config.read_text(encoding="utf-8") + 'colour = "red"\n', encoding="utf-8")
    done = project.run("check")
    assert done.returncode == 2
    assert "sources.toml:" in done.stderr
    assert "unknown key" in done.stderr
    assert not project.database.exists()


def test_it_says_when_the_configuration_is_good_only_to_a_person(project: Project) -> None:
    done = project.run("config", "check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_shows_every_link_as_unknown_before_the_first_run(project: Project) -> None:
    done = project.run("status", "--json")
    assert done.json["run"] is None
    assert done.json["summary"] == {"unknown": 1}
    assert not project.database.exists()


@pytest.mark.parametrize("command", ["check", "status"])
def test_it_leaves_a_file_alone_that_is_no_database(project: Project, command: str) -> None:
    project.database.parent.mkdir()
    project.database.write_text("en inköpslista, ingen databas" * 100, encoding="utf-8")
    before = project.database.read_bytes()
    done = project.run(command)
    assert done.returncode == 1
    assert "linkwatch.db" in done.stderr
    assert done.stderr.count("\n") == 1
    assert project.database.read_bytes() == before


def test_it_leaves_another_programs_database_alone(project: Project) -> None:
    project.database.parent.mkdir()
    with sqlite3.connect(project.database) as other:
        other.execute("create table bookmarks (url text)")
    other.close()
    before = project.database.read_bytes()
    done = project.run("check")
    assert done.returncode == 1
    assert "bookmarks" in done.stderr
    assert project.database.read_bytes() == before


def test_it_says_when_a_damaged_database_cannot_be_used(project: Project) -> None:
    assert project.run("check").returncode == 0
    whole = project.database.read_bytes()
    project.database.write_bytes(whole[:4096] + b"\x7f" * (len(whole) - 4096))
    done = project.run("check")
    assert done.returncode == 1
    assert "linkwatch.db" in done.stderr
    no_traceback(done)


def test_it_says_when_the_database_folder_cannot_be_made(project: Project) -> None:
    project.database.parent.write_text("a file where a folder should be", encoding="utf-8")
    done = project.run("check")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    no_traceback(done)


def test_it_says_when_a_report_cannot_be_written(project: Project) -> None:
    done = project.run("report", "--out", "/proc/nowhere/report.html")
    assert done.returncode == 1
    assert "/proc/nowhere/report.html cannot be written" in done.stderr
    no_traceback(done)


def test_it_says_when_stdout_is_full(project: Project) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = linkwatch("status", "--config", str(project.config), stdout=full)
    assert done.returncode == 1
    assert "disk is full" in done.stderr
    no_traceback(done)


def test_it_ends_quietly_when_nobody_reads_on(project: Project) -> None:
    for number in range(300):
        project.add(f"s{number}", "http://127.0.0.1:9/" + "x" * 500)
    done = linkwatch("status", "--json", "--config", str(project.config), shell="| head -c 10")
    assert done.stderr == ""


def test_it_takes_the_configuration_from_the_environment(project: Project) -> None:
    done = linkwatch("status", "--json", environment={"LINKWATCH_CONFIG": str(project.config)}, is_cold=True)
    assert [link["id"] for link in done.json["links"]] == ["a"]


def test_it_tells_its_version_and_its_commands() -> None:
    assert linkwatch("--version", is_cold=True).stdout.startswith("linkwatch 0.")
    told = linkwatch("--help", is_cold=True).stdout
    for word in ("check", "status", "report", "accept", "init", "import", "export", "demo", "config", "75"):
        assert word in told


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_it_runs_without_a_stream_to_print_to(project: Project, closed: str) -> None:
    done = linkwatch("status", "--config", str(project.config), shell=closed)
    assert done.returncode == 0
    no_traceback(done)


def test_it_takes_an_empty_database_file_for_a_new_one(project: Project) -> None:
    project.database.parent.mkdir()
    project.database.touch()
    assert project.run("status", "--json").json["summary"] == {"unknown": 1}


def test_it_says_when_the_configuration_is_too_deep_to_read(project: Project) -> None:
    project.config.write_text("a = " + "[" * 5000 + "]" * 5000, encoding="utf-8")
    done = project.run("config", "check")
    assert done.returncode == 2
    no_traceback(done)


def test_it_warns_of_a_selection_that_no_link_fits(project: Project) -> None:
    text = project.config.read_text(encoding="utf-8")
    mail = '[mail]\nserver = "127.0.0.1:9"\nsecurity = "none"\nfrom = "lankar@example.se"\n'
    chosen = '[[subscriber]]\naddress = "anna@example.se"\nonly = { tags = ["servise"] }\n'
    project.config.write_text(f'{text}tags = ["service"]\n{mail}{chosen}', encoding="utf-8")
    done = project.run("config", "check")
    assert (done.returncode, done.stdout) == (0, "")
    assert 'anna@example.se wants only links with tags = "servise", and no link has that.' in done.stderr
    assert 'Did you mean "service"?' in done.stderr
