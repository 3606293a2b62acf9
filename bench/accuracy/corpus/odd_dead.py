"""What real sites do and no manual says: pages that are gone or elsewhere, and look alive."""

from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path

from bench.accuracy.corpus import cms, errors, frame, text
from bench.accuracy.corpus.errors import redirect
from bench.accuracy.corpus.frame import View
from bench.accuracy.corpus.ground import Ground, page_title
from bench.accuracy.corpus.model import Answer, Group, Host, Reply, Request, rng_of
from bench.accuracy.corpus.odd_alive import listed
from bench.accuracy.corpus.text import Prose

_SUSPENDED = Path(__file__).with_name("suspended.html")


# ---------------------------------------------------------------- moved, and how


def _moved(
    ground: Ground, expected: str, prose: Prose, source: str, after: Answer, *, family: str, also: tuple[str, ...] = ()
) -> None:
    ground.link(
        source,
        group=Group.MOVED,
        family=family,
        expected=expected,
        also=also,
        before=ground.shown(prose, source),
        after=after,
    )


def _merged_into_parent(ground: Ground) -> None:
    old, other = ground.prose(sentences=10), ground.prose(sentences=8)
    parent = f"/{text.slug(old.title)}-{ground.rng.randint(10, 99)}/"
    source = f"{parent}del/{ground.rng.randint(10, 99)}/"
    both = replace(other, paragraphs=other.paragraphs + old.paragraphs)
    ground.host.routes[parent] = ground.shown(both, parent)
    answer = errors.leads_to(parent, 301)
    _moved(ground, "moved", old, source, answer, family="merged into its parent, content there")


def _next_period_elsewhere(ground: Ground) -> None:
    name, _ = errors.said("programme", ground.site.language)
    topic = text.topics(ground.site.language)[0]
    old, new = (
        replace(ground.prose(topic=topic, sentences=11), title=f"{name} {period}")
        for period in ("2022–2026", "2027–2033")
    )
    source, target = ground.address(old.title), ground.address(new.title)
    ground.host.put(target, ground.shown(new, target))
    answer = errors.leads_to(target, 301)
    also = ("changed", "redirected", "replaced")
    _moved(ground, "moved", old, source, answer, family="301 to the next period's page", also=also)


def _old_domain_to_front(ground: Ground) -> None:
    """After a merger every address of the old domain leads to the front page of the new one."""
    site = ground.site
    host = _old_host(ground, "fore")
    host.unknown = errors.leads_to(f"{site.base}/", 301)
    host.routes["/"] = host.unknown
    for _ in range(2):
        prose = ground.prose(sentences=12)
        target = ground.address(prose.title)
        ground.link(
            target,
            group=Group.MOVED,
            family="an old domain to the new one's front",
            expected="moved_to_home",
            before=ground.shown(prose, target),
            after=host.unknown,
            host=host,
        )


def _old_host(ground: Ground, kind: str) -> Host:
    name = f"www.{kind}detta-{ground.site.id}.test"
    return ground.world.host(Host(name=name, site=ground.site.id, unknown=errors.unknown(ground.site)))


# ---------------------------------------------------------------- dead


def _dead(
    ground: Ground, family: str, target: str, after: Answer, *also: str, host: Host | None = None, known: bool = True
) -> None:
    prose = ground.prose(sentences=10)
    ground.link(
        target,
        group=Group.DEAD,
        family=f"soft: {family}",
        expected="soft_404",
        also=also,
        before=ground.shown(prose, target) if known else None,
        after=after,
        host=host,
    )


def _guessed(ground: Ground) -> None:
    """The system guesses what may have been meant, and is wrong."""
    topics = ground.rng.sample(text.topics(ground.site.language), 2)
    old, other = (ground.prose(topic=topic, sentences=10) for topic in topics)
    source, target = ground.address(old.title), ground.address(f"{old.title} {other.title}")
    ground.host.put(target, ground.shown(other, target))
    ground.link(
        source,
        group=Group.DEAD,
        family="redirected to another page of like name",
        expected="replaced",
        also=("moved_to_home",),
        before=ground.shown(old, source),
        after=errors.leads_to(target, 301),
    )


def _buried(ground: Ground) -> None:
    """A section that answers strangers with its archive, and a sentence somewhere in it."""
    folder = f"/arkiv-{ground.rng.randint(10, 99)}/"
    heading, sentence = errors.wordings(ground.site.language, "plain")[ground.index % 3]
    label = ground.site.labels["news"]

    def stranger(request: Request) -> Reply:
        main = frame.teaser_list(ground.site, request.number % 3, 8) + f"<p>{escape(heading)}. {escape(sentence)}</p>"
        view = View(
            path=request.target,
            title=page_title(ground.site, label),
            h1=label,
            main=main,
            kind="error",
            tick=errors.day(request),
        )
        return errors.html_reply(ground.site, cms.render(ground.site, view))

    ground.host.sections[folder] = stranger
    for number in range(2):
        _dead(
            ground,
            "buried in a long page",
            f"{folder}{text.slug(ground.prose().title)}-{number}/",
            stranger,
            "replaced",
        )


def _expired_ad(ground: Ground) -> None:
    title, sentence = errors.said("expired ad", ground.site.language)
    jobs = listed(frame.titles(ground.site, rng_of(ground.site.id, "ads"), 9))
    stranger = ground.framed("/jobb/", title, f"<p>{sentence}</p>{jobs}")
    folder = f"/jobb-{ground.rng.randint(10, 99)}/annons/"
    ground.host.sections[folder] = stranger
    for known in (True, False):
        _dead(
            ground,
            "an ad that has run out",
            f"{folder}{ground.rng.randint(9999, 99999)}",
            stranger,
            "replaced",
            known=known,
        )


def _parent_shown(ground: Ground) -> None:
    """Whatever is asked for below a page, the page itself is shown."""
    prose = ground.prose(sentences=10)
    folder = f"/handbok-{ground.rng.randint(10, 99)}/"
    parent = ground.shown(prose, folder)
    ground.host.routes[folder] = parent
    ground.host.sections[folder] = parent
    _dead(ground, "its parent is shown instead", f"{folder}{text.slug(ground.prose().title)}/", parent, "replaced")


def _closed_down(ground: Ground) -> None:
    ending, sentence = errors.said("closed down", ground.site.language)
    name = f"{ground.site.place}{ending}"
    head = f"<!DOCTYPE html><html><head><title>{name}</title></head>"
    page = f"{head}<body><h1>{name}</h1><p>{name} {sentence}</p></body></html>"
    host = _old_host(ground, "av")
    reply = errors.html_reply(ground.site, page)
    closed: Answer = lambda _: reply  # noqa: E731  # an Answer like its neighbours
    host.unknown = closed
    for number in range(2):
        target = ground.address(ground.prose().title)
        _dead(
            ground, "the whole site says it is closed", target, closed, "replaced", "gone", host=host, known=number == 0
        )


def _suspended(ground: Ground) -> None:
    page = _SUSPENDED.read_text(encoding="utf-8")
    host = _old_host(ground, "stang")
    host.unknown = lambda request: (
        errors.html_reply(ground.site, page)
        if "suspended" in request.target
        else redirect("/cgi-sys/suspendedpage.cgi")
    )
    for number in range(2):
        _dead(
            ground,
            "hosting account suspended",
            ground.address(ground.prose().title),
            host.unknown,
            "replaced",
            "parked",
            "moved_to_home",
            host=host,
            known=number == 0,
        )


def _refused_in_own_words(ground: Ground) -> None:
    title, sentence = errors.said("refused", ground.site.language)
    prose = ground.prose()
    target = ground.address(prose.title)
    page = ground.framed(target, title, f"<p>{sentence}</p>")
    ground.link(
        target,
        group=Group.WALL,
        family="403 in the site's own words",
        expected="blocked",
        also=("login_required",),
        before=ground.shown(prose, target),
        after=lambda request: replace(page(request), status=403),
    )


KINDS: tuple[Callable[[Ground], None], ...] = (
    _buried,
    _merged_into_parent,
    _expired_ad,
    _guessed,
    _next_period_elsewhere,
    _parent_shown,
    _closed_down,
    _suspended,
    _old_domain_to_front,
    _refused_in_own_words,
)
