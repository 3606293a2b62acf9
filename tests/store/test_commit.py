"""What one batch of decisions leaves behind."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkwatch.core.models import Code, Facts, Hop, State, Validators, Verdict
from linkwatch.errors import StoreError
from linkwatch.store import Store
from tests.store.storing import COPY, FACTS, NOW, VERDICT, after, belief, decision, source, transition

VALIDATORS = Validators(
    url="https://region.example/programme", etag='W/"å"', last_modified="Mon, 23 Nov 2026 13:00:00 GMT"
)


def times(store: Store, link_id: str = "blekinge") -> list[int]:
    """How many checks each row of the history stands for, newest first."""
    return [check.times for check in store.link_history(link_id)]


def test_it_gives_back_all_that_a_decision_said(store: Store, run: int) -> None:
    said = decision(changed=True, validators=VALIDATORS, body_hash=b"\x00hash", new_copy=COPY)
    store.commit(run, [said])
    known, view = store.known()["blekinge"], store.snapshot(NOW).links[0]
    assert (known.belief, known.facts, known.evidence) == (said.belief, FACTS, VERDICT.grounds)
    assert (known.validators, known.body_hash) == (VALIDATORS, b"\x00hash")
    assert (view.belief, view.facts, view.evidence) == (said.belief, FACTS, VERDICT.grounds)
    assert view.suggestion == VERDICT.suggestion
    assert view.transitions == (transition(),)
    assert store.copy("blekinge") == COPY


def test_it_survives_a_restart(store: Store, run: int, path: Path) -> None:
    store.commit(run, [decision(changed=True, validators=VALIDATORS, new_copy=COPY)])
    before = (store.known(), store.snapshot(NOW), store.copy("blekinge"))
    store.close()
    with Store.open(path, read_only=True) as again:
        assert (again.known(), again.snapshot(NOW), again.copy("blekinge")) == before


def test_it_clears_validators_that_a_decision_does_not_renew(store: Store, run: int) -> None:
    store.commit(run, [decision(validators=VALIDATORS, body_hash=b"hash")])
    store.commit(run, [decision(at=after(1))])
    assert (store.known()["blekinge"].validators, store.known()["blekinge"].body_hash) == (None, None)


def test_an_empty_batch_is_nothing(store: Store, run: int) -> None:
    store.commit(run, [])
    assert store.link_history("blekinge") == ()


# ---------------------------------------------------------------- history


def test_it_folds_an_unchanged_check_into_the_one_before(store: Store, run: int) -> None:
    later = store.begin_run(after(6), due=1)
    store.commit(run, [decision()])
    for hours, elapsed in ((6, 40), (12, None), (18, 800)):
        facts = replace(FACTS, elapsed_ms=elapsed, wire_bytes=elapsed or 0, h1=f"Heading {hours}")
        store.commit(later, [decision(at=after(hours), facts=facts)])
    (check,) = store.link_history("blekinge")
    assert (check.times, check.first_at, check.last_at) == (4, NOW, after(18))
    assert (check.first_run_id, check.last_run_id) == (run, later)
    assert (check.elapsed_min_ms, check.elapsed_mean_ms, check.elapsed_max_ms) == (40, 320, 800)
    assert (check.verdict, check.reason, check.evidence) == (Code.MOVED, "permanent", VERDICT.grounds)
    assert (check.http_status, check.title, check.redirects) == (200, FACTS.title, FACTS.redirects)
    assert (check.last_modified, check.content_type) == (FACTS.last_modified, "text/html")
    assert store.known()["blekinge"].facts.h1 == "Heading 18"


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": replace(VERDICT, code=Code.OK)},
        {"verdict": replace(VERDICT, reason=None)},
        {"facts": replace(FACTS, http_status=203)},
        {"facts": replace(FACTS, final_url=None)},
        {"facts": replace(FACTS, redirects=())},
        {"facts": replace(FACTS, title="Another")},
        {"facts": replace(FACTS, last_modified=NOW)},
        {"facts": replace(FACTS, content_type="application/pdf")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_check_that_found_something_else_is_a_row_of_its_own(store: Store, run: int, change: dict[str, Any]) -> None:
    store.commit(run, [decision(), decision(at=after(1), **change), decision(at=after(2))])
    assert times(store) == [1, 1, 1]


def test_it_folds_after_a_restart_and_within_a_batch(store: Store, run: int, path: Path) -> None:
    store.commit(run, [decision(), decision(source("dalarna")), decision(at=after(1))])
    store.close()
    with Store.open(path) as again:
        again.commit(again.begin_run(after(2), due=1), [decision(at=after(2))])
        assert (times(again), times(again, "dalarna")) == ([3], [1])


def test_it_folds_checks_that_saw_nothing(store: Store, run: int) -> None:
    nothing = decision(facts=Facts(), verdict=Verdict(code=Code.UNREACHABLE, reason="dns_nxdomain"))
    store.commit(run, [nothing, nothing])
    (check,) = store.link_history("blekinge")
    assert (check.times, check.elapsed_mean_ms, check.elapsed_min_ms) == (2, None, None)


def test_a_clock_set_back_does_not_turn_a_history_round(store: Store, run: int) -> None:
    store.commit(run, [decision(), decision(at=after(-1))])
    assert store.link_history("blekinge")[0].last_at == NOW


def test_it_gives_the_newest_part_of_a_long_history(store: Store, run: int) -> None:
    titles = [replace(FACTS, title=f"Title {n}") for n in range(5)]
    store.commit(run, [decision(facts=facts) for facts in titles])
    assert [check.title for check in store.link_history("blekinge", limit=2)] == ["Title 4", "Title 3"]


def test_unchanged_checks_do_not_make_the_file_grow(store: Store, run: int, path: Path) -> None:
    sources = [source(f"link-{n}") for n in range(50)]
    store.sync_sources(sources, NOW)
    for hours in range(120):  # until the response times of the latest checks have filled their room
        store.commit(run, [decision(of, after(hours)) for of in sources])
    store.close()
    before = path.stat().st_size
    with Store.open(path) as again:
        for hours in range(120, 220):
            again.commit(run, [decision(of, after(hours)) for of in sources])
    assert path.stat().st_size - before <= 2 * 4096


# ---------------------------------------------------------------- our own failures


def test_an_inconclusive_check_leaves_the_finding_with_its_evidence(store: Store, run: int) -> None:
    store.commit(run, [decision(validators=VALIDATORS, new_copy=COPY)])
    ours = Verdict(code=Code.INCONCLUSIVE, reason="own_network", evidence={"detail": "no route"})
    store.commit(run, [decision(at=after(1), verdict=ours, believed=belief(), validators=VALIDATORS)])
    known, view = store.known()["blekinge"], store.snapshot(NOW).links[0]
    assert (known.belief, known.evidence, known.validators) == (belief(), VERDICT.grounds, VALIDATORS)
    assert view.suggestion == VERDICT.suggestion
    assert store.copy("blekinge") == COPY
    newest = store.link_history("blekinge")[0]
    assert (newest.verdict, newest.evidence) == (Code.INCONCLUSIVE, {"detail": "no route"})


def test_an_error_in_the_middle_leaves_nothing_of_the_batch(store: Store, run: int) -> None:
    before = (store.known(), store.snapshot(NOW))
    whole = decision(changed=True, new_copy=COPY)
    naive = decision(source("dalarna"), at=NOW.replace(tzinfo=None))
    with pytest.raises(TypeError, match="without a zone"):
        store.commit(run, [whole, naive])
    assert (store.known(), store.snapshot(NOW)) == before
    assert (store.link_history("blekinge"), store.copy("blekinge")) == ((), None)
    store.commit(run, [whole])
    assert store.copy("blekinge") == COPY


def test_a_decision_on_a_link_that_was_never_configured_is_refused(store: Store, run: int) -> None:
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        store.commit(run, [decision(), decision(source("nowhere"))])
    assert store.link_history("blekinge") == ()


# ---------------------------------------------------------------- copies


def test_a_new_copy_replaces_the_one_in_force_and_keeps_it(store: Store, run: int) -> None:
    newer = replace(COPY, text="Nytt program 2024–2030", shingles=(), links=(), title=None, h1=None)
    store.commit(run, [decision(new_copy=COPY)])
    store.commit(run, [decision(at=after(1), new_copy=newer)])
    assert store.copy("blekinge") == newer
    kept = store._db.execute("SELECT replaced_at FROM copies ORDER BY id").fetchall()
    assert kept == [(after(1).isoformat(),), (None,)]


def test_there_is_no_copy_of_a_link_that_has_none(store: Store) -> None:
    assert store.copy("dalarna") is None
    assert store.copy("nowhere") is None


# ---------------------------------------------------------------- text from elsewhere


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\x00b", "a\x00b"),
        ("\ud800", "\ufffd"),
        ("å\udfffö", "å\ufffdö"),
        ("\U0001f600", "\U0001f600"),
        ("' OR 1=1; --", "' OR 1=1; --"),
        ("\r\n\x1b[31m", "\r\n\x1b[31m"),
    ],
)
def test_it_takes_any_text(store: Store, run: int, sent: str, kept: str) -> None:
    facts = replace(FACTS, title=sent, redirects=(Hop(url=sent, status=302, location=sent),), content_type=sent)
    verdict = replace(VERDICT, reason=sent, evidence={sent: [sent]}, rule="")
    copy = replace(COPY, text=sent, links=(sent,), title=sent)
    tags = Validators(url=sent, etag=sent)
    said = decision(facts=facts, verdict=verdict, new_copy=copy, validators=tags)
    store.commit(run, [said, said])
    known, approved = store.known()["blekinge"], store.copy("blekinge")
    assert (known.facts.title, known.facts.redirects[0].location) == (kept, kept)
    assert known.evidence == {kept: [kept]}
    assert known.validators == Validators(url=kept, etag=kept)
    assert approved
    assert (approved.text, approved.links, approved.title) == (kept, (kept,), kept)
    assert times(store) == [2]


def test_a_time_that_has_no_place_in_utc_is_taken_as_it_stands(store: Store, run: int) -> None:
    ancient = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    store.commit(run, [decision(facts=replace(FACTS, last_modified=ancient))])
    assert store.known()["blekinge"].facts.last_modified == datetime(1, 1, 1, tzinfo=UTC)


def test_evidence_is_stored_compact_sorted_and_readable(store: Store, run: int) -> None:
    verdict = replace(VERDICT, evidence={"ö": 1, "a": NOW}, rule="")
    store.commit(run, [decision(verdict=verdict)])
    ((stored,),) = store._db.execute("SELECT evidence FROM links WHERE id = 'blekinge'").fetchall()
    assert stored == '{"a":"2026-11-23 13:00:00+00:00","ö":1}'


any_text = st.text(st.characters(exclude_categories=["Cs"]))
maybe_text = st.none() | any_text
offsets = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))
any_time = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=offsets)  # noqa: DTZ001 - hypothesis wants naive bounds
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=8,
)
any_facts = st.builds(
    Facts,
    http_status=st.none() | st.integers(0, 999),
    final_url=maybe_text,
    redirects=st.lists(st.builds(Hop, url=any_text, status=st.integers(300, 399), location=maybe_text), max_size=3).map(
        tuple
    ),
    title=maybe_text,
    h1=maybe_text,
    last_modified=st.none() | any_time,
    content_type=maybe_text,
    charset=maybe_text,
    elapsed_ms=st.none() | st.integers(0, 10**7),
    tls_expires_at=st.none() | any_time,
    wire_bytes=st.integers(0, 2**62),
)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Store.open(tmp_path_factory.mktemp("db") / "linkwatch.db") as store:
        store.sync_sources([source()], NOW)
        yield store


@settings(max_examples=80, deadline=None)
@given(facts=any_facts, evidence=st.dictionaries(any_text, any_json, max_size=4), reason=maybe_text)
def test_any_facts_and_evidence_come_back_as_they_were(
    lasting: Store, facts: Facts, evidence: dict[str, Any], reason: str | None
) -> None:
    verdict = Verdict(code=Code.OK, reason=reason, evidence=evidence)
    run = lasting.begin_run(NOW, due=1)
    lasting.commit(run, [decision(facts=facts, verdict=verdict)])
    known, newest = lasting.known()["blekinge"], lasting.link_history("blekinge", limit=1)[0]
    assert (known.facts, known.evidence) == (facts, json.loads(json.dumps(evidence)))
    assert (newest.title, newest.reason, newest.redirects) == (facts.title, reason, facts.redirects)


def test_a_state_comes_back_for_each_that_there_is(store: Store, run: int) -> None:
    for state in State:
        store.commit(run, [decision(believed=belief(state))])
        assert store.known()["blekinge"].belief == belief(state)


def test_it_knows_since_when_runs_have_been_inconclusive(store: Store) -> None:
    def finish(day: int, *, conclusive: bool) -> None:
        at = NOW + timedelta(days=day)
        note = None if conclusive else "own_network"
        store.finish_run(store.begin_run(at, due=1), at, conclusive=conclusive, note=note, visited=1)

    finish(0, conclusive=True)
    assert store.doubted_since() is None
    finish(1, conclusive=False)
    finish(2, conclusive=False)
    assert store.doubted_since() == NOW + timedelta(days=1)
    finish(3, conclusive=True)
    assert store.doubted_since() is None
