"""Answers, as they are given in front of a screen."""

import re

from playwright.sync_api import Locator, expect

from linkwatch.core.models import State
from linkwatch.core.reviews import Action
from tests.browser.conftest import Opens
from tests.browser.ways import either_way, every_way, with_and_without_scripts
from tests.browser.window import Window
from tests.browser.worlds import Served

Way = dict[str, bool]


def said(window: Window) -> Locator:
    """What is told of an answer: in the card's place, or without scripts at the top of the page."""
    return window.page.locator("article.done" if window.scripts else "#flash")


def told(window: Window, sentence: str) -> None:
    expect(said(window).filter(has_text=sentence)).to_be_visible()


def answer(window: Window, name: str, action: str, **fields: str) -> None:
    """One of the answers that are folded away, with what is written beside it. `name` "": on the link's own page."""
    card = window.card(name) if name else window.page.get_by_role("article")
    form = window.unfold(card)
    for field, text in fields.items():
        window.write(text, form.locator(f"[name={field}]"))
    window.press(window.button(action, form))


@every_way
def test_acknowledge_and_undo(desk: Served, window: Opens, way: Way) -> None:
    editor = window(desk.url, **way)
    editor.go("/")
    before = int(editor.page.locator("#todo-number").inner_text())
    editor.press(editor.button("acknowledge", editor.card("Dalarna")).first)
    expect(said(editor)).to_contain_text("Dalarna är kvitterad.")
    expect(editor.page.locator("#todo-number")).to_have_text(str(before - 1))
    assert set(desk.answers("dalarna")) == {Action.ACKNOWLEDGE}
    editor.press(said(editor).get_by_role("button", name=editor.text("desk.undo")))
    expect(editor.card("Dalarna")).to_be_visible()
    expect(editor.page.locator("#todo-number")).to_have_text(str(before))
    assert desk.answers("dalarna") == {}


def test_who_answers_with_the_keyboard_stays_where_they_were(desk: Served, window: Opens) -> None:
    editor = window(desk.url, keyboard=True)
    editor.go("/")
    editor.press(editor.button("acknowledge", editor.card("Kalmar")))
    expect(editor.page.locator("article.done p")).to_be_focused()
    editor.page.keyboard.press("Tab")
    expect(editor.page.locator("article.done button")).to_be_focused()
    editor.page.keyboard.press("Enter")
    expect(editor.card("Kalmar").locator(":focus")).to_have_count(1)


@either_way
def test_every_other_answer_with_its_note(desk: Served, window: Opens, way: Way) -> None:
    editor = window(desk.url, **way)
    editor.go("/")
    answer(editor, "Kalmar", "snooze", note="Efter jul")
    told(editor, "Kalmar är framflyttad.")
    answer(editor, "Blekinge", "assign", assignee="Bo Öst")
    expect(editor.card("Blekinge")).to_contain_text("Bo Öst")
    answer(editor, "Skåne", "ignore", note="Deras sak")
    told(editor, "Skåne visas inte mer i Att göra.")
    answer(editor, "Norrbotten", "report")
    told(editor, "Norrbotten: ägaren har fått veta.")
    answer(editor, "Jönköping", "confirm")
    expect(editor.card("Jönköping")).to_contain_text("Felet bekräftat den 23 november 2026.")
    answer(editor, "Gävleborg", "pause")
    told(editor, "Kontrollen av Gävleborg är pausad.")

    snoozed, reported = desk.answers("kalmar")[Action.SNOOZE], desk.answers("norrbotten")[Action.REPORT]
    assert (snoozed.note, str(snoozed.until)[:10]) == ("Efter jul", "2026-11-29")  # a week on, at midnight in Stockholm
    assert str(reported.until)[:10] == "2026-12-06"
    assert desk.answers("skane")[Action.IGNORE].note == "Deras sak"
    assert desk.answers("blekinge")[Action.ASSIGN].assignee == "Bo Öst"
    assert Action.CONFIRM in desk.answers("jonkoping")
    assert desk.state("gavleborg") is State.PAUSED


def test_a_date_of_ones_own(desk: Served, window: Opens) -> None:
    editor = window(desk.url)
    editor.go("/links/blekinge")
    answer(editor, "", "snooze", until="2026-12-24")
    expect(editor.flash).to_contain_text("Blekinge är framflyttad.")
    assert str(desk.answers("blekinge")[Action.SNOOZE].until)[:10] == "2026-12-23"


@with_and_without_scripts
def test_to_ignore_takes_a_reason(desk: Served, window: Opens, way: Way) -> None:
    editor = window(desk.url, **way)
    editor.go("/")
    answer(editor, "Kalmar", "ignore")
    expect(editor.flash).to_contain_text("Skriv varför länken inte längre ska visas här.")
    expect(editor.card("Kalmar")).to_be_visible()
    assert desk.answers("kalmar") == {}


@either_way
def test_the_new_address_is_taken_and_put_back(desk: Served, window: Opens, way: Way) -> None:
    old, new = "http://region-jamtland.example/service", "https://www.region-jh.example/regionaltserviceprogram20232030"
    editor = window(desk.url, **way)
    editor.go("/links/jamtland")
    editor.press(editor.button("accept"))
    expect(editor.flash).to_contain_text("Jämtland har fått den nya adressen och kontrolleras igen.")
    assert f'"{new}"' in desk.sources()
    assert f'"{old}"' not in desk.sources()
    editor.press(editor.flash.get_by_role("button", name=editor.text("desk.undo")))
    expect(editor.flash).to_contain_text("Ångrat: Jämtland är som förut.")
    assert f'"{old}"' in desk.sources()
    assert f'"{new}"' not in desk.sources()


def test_an_address_of_ones_own(desk: Served, window: Opens) -> None:
    editor = window(desk.url)
    editor.go("/links/blekinge")
    answer(editor, "", "accept_this", url="https://www.region-blekinge.example/åäö")
    expect(editor.flash).to_contain_text("Blekinge har fått den nya adressen")
    assert 'url = "https://www.region-blekinge.example/åäö"' in desk.sources()


def test_what_has_changed_meanwhile_is_not_answered_unseen(desk: Served, window: Opens) -> None:
    for way in ({}, {"scripts": False}):
        editor = window(desk.url, **way)
        editor.go("/")
        desk.finds_something_else("kalmar")
        editor.press(editor.button("acknowledge", editor.card("Kalmar")))
        expect(editor.flash).to_contain_text("Länken har ändrats sedan du såg den. Titta på den igen och svara sedan.")
        assert desk.answers("kalmar") == {}
        editor.press(editor.button("acknowledge", editor.card("Kalmar")))
        expect(said(editor)).to_contain_text("Kalmar är kvitterad.")
        editor.press(said(editor).get_by_role("button", name=editor.text("desk.undo")))
        expect(editor.card("Kalmar")).to_be_visible()


def test_two_at_once(desk: Served, window: Opens) -> None:
    anna, bo = window(desk.url), window(desk.url)
    for one in (anna, bo):
        one.go("/")
    anna.press(anna.button("acknowledge", anna.card("Kalmar")))
    expect(said(anna)).to_contain_text("Kalmar är kvitterad.")
    answer(bo, "Kalmar", "snooze", note="Bo såg den också")
    expect(said(bo)).to_contain_text("Kalmar är framflyttad.")
    assert set(desk.answers("kalmar")) == {Action.SNOOZE}
    anna.press(said(anna).get_by_role("button", name=anna.text("desk.undo")))
    expect(anna.flash).to_contain_text("Svaret går inte längre att ångra.")
    anna.go("/log")
    expect(anna.page.locator(".log li")).to_have_text([re.compile("Bo såg den också"), re.compile("Kvitterad")])


@either_way
def test_a_pause_and_its_end(desk: Served, window: Opens, way: Way) -> None:
    editor = window(desk.url, **way)
    editor.go("/links/kalmar")
    answer(editor, "", "pause")
    expect(editor.flash).to_contain_text("Kontrollen av Kalmar är pausad.")
    assert desk.state("kalmar") is State.PAUSED
    expect(editor.button("check")).to_have_count(0)
    editor.press(editor.button("resume"))
    expect(editor.flash).to_contain_text("Kontrollen av Kalmar är återupptagen.")
    assert desk.state("kalmar") is not State.PAUSED
    expect(editor.page.locator(".checking")).to_be_visible()


def test_it_offers_only_answers_that_can_be_given(desk: Served, window: Opens) -> None:
    editor = window(desk.url)
    for link_id, has, has_not in (
        ("gotland", {"check", "pause", "assign"}, {"acknowledge", "snooze", "report", "resume"}),
        ("vastmanland", {"accept_this", "ignore"}, {"check", "pause", "acknowledge"}),
        ("blekinge", {"acknowledge", "approve", "confirm", "snooze", "report"}, {"resume"}),
    ):
        editor.go(f"/links/{link_id}")
        editor.unfold()
        for action in has:
            expect(editor.button(action).first).to_be_visible()
        for action in has_not:
            expect(editor.button(action)).to_have_count(0)
