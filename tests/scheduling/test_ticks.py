import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from linkwatch.errors import LinkwatchError
from linkwatch.scheduling.ticks import Beat, Ticks, _Every


def until(holds: object, seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.01)
    return False


def test_it_ticks_at_once_and_then_every_so_often_until_it_is_stopped() -> None:
    done: list[float] = []
    ticks = Ticks({"check": (0.1, lambda _: done.append(time.monotonic()))})
    ticks.start()
    assert until(lambda: len(done) >= 3)
    ticks.stop()
    number = len(done)
    time.sleep(0.2)
    assert len(done) == number


def test_what_fails_is_tried_again_and_keeps_none_of_the_others() -> None:
    done: list[str] = []

    def fail(_: Beat) -> None:
        done.append("failed")
        raise (LinkwatchError if len(done) % 2 else RuntimeError)("planted")

    ticks = Ticks({"bad": (0.05, fail), "good": (0.05, lambda _: done.append("good"))})
    ticks.start()
    assert until(lambda: done.count("failed") >= 3 and done.count("good") >= 3)
    ticks.stop()


def test_one_that_takes_long_is_not_begun_twice() -> None:
    at_it, most = [0], [0]
    begun = threading.Event()

    def work(_: Beat) -> None:
        at_it[0] += 1
        most[0] = max(most[0], at_it[0])
        begun.set()
        time.sleep(0.15)
        at_it[0] -= 1

    ticks = Ticks({"check": (0.02, work)})
    ticks.start()
    begun.wait(10)
    time.sleep(0.2)
    ticks.stop()  # and what is under way is waited for
    assert (most[0], at_it[0]) == (1, 0)


def test_a_clock_that_was_set_back_does_not_stop_it() -> None:
    done: list[float] = []
    ticks = Ticks({"check": (0.05, lambda _: done.append(time.monotonic()))})
    ticks.start()
    assert until(lambda: len(done) >= 1)
    ticks._scheduler.get_job("check").modify(next_run_time=datetime.now(UTC) + timedelta(days=365))
    time.sleep(0.2)
    number = len(done)
    ticks.nudge()
    assert until(lambda: len(done) > number)
    ticks.stop()


@pytest.mark.parametrize("ahead", [timedelta(seconds=1), timedelta(days=7305)])
def test_a_clock_that_leaps_ahead_has_missed_nothing(ahead: timedelta) -> None:
    now = datetime(2026, 11, 27, tzinfo=UTC)
    trigger = _Every(60)
    assert trigger.get_next_fire_time(None, now) == now + timedelta(seconds=60)
    assert trigger.get_next_fire_time(now, now + ahead) > now + ahead - timedelta(seconds=1)
    assert trigger.get_next_fire_time(now, now + timedelta(days=7305)) == now + timedelta(days=7305, seconds=60)


def test_one_that_gives_no_sign_of_life_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linkwatch.scheduling.ticks._HUNG_S", 0.2)
    begun, go_on = threading.Event(), threading.Event()

    def hang(beat: Beat) -> None:
        begun.set()
        while not go_on.is_set():
            go_on.wait(0.01)
            beat() if lives else None

    lives = True
    ticks = Ticks({"check": (0.01, hang)})
    ticks.start()
    begun.wait(10)
    time.sleep(0.3)
    assert ticks.hung() is None  # at it for long, and alive
    lives = False
    assert until(lambda: ticks.hung() == "check")
    go_on.set()
    ticks.stop()
    assert ticks.hung() is None
