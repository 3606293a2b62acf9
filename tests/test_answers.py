"""What people answer, in whole runs: it holds as long as what was found does, and comes back by itself when not."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from linkwatch import answers
from linkwatch.answers import REMIND_AFTER, Wish
from linkwatch.core.models import Code, State
from linkwatch.core.reviews import Action
from linkwatch.errors import DatabaseUnavailable
from linkwatch.store import Ledger
from linkwatch.store.ledger import Standing
from tests.answering import WORDS, Office, living, on
from tests.small_web import Web, page

ONE_PAGE = page("Något annat", "Helt andra ord om fiske, skog och jakt som ingen har läst förut här. " * 20)
GONE = page("Borta")


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with Web() as web:
        opened = Office.open(web, tmp_path / "project")
        yield opened
        opened.close()


async def broken(office: Office, status: int = 404) -> None:
    """`a` was well, and is missing for good since day 1."""
    await office.run(0)
    office.web.say("/a", GONE, status=status)
    await office.run(1, 2.1)
    assert office.state() is State.BROKEN


async def silent(writer: asyncio.StreamWriter) -> None:
    """Hangs up without a word."""


# ---------------------------------------------------------------- it holds


async def test_what_is_acknowledged_stays_so_while_the_same_is_found(office: Office) -> None:
    await broken(office)
    office.answer(Action.ACKNOWLEDGE, note=" Känt sedan länge. ")
    assert office.quiet() is Action.ACKNOWLEDGE
    await office.run(3, 4, 5)
    office.reopen()
    await office.run(6)
    assert office.quiet() is Action.ACKNOWLEDGE
    (review,) = office.view().reviews
    assert (review.who, review.at, review.note) == ("Karin", on(2.1), "Känt sedan länge.")


async def test_it_stays_through_edits_of_everything_but_the_address(office: Office) -> None:
    await broken(office)
    office.answer(Action.ACKNOWLEDGE)
    office.text = office.text.replace('name = "A"', 'name = "Länet Å"').replace('owner = "Region a"', 'owner = "Annan"')
    await office.run(3)
    blocks = office.text.split("[[source]]")
    office.text = "[[source]]".join([blocks[0], *reversed(blocks[1:])])
    await office.run(4)
    assert office.view().source.name == "Länet Å"
    office.text = "[[source]]".join([blocks[0], *blocks[2:]])
    await office.run(5)
    office.text = "[[source]]".join(blocks)
    await office.run(6)
    assert (office.state(), office.quiet()) == (State.BROKEN, Action.ACKNOWLEDGE)


async def test_it_stays_through_an_import_of_the_same_links(office: Office, tmp_path: Path) -> None:
    await broken(office)
    office.answer(Action.IGNORE, "a", note="En annan avdelning sköter den.")
    table = tmp_path / "links.csv"
    exported = office.project.run("export")
    table.write_text(exported.stdout.replace("Region a", "Region A igen"), encoding="utf-8")
    assert office.project.run("import", str(table)).returncode == 0
    await office.run(3)
    assert office.view().source.owner == "Region A igen"
    assert office.quiet() is Action.IGNORE


async def test_it_stays_through_checks_that_say_nothing_of_the_page(office: Office) -> None:
    await broken(office)
    office.answer(Action.ACKNOWLEDGE)
    office.web.say("/a", page("Logga in", "Logga in"), status=401)
    await office.run(3)
    assert office.view().belief.verdict is Code.LOGIN_REQUIRED
    office.web.say("/a", GONE, status=429)
    await office.run(4)
    for letter in "abc":
        office.web.behave(f"/{letter}", silent)
    report = await office.run(5)
    assert report.run.conclusive is False
    assert (office.state(), office.quiet()) == (State.BROKEN, Action.ACKNOWLEDGE)


async def test_a_server_in_trouble_that_goes_to_and_fro_is_no_news(office: Office) -> None:
    await office.run(0)
    for number, day in enumerate((1, 2, 4, 8, 9)):
        office.web.say("/a", GONE, status=(500, 503)[number % 2])
        await office.run(day)
    assert office.state() is State.BROKEN
    office.answer(Action.ACKNOWLEDGE)
    for status, day in ((503, 10), (500, 11), (502, 12)):
        office.web.say("/a", GONE, status=status)
        await office.run(day)
    assert office.quiet() is Action.ACKNOWLEDGE


async def test_an_error_page_whose_address_has_a_number_of_its_own_is_no_news(office: Office) -> None:
    await office.run(0)
    office.web.say("/fel", GONE, status=404)
    for day in (1, 2.1):
        office.web.redirect("/a", 302, f"/fel?arende={day}")
        await office.run(day)
    office.answer(Action.ACKNOWLEDGE)
    office.web.redirect("/a", 302, "/fel?arende=3")
    await office.run(3)
    assert (office.state(), office.quiet()) == (State.BROKEN, Action.ACKNOWLEDGE)


# ---------------------------------------------------------------- it comes back


def to_gone(web: Web) -> None:
    web.say("/a", GONE, status=410)


def to_other_status(web: Web) -> None:
    web.say("/a", GONE, status=451)


def to_well(web: Web) -> None:
    web.say("/a", living("a"))


def to_other_place(web: Web) -> None:
    web.say("/borta", GONE, status=404)
    web.redirect("/a", 302, "/borta")


@pytest.mark.parametrize("change", [to_gone, to_other_status, to_well, to_other_place])
async def test_it_comes_back_when_something_else_is_found(office: Office, change: Callable[[Web], None]) -> None:
    await broken(office)
    acknowledged = office.answer(Action.ACKNOWLEDGE)
    change(office.web)
    await office.run(3)
    assert office.quiet() is None
    kept = office.ledger.review(acknowledged.id)
    assert kept is not None
    assert (kept.ended_as, kept.ended_at) == ("changed", on(3))


async def test_it_comes_back_when_it_was_well_in_between(office: Office) -> None:
    await broken(office)
    office.answer(Action.ACKNOWLEDGE)
    to_well(office.web)
    await office.run(3)
    office.web.say("/a", GONE, status=404)
    await office.run(4, 5.1)
    assert (office.state(), office.quiet()) == (State.BROKEN, None)


async def test_it_comes_back_when_a_suspicion_is_confirmed(office: Office) -> None:
    await office.run(0)
    office.web.say("/a", GONE, status=404)
    await office.run(1)
    assert office.state() is State.FAILING
    office.answer(Action.ACKNOWLEDGE)
    await office.run(1.2)
    assert office.quiet() is Action.ACKNOWLEDGE
    await office.run(2.1)
    assert (office.state(), office.quiet()) == (State.BROKEN, None)


async def test_what_is_bound_ends_with_another_address_and_what_is_not_stays(office: Office) -> None:
    await broken(office)
    office.answer(Action.REPORT)
    office.answer(Action.ASSIGN, assignee="Olle")
    office.answer(Action.CONFIRM)
    office.text = office.text.replace(office.links["a"], office.web.url("new.example", "/new"))
    assert {one.action for one in office.view().reviews} == {Action.REPORT, Action.ASSIGN, Action.CONFIRM}
    office.store.sync_sources(office.config.watched, office.now)
    assert [one.action for one in office.view().reviews] == [Action.ASSIGN]
    await office.run(3)
    assert office.view().reviews == ()  # it is well: nobody need have it any more


async def test_a_temporary_redirect_to_the_page_is_well_enough_to_end_an_assignment(office: Office) -> None:
    await broken(office)
    office.answer(Action.ASSIGN, assignee="Olle")
    office.web.say("/ny", living("a"))
    office.web.redirect("/a", 302, "/ny")
    await office.run(3)
    assert office.view().belief.finding is Code.REDIRECTED
    assert office.view().reviews == ()


async def test_what_is_put_off_comes_back_on_its_day(office: Office) -> None:
    await broken(office)
    office.answer(Action.SNOOZE, until=on(5))
    await office.run(4.9)
    assert office.quiet() is Action.SNOOZE
    office.day = 5
    assert office.quiet() is None


async def test_what_was_reported_comes_back_with_its_reminder(office: Office) -> None:
    await broken(office)
    reported = office.answer(Action.REPORT)
    assert reported.until == office.now + REMIND_AFTER
    office.day = 16
    assert office.quiet() is Action.REPORT
    office.day = 16.2
    assert office.quiet() is None
    assert office.answer(Action.REPORT, until=on(20)).until == on(20)
    assert [one.action for one in office.view().reviews] == [Action.REPORT]


async def test_what_is_ignored_stays_so_whatever_is_found(office: Office) -> None:
    await broken(office)
    office.answer(Action.IGNORE, note="Sidan läggs ned i höst.")
    for change, day in ((to_gone, 3), (to_well, 4), (to_other_status, 5)):
        change(office.web)
        await office.run(day)
        assert office.quiet() is Action.IGNORE


# ---------------------------------------------------------------- to what was seen, and nothing else


async def test_an_answer_is_to_the_finding_that_was_seen(office: Office) -> None:
    await broken(office)
    seen = {"a": office.view().fingerprint or ""}
    assert seen["a"]
    to_gone(office.web)
    await office.run(3)
    for action in (Action.ACKNOWLEDGE, Action.APPROVE, Action.CONFIRM, Action.REPORT):
        assert office.refusal(action, seen=seen) == "changed"
    assert office.refusal(Action.SNOOZE, seen=seen, until=on(9)) == "changed"
    assert office.refusal(Action.ACCEPT, seen=seen, url="https://ny.example/") == "changed"
    assert office.view().reviews == ()
    office.answer(Action.ACKNOWLEDGE, seen={"a": office.view().fingerprint or ""})


async def test_of_many_only_those_that_have_changed_are_refused(office: Office) -> None:
    await office.run(0)
    for letter in "abc":
        office.web.say(f"/{letter}", GONE, status=410 if letter == "b" else 404)
    await office.run(0.1, ids=["a"])
    seen = {"a": office.view("a").fingerprint or "", "b": office.view("b").fingerprint or ""}
    await office.run(0.2, ids=["b"])
    given = office.give(Action.ACKNOWLEDGE, "a", "b", "c", "nobody", seen=seen)
    assert [one.link_id for one in given.reviews] == ["a"]
    assert [(one.link_id, one.why) for one in given.refused] == [
        ("b", "changed"),
        ("c", "no_finding"),
        ("nobody", "no_such_link"),
    ]


async def test_an_answer_to_what_was_found_before_a_check_that_says_nothing_is_taken(office: Office) -> None:
    await broken(office)
    seen = {"a": office.view().fingerprint or ""}
    office.web.say("/a", GONE, status=429)
    await office.run(3)
    office.answer(Action.ACKNOWLEDGE, seen=seen)
    office.web.say("/a", GONE, status=404)
    await office.run(4)
    assert office.quiet() is Action.ACKNOWLEDGE


@pytest.mark.parametrize(
    ("action", "wish", "why"),
    [
        (Action.SNOOZE, {}, "no_date"),
        (Action.SNOOZE, {"until": on(0)}, "past_date"),
        (Action.REPORT, {"until": on(0)}, "past_date"),
        (Action.IGNORE, {"note": "  "}, "no_reason"),
        (Action.ASSIGN, {"assignee": " "}, "no_assignee"),
        (Action.ASSIGN, {"assignee": "x" * 101}, "no_assignee"),
        (Action.ACKNOWLEDGE, {"note": "x" * 2001}, "note_too_long"),
        (Action.UNDO, {}, "unknown_action"),
        (Action.ACKNOWLEDGE, {}, "no_finding"),  # it is well
        (Action.RESUME, {}, "not_paused"),
    ],
)
async def test_it_refuses_what_is_not_whole(office: Office, action: Action, wish: dict[str, Any], why: str) -> None:
    await office.run(0)
    assert office.refusal(action, **wish) == why
    assert why in answers.REFUSALS


# ---------------------------------------------------------------- this page is right


def soft_404_looking(web: Web) -> None:
    web.say("/a", page("Sidan kunde inte hittas", "Sidan kunde inte hittas. Sök gärna vidare bland våra program."))
    web.otherwise = (
        200,
        page("Sidan kunde inte hittas", "Sidan kunde inte hittas. Sök gärna vidare bland våra sidor."),
    )


def changed(web: Web) -> None:
    web.say("/a", living("a", [*WORDS[:4], *(f"{word}n" for word in WORDS)]))


def replaced(web: Web) -> None:
    web.say("/a", ONE_PAGE)


def moved_to_home(web: Web) -> None:
    web.say(
        "/start", page("Välkommen", "Välkommen till regionen med nyheter, kalender och mycket annat för alla. " * 9)
    )
    web.redirect("/a", 302, "/start")
    web.redirect("/okand", 302, "/start")


def parked(web: Web) -> None:
    web.say("/a", page("a.example is for sale", "This domain is for sale. Buy this domain now. Sedo Domain Parking."))


@pytest.mark.parametrize("look", [soft_404_looking, changed, replaced, moved_to_home, parked])
async def test_an_approved_page_is_the_copy_and_found_well(office: Office, look: Callable[[Web], None]) -> None:
    await office.run(0)
    before = office.copy_text()
    look(office.web)
    await office.run(1, 2.1)
    found = office.view().belief
    assert found.finding not in (Code.OK, Code.REDIRECTED)
    approved = office.answer(Action.APPROVE)
    assert office.quiet() is Action.APPROVE
    assert approved.details["finding"] == found.finding
    assert office.copy_text() != before
    assert [one.link_id for one in office.ledger.waiting()] == ["a"]
    await office.run(3)
    assert office.view().belief.verdict in (Code.OK, Code.REDIRECTED)
    await office.run(4)
    assert office.view().belief.verdict in (Code.OK, Code.REDIRECTED)


async def test_an_approved_page_that_is_led_to_for_good_works_and_has_another_address(office: Office) -> None:
    await office.run(0)
    moved_to_home(office.web)
    office.web.redirect("/a", 301, "/start")
    await office.run(1, 2.1)
    assert office.view().belief.finding is Code.MOVED_TO_HOME
    office.answer(Action.APPROVE)
    await office.run(3)
    assert office.view().belief.verdict is Code.MOVED


async def test_an_approved_page_is_watched_from_then_on(office: Office) -> None:
    await office.run(0)
    replaced(office.web)
    await office.run(1)
    office.answer(Action.APPROVE)
    await office.run(2, 3)
    office.web.say("/a", living("a"))
    await office.run(4)
    assert office.view().belief.finding is Code.REPLACED
    assert office.quiet() is None


@pytest.mark.parametrize("status", [404, 429, 503])
async def test_where_no_page_was_seen_approving_only_quiets(office: Office, status: int) -> None:
    await office.run(0)
    before = office.copy_text()
    office.web.say("/a", GONE, status=status)
    await office.run(1)
    assert "copy" not in office.answer(Action.APPROVE).details
    await office.run(1.1)
    assert (office.copy_text(), office.quiet()) == (before, Action.APPROVE)
    to_other_status(office.web)
    await office.run(1.2)
    assert office.quiet() is None


async def test_a_page_that_was_seen_before_is_not_approved_for_one_that_is_missing(office: Office) -> None:
    await office.run(0)
    before = office.copy_text()
    replaced(office.web)
    await office.run(1)
    office.web.say("/a", GONE, status=404)
    await office.run(2)
    office.answer(Action.APPROVE)
    assert office.copy_text() == before


async def test_a_page_that_only_sends_its_reader_on_is_not_approved_for_what_it_leads_to(office: Office) -> None:
    await office.run(0)
    before = office.copy_text()
    office.web.say("/ny", living("a", [*WORDS[:4], *(f"{word}n" for word in WORDS)]))
    office.web.say("/a", b"<meta http-equiv=refresh content='0; url=/ny'><title>Flyttad</title><p>Du skickas vidare.")
    await office.run(1)
    assert office.view().belief.finding is Code.CHANGED
    office.answer(Action.APPROVE)
    assert office.copy_text() == before


@pytest.mark.parametrize("is_checked", [False, True])
async def test_an_approval_taken_back_leaves_the_copy_as_it_was(office: Office, is_checked: bool) -> None:
    await office.run(0)
    before = office.store.copy("a")
    replaced(office.web)
    await office.run(1)
    approved = office.answer(Action.APPROVE)
    if is_checked:
        await office.run(1.1, 1.2)
        assert office.state() is State.OK
    office.ledger.finish([one.id for one in office.ledger.waiting()], office.now, run_id=None, outcome="done")
    given = office.take_back(approved)
    assert [one.undoes for one in given.reviews] == [approved.id]
    assert office.store.copy("a") == before
    assert [one.link_id for one in office.ledger.waiting()] == ["a"]
    await office.run(2)
    assert (office.view().belief.finding, office.quiet()) == (Code.REPLACED, None)
    office.answer(Action.APPROVE)
    await office.run(3)
    assert office.state() is State.OK


# ---------------------------------------------------------------- pause and resume


async def test_a_paused_link_is_left_alone_until_it_is_resumed(office: Office) -> None:
    await broken(office)
    paused = office.answer(Action.PAUSE, note="De bygger om.")
    assert office.state() is State.PAUSED
    visits = len(office.web.log)
    await office.run(3, ids=["a"])
    assert len(office.web.log) == visits
    office.reopen()
    await office.run(4)
    assert office.state() is State.PAUSED
    assert office.refusal(Action.PAUSE) == "already_paused"
    assert office.refusal(Action.CHECK) == "paused"
    assert office.refusal(Action.ACKNOWLEDGE) == "no_finding"
    office.answer(Action.RESUME)
    assert office.state() is State.UNKNOWN
    assert [one.link_id for one in office.ledger.waiting()] == ["a"]
    assert office.take_back(paused).refused[0].why == "not_undoable"
    await office.run(5)
    assert office.state() is State.FAILING
    told = [(one.old, one.new) for one in office.view().transitions]
    assert told[:3] == [
        (State.UNKNOWN, State.FAILING),
        (State.PAUSED, State.UNKNOWN),
        (State.BROKEN, State.PAUSED),
    ]


async def test_a_resumed_link_is_judged_by_its_approved_copy(office: Office) -> None:
    office.text += f"\n[[listing]]\nid = 'ours'\nurl = '{office.web.url('ours.example', '/list')}'\n"
    office.text = office.text.replace("resolve = {", f'resolve = {{"ours.example" = "127.0.0.1:{office.web.port}", ')
    rows = "".join(f"<li><a href='{url}'>{letter.upper()}</a></li>" for letter, url in office.links.items())
    office.web.say("/list", f"<main><h1>Program</h1><ul>{rows}</ul></main>".encode())
    await office.run(0)
    replaced(office.web)
    await office.run(1, 2.1)
    assert office.state() is State.BROKEN
    office.answer(Action.PAUSE)
    office.answer(Action.RESUME)
    await office.run(3)
    assert office.view().belief.finding is Code.REPLACED


async def test_a_pause_taken_back_leaves_everything_as_it_was(office: Office) -> None:
    await broken(office)
    office.answer(Action.ACKNOWLEDGE)
    before = office.view()
    paused = office.answer(Action.PAUSE)
    given = office.take_back(paused)
    assert [one.action for one in given.reviews] == [Action.UNDO]
    after = office.view()
    assert (after.belief, after.fingerprint, after.reviews) == (before.belief, before.fingerprint, before.reviews)
    await office.run(3)
    assert (office.state(), office.quiet()) == (State.BROKEN, Action.ACKNOWLEDGE)


async def test_failures_that_nobody_confirmed_are_not_joined_over_a_pause(office: Office) -> None:
    await office.run(0)
    office.web.say("/a", GONE, status=404)
    await office.run(1)
    paused = office.answer(Action.PAUSE)
    office.day = 9
    office.take_back(paused)
    assert office.state() is State.UNKNOWN


async def test_a_resume_taken_back_pauses_again(office: Office) -> None:
    await office.run(0)
    office.answer(Action.PAUSE)
    office.take_back(office.answer(Action.RESUME))
    assert office.state() is State.PAUSED
    await office.run(1)
    assert office.state() is State.PAUSED
    office.answer(Action.RESUME)
    await office.run(2)
    assert office.state() is State.OK


async def test_what_the_configuration_pauses_is_not_resumed_from_here(office: Office) -> None:
    paused = office.answer(Action.PAUSE)
    office.text = office.text.replace('id = "a"', 'id = "a"\npaused = true')
    await office.run(1)
    assert office.refusal(Action.RESUME) == "paused_in_config"
    assert office.take_back(paused).refused[0].why == "paused_in_config"
    office.text = office.text.replace("paused = true\n", "")
    await office.run(2)
    assert office.state() is State.PAUSED
    office.answer(Action.RESUME)


async def test_a_page_of_ours_that_is_paused_is_not_visited(office: Office) -> None:
    office.text += f"\n[[listing]]\nid = 'ours'\nurl = '{office.web.url('c.example', '/list')}'\n"
    await office.run(0)
    office.answer(Action.PAUSE, "listing:ours")
    visits = [asked.path for asked in office.web.log].count("/list")
    await office.run(1)
    assert [asked.path for asked in office.web.log].count("/list") == visits
    assert office.state("listing:ours") is State.PAUSED


# ---------------------------------------------------------------- a new address


async def test_a_new_address_is_written_taken_over_and_looked_at(office: Office) -> None:
    await broken(office)
    office.answer(Action.ACKNOWLEDGE)
    before, new = office.text, office.web.url("new.example", "/new")
    accepted = office.answer(Action.ACCEPT, url=f" {new} ", note="Enligt regionen.")
    assert office.text == before.replace(office.links["a"], new)
    assert (accepted.details["old"], accepted.details["url"]) == (office.links["a"], new)
    assert (office.view().source.url, office.state()) == (new, State.UNKNOWN)
    assert [one.link_id for one in office.ledger.waiting()] == ["a"]
    assert office.quiet() is None
    await office.run(3)
    assert office.state() is State.OK
    assert closed_as(office) == "accepted"
    assert office.view().transitions[0].reason == "accepted"


async def test_a_new_address_that_is_dead_keeps_the_incident_open(office: Office) -> None:
    await broken(office)
    office.web.say("/new", GONE, status=404)
    office.answer(Action.ACCEPT, url=office.web.url("new.example", "/new"))
    await office.run(3)
    assert office.view().incident is not None


def closed_as(office: Office) -> str | None:
    (incident,) = [one for one in office.store.incidents(on(0)) if "a" in one.links]
    assert incident.closed_at
    return incident.closed_as


async def test_a_page_that_came_back_after_a_pause_was_not_given_a_new_address(office: Office) -> None:
    office.web.say("/a", GONE, status=404)
    await office.run(0)
    office.answer(Action.PAUSE)
    office.answer(Action.RESUME)
    to_well(office.web)
    await office.run(1)
    assert closed_as(office) is None


async def test_nor_was_one_that_came_back_after_its_old_address_had(office: Office) -> None:
    await broken(office)
    office.take_back(office.answer(Action.ACCEPT, url="https://ny.example/"))
    to_well(office.web)
    await office.run(3)
    assert closed_as(office) is None


async def test_without_an_address_the_proposed_one_is_taken(office: Office) -> None:
    await office.run(0)
    office.web.say("/ny", living("a"))
    office.web.redirect("/a", 301, "/ny")
    await office.run(1)
    assert office.state() is State.MOVED
    assert office.answer(Action.ACCEPT).details["url"] == "http://a.example/ny"
    assert office.refusal(Action.ACCEPT, "b") == "nothing_proposed"


async def test_of_all_proposals_that_of_our_own_page_is_taken(office: Office) -> None:
    office.text += f"\n[[listing]]\nid = 'ours'\nurl = '{office.web.url('c.example', '/list')}'\n"
    links = office.links | {"a": office.web.url("new.example", "/new")}
    rows = "".join(f"<li><a href='{url}'>{letter.upper()}</a></li>" for letter, url in links.items())
    office.web.say("/list", f"<main><h1>Program</h1><ul>{rows}</ul></main>".encode())
    await office.run(0)
    assert office.answer(Action.ACCEPT).details["url"] == links["a"]


async def test_many_proposals_are_taken_at_once(office: Office) -> None:
    await office.run(0)
    for letter in "ab":
        office.web.say(f"/ny-{letter}", living(letter))
        office.web.redirect(f"/{letter}", 301, f"/ny-{letter}")
    await office.run(1)
    given = office.give(Action.ACCEPT, "a", "b", "c")
    assert [one.link_id for one in given.reviews] == ["a", "b"]
    assert [(one.link_id, one.why) for one in given.refused] == [("c", "nothing_proposed")]
    assert "http://b.example/ny-b" in office.text


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("javascript:alert(1)", "bad_address"),
        ("data:text/html,x", "bad_address"),
        ("http://", "bad_address"),
        ("", "bad_address"),
        ("https://ny.example/\nurl = 'x'", "bad_address"),
        (f"https://ny.example/{'x' * 4001}", "bad_address"),
        ("http://10.0.0.1/", "private_address"),
        ("http://[::ffff:192.168.1.1]/", "private_address"),
        ("http://169.254.169.254/latest", "private_address"),
        ("http://2130706433/", None),  # 127.0.0.1, which these tests allow
        ("http://a.example/a", "same_address"),
        ("HTTP://A.example:80/a", "same_address"),
    ],
)
async def test_it_takes_only_an_address_that_can_be_watched(office: Office, url: str, why: str | None) -> None:
    before = office.text
    given = office.give(Action.ACCEPT, "a", url=url)
    assert [one.why for one in given.refused] == ([why] if why else [])
    assert (office.text == before) is bool(why)


async def test_a_county_without_a_programme_gets_its_first_address_and_loses_it_again(office: Office) -> None:
    office.project.add("d", "")
    await office.run(0)
    assert office.refusal(Action.PAUSE, "d") == "no_link"
    assert office.refusal(Action.CHECK, "d") == "no_link"
    accepted = office.answer(Action.ACCEPT, "d", url=office.web.url("new.example", "/new"))
    assert office.state("d") is State.UNKNOWN
    office.take_back(accepted)
    assert (office.state("d"), office.view("d").source.url) == (State.NO_LINK, "")


async def test_a_page_of_ours_has_its_address_elsewhere(office: Office) -> None:
    office.text += f"\n[[listing]]\nid = 'ours'\nurl = '{office.web.url('c.example', '/list')}'\n"
    await office.run(0)
    assert office.refusal(Action.ACCEPT, "listing:ours", url="https://ny.example/") == "own_page"
    assert office.answer(Action.ACKNOWLEDGE, "listing:ours").fingerprint


async def test_one_address_goes_to_one_link(office: Office) -> None:
    given = office.give(Action.ACCEPT, "a", "b", url="https://ny.example/")
    assert {one.why for one in given.refused} == {"one_address"}


async def test_an_accepted_address_is_taken_back_with_the_copy_of_the_old_one(office: Office) -> None:
    await office.run(0)
    replaced(office.web)
    await office.run(1)
    before, copy = office.text, office.store.copy("a")
    accepted = office.answer(Action.ACCEPT, url=office.web.url("new.example", "/new"))
    await office.run(1.1)
    assert office.state() is State.OK
    assert [one.action for one in office.take_back(accepted).reviews] == [Action.UNDO]
    assert office.text == before
    assert (office.view().source.url, office.store.copy("a")) == (office.links["a"], copy)
    await office.run(2)
    assert office.view().belief.finding is Code.REPLACED
    assert office.take_back(accepted).refused[0].why == "not_undoable"


async def test_an_address_that_is_a_third_one_by_now_is_not_taken_back(office: Office) -> None:
    new = office.web.url("new.example", "/new")
    accepted = office.answer(Action.ACCEPT, url=new)
    office.text = office.text.replace(new, "https://tredje.example/")
    before = office.text
    assert office.take_back(accepted).refused[0].why == "address_changed"
    assert office.text == before
    office.text = office.text.replace("https://tredje.example/", new)
    assert office.take_back(accepted).refused == ()


async def test_the_first_of_two_new_addresses_is_taken_back_after_the_second(office: Office) -> None:
    first = office.answer(Action.ACCEPT, url="https://ett.example/")
    second = office.answer(Action.ACCEPT, url="https://tva.example/")
    assert office.take_back(first).refused[0].why == "not_undoable"
    office.take_back(second)
    office.take_back(first)
    assert office.view().source.url == office.links["a"]


async def test_a_file_that_cannot_be_used_is_left_alone_and_told_of(office: Office) -> None:
    config = office.config
    office.text = office.text + "[nonsense"
    before = office.text
    wish = Wish(action=Action.ACCEPT, link_ids=("a",), who="", url="https://ny.example/")
    (refused,) = answers.give(config, office.ledger, wish, office.now).refused
    assert refused.why == "not_written"
    assert "sources.toml:" in refused.detail
    assert office.text == before


async def test_an_edit_by_hand_at_the_same_time_is_not_lost(office: Office) -> None:
    config = office.config
    by_hand = office.text.replace(office.links["a"], "https://for-hand.example/").replace('"B"', '"Bergslagen"')
    office.text = by_hand
    for link_id, why in (("a", ["changed"]), ("b", [])):
        wish = Wish(action=Action.ACCEPT, link_ids=(link_id,), who="", url="https://ny.example/")
        assert [one.why for one in answers.give(config, office.ledger, wish, office.now).refused] == why
    assert office.text == by_hand.replace(office.links["b"], "https://ny.example/")
    assert office.view().source.url == "https://for-hand.example/"


async def test_of_two_who_accept_at_once_the_second_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    config, given = office.config, []
    both_have_looked, standing = threading.Barrier(2), Ledger.standing

    def look(ledger: Ledger, link_ids: Iterable[str]) -> dict[str, Standing]:
        found = standing(ledger, link_ids)
        both_have_looked.wait(10)
        return found

    monkeypatch.setattr(Ledger, "standing", look)

    def accept(number: int) -> None:
        wish = Wish(action=Action.ACCEPT, link_ids=("a",), who=str(number), url=f"https://{number}.example/")
        given.append(answers.give(config, office.ledger, wish, office.now))

    threads = [threading.Thread(target=accept, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join, 20)
    taken = [one for answer in given for one in answer.reviews]
    assert [one.why for answer in given for one in answer.refused] == ["changed"]
    assert [one.details["url"] for one in taken] == [office.view().source.url]
    assert f'url = "{office.view().source.url}"' in office.text


async def test_sources_in_a_table_get_their_new_addresses_there(tmp_path: Path) -> None:
    async with Web() as web:
        office = Office.open(web, tmp_path / "tabled", monitor="sources_csv = 'links.csv'", table="links.csv")
        table = office.project.config.parent / "links.csv"
        before = table.read_text(encoding="utf-8")
        await office.run(0)
        accepted = office.answer(Action.ACCEPT, url=office.web.url("new.example", "/new"))
        assert table.read_text(encoding="utf-8") == before.replace(office.links["a"], "http://new.example/new")
        assert office.view().source.url == "http://new.example/new"
        office.take_back(accepted)
        assert table.read_text(encoding="utf-8") == before
        office.close()


async def test_an_address_that_the_database_cannot_take_is_not_in_the_configuration_either(office: Office) -> None:
    await broken(office)
    office.ledger._db.conn.execute("PRAGMA busy_timeout = 50")
    with sqlite3.connect(office.project.database, isolation_level=None) as other:
        before = office.text
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailable):
            office.give(Action.ACCEPT, "a", url="http://new.example/new")
        other.execute("ROLLBACK")
        assert office.text == before
        accepted, after = office.answer(Action.ACCEPT, url="http://new.example/new"), office.text
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailable):
            office.take_back(accepted)
        other.execute("ROLLBACK")
        assert office.text == after
    assert office.take_back(accepted).refused == ()
    assert office.text == before
