"""The figures as text and as JSON."""

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.accuracy.corpus.model import Group
from bench.accuracy.measure import Row, Share, by_family, goals, mistakes, precision, recall, share, worst


def machine() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    name = model or platform.machine()
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"


def as_text(rows: Sequence[Row], half: str, took: float, times: Mapping[str, float], count: int) -> str:
    sites = len({row.item.site for row in rows})
    parts = [
        f"linkwatch accuracy, {half}: {len(rows)} links on {sites} sites, both days in {took:.0f} s\n{machine()}",
        "GOALS\n" + "\n".join(_goal(name, value) for name, value in goals(rows).items()),
        "FAMILIES: judged right, called broken, what the wrong ones were called\n"
        + "\n".join(_family(name, found) for name, found in by_family(rows).items()),
        "VERDICTS\n" + "\n".join(_verdicts(rows)),
        "COST\n" + "\n".join([*_requests(rows), *_times(times)]),
        f"WORST {count}\n" + "\n".join(map(_mistake, worst(rows, count))),
    ]
    return "\n\n".join(parts)


def _goal(name: str, value: Share | float | None) -> str:
    told = f"{value:.3f}" if isinstance(value, float) else str(value or "–")
    return f"  {name:<50} {told}"


def _family(name: str, rows: Sequence[Row]) -> str:
    right = share(rows, lambda row: row.right)
    broken = sum(row.broken for row in rows)
    return f"  {name:<58} {right!s:<36} broken {broken:>3}  {mistakes(rows)}"


def _verdicts(rows: Sequence[Row]) -> list[str]:
    codes = sorted({row.code for row in rows} | {row.item.expected for row in rows})
    return [f"  {code:<18} precision {precision(rows, code)!s:<38} recall {recall(rows, code)}" for code in codes]


def _requests(rows: Sequence[Row]) -> list[str]:
    groups = {
        "healthy": [row.extra for row in rows if row.item.group is Group.HEALTHY],
        "all others": [row.extra for row in rows if row.item.group is not Group.HEALTHY],
    }
    return [
        f"  requests beyond the visit, {name}: {sum(found) / len(found):.2f} a link, at most {max(found)},"
        f" none for {sum(n == 0 for n in found) / len(found):.0%}"
        for name, found in groups.items()
        if found
    ]


def _times(times: Mapping[str, float]) -> list[str]:
    return [f"  {name}: {seconds * 1000:.2f} ms (median)" for name, seconds in times.items()]


def _mistake(row: Row) -> str:
    item = row.item
    accepted = "|".join([item.expected, *sorted(item.accept - {item.expected})])
    evidence = json.dumps(row.evidence, ensure_ascii=False, default=str)
    return (
        f"  {item.url}\n    {item.family}{'' if item.before else ' (first visit)'}: expected {accepted}, got {row.code}"
        f" ({row.rule}{', ' + row.reason if row.reason else ''}) {evidence[:300]}"
    )


def as_json(rows: Sequence[Row], half: str, took: float, times: Mapping[str, float], count: int) -> dict[str, Any]:
    return {
        "half": half,
        "links": len(rows),
        "sites": len({row.item.site for row in rows}),
        "seconds": round(took, 1),
        "machine": machine(),
        "goals": {name: _number(value) for name, value in goals(rows).items()},
        "families": {
            name: {**_number(share(found, lambda row: row.right)), "wrong": mistakes(found)}
            for name, found in by_family(rows).items()
        },
        "verdicts": {
            code: {"precision": _number(precision(rows, code)), "recall": _number(recall(rows, code))}
            for code in sorted({row.code for row in rows} | {row.item.expected for row in rows})
        },
        "extra_requests": {
            str(group): round(statistics.fmean(found), 3)
            for group in Group
            if (found := [row.extra for row in rows if row.item.group is group])
        },
        "milliseconds": {name: round(seconds * 1000, 3) for name, seconds in times.items()},
        "worst": [
            {
                "url": row.item.url,
                "family": row.item.family,
                "first_visit": not row.item.before,
                "expected": sorted(row.item.accept),
                "got": row.code,
                "rule": row.rule,
                "reason": row.reason,
                "evidence": json.loads(json.dumps(dict(row.evidence), default=str)),
            }
            for row in worst(rows, count)
        ],
    }


def _number(value: Share | float | None) -> Any:
    if not isinstance(value, Share):
        return value
    low, high = value.interval
    return {"hits": value.hits, "of": value.of, "value": value.value, "low": low, "high": high}
