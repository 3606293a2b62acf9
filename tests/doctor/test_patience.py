"""No look is waited for longer than its time, nor by the end of the program."""

import subprocess
import sys
from threading import Event

import pytest

from linkwatch.doctor.examination import LIMIT_S, READING_S, Surroundings
from linkwatch.doctor.patience import looked, measured
from linkwatch.doctor.records import Check, well
from linkwatch.errors import LinkwatchError
from tests.cli.command import surroundings
from tests.doctor.world import NOW, World


def test_what_is_measured() -> None:
    assert measured(Check.DISK, lambda: 7, 0, within_s=60) == (7, ())


def test_what_takes_too_long_is_given_up() -> None:
    never = Event()
    value, (found,) = measured(Check.DNS, lambda: never.wait(60), None, within_s=0.01)
    assert (value, found.check, found.code) == (None, Check.DNS, "check_slow")
    never.set()


def test_what_fails_is_told() -> None:
    def fails() -> tuple[()]:
        raise LinkwatchError("A sentence of ours.")

    (found,) = looked(Check.MAIL, fails, within_s=60)
    assert (found.code, found.values) == ("check_failed", {"detail": "A sentence of ours."})


def test_what_fails_is_raised_for_whoever_wants_to_see_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKWATCH_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        looked(Check.MAIL, lambda: (well(Check.MAIL, "mail_good", server=1 // 0),), within_s=60)


def test_the_program_ends_while_a_look_hangs() -> None:
    hangs = (
        "import time; from linkwatch.doctor.patience import measured; from linkwatch.doctor.records import Check\n"
        "print(measured(Check.DNS, lambda: time.sleep(600), None, within_s=0.01)[1][0].code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", hangs], env=surroundings(), capture_output=True, text=True, timeout=90, check=True
    )
    assert done.stdout == "check_slow\n"


def test_the_database_and_its_copies_have_the_time_that_reading_takes(world: World) -> None:
    never = Event()
    world.with_around(reading_s=0.0, may=lambda path, right: path != world.copies or not never.wait(0.2))
    assert {one.check for one in world.found() if one.code == "check_slow"} == {Check.DATABASE, Check.BACKUPS}


def test_the_limits_are_those_that_are_promised() -> None:
    """In the command's help and in docs/operator.md: half a minute, two minutes for the database."""
    assert (LIMIT_S, READING_S) == (30, 120)
    asked = Surroundings(clock=lambda: NOW)
    assert 2 * asked.patience_s + 5 < asked.limit_s  # a mail server is told goodbye too
