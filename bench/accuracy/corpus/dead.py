"""Dead links, in the way that each site loses its pages."""

from html import escape

from bench.accuracy.corpus import cms, errors, text
from bench.accuracy.corpus.ground import Ground
from bench.accuracy.corpus.healthy import pdf_of
from bench.accuracy.corpus.model import Group, Reply, Request

_KNOWN = 5  # dead links whose approved copy is known
_NEVER_SEEN = 2  # and those that were dead when first visited


def plant(ground: Ground) -> None:
    family, expected = _verdict(ground)
    for number in range(_KNOWN):
        _was_there(ground, family, expected, sentences=(4, 8, 12, 16, 2)[number])
    for _ in range(_NEVER_SEEN):
        target = ground.address(ground.prose().title)
        ground.link(
            target, group=Group.DEAD, family=f"{family}, never seen alive", expected=expected, also=_also(ground)
        )
    _lost_file(ground, family, expected)
    if ground.site.policy in {"hard", "hardfat"}:
        _gone(ground)
        _notice(ground)


def _verdict(ground: Ground) -> tuple[str, str]:
    policy = ground.site.policy
    if policy in errors.SOFT:
        return f"soft: {policy}", "soft_404"
    return ("every unknown address to front", "moved_to_home") if policy in errors.HOME else ("404", "not_found")


def _also(ground: Ground) -> tuple[str, ...]:
    """A search page that a site sends all strangers to is a hub as well as a soft 404."""
    return ("moved_to_home",) if ground.site.policy == "tosearch" else ()


def _was_there(ground: Ground, family: str, expected: str, *, sentences: int) -> None:
    prose = ground.prose(sentences=sentences)
    target = ground.address(prose.title)
    before = ground.shown(prose, target)
    ground.link(target, group=Group.DEAD, family=family, expected=expected, also=_also(ground), before=before)


def _lost_file(ground: Ground, family: str, expected: str) -> None:
    prose = ground.prose(sentences=12)
    reply = Reply(headers=(("Content-Type", "application/pdf"),), body=pdf_of(prose, "20260301080000"))
    ground.link(
        f"/download/{ground.rng.randint(100, 999)}/{text.slug(prose.title)}.pdf",
        group=Group.DEAD,
        family=f"{family}, a PDF",
        expected=expected,
        also=_also(ground),
        before=lambda _: reply,
    )


def _gone(ground: Ground) -> None:
    prose = ground.prose()
    target = ground.address(prose.title)

    def gone(request: Request) -> Reply:
        page = errors.error_view(ground.site, request)
        return errors.html_reply(ground.site, cms.render(ground.site, page), status=410)

    before = ground.shown(prose, target)
    ground.link(target, group=Group.DEAD, family="410", expected="gone", before=before, after=gone)


def _notice(ground: Ground) -> None:
    """Strangers get a hard 404 here, but what was withdrawn answers 200 and says so."""
    choices = errors.notices(ground.site.language)
    for number in range(2):
        prose = ground.prose(sentences=(9, 3)[number])
        target = ground.address(prose.title)
        title, sentence = choices[(ground.index + number) % len(choices)]
        ground.link(
            target,
            group=Group.DEAD,
            family="soft: a notice in its place",
            expected="soft_404",
            also=("replaced",),
            before=ground.shown(prose, target),
            after=ground.framed(target, title, f"<p>{escape(sentence)}</p>"),
        )
