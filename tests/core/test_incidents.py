from datetime import UTC, datetime, timedelta

from linkwatch.core.incidents import FLAP, WINDOW, Register
from linkwatch.core.models import Belief, Code, Incident, Source, State

START = datetime(2026, 1, 12, 8, tzinfo=UTC)


def source(id: str, owner: str = "Region Kalmar", host: str = "rfkl.se") -> Source:
    return Source(id=id, name=id, url=f"https://{host}/{id}", owner=owner)


def failing(code: Code = Code.MOVED_TO_HOME, state: State = State.FAILING, reason: str | None = None) -> Belief:
    return Belief(state=state, finding=code, finding_reason=reason)


WELL = Belief(state=State.OK, finding=Code.OK)


def note(register: Register, source: Source, belief: Belief, days: float = 0) -> Incident:
    incident = register.note(source, belief, START + timedelta(days=days))
    assert incident is not None
    return incident


def test_it_tells_links_of_one_owner_that_fail_alike_as_one() -> None:
    register = Register([])
    note(register, source("a"), failing())
    note(register, source("b", host="other.se"), failing())
    last = note(register, source("c"), failing(), days=1)
    assert last.links == ("a", "b", "c")
    assert last.opened_at == START


def test_it_tells_links_of_one_host_as_one_whoever_owns_them() -> None:
    register = Register([])
    note(register, source("a"), failing())
    assert note(register, source("b", owner="Länsstyrelsen"), failing()).links == ("a", "b")


def test_it_tells_apart_what_fails_otherwise_elsewhere_or_later() -> None:
    register = Register([])
    note(register, source("a"), failing())
    assert note(register, source("b"), failing(Code.NOT_FOUND)).links == ("b",)
    assert note(register, source("c", owner="Region Halland", host="x.se"), failing()).links == ("c",)
    assert note(register, source("d"), failing(), days=WINDOW.days + 1).links == ("d",)


def test_it_keeps_a_link_in_its_incident_when_the_failure_changes_its_face() -> None:
    register = Register([])
    first = note(register, source("a"), failing(Code.SERVER_ERROR))
    again = note(register, source("a"), failing(Code.UNREACHABLE), days=1)
    assert (again.id, again.code) == (first.id, Code.SERVER_ERROR)


def test_it_counts_flapping_as_one_incident_not_five() -> None:
    register = Register([])
    ids = set()
    for day in range(0, 20, 4):
        ids.add(note(register, source("a"), failing(), days=day).id)
        assert note(register, source("a"), WELL, days=day + 2).closed_at is not None
    assert len(ids) == 1
    assert note(register, source("a"), failing(), days=18 + FLAP.days + 1).id not in ids


def test_it_closes_when_the_last_link_has_recovered() -> None:
    register = Register([])
    note(register, source("a"), failing())
    note(register, source("b"), failing())
    assert note(register, source("a"), WELL, days=1).closed_at is None
    closed = note(register, source("b"), WELL, days=2)
    assert (closed.open_links, closed.closed_at) == ((), START + timedelta(days=2))
    assert closed.links == ("a", "b")


def test_it_opens_nothing_for_what_works_or_could_not_be_checked() -> None:
    register = Register([])
    for belief in (WELL, failing(Code.REDIRECTED, State.ATTENTION), failing(Code.BLOCKED, State.UNVERIFIABLE)):
        assert register.note(source("a"), belief, START) is None


def test_it_goes_on_from_what_was_kept() -> None:
    kept = note(Register([]), source("a"), failing())
    assert note(Register([kept]), source("b"), failing(), days=1).id == kept.id
