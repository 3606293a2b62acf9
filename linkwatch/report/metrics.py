"""What was measured, for Prometheus: its text exposition format 0.0.4.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format. Names and units as
https://prometheus.io/docs/practices/naming/ has them: seconds, bytes, `_total` for nothing that can become less. Every
label has its values from a closed list, so the number of series does not grow with the links. No label is called `job`
or `instance`, which Prometheus sets itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from linkwatch.core.measured import DURATION_BOUNDS_MS, Durations, Measured

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Sample:
    labels: Mapping[str, str]
    value: float
    suffix: str = ""  # _bucket, _sum and _count of a histogram


@dataclass(frozen=True, slots=True)
class Family:
    """One metric. Without samples there is nothing to say of it now."""

    name: str
    kind: str  # gauge | histogram
    help: str
    samples: tuple[Sample, ...]


def exposition(measured: Measured, *, version: str) -> str:
    """All of it as text, each line ended."""
    return "".join(f"{line}\n" for family in families(measured, version=version) for line in _lines(family))


def families(measured: Measured, *, version: str) -> tuple[Family, ...]:
    precision = measured.precision
    return (
        _gauge("build_info", "Always 1; the version is the label.", [({"version": version}, 1)]),
        _gauge(
            "links",
            "Links by what is believed of them.",
            (({"state": state.value}, n) for state, n in measured.links.items()),
        ),
        _gauge(
            "findings",
            "Links by the verdict that their state stands on.",
            (({"verdict": code.value}, n) for code, n in measured.findings.items()),
        ),
        _gauge("links_due", "Links that are to be visited now.", _one(measured.due)),
        _gauge("requests_waiting", "Links that somebody wants visited now.", _one(measured.requests_waiting)),
        Family(
            "linkwatch_check_duration_seconds",
            "histogram",
            "How long the latest check of each link took, of those that were answered: as it is now, not added up over "
            "time, so not for rate().",
            tuple(_histogram(measured.durations)),
        ),
        _gauge(
            "last_run_timestamp_seconds",
            "When the last run of all that was due ended; 0 if none has.",
            _one(_seconds(measured.last_run_at)),
        ),
        _gauge(
            "last_conclusive_run_timestamp_seconds",
            "When the last run ended that visited links and whose findings were believed; 0 if none has.",
            _one(_seconds(measured.last_conclusive_at)),
        ),
        _gauge(
            "run_conclusive",
            "1 if the findings of the last run were believed, 0 if it was inconclusive or there was none.",
            _one(int(measured.is_conclusive or False)),
        ),
        _gauge(
            "outbox",
            "Messages that wait to be sent, and those that were given up.",
            [({"state": "pending"}, measured.pending), ({"state": "dead"}, measured.dead)],
        ),
        _gauge(
            "outbox_oldest_pending_timestamp_seconds",
            "When the oldest message that waits was written; absent if none waits.",
            _one(_seconds(measured.oldest_pending_at)) if measured.oldest_pending_at else (),
        ),
        _gauge("subscribers", "Who gets digests.", _one(measured.subscribers)),
        _gauge(
            "alarms_judged",
            "Alarms that editors have judged: the page was wrong (confirmed), or it was right (refuted).",
            [({"answer": "confirmed"}, precision.confirmed), ({"answer": "refuted"}, precision.approved)],
        ),
        _gauge(
            "alarm_precision_ratio",
            "Share of the judged alarms that were confirmed, 0 to 1; absent if none is judged.",
            () if precision.share is None else _one(precision.share),
        ),
        _gauge(
            "jobs_last_success_timestamp_seconds",
            "When a job of the night last ended well; absent if it never did.",
            (({"task": job.name}, _seconds(job.done_at)) for job in measured.jobs if job.done_at),
        ),
        _gauge(
            "jobs_failed",
            "1 if a job of the night failed the last time, 0 if it ended well.",
            (({"task": job.name}, int(not job.is_well)) for job in measured.jobs),
        ),
        _gauge("database_bytes", "Size of the database, without its write-ahead log.", _one(measured.database_bytes)),
        _gauge(
            "database_free_bytes", "Part of the database that is free to be used again.",
            _one(measured.database_free_bytes),
        ),
        _gauge("disk_free_bytes", "Room left on the disk of the database.", _one(measured.disk_free_bytes)),
    )  # fmt: skip


def _gauge(name: str, says: str, samples: Iterable[tuple[Mapping[str, str], float]]) -> Family:
    return Family(f"linkwatch_{name}", "gauge", says, tuple(Sample(labels, value) for labels, value in samples))


def _one(value: float) -> Iterable[tuple[Mapping[str, str], float]]:
    return [({}, value)]


def _histogram(durations: Durations) -> Iterator[Sample]:
    """Each bucket counts all that took no longer than its bound."""
    for bound, number in zip(DURATION_BOUNDS_MS, durations.within, strict=True):
        yield Sample({"le": _number(bound / 1000)}, number, "_bucket")
    yield Sample({"le": "+Inf"}, durations.count, "_bucket")
    yield Sample({}, durations.sum_ms / 1000, "_sum")
    yield Sample({}, durations.count, "_count")


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0


# ---------------------------------------------------------------- as text


def _lines(family: Family) -> Iterator[str]:
    if not family.samples:
        return
    yield f"# HELP {family.name} {family.help.translate(_IN_HELP)}"
    yield f"# TYPE {family.name} {family.kind}"
    for sample in family.samples:
        labels = ",".join(f'{name}="{value.translate(_IN_LABEL)}"' for name, value in sample.labels.items())
        yield f"{family.name}{sample.suffix}{f'{{{labels}}}' if labels else ''} {_number(sample.value)}"


_IN_HELP = str.maketrans({"\\": r"\\", "\n": r"\n"})
_IN_LABEL = _IN_HELP | str.maketrans({'"': r"\""})


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
