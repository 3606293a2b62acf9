#!/usr/bin/env python3
"""Everything from a fresh clone with nothing but Python ≥ 3.11 and pip:

    python3 do.py demo            the main job on a small web of its own
    python3 do.py test [ARG…]     the tests (arguments go to pytest)
    python3 do.py lint            style and types
    python3 do.py ANYTHING …      linkwatch ANYTHING …

It makes `.venv` beside this file, puts the locked, hashed dependencies there, and starts what was asked for. Works
where Python refuses to install outside a virtual environment (PEP 668) and where ensurepip is missing.
"""

import hashlib
import os
import subprocess
import sys
import venv
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / "bin" / "python"
RUNTIME = HERE / "requirements.lock"
DEVELOPMENT = HERE / "requirements-dev.lock"
TOOLS = ("test", "lint", "python")


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036  (the one file that an older Python may be asked to run)
        return complain("linkwatch needs Python 3.11 or later; this is " + sys.version.split()[0] + ".")
    command, rest = (arguments[0], arguments[1:]) if arguments else ("--help", [])
    try:
        prepare(DEVELOPMENT if command in TOOLS else RUNTIME)
        compile_anew()
    except (OSError, subprocess.CalledProcessError) as error:
        return complain(f"The environment could not be set up ({error}). Mend that and run the same command again.")
    return start(command, rest)


def start(command: str, rest: list[str]) -> int:
    os.environ["PYTHONUTF8"] = "1"
    os.environ.setdefault("LINKWATCH_COMMAND", "python3 do.py")  # what its hints tell people to type
    match command:
        case "test":
            return become(["-m", "pytest", *rest], folder=HERE)
        case "lint":
            checks = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"])
            return max(subprocess.run([PYTHON, "-m", *check], check=False, cwd=HERE).returncode for check in checks)
        case "python":
            return become(rest)
        case _:
            return become(["-m", "linkwatch", command, *rest])


def become(arguments: list[str], folder: Path | None = None) -> NoReturn:
    """This process goes on as the environment's Python: signals, exit code and terminal are its own."""
    os.chdir(folder or Path.cwd())
    os.execv(PYTHON, [str(PYTHON), *arguments])


def prepare(lock: Path) -> None:
    """Bring `.venv` to what the lock says. A stamp of the lock's content makes a second start immediate."""
    if PYTHON.exists() and is_stamped(lock):
        return
    say("Setting up (once; some seconds) …")
    if not runs(PYTHON):
        venv.create(VENV, with_pip=False, clear=True)
    pip = installer()
    run([*pip, "install", "--require-hashes", "--only-binary", ":all:", "-r", str(lock)])
    site_packages().joinpath("linkwatch.pth").write_text(f"{HERE}\n", encoding="utf-8")
    for covered in {RUNTIME, lock}:
        stamp(covered).write_text(digest(covered), encoding="ascii")


def compile_anew() -> None:
    """Whoever runs it from here later may not be allowed to write: without bytecode each start takes a fifth longer."""
    mark = VENV / "compiled.stamp"
    newest = max(source.stat().st_mtime for source in HERE.glob("linkwatch/**/*.py"))
    if not mark.exists() or mark.stat().st_mtime < newest:
        # Whatever keeps it from being written is no reason not to start.
        subprocess.run([PYTHON, "-m", "compileall", "-q", str(HERE / "linkwatch")], check=False, capture_output=True)
        with suppress(OSError):
            mark.touch()


def is_stamped(lock: Path) -> bool:
    return stamp(lock).exists() and stamp(lock).read_text(encoding="ascii") == digest(lock)


def stamp(lock: Path) -> Path:
    return VENV / f"{lock.name}.stamp"


def digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def installer() -> list[str]:
    """This machine's pip, told to install into `.venv`: the environment needs no pip of its own."""
    return [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(PYTHON)]


def site_packages() -> Path:
    return next(VENV.glob("lib/python3.*/site-packages"))


def runs(python: Path) -> bool:
    """Whether an environment is there and its Python still works (the machine's may have been replaced)."""
    return python.exists() and subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0


def run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr)


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def complain(sentence: str) -> int:
    say(f"do.py: {sentence}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
