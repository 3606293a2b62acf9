"""The commands: each builds its objects, prints and exits; what they do is done below.

Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 our own failure, 2 bad configuration or usage,
3 findings at or above --fail-on, 75 another run holds the lock, 128+N on signal N.
"""

import errno
import gc
import os
import signal
import sys
from importlib import import_module
from keyword import iskeyword
from typing import NoReturn

import click

from linkwatch import __version__
from linkwatch.cli.common import complain
from linkwatch.core.safe import plain
from linkwatch.errors import LinkwatchError

# Each command and the module beside this one that has it: only the one that is asked for is loaded.
_COMMANDS = {
    "check": "check", "status": "status", "report": "report", "digest": "digest", "serve": "serve",
    "schedule": "schedule", "listing": "listing", "accept": "accept", "init": "init", "import": "inventory",
    "export": "inventory", "outbox": "outbox", "subscribers": "subscribers", "token": "token", "backup": "backup",
    "restore": "backup", "prune": "prune", "doctor": "doctor", "metrics": "metrics", "config": "config",
    "demo": "demo",
}  # fmt: skip


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        gc.disable()  # what is imported stays: to look for garbage in it takes a twentieth of the start
        module = import_module(f"linkwatch.cli.{_COMMANDS[cmd_name]}")
        gc.freeze()
        gc.enable()
        command: click.Command = getattr(module, f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="linkwatch", message="%(prog)s %(version)s")
def cli() -> None:
    """Watches the links that you publish to other people's pages.

    \b
    Exit codes:  0  done (findings are no failure unless asked for)
                 1  linkwatch itself failed, and says why
                 2  bad configuration or usage
                 3  findings at or above --fail-on
                75  another run holds the lock
             128+N  ended by signal N
    """


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command and exit with the contract's code, whatever happens."""
    sys.exit(_run(arguments))


def _run(arguments: list[str] | None) -> int:
    _open_closed_streams()
    try:
        code = cli.main(arguments, prog_name="linkwatch", standalone_mode=False)
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        return 128 + signal.SIGINT
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except LinkwatchError as error:
        complain(str(error))
        return error.exit_code
    except BrokenPipeError:
        return _reader_has_gone()
    except OSError as error:
        complain(_system_sentence(error))
        return _leave_stdout(1)
    except Exception as error:
        return _own_bug(error)
    return code if isinstance(code, int) else 0


def _open_closed_streams() -> None:
    """Started with `>&-` or `2>&-` Python has no stream at all, and every print would be a fault of ours."""
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  (open until the end)
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def _reader_has_gone() -> int:
    """`linkwatch status | head -1` is no failure to report; end as the signal would have ended us."""
    return _leave_stdout(128 + signal.SIGPIPE)


def _leave_stdout(code: int) -> int:
    """Python flushes stdout once more at exit: give it somewhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _system_sentence(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "The disk is full: free some space and run the same command again; nothing written before is lost."
    where = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror or error}{where}."


def _own_bug(error: Exception) -> int:
    if os.environ.get("LINKWATCH_DEBUG"):
        raise error
    complain(
        f"A fault in linkwatch itself ({type(error).__name__}: {plain(str(error))[:300]}). "
        "Run it again with LINKWATCH_DEBUG=1 to see where, and please report it."
    )
    return 1
