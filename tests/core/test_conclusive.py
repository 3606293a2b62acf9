from datetime import timedelta

import pytest

from linkwatch.core.conclusive import PATIENCE, Tally, Witness, independent_host
from linkwatch.core.models import Code, State, Verdict

OK, BAD, NEW, WALLED = State.OK, State.BROKEN, State.UNKNOWN, State.UNVERIFIABLE


def tally(*said: tuple[State, Code, str | None], same_host: bool = False) -> Tally:
    counted = Tally()
    for number, (before, code, reason) in enumerate(said):
        name = "one" if same_host else f"site{number}"
        url = f"https://www.{name}.se/sida{number}"
        counted.add(Witness(url=url, before=before, verdict=found(code, reason)))
    return counted


def found(code: Code, reason: str | None) -> Verdict:
    return Verdict(code=code, reason=reason, saw_page=code in (Code.OK, Code.CHANGED))


def lot(n: int, before: State, code: Code, reason: str | None = None) -> list[tuple[State, Code, str | None]]:
    return [(before, code, reason)] * n


@pytest.mark.parametrize(
    ("said", "judgement"),
    [
        ([], "conclusive"),
        (lot(21, OK, Code.OK), "conclusive"),
        (lot(21, OK, Code.UNREACHABLE, "dns_failure"), "inconclusive"),
        (lot(21, NEW, Code.UNREACHABLE, "connect_refused"), "inconclusive"),
        (lot(21, NEW, Code.INCONCLUSIVE, "no_route"), "inconclusive"),
        (lot(10, OK, Code.UNREACHABLE) + lot(11, OK, Code.OK), "conclusive"),
        (lot(11, OK, Code.UNREACHABLE) + lot(10, OK, Code.OK), "inconclusive"),
        (lot(15, NEW, Code.NOT_FOUND) + lot(6, NEW, Code.OK), "conclusive"),  # an old list: they did answer
        (lot(15, OK, Code.SERVER_ERROR) + lot(6, OK, Code.OK), "inconclusive"),  # all at once: a proxy of ours
        (lot(21, OK, Code.FORBIDDEN_ADDRESS), "inconclusive"),  # a name server that lies
        (lot(21, OK, Code.UNREADABLE), "inconclusive"),  # a portal with an empty page
        (lot(21, NEW, Code.FORBIDDEN_ADDRESS), "conclusive"),  # as configured: nothing was well before
        (lot(12, WALLED, Code.BLOCKED) + lot(9, OK, Code.OK), "conclusive"),
        (lot(12, WALLED, Code.NOT_FOUND) + lot(5, OK, Code.NOT_FOUND) + lot(4, OK, Code.OK), "inconclusive"),
        (lot(15, OK, Code.LOGIN_REQUIRED) + lot(6, OK, Code.OK), "inconclusive"),  # a captive portal
        (lot(15, BAD, Code.NOT_FOUND) + lot(6, OK, Code.OK), "conclusive"),  # known to be broken
        (lot(15, BAD, Code.UNREACHABLE) + lot(2, OK, Code.UNREACHABLE) + lot(1, OK, Code.OK), "inconclusive"),
        (lot(21, BAD, Code.NOT_FOUND), "conclusive"),
        (lot(21, BAD, Code.UNREACHABLE, "read_timeout"), "inconclusive"),  # nobody left to ask
        (lot(21, NEW, Code.TLS_ERROR, "expired"), "inconclusive"),  # our clock
        (lot(1, OK, Code.NOT_FOUND), "conclusive"),
        (lot(1, OK, Code.UNREACHABLE, "dns_failure"), "inconclusive"),
        (lot(1, OK, Code.UNREACHABLE, "connect_refused"), "ask_controls"),
        (lot(2, OK, Code.UNREACHABLE, "connect_timeout"), "ask_controls"),
        (lot(1, OK, Code.UNREACHABLE, "connect_refused") + lot(1, OK, Code.OK), "conclusive"),
        (lot(5, OK, Code.INCONCLUSIVE, "internal"), "conclusive"),
    ],
)
def test_it_tells_our_own_network_from_theirs(said: list[tuple[State, Code, str | None]], judgement: str) -> None:
    assert tally(*said).judgement() == judgement


def test_it_counts_hosts_not_links() -> None:
    assert tally(*lot(400, OK, Code.UNREACHABLE, "connect_refused"), same_host=True).judgement() == "ask_controls"


def test_it_believes_hosts_that_answer_after_a_week_of_doubt() -> None:
    most_dead = tally(*lot(15, OK, Code.NOT_FOUND), *lot(6, OK, Code.OK))
    silence = tally(*lot(21, OK, Code.UNREACHABLE, "dns_failure"))
    assert most_dead.judgement(doubted_for=PATIENCE - timedelta(hours=1)) == "inconclusive"
    assert most_dead.judgement(doubted_for=PATIENCE) == "conclusive"
    assert silence.judgement(doubted_for=PATIENCE) == "inconclusive"


def test_it_is_certain_once_most_hosts_are_well() -> None:
    assert not tally(*lot(10, OK, Code.OK)).is_certain(21)
    assert tally(*lot(11, OK, Code.OK)).is_certain(21)
    assert not tally(*lot(400, OK, Code.OK), same_host=True).is_certain(21)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://utveckling.skane.se/a", "skane.se"),
        ("https://www.skane.se/b", "skane.se"),
        ("http://127.0.0.1:8001/", "127.0.0.1:8001"),
        ("http://localhost:8001/", "localhost:8001"),
        ("https://www.region.example/", "region.example"),
    ],
)
def test_it_tells_hosts_apart_by_who_runs_them(url: str, host: str) -> None:
    assert independent_host(url) == host


def test_it_tells_a_dead_line_from_hosts_that_answer_otherwise() -> None:
    assert tally(*lot(5, OK, Code.NOT_FOUND)).some_changed
    assert not tally(*lot(5, OK, Code.UNREACHABLE)).some_changed
