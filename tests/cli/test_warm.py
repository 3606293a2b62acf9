"""A command that is forked from one which has read the modules is as one that a new Python runs."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.command import Project, command_line, linkwatch, start, surroundings
from tests.web.desk import eventually


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.make(tmp_path / "project", {"a": "", "b": ""})


@pytest.mark.parametrize(
    ("line", "code"), [("--version", 0), ("export", 0), ("subscribers", 0), ("nonsense", 2), ("check a b --x", 2)]
)
def test_it_says_and_ends_the_same(project: Project, line: str, code: int) -> None:
    environment = {"LINKWATCH_CONFIG": str(project.config)}
    warm = linkwatch(*line.split(), environment=environment)
    assert warm == linkwatch(*line.split(), environment=environment, is_cold=True)
    assert warm.returncode == code


def test_it_has_the_folder_and_the_environment_of_now(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = linkwatch("export", "--config", str(project.config)).stdout
    monkeypatch.chdir(project.config.parent)
    assert linkwatch("export", "--config", project.config.name).stdout == said
    monkeypatch.setenv("LINKWATCH_CONFIG", str(tmp_path / "nowhere.toml"))
    assert "nowhere.toml" in linkwatch("export").stderr
    assert linkwatch("export", environment={"LINKWATCH_CONFIG": str(project.config)}).stdout == said


def test_what_is_read_at_the_start_of_python_is_heard(project: Project) -> None:
    done = linkwatch("status", "--config", str(project.config), environment={"PYTHONVERBOSE": "1"})
    assert "import 'linkwatch.cli.status'" in done.stderr


def test_it_has_no_more_open_than_a_process_that_was_started(project: Project) -> None:
    """Nor blocks or ignores other signals."""
    command = ("serve", "--listen", "127.0.0.1:0", "--config", str(project.config))
    cold = subprocess.Popen(command_line(*command), env=surroundings(), stderr=subprocess.PIPE, text=True)
    beside = start(*command)  # whose streams are none of the next one's
    warm = start(*command, stdout=subprocess.DEVNULL)
    try:
        for process in (cold, warm):
            assert process.stderr
            assert any("http://" in line for line in process.stderr)
        eventually(lambda: _pipes_and_sockets(cold.pid) == _pipes_and_sockets(warm.pid))
        assert _signals(cold.pid) == _signals(warm.pid)
    finally:
        for process in (cold, warm, beside):
            process.kill()
            process.communicate()
    assert warm.returncode == cold.returncode == -signal.SIGKILL


def _pipes_and_sockets(process: int) -> list[str]:
    opened = [str(one.readlink()) for one in Path(f"/proc/{process}/fd").iterdir() if one.is_symlink()]
    return sorted(one.partition(":")[0] for one in opened if one.startswith(("pipe:", "socket:")))


def _signals(process: int) -> list[str]:
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return [line for line in lines if line.startswith(("SigBlk", "SigIgn", "SigCgt"))]


def test_who_waits_too_long_is_told(project: Project) -> None:
    command = start("serve", "--listen", "127.0.0.1:0", "--config", str(project.config))
    assert command.poll() is None
    began = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        command.communicate(timeout=0.1)
    assert command.wait(10) == -signal.SIGKILL
    assert time.monotonic() - began < 10
