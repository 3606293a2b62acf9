"""The way to a page: every answer on it in words, hop by hop."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linkwatch.core.models import Facts
from linkwatch.locale import Words
from linkwatch.report import addresses
from linkwatch.report.addresses import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stop on the way to the page. `status` is None where nobody answered, or where nothing was asked."""

    status: int | None
    words: str
    address: Address


def way(facts: Facts, evidence: Mapping[str, Any], words: Words) -> tuple[Step, ...]:
    """Every redirect with its status, then where it ended; nothing where nobody was sent on."""
    sent_on = _sent_on(facts, evidence)
    if not facts.redirects and sent_on is None:
        return ()
    stops: list[tuple[int | None, str]] = [(hop.status, hop.url) for hop in facts.redirects]
    stops.append((facts.http_status, facts.final_url or ""))
    steps = [Step(status=status, words=answer(status, words), address=addresses.web(url)) for status, url in stops]
    if sent_on is not None:
        steps.append(Step(status=None, words=words.text("report.way.sent_on"), address=addresses.web(sent_on)))
    return tuple(steps)


def _sent_on(facts: Facts, evidence: Mapping[str, Any]) -> str | None:
    """Where the page itself sends its reader, as a `<meta http-equiv=refresh>` does: no HTTP answer says that."""
    end = evidence.get("final_url")
    return end if isinstance(end, str) and facts.final_url and end != facts.final_url else None


def answer(status: int | None, words: Words) -> str:
    """404 as "HTTP 404, sidan hittades inte"."""
    if status is None:
        return words.text("report.no_answer")
    return words.text("report.http", status=status, words=http_words(status, words))


def http_words(status: int, words: Words) -> str:
    """404 as "sidan hittades inte"; a status without words of its own as its class."""
    exact = words.find(f"http.{status}") or words.find(f"http.{status // 100}xx")
    return exact or words.text("http.other")
