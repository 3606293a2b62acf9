"""The exposition, read back by Prometheus' own parser, and the dashboard that is drawn of it."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from linkwatch.core.measured import DURATION_BOUNDS_MS, Durations, JobEnd, Measured
from linkwatch.core.models import Code, State
from linkwatch.core.reviews import Precision
from linkwatch.report.metrics import Family, Sample, _lines, exposition, families

AT = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
MEASURED = Measured(
    links=dict.fromkeys(State, 0) | {State.OK: 18, State.BROKEN: 3},
    findings=dict.fromkeys(Code, 0) | {Code.OK: 18, Code.NOT_FOUND: 2, Code.SOFT_404: 1},
    due=4,
    durations=Durations(count=20, sum_ms=12_345, within=(1, 5, 9, 14, 18, 19, 19, 20)),
    last_run_at=AT,
    last_conclusive_at=AT.replace(day=22),
    is_conclusive=False,
    pending=2,
    dead=1,
    oldest_pending_at=AT.replace(hour=9),
    requests_waiting=3,
    precision=Precision(confirmed=97, approved=3),
    subscribers=5,
    jobs=(JobEnd(name="prune", done_at=AT, is_well=True), JobEnd(name="backup", done_at=None, is_well=False)),
    database_bytes=40_000_000,
    database_free_bytes=8_192,
    disk_free_bytes=80_000_000_000,
)
NEVER = replace(
    MEASURED, last_run_at=None, last_conclusive_at=None, is_conclusive=None, pending=0, oldest_pending_at=None,
    precision=Precision(confirmed=0, approved=0), jobs=(),
)  # fmt: skip
DASHBOARD = Path(__file__).parent.parent.parent / "docs" / "grafana.json"


def read_back(measured: Measured, version: str = "1.2.3") -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Each sample by its name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parse(exposition(measured, version=version))
        for sample in family.samples
    }


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("linkwatch_build_info", {"version": "1.2.3"}, 1),
        ("linkwatch_links", {"state": "broken"}, 3),
        ("linkwatch_links", {"state": "paused"}, 0),
        ("linkwatch_findings", {"verdict": "soft_404"}, 1),
        ("linkwatch_links_due", {}, 4),
        ("linkwatch_requests_waiting", {}, 3),
        ("linkwatch_check_duration_seconds_bucket", {"le": "0.1"}, 1),
        ("linkwatch_check_duration_seconds_bucket", {"le": "30"}, 20),
        ("linkwatch_check_duration_seconds_bucket", {"le": "+Inf"}, 20),
        ("linkwatch_check_duration_seconds_sum", {}, 12.345),
        ("linkwatch_check_duration_seconds_count", {}, 20),
        ("linkwatch_last_run_timestamp_seconds", {}, AT.timestamp()),
        ("linkwatch_last_conclusive_run_timestamp_seconds", {}, AT.timestamp() - 86_400),
        ("linkwatch_run_conclusive", {}, 0),
        ("linkwatch_outbox", {"state": "pending"}, 2),
        ("linkwatch_outbox", {"state": "dead"}, 1),
        ("linkwatch_outbox_oldest_pending_timestamp_seconds", {}, AT.timestamp() - 4 * 3600),
        ("linkwatch_subscribers", {}, 5),
        ("linkwatch_alarms_judged", {"answer": "confirmed"}, 97),
        ("linkwatch_alarms_judged", {"answer": "refuted"}, 3),
        ("linkwatch_alarm_precision_ratio", {}, 0.97),
        ("linkwatch_jobs_last_success_timestamp_seconds", {"task": "prune"}, AT.timestamp()),
        ("linkwatch_jobs_failed", {"task": "prune"}, 0),
        ("linkwatch_jobs_failed", {"task": "backup"}, 1),
        ("linkwatch_database_bytes", {}, 40_000_000),
        ("linkwatch_database_free_bytes", {}, 8_192),
        ("linkwatch_disk_free_bytes", {}, 80_000_000_000),
    ],
)
def test_it_tells_what_was_measured(name: str, labels: dict[str, str], value: float) -> None:
    assert read_back(MEASURED)[name, tuple(sorted(labels.items()))] == value


def test_it_has_a_sample_for_every_state_and_every_verdict() -> None:
    found = read_back(MEASURED)
    assert {labels[0][1] for name, labels in found if name == "linkwatch_links"} == set(State)
    assert {labels[0][1] for name, labels in found if name == "linkwatch_findings"} == set(Code)


def test_it_tells_of_each_metric_once_with_help_and_type() -> None:
    lines = exposition(MEASURED, version="1").splitlines()
    told = [family.name for family in families(MEASURED, version="1")]
    assert len(set(told)) == len(told)
    for kind in ("HELP", "TYPE"):
        assert [line.split()[2] for line in lines if line.startswith(f"# {kind} ")] == told
    for family in parse("\n".join(lines) + "\n"):
        assert family.documentation.endswith(".")
        assert family.type in ("gauge", "histogram")
        assert not family.name.endswith("_total")  # nothing that can become less is a counter


def test_it_takes_no_run_for_one_long_ago_and_says_nothing_of_what_there_is_none_of() -> None:
    found = read_back(NEVER)
    assert found["linkwatch_last_run_timestamp_seconds", ()] == 0
    assert found["linkwatch_last_conclusive_run_timestamp_seconds", ()] == 0
    assert found["linkwatch_run_conclusive", ()] == 0
    absent = ("oldest_pending", "precision", "jobs_")
    assert [name for name, _ in found if any(word in name for word in absent)] == []
    assert "precision" not in exposition(NEVER, version="1")


def test_a_job_that_failed_has_no_last_success() -> None:
    assert ("linkwatch_jobs_last_success_timestamp_seconds", (("task", "backup"),)) not in read_back(MEASURED)


def test_its_buckets_add_up() -> None:
    found = read_back(MEASURED)
    buckets = [value for (name, _), value in found.items() if name.endswith("_bucket")]
    assert len(buckets) == len(DURATION_BOUNDS_MS) + 1
    assert buckets == sorted(buckets)
    assert buckets[-1] == found["linkwatch_check_duration_seconds_count", ()]


def test_it_takes_for_labels_no_name_that_prometheus_sets() -> None:
    assert {name for _, labels in read_back(MEASURED) for name, _ in labels} & {"job", "instance"} == set()


HOSTILE = 'a"b\\c\nlinkwatch_links{state="broken"} 99\n# TYPE x'


def test_it_escapes_what_it_writes() -> None:
    assert read_back(MEASURED, HOSTILE)["linkwatch_build_info", (("version", HOSTILE),)] == 1
    assert read_back(MEASURED, HOSTILE)["linkwatch_links", (("state", "broken"),)] == 3
    (told,) = parse("\n".join(_lines(Family("x", "gauge", HOSTILE, (Sample({}, 1),)))) + "\n")
    assert told.documentation == HOSTILE


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (12, "12"),
        (1e15, "1000000000000000"),
        (0.1, "0.1"),
        (1e-7, "1e-07"),
        (1_764_000_000.25, "1764000000.25"),
    ],
)
def test_it_writes_numbers_as_prometheus_reads_them(value: float, text: str) -> None:
    *_, line = _lines(Family("x", "gauge", "X.", (Sample({}, value),)))
    assert line == f"x {text}"
    (told,) = parse(f"{line}\n")
    assert told.samples[0].value == value


# ---------------------------------------------------------------- the dashboard


@pytest.fixture(scope="module")
def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return found


def expressions(dashboard: dict[str, Any]) -> list[str]:
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return queries + [one["definition"] for one in dashboard["templating"]["list"] if one["type"] == "query"]


def test_the_dashboard_asks_only_for_what_there_is(dashboard: dict[str, Any]) -> None:
    samples = {name for name, _ in read_back(MEASURED)}
    asked = {name for text in expressions(dashboard) for name in re.findall(r"\blinkwatch_\w+", text)}
    assert asked <= samples
    assert len(asked) > 12


def test_the_dashboard_asks_for_labels_that_there_are(dashboard: dict[str, Any]) -> None:
    """And for values that exist, or a panel would be empty for ever."""
    known: dict[str, set[str]] = {}
    for _, labels in read_back(MEASURED):
        for name, value in labels:
            known.setdefault(name, set()).add(value)
    for text in expressions(dashboard):
        for name, values in re.findall(r'(\w+)(?:=~|!=|=)"([^"$]+)"', text):
            assert set(values.split("|")) <= known[name], text
        for name in re.findall(r"\bby \((\w+)\)", text):
            assert name in known, text


def test_the_dashboard_can_be_imported_into_any_grafana(dashboard: dict[str, Any]) -> None:
    assert dashboard["id"] is None
    assert dashboard["schemaVersion"] >= 39
    source, instance = dashboard["templating"]["list"]
    assert (source["type"], source["name"], source["query"]) == ("datasource", "datasource", "prometheus")
    everything = [instance, *dashboard["panels"], *(one for panel in dashboard["panels"] for one in panel["targets"])]
    assert all(one["datasource"] == {"type": "prometheus", "uid": "${datasource}"} for one in everything)


def test_the_panels_of_the_dashboard_are_told_apart(dashboard: dict[str, Any]) -> None:
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    for panel in panels:
        letters = [target["refId"] for target in panel["targets"]]
        assert len(set(letters)) == len(letters)
        assert panel["description"]
        assert panel["fieldConfig"]["defaults"]["unit"]


def test_the_panels_of_the_dashboard_lie_beside_each_other(dashboard: dict[str, Any]) -> None:
    places = [panel["gridPos"] for panel in dashboard["panels"]]
    assert all(one["x"] >= 0 and one["w"] > 0 and one["x"] + one["w"] <= 24 and one["h"] > 0 for one in places)
    for one, other in combinations(places, 2):
        apart_across = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert apart_across or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]


def test_the_dashboard_shows_how_long_ago_a_run_was_believed_with_a_limit(dashboard: dict[str, Any]) -> None:
    aged = [
        panel
        for panel in dashboard["panels"]
        if any("time() - linkwatch_last_conclusive_run" in target["expr"] for target in panel["targets"])
    ]
    assert {panel["type"] for panel in aged} == {"stat", "timeseries"}
    for panel in aged:
        limits = [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]
        assert limits[0] is None
        assert limits[1] > 24 * 3600  # a daily run is no alarm


def test_it_names_nobody_and_no_link() -> None:
    assert {name for _, labels in read_back(MEASURED) for name, _ in labels} == {
        "answer", "le", "state", "task", "verdict", "version",
    }  # fmt: skip
