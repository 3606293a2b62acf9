import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from linkwatch.core.events import event
from linkwatch.core.models import Belief, Code, Source, State, Suggestion, Transition

NOW = datetime(2026, 11, 20, 5, 7, tzinfo=UTC)
SOURCE = Source(id="blekinge", name="Blekinge", url="https://blekinge.example/rsp", owner="Region Blekinge")
DESK = "https://desk.example.se/"


def told(old: State, new: State, verdict: Code | None = Code.NOT_FOUND, **more: Any) -> dict[str, Any] | None:
    given = {
        "source": SOURCE,
        "belief": Belief(state=new, since=NOW, verdict=verdict, finding=verdict),
        "final_url": None,
        "suggestion": None,
        "site": "Regionala serviceprogram",
        "desk": DESK,
        **more,
    }
    change = Transition(link_id="blekinge", at=NOW, old=old, new=new, verdict=verdict, reason=None)
    return event(change, **given)


def test_it_tells_all_that_a_program_has_to_know() -> None:
    belief = Belief(state=State.BROKEN, since=NOW, failing_since=NOW - timedelta(days=1))
    suggestion = Suggestion(url="https://blekinge.example/nytt", score=0.9, why="text")
    final_url = "https://blekinge.example/404"
    assert told(State.FAILING, State.BROKEN, belief=belief, suggestion=suggestion, final_url=final_url) == {
        "type": "link.changed",
        "timestamp": "2026-11-20T05:07:00+00:00",
        "data": {
            "id": "blekinge",
            "name": "Blekinge",
            "owner": "Region Blekinge",
            "url": "https://blekinge.example/rsp",
            "old": "failing",
            "new": "broken",
            "verdict": "not_found",
            "reason": None,
            "final_url": "https://blekinge.example/404",
            "suggestion": "https://blekinge.example/nytt",
            "since": "2026-11-19T05:07:00+00:00",
            "site": "Regionala serviceprogram",
            "desk_url": "https://desk.example.se/links/blekinge",
        },
    }


@pytest.mark.parametrize(
    ("old", "new", "verdict", "is_news"),
    [
        (State.FAILING, State.BROKEN, Code.NOT_FOUND, True),
        (State.OK, State.MOVED, Code.MOVED, True),
        (State.OK, State.ATTENTION, Code.CHANGED, True),
        (State.MOVED, State.BROKEN, Code.GONE, True),
        (State.OK, State.ATTENTION, Code.REDIRECTED, False),
        (State.BROKEN, State.ATTENTION, Code.REDIRECTED, True),
        (State.BROKEN, State.OK, Code.OK, True),
        (State.MOVED, State.OK, Code.OK, True),
        (State.ATTENTION, State.OK, Code.OK, True),
        (State.FAILING, State.OK, Code.OK, False),
        (State.UNKNOWN, State.OK, Code.OK, False),
        (State.UNVERIFIABLE, State.OK, Code.OK, False),
        (State.OK, State.FAILING, Code.NOT_FOUND, False),
        (State.OK, State.UNVERIFIABLE, Code.BLOCKED, False),
        (State.BROKEN, State.UNVERIFIABLE, Code.BLOCKED, False),
        (State.BROKEN, State.PAUSED, None, False),
        (State.BROKEN, State.NO_LINK, None, False),
    ],
)
def test_it_tells_what_is_news(old: State, new: State, verdict: Code | None, is_news: bool) -> None:
    said = told(old, new, verdict)
    assert (said is not None) is is_news
    if said:
        assert (said["data"]["old"], said["data"]["new"]) == (old.value, new.value)


def test_what_is_not_known_is_null() -> None:
    said = told(State.OK, State.ATTENTION, None, desk=None)
    assert said is not None
    data = said["data"]
    assert [data[key] for key in ("verdict", "reason", "final_url", "suggestion", "desk_url")] == [None] * 5
    assert data["since"] == said["timestamp"]


def test_whatever_a_link_is_called_can_be_sent() -> None:
    source = Source(id="å/b", name="\x1b[31m\ud800", url="https://x.example/\ud800", owner="\u202e")
    said = told(State.OK, State.BROKEN, source=source, final_url="https://x.example/\udfff")
    assert said is not None
    assert json.loads(json.dumps(said, ensure_ascii=False).encode("utf-8")) == said
    assert said["data"]["name"] == "\ufffd[31m\ufffd"
    assert said["data"]["desk_url"] == f"{DESK}links/%C3%A5/b"
