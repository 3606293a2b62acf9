import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from linkwatch.core.outbox import Content, Kind
from linkwatch.core.problems import Problem, ProblemKind, Tell, Telling
from linkwatch.locale import LANGUAGES, Words
from linkwatch.report.notices import content
from linkwatch.report.reading import Reading

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=9)
SITE = "Regionala serviceprogram"

RUN = Problem(kind=ProblemKind.RUN_INCONCLUSIVE, details={"note": "own_network", "visited": 21})
LISTING = Problem(
    kind=ProblemKind.LISTING_MISSING,
    subject="listing:rsp",
    details={"url": "https://example.se/program", "name": "Programmen"},
)
DEAD = Problem(
    kind=ProblemKind.OUTBOX_DEAD,
    subject="anna@example.se",
    details={"kind": "digest", "recipient": "anna@example.se", "detail": "550 5.1.1 no such mailbox", "attempts": 12},
)
DISK = Problem(kind=ProblemKind.DISK_FULL, details={"free_mb": 1234, "path": "/srv/linkwatch/db"})
ALL = (RUN, LISTING, DEAD, DISK)


def told(*tells: tuple[Telling, Problem], language: str = "sv") -> Content:
    reading = Reading(words=Words(language), timezone="Europe/Stockholm", now=NOW)
    return content([Tell(telling=how, problem=what, since=SINCE) for how, what in tells], reading, site=SITE)


def changed(problem: Problem, **details: Any) -> Problem:
    return Problem(kind=problem.kind, subject=problem.subject, details={**problem.details, **details})


@pytest.mark.parametrize(
    ("problem", "title", "says"),
    [
        (RUN, "Kontrollen gav inget besked", ["21 länkar besöktes", "det egna nätverket", "linkwatch check"]),
        (LISTING, "Listsidan Programmen går inte att läsa", ["https://example.se/program", "sources.toml"]),
        (DEAD, "Ett utskick till anna@example.se kom inte fram",
         ["gavs upp efter 12 försök", "”550 5.1.1 no such mailbox”", "linkwatch outbox list"]),
        (DISK, "Disken är nästan full", ["1\u00a0234 MB", "/srv/linkwatch/db", "linkwatch status"]),
    ],
)  # fmt: skip
def test_it_says_what_has_happened_since_when_and_what_to_do(problem: Problem, title: str, says: list[str]) -> None:
    said = told((Telling.BEGAN, problem))
    assert said.subject == f"{SITE}: {title}"
    assert said.text.startswith(f"{title}\n---")
    assert "Det började den 14 november 2026 kl. 13:00." in said.text
    for part in (*says, "edaktörerna"):
        assert part in said.text
    assert (said.html, said.language, said.asked) == ("", "sv", ())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("telling", Telling)
@pytest.mark.parametrize("problem", ALL, ids=lambda problem: problem.kind)
def test_it_has_words_for_everything(problem: Problem, telling: Telling, language: str) -> None:
    said = told((telling, problem), language=language)
    assert said.language == language
    assert not set("{}") & set(said.subject + said.text + said.bare)


def test_it_says_that_a_problem_lasts() -> None:
    said = told((Telling.LASTS, DISK))
    assert said.subject == f"{SITE}: Disken är nästan full (kvarstår)"
    assert "Det har varit så i 9 dagar, sedan den 14 november 2026 kl. 13:00." in said.text
    assert "It has been so for 9 days, since 14 November 2026" in told((Telling.LASTS, DISK), language="en").text


def test_what_is_over_asks_for_nothing() -> None:
    said = told((Telling.OVER, DISK))
    assert said.subject == f"{SITE}: Det finns plats på disken igen"
    assert "Inget mer behöver göras." in said.text
    assert "Frigör" not in said.text


@pytest.mark.parametrize(
    ("tellings", "subject"),
    [
        ([Telling.BEGAN, Telling.LASTS], "2 saker att se till"),
        ([Telling.BEGAN, Telling.OVER], "1 sak att se till, 1 har gått över"),
        ([Telling.OVER, Telling.OVER], "2 har gått över"),
    ],
)
def test_one_mail_tells_of_several(tellings: list[Telling], subject: str) -> None:
    said = told(*zip(tellings, (RUN, DISK), strict=True))
    assert said.subject == f"{SITE}: {subject}"
    assert said.text.count("\n---") == 2


def test_what_is_to_be_done_comes_before_what_is_over() -> None:
    said = told((Telling.OVER, DISK), (Telling.BEGAN, RUN))
    assert said.text.index("Kontrollen gav inget besked") < said.text.index("plats på disken igen")


@pytest.mark.parametrize(
    ("note", "says"),
    [("own_network", "gick inte att nå"), ("most_changed", "annorlunda än förut"), (None, "inte att avgöra")],
)
def test_it_says_why_a_check_was_inconclusive(note: str | None, says: str) -> None:
    assert says in told((Telling.BEGAN, changed(RUN, note=note))).text


@pytest.mark.parametrize("kind", [*Kind, "unheard_of", None])
def test_it_says_what_was_given_up(kind: str | None) -> None:
    said = told((Telling.BEGAN, changed(DEAD, kind=kind, attempts=1, detail="")))
    assert "till anna@example.se gavs upp efter 1 försök." in said.text
    assert "Det sista svaret" not in said.text
    unknown = told((Telling.BEGAN, changed(DEAD, kind=kind, attempts=None))).text
    assert " till anna@example.se gavs upp. Det sista" in unknown


NEXT, AGAIN, OTHERS = "kommer med i nästa", "är att göra igen", "andra mottagare påverkas inte"


@pytest.mark.parametrize(
    ("details", "says"),
    [
        ({"kind": "digest"}, (NEXT, OTHERS)),
        ({"kind": "letter"}, (AGAIN, OTHERS)),  # no later mail makes up for it
        ({"kind": "digest", "count": 7}, (NEXT,)),
        ({"kind": "letter", "count": 7}, (AGAIN,)),
        ({"kind": None, "count": 7}, (AGAIN, NEXT)),
    ],
)
def test_it_says_what_it_means_for_the_editors(details: dict[str, Any], says: tuple[str, ...]) -> None:
    text = told((Telling.BEGAN, changed(DEAD, **details))).text
    assert [one for one in (AGAIN, NEXT, OTHERS) if one in text] == list(says)


@pytest.mark.parametrize(
    ("names", "who"),
    [
        ([], "7 utskick gavs upp."),
        (["a@x.se", "b@x.se"], "7 utskick till a@x.se och b@x.se gavs upp."),  # several to one of them
        (
            [f"{one}@x.se" for one in "abcdefg"],
            "7 utskick gavs upp, bland annat till a@x.se, b@x.se, c@x.se, d@x.se och e@x.se.",
        ),
    ],
)
def test_it_tells_of_all_that_were_given_up_at_once(names: list[str], who: str) -> None:
    dead = Problem(kind=ProblemKind.OUTBOX_DEAD, details={"count": 7, "recipients": names, "detail": "550 no"})
    said = told((Telling.BEGAN, dead))
    assert said.subject == f"{SITE}: 7 utskick kom inte fram"
    assert f"\n{who} Det sista svaret var ”550 no”. Det började den" in said.text
    over = told((Telling.OVER, dead))
    assert over.subject == f"{SITE}: De utskick som hade getts upp (7) ligger inte kvar"


@pytest.mark.parametrize("recipients", [None, "a@x.se", [None, 7], ["\x1b[31m\r\n" + "x" * 5_000] * 9])
def test_it_takes_whatever_is_said_of_several(recipients: Any) -> None:
    dead = Problem(kind=ProblemKind.OUTBOX_DEAD, details={"count": 9, "recipients": recipients})
    text = told((Telling.BEGAN, dead)).text
    assert re.search("9 utskick .*gavs upp", text)
    assert not set("\x1b\r") & set(text)
    assert max(map(len, text.splitlines())) < 1_000


@pytest.mark.parametrize("kind", ProblemKind)
@pytest.mark.parametrize("telling", Telling)
def test_what_is_missing_keeps_nothing_from_being_told(kind: ProblemKind, telling: Telling) -> None:
    assert told((telling, Problem(kind=kind, subject="x"))).text.endswith("sina egna mejl.\n")


def test_what_comes_from_elsewhere_is_safe_and_no_longer_than_it_may_be() -> None:
    hostile = "\x1b[31m\u202e\r\nBcc: x@example.se\n\x021\x03" + "x" * 5_000
    said = told((Telling.BEGAN, changed(DEAD, recipient=hostile, detail=hostile)), (Telling.BEGAN, changed(
        LISTING, name=hostile, url=hostile)))  # fmt: skip
    alone = told((Telling.BEGAN, changed(LISTING, name=hostile)))
    for text in (said.text, alone.subject, alone.text):
        assert not set("\x1b\u202e\r\x02\x03") & set(text)
    assert "\n" not in alone.subject
    assert len(alone.subject) < 200
    assert max(map(len, said.text.splitlines())) < 1_000


def test_the_bare_text_has_nothing_from_elsewhere() -> None:
    said = told(*((Telling.BEGAN, problem) for problem in ALL))
    for problem in ALL:
        for value in problem.details.values():
            assert str(value) not in said.bare
    assert "linkwatch outbox list" in said.bare
