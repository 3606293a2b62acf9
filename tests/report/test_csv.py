import csv
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest

from linkwatch.core.models import Snapshot, State
from linkwatch.core.reviews import Action, Review
from linkwatch.locale import Words
from linkwatch.report.csv import COLUMNS, render
from tests.report import hostile
from tests.report.sample import NOW, run, sample, shared


def written(snapshot: Snapshot) -> str:
    return render(snapshot, words=Words("sv"), title="", timezone="UTC")


def rows(snapshot: Snapshot) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(written(snapshot).removeprefix("\ufeff"), newline=""), delimiter=";"))


def test_it_begins_with_a_byte_order_mark_and_a_row_of_names() -> None:
    first = written(sample()).splitlines()[0]
    assert first == "\ufeff" + ";".join(COLUMNS)
    assert written(sample()).endswith("\r\n")


def test_it_has_one_row_a_link_in_the_configurations_order() -> None:
    table = rows(sample())
    assert [row["id"] for row in table] == [link.source.id for link in sample().links]
    assert {None} & {key for row in table for key in row} == set()


def test_it_tells_one_link_whole() -> None:
    row = next(row for row in rows(sample()) if row["id"] == "jamtland")
    assert (row["state"], row["verdict"], row["http_status"], row["county"]) == ("moved", "moved", "200", "Z")
    assert row["redirects"] == (
        "301 http://region-jamtland.example/service > 308 https://region-jamtland.example/service"
    )
    assert row["suggestion_score"] == "0.94"
    assert row["last_modified"] == "2024-02-09T10:30:00+00:00"


def test_it_says_which_incident_a_link_is_in() -> None:
    cells = [row["incident"] for row in rows(shared(State.BROKEN, State.BROKEN))]
    assert cells == ["20261120T130000-kalmar-1", "20261120T130000-kalmar-1", ""]


def test_it_ends_with_what_people_have_answered() -> None:
    assert COLUMNS[-4:] == ("answer", "answer_until", "answer_note", "assignee")
    said = {"id": 1, "link_id": "blekinge", "at": NOW, "who": "Karin"}
    held = (
        Review(**said, action=Action.SNOOZE, until=NOW + timedelta(days=1), note="=1+1\nvänta"),
        Review(**said, action=Action.ASSIGN, details={"assignee": "Åsa"}),
    )
    over = (replace(held[0], until=NOW),)
    links = tuple(replace(sample().links[0], reviews=reviews) for reviews in (held, over, ()))
    told = [[row[key] for key in COLUMNS[-4:]] for row in rows(replace(sample(), links=links))]
    assert told == [["snooze", "2026-11-24T13:00:00+00:00", "'=1+1 vänta", "Åsa"], [""] * 4, [""] * 4]


def test_it_leaves_empty_what_is_not_known() -> None:
    row = rows(sample())[-1]
    assert (row["verdict"], row["since"], row["http_status"], row["suggestion_url"]) == ("", "", "", "")


@pytest.mark.parametrize("text", hostile.TEXTS, ids=range(len(hostile.TEXTS)))
def test_it_lets_no_spreadsheet_calculate_what_others_wrote(text: str) -> None:
    snapshot = Snapshot(generated_at=NOW, run=run(), links=(hostile.link(1, text),))
    (row,) = rows(snapshot)
    for key, cell in row.items():
        if key not in ("http_status", "failures", "elapsed_ms", "suggestion_score"):
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")), key
        assert len(cell) <= 32_767
        assert "\n" not in cell


def test_it_marks_as_text_what_began_with_a_control_character() -> None:
    (row,) = rows(Snapshot(generated_at=NOW, run=None, links=(hostile.link(1, "\t=1+1"),)))
    assert row["title"] == "'=1+1"
