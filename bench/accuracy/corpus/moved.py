"""Pages that answer from elsewhere: moved with their content or without it, for good or for a while."""

from collections.abc import Callable
from html import escape

from bench.accuracy.corpus import errors, text
from bench.accuracy.corpus.errors import redirect
from bench.accuracy.corpus.ground import Ground, front
from bench.accuracy.corpus.model import Answer, Group, Host, Reply, Request, phased
from bench.accuracy.corpus.text import Prose


def plant(ground: Ground) -> None:
    for number in range(2):
        _KINDS[(ground.index * 2 + number) % len(_KINDS)](ground)


def _move(
    ground: Ground,
    family: str,
    expected: str,
    leave: Callable[[str], Answer],
    *,
    also: tuple[str, ...] = (),
    known: bool = True,
    keep: float = 1.0,
    prose: Prose | None = None,
) -> None:
    """A page at one address before, and at another after; `leave` makes the answer that stays at the old one."""
    old = prose or ground.prose(sentences=12)
    new = text.edit(old, ground.rng, ground.site.facts, keep=keep, topic=text.topics(ground.site.language)[0])
    source, target = ground.address(old.title), ground.address(f"{old.title} ny")
    there = ground.shown(new if keep < 1 else old, target)
    ground.host.routes[target] = phased(ground.host.unknown, there)
    ground.link(
        source,
        group=Group.MOVED,
        family=family,
        expected=expected,
        also=also,
        before=ground.shown(old, source) if known else None,
        after=leave(ground.url(target)),
    )


def _to(status: int) -> Callable[[str], Answer]:
    return lambda url: lambda _: redirect(url, status)


def _permanent(ground: Ground) -> None:
    _move(ground, "301, content there", "moved", _to(301))


def _permanent_308(ground: Ground) -> None:
    _move(ground, "308, content there", "moved", _to(308))


def _permanent_edited(ground: Ground) -> None:
    _move(ground, "301, content there, edited", "moved", _to(301), keep=0.7)


def _temporary(ground: Ground) -> None:
    _move(ground, "302, content there", "redirected", _to(302))


def _temporary_307(ground: Ground) -> None:
    _move(ground, "307, content there", "redirected", _to(307))


def _first_seen_moved(ground: Ground) -> None:
    _move(ground, "301, never seen before", "moved", _to(301), also=("redirected",), known=False)


def _other_domain(ground: Ground) -> None:
    prose = ground.prose(sentences=12)
    path = ground.address(prose.title)
    name = f"www.nya-{ground.site.id}.test"
    if name not in ground.world.hosts:
        host = Host(name=name, site=ground.site.id, unknown=errors.unknown(ground.site))
        host.routes["/"] = lambda request: front(ground.site, request)
        ground.world.host(host)
    home = ground.world.hosts[name]
    home.routes[path] = ground.shown(prose, path)
    ground.link(
        path,
        group=Group.MOVED,
        family="301 to another domain, content there",
        expected="moved",
        before=ground.shown(prose, path),
        after=lambda _: redirect(f"{ground.site.scheme}://{name}{path}", 301),
    )


def _chain(ground: Ground) -> None:
    middle = f"/redirect/{ground.rng.randint(1000, 9999)}"

    def leave(url: str) -> Answer:
        ground.host.routes[middle] = lambda _: redirect(url, 301)
        return lambda _: redirect(middle, 301)

    _move(ground, "301 by way of another 301", "moved", leave)


def _section_to_front(ground: Ground) -> None:
    """A whole section was cleared: its pages all lead to the front page, other strangers get what they get."""
    for _ in range(3):
        _away(ground, "a section to the front page", "/", 301)


def _single_to_front(ground: Ground) -> None:
    _away(ground, "this page alone to the front page", "/", 302)


def _to_hub(ground: Ground) -> None:
    _away(ground, "to a hub without the content", f"/{ground.site.folder(2)}/", 301)


def _away(ground: Ground, family: str, target: str, status: int) -> None:
    prose = ground.prose(sentences=12)
    source = f"/gamla/{ground.site.folder(0)}/{text.slug(prose.title)}-{ground.rng.randint(10, 99)}"
    ground.link(
        source,
        group=Group.MOVED,
        family=family,
        expected="moved_to_home",
        also=("replaced",),
        before=ground.shown(prose, source),
        after=lambda _: redirect(target, status),
    )


def _meta_refresh(ground: Ground) -> None:
    def leave(url: str) -> Answer:
        page = (
            f'<html><head><title>Redirect</title><meta http-equiv="refresh" content="0; url={url}"></head>'
            f'<body><a href="{url}">{url}</a></body></html>'
        )
        return lambda _: errors.html_reply(ground.site, page)

    _move(ground, "meta refresh", "moved", leave, also=("redirected",))


def _refresh_header(ground: Ground) -> None:
    def leave(url: str) -> Answer:
        return lambda _: errors.html_reply(
            ground.site, "<html><body></body></html>", headers=(("Refresh", f"0;url={url}"),)
        )

    _move(ground, "Refresh header", "moved", leave, also=("redirected",))


def _notice(ground: Ground) -> None:
    title, sentence = errors.said("has moved", ground.site.language)

    def leave(url: str) -> Answer:
        main = f'<p>{sentence} <a href="{escape(url)}">{escape(url)}</a></p>'
        return ground.framed("/", title, main)

    _move(ground, "a page says it has moved", "moved", leave, also=("soft_404", "replaced"))


def _slash(ground: Ground) -> None:
    _trivial(ground, "slash added", lambda path: (path, f"{path}/"))


def _case(ground: Ground) -> None:
    _trivial(ground, "lower case", lambda path: (path.title(), path))


def _trivial(ground: Ground, family: str, spell: Callable[[str], tuple[str, str]]) -> None:
    """The same page at a trivially different spelling of its address."""
    prose = ground.prose(sentences=10)
    path = f"/{ground.site.folder(1)}/{text.slug(prose.title)}-{ground.rng.randint(10, 99)}"
    source, target = spell(path)
    answer = ground.shown(prose, target)
    ground.host.routes[target] = answer
    ground.link(
        source,
        group=Group.MOVED,
        family=f"trivial: {family}",
        expected="redirected",
        also=("moved",) if family == "lower case" else (),
        before=lambda _: redirect(ground.url(target), 301),
        after=lambda _: redirect(ground.url(target), 301),
    )


def _to_https(ground: Ground) -> None:
    """http to https where the site has it, else the bare name to the one with www."""
    prose = ground.prose(sentences=10)
    path = ground.address(prose.title)
    site = ground.site
    answer = ground.shown(prose, path)
    if site.scheme == "https":
        ground.host.routes[path] = _secure(ground, path, answer)
        url = f"http://{site.host}{path}"
    else:
        ground.host.routes[path] = answer
        url = f"http://{_alias(ground)}{path}"
    ground.world.link(
        url,
        site=site.id,
        group=Group.MOVED,
        family="trivial: http to https, or www",
        language=site.language,
        expected="redirected",
        before=True,
    )


def _secure(ground: Ground, path: str, answer: Answer) -> Answer:
    def secure(request: Request) -> Reply:
        return answer(request) if request.scheme == "https" else redirect(ground.url(path), 301)

    return secure


def _alias(ground: Ground) -> str:
    host = ground.site.host
    name = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    if name not in ground.world.hosts:
        site = ground.site.id
        ground.world.host(Host(name=name, site=site, unknown=lambda request: redirect(ground.url(request.target), 301)))
    return name


_KINDS: tuple[Callable[[Ground], None], ...] = (
    _permanent, _section_to_front, _temporary, _meta_refresh, _other_domain, _to_hub, _slash, _notice,
    _permanent_edited, _single_to_front, _to_https, _refresh_header, _permanent_308, _chain, _case,
    _first_seen_moved, _temporary_307,
)  # fmt: skip
