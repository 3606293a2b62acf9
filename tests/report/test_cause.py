from dataclasses import replace
from urllib.parse import unquote

import pytest

from linkwatch.core.models import Code, LinkView, Severity, Snapshot, State
from linkwatch.locale import LANGUAGES, Words, catalogue
from linkwatch.report import story
from linkwatch.report.cause import CauseCard, cause_card
from linkwatch.report.reading import Reading
from linkwatch.report.story import Cause
from tests.report.sample import NOW, ago, incident, shared

READING = Reading(words=Words("sv"), timezone="Europe/Stockholm", now=NOW)
BROKEN, FAILING = State.BROKEN, State.FAILING


def told(snapshot: Snapshot) -> CauseCard:
    parts = story.sections(snapshot)
    (cause,) = (one for one in (*parts.todo, *parts.suspected) if isinstance(one, Cause))
    return cause_card(cause, READING)


def changed(snapshot: Snapshot, index: int, **changes: object) -> Snapshot:
    links = list(snapshot.links)
    links[index] = replace(links[index], **changes)  # type: ignore[arg-type]
    return replace(snapshot, links=tuple(links))


def ids(part: tuple[story.Told, ...]) -> list[list[str]]:
    return [[link.source.id for link in story.links_of(one)] for one in part]


# ---------------------------------------------------------------- which links are told of together


def test_it_tells_of_links_of_one_incident_as_one() -> None:
    parts = story.sections(shared(BROKEN, BROKEN, BROKEN))
    assert ids(parts.todo) == [["kalmar-1", "kalmar-2", "kalmar-3"]]
    assert parts.suspected == ()


def test_it_tells_of_one_that_is_only_suspected_where_the_confirmed_ones_are() -> None:
    parts = story.sections(shared(FAILING, BROKEN))
    assert (ids(parts.todo), parts.suspected) == ([["kalmar-1", "kalmar-2"]], ())


def test_it_tells_of_suspected_ones_as_one_too() -> None:
    parts = story.sections(shared(FAILING, FAILING))
    assert (parts.todo, ids(parts.suspected)) == ((), [["kalmar-1", "kalmar-2"]])


def test_it_tells_of_a_single_link_by_itself() -> None:
    assert [type(one) for one in story.sections(shared(BROKEN)).todo] == [LinkView]


def test_it_keeps_apart_what_has_come_to_stand_on_something_else() -> None:
    snapshot = shared(BROKEN, BROKEN, BROKEN)
    other = replace(snapshot.links[2].belief, finding=Code.NOT_FOUND, finding_reason=None)
    assert ids(story.sections(changed(snapshot, 2, belief=other)).todo) == [["kalmar-1", "kalmar-2"], ["kalmar-3"]]


@pytest.mark.parametrize(
    "left", [None, incident("kalmar-1", closed_at=NOW), incident("kalmar-2"), incident("kalmar-1", id="another")]
)
def test_it_keeps_apart_what_is_not_in_the_incident_any_more(left: object) -> None:
    parts = story.sections(changed(shared(BROKEN, BROKEN), 0, incident=left))
    assert ids(parts.todo) == [["kalmar-1"], ["kalmar-2"]]


def test_it_leaves_out_what_could_not_be_checked() -> None:
    snapshot = shared(BROKEN, BROKEN, State.UNVERIFIABLE)
    parts = story.sections(snapshot)
    assert (ids(parts.todo), ids(parts.unverifiable)) == ([["kalmar-1", "kalmar-2"]], [["kalmar-3"]])


def test_it_ranks_a_cause_by_its_gravest_and_its_oldest_link() -> None:
    snapshot = shared(BROKEN, BROKEN)
    older = replace(snapshot.links[0], source=replace(snapshot.links[0].source, id="older"), incident=None)
    older = replace(older, belief=replace(older.belief, since=ago(days=4.5)))
    middle = replace(
        older, source=replace(older.source, id="middle"), belief=replace(older.belief, since=ago(days=3.5))
    )
    parts = story.sections(replace(snapshot, links=(middle, *snapshot.links, older)))
    assert ids(parts.todo) == [["older"], ["kalmar-1", "kalmar-2"], ["middle"]]


# ---------------------------------------------------------------- in words


def test_it_says_who_how_many_and_what() -> None:
    card = told(shared(BROKEN, BROKEN, FAILING))
    assert card.title == "Region Kalmar: 3 länkar leder till en startsida"
    assert card.standing == "2 trasiga, 1 misstänkt fel"
    assert card.since == "sedan 4 dagar (19 november 2026)"
    assert card.reason == "adressen leder till en startsida"
    assert card.symbol is BROKEN
    assert [one.row.name for one in card.cards] == ["Kalmar 1", "Kalmar 2", "Kalmar 3"]


def test_it_says_the_one_thing_to_do_for_all() -> None:
    assert told(shared(BROKEN, BROKEN)).do.endswith("eller fråga ägaren om alla på en gång.")
    assert told(shared(FAILING, FAILING)).do == "Inget ännu. Kommande kontroller visar om felet är kvar."
    assert told(shared(State.MOVED, State.MOVED, code=Code.MOVED)).do == "Byt till de nya adresserna."


def test_it_names_the_host_where_the_links_have_several_owners() -> None:
    card = told(shared(BROKEN, BROKEN, owners=("Region Kalmar", "Länsstyrelsen")))
    assert card.title.startswith("www.region-kalmar.example: 2 länkar")


def test_it_begins_one_letter_about_them_all() -> None:
    contact = told(shared(BROKEN, BROKEN)).contact
    assert contact is not None
    assert contact.href is not None
    letter = unquote(contact.href)
    assert letter.startswith("mailto:webb@region-kalmar.example?subject=2 länkar till Region Kalmar&body=Hej!")
    for name in ("service-1", "service-2"):
        assert f"https://www.region-kalmar.example/utveckling/{name}\r\n" in letter


def test_it_begins_no_common_letter_to_several_people() -> None:
    snapshot = shared(BROKEN, BROKEN)
    other = changed(snapshot, 1, source=replace(snapshot.links[1].source, contact="annan@region-kalmar.example"))
    assert told(other).contact is None


def test_it_keeps_the_letter_short_enough_for_mail_programs() -> None:
    contact = told(shared(*[BROKEN] * 40)).contact
    assert contact is not None
    assert contact.href is not None
    assert 5 < contact.href.count("service-") < 40
    assert len(contact.href) <= 1_900


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_has_words_for_every_finding_that_links_can_share(language: str) -> None:
    words = catalogue(language)
    alike = [c for c in Code if c.severity not in (Severity.OK, Severity.UNVERIFIABLE) and c is not Code.REDIRECTED]
    for code in alike:
        assert "{n}" in words[f"verdict.{code}.many"][0]
        assert words[f"verdict.{code}.many_do"][0].endswith(".")
