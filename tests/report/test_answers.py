from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from linkwatch.core.reviews import Action, Review
from linkwatch.locale import Words
from linkwatch.report import answers
from linkwatch.report.reading import Reading
from tests.report.sample import NOW, ago, sample

KNOWN = Reading(words=Words("sv"), timezone="Europe/Stockholm", now=NOW, names=True)
STRANGER = replace(KNOWN, names=False)


def review(action: Action, **changes: Any) -> Review:
    given: dict[str, Any] = {"id": 1, "link_id": "blekinge", "at": ago(days=3), "who": "Karin", "action": action}
    return Review(**{**given, **changes})


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (review(Action.ACKNOWLEDGE), "Kvitterad av Karin den 20 november 2026."),
        (review(Action.ACKNOWLEDGE, who=""), "Kvitterad den 20 november 2026."),
        (review(Action.SNOOZE, until=NOW + timedelta(days=4)),
         "Framflyttad till 27 november 2026, av Karin den 20 november 2026."),
        (review(Action.SNOOZE, until=ago(hours=1)),
         "Skulle tas upp igen 23 november 2026. Framflyttad av Karin den 20 november 2026."),
        (review(Action.ASSIGN, details={"assignee": "Berit"}), "Berit har hand om den, av Karin den 20 november 2026."),
        (review(Action.ACCEPT, details={"old": "https://a.example/", "url": "https://b.example/"}),
         "Adressen bytt från https://a.example/ till https://b.example/ av Karin den 20 november 2026."),
    ],
)  # fmt: skip
def test_it_says_who_answered_what_and_when(given: Review, sentence: str) -> None:
    assert answers.sentence(given, KNOWN) == sentence


@pytest.mark.parametrize("action", Action)
def test_it_has_a_sentence_for_every_action_and_names_nobody_to_strangers(action: Action) -> None:
    details = {"assignee": "Berit", "old": "", "url": ""}
    given = review(action, details=details, until=NOW + timedelta(days=1), note="Ring Cecilia")
    assert answers.sentence(given, STRANGER).endswith(".")
    assert not {"Karin", "Berit"} & set(answers.sentence(given, STRANGER).replace(",", " ").split())
    assert answers.note(given, STRANGER) is None
    assert answers.note(given, KNOWN) == "Ring Cecilia"


def test_a_row_says_in_a_few_words_what_keeps_it_quiet_or_that_its_date_has_come() -> None:
    link = sample().links[0]
    snoozed = replace(link, reviews=(review(Action.SNOOZE, until=NOW + timedelta(days=4)),))
    assert answers.short(snoozed, KNOWN) == "vilar till 27 november 2026"
    over = replace(link, reviews=(review(Action.REPORT, until=ago(hours=1)),))
    assert answers.short(over, KNOWN) == "inget svar från ägaren"
    assigned = replace(link, reviews=(review(Action.ASSIGN, details={"assignee": "Berit"}),))
    assert answers.short(assigned, KNOWN) == "Berit har hand om den"
    assert answers.short(assigned, STRANGER) is None


def test_the_log_says_how_an_answer_ended_and_offers_to_undo_what_holds() -> None:
    held = answers.line(review(Action.PAUSE), "Blekinge", "/links/blekinge", KNOWN)
    assert (held.ended, held.undo) == (None, "1")
    ended = replace(review(Action.ACKNOWLEDGE), ended_at=NOW, ended_as="changed")
    line = answers.line(ended, "Blekinge", "/links/blekinge", KNOWN)
    assert (line.ended, line.undo) == ("Gällde till den 23 november 2026, då läget ändrades.", None)
