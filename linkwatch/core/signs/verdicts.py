"""What the rules answer with, and the evidence that most of them give."""

from collections.abc import Callable, Mapping
from typing import Any

from linkwatch.core.models import Code, Need, Suggestion, Verdict
from linkwatch.core.signs.look import Look

Answer = Verdict | Need | None
Rule = Callable[[Look], Answer]


def verdict(
    code: Code,
    reason: str | None,
    rule: str,
    evidence: Mapping[str, Any],
    *,
    saw_page: bool = False,
    suggestion: Suggestion | None = None,
) -> Verdict:
    return Verdict(
        code=code, reason=reason, rule=rule, evidence=dict(evidence), saw_page=saw_page, suggestion=suggestion
    )


def fault_evidence(look: Look) -> dict[str, Any]:
    fault = look.visit.fault
    return {"detail": fault.detail, "at": fault.url or look.visit.final_url} if fault else {}


def kept(look: Look) -> dict[str, Any]:
    """How much of the approved copy was seen; that there is none is said too."""
    if look.copy is None:
        return {"approved_copy": False}
    return dict(look.kinship.evidence) if look.kinship else {}


def all_of(*parts: str | None) -> str:
    return "\n".join(part for part in parts if part)


def arrived(look: Look) -> tuple[Code, str | None]:
    if not look.visit.hops:
        return Code.OK, None
    if not look.way.leaves:
        return Code.REDIRECTED, "trivial"
    if not look.way.is_permanent:
        return Code.REDIRECTED, "temporary"
    return Code.REDIRECTED, None if look.carries or look.visit.not_modified else "unrecognised"
