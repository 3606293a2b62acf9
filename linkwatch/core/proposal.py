"""The address that is proposed in a link's place."""

from linkwatch.core.models import Code, LinkView, Suggestion


def proposal(link: LinkView) -> Suggestion | None:
    """What was suggested, or where a link that has moved ended up."""
    if link.suggestion:
        return link.suggestion
    is_latest = link.belief.verdict is link.belief.finding
    seen = link.facts if is_latest else link.grounds.facts if link.grounds else None
    final = seen.final_url if seen else None
    if link.belief.finding is not Code.MOVED or final is None or final == link.source.url:
        return None
    return Suggestion(url=final, score=1.0, why="redirect")
