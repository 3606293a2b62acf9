"""The world that the desk is measured on: whole, and with something of everything in it."""

from datetime import UTC, datetime
from pathlib import Path

from bench.desk_world import make
from linkwatch.core.models import State
from linkwatch.core.selection import Answer, Selection
from linkwatch.report.story import Cause, sections
from linkwatch.store import Desk, Store

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


def test_a_world_has_all_that_a_desk_can_show(tmp_path: Path) -> None:
    config = make(tmp_path, now=NOW, links=700, years=0.5)
    with Store.open(config.database) as store:
        store.verify()
        assert store.sync_sources(config.watched, NOW) == ()  # as the configuration has it
    with Desk.open(config.database, read_only=True) as desk:
        counts, todo = desk.counts(NOW), desk.todo(NOW, limit=None)
        assert counts.total == 700
        assert set(State) - {State.UNKNOWN} == set(counts.by_state)
        assert 0 < counts.open < counts.total / 8
        assert todo.links[0].source.is_listing
        assert any(isinstance(told, Cause) for told in sections(desk.snapshot(NOW, todo.links)).todo)
        assert all(counts.by_answer[one] for one in (Answer.ACKNOWLEDGED, Answer.IGNORED, Answer.SNOOZED))
        assert len({one.county for one in desk.counties()}) == 21
        one = desk.find(Selection(states=(State.OK,)), NOW).links[0].source.id
        assert len(desk.beats(one)) == 120
        assert desk.copy(one)
        assert desk.history(one, 9)
        assert desk.transitions(one, 9)
        assert 340 <= len(desk.reviews(limit=1000)) <= 350
