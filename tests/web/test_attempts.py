from datetime import timedelta

from linkwatch.web.attempts import Attempts
from tests.report.sample import NOW

MINUTE = timedelta(minutes=1)


def test_it_lets_an_address_fail_so_often_and_then_wait() -> None:
    attempts = Attempts(each=3, in_all=100, within=5 * MINUTE)
    for n in range(3):
        assert attempts.wait("203.0.113.5", NOW + n * MINUTE) is None
        attempts.failed("203.0.113.5", NOW + n * MINUTE)
    assert attempts.wait("203.0.113.5", NOW + 3 * MINUTE) == 2 * MINUTE
    assert attempts.wait("203.0.113.6", NOW + 3 * MINUTE) is None
    assert attempts.wait("203.0.113.5", NOW + 5 * MINUTE) is None


def test_it_takes_one_subscriber_for_one_whatever_address_of_theirs_they_use() -> None:
    attempts = Attempts(each=2)
    attempts.failed("2001:db8:0:1::1", NOW)
    attempts.failed("2001:db8:0:1:ffff::2", NOW)
    assert attempts.wait("2001:db8:0:1::3", NOW)
    assert attempts.wait("2001:db8:0:2::3", NOW) is None
    attempts.failed("::ffff:203.0.113.5", NOW)
    assert attempts.wait("::ffff:203.0.113.6", NOW) is None


def test_it_makes_all_wait_who_failed_when_there_are_too_many_and_nobody_else() -> None:
    attempts = Attempts(each=10, in_all=20)
    for n in range(20):
        attempts.failed(f"203.0.113.{n}", NOW)
    assert attempts.wait("203.0.113.7", NOW)
    assert attempts.wait("198.51.100.1", NOW) is None


def test_it_stays_small() -> None:
    attempts = Attempts(each=10, in_all=50)
    for n in range(10_000):
        attempts.failed(f"somewhere {n}", NOW)
    assert len(attempts._failed) == 50
