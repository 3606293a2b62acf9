"""What goes wrong below the page: certificates, servers, connections, robots.txt, bodies that cannot be read."""

import gzip
from dataclasses import replace

from bench.accuracy.corpus import errors
from bench.accuracy.corpus.apart import Canned, canned, guests, open_guest
from bench.accuracy.corpus.errors import redirect
from bench.accuracy.corpus.ground import Ground, text_reply
from bench.accuracy.corpus.model import Answer, Group, Reply, Request, World, phased

CERTIFICATES = ("expired", "wrong_host", "self_signed", "unknown_issuer", "incomplete")
BODY_LIMIT_MB = 2  # what the run is configured with


def plant(world: World) -> None:
    _certificates(world)
    _servers(world)
    _transport(world)
    _robots(world)
    _unreadable(world)


def _link(
    ground: Ground,
    group: Group,
    family: str,
    expected: str,
    after: Answer,
    *,
    also: tuple[str, ...] = (),
    known: bool = True,
) -> str:
    prose = ground.prose()
    target = ground.address(prose.title)
    before = ground.shown(prose, target) if known else None
    ground.link(target, group=group, family=family, expected=expected, also=also, before=before, after=after)
    return target


def _certificates(world: World) -> None:
    for number, site in enumerate(guests("cert", 4 * len(CERTIFICATES))):
        secure = replace(site, flags=site.flags | {"https"})
        ground = open_guest(world, secure, number)
        ground.host.tls = CERTIFICATES[number % len(CERTIFICATES)]
        ground.host.tls_before = "good"
        prose = ground.prose()
        target = ground.address(prose.title)
        page = ground.shown(prose, target)
        ground.link(
            target,
            group=Group.TLS,
            family=ground.host.tls,
            expected="tls_error",
            before=page if number % 4 else None,
            after=page,
        )


# ---------------------------------------------------------------- 5xx, 4xx and redirects that lead nowhere


def _servers(world: World) -> None:
    failures = canned("failures")
    of_server = [one for one in failures if one.status >= 500]
    of_client = [one for one in failures if one.status < 500]
    for number, site in enumerate(guests("server", 12)):
        ground = open_guest(world, site, number)
        for offset in range(2):
            one = of_server[(2 * number + offset) % len(of_server)]
            _link(ground, Group.SERVER, one.name, "server_error", _canned(one), known=offset == 0)
        refusal = of_client[number % len(of_client)]
        _link(ground, Group.SERVER, refusal.name, "client_error", _canned(refusal))
        family, answer = _nowhere(ground, number)
        _link(ground, Group.SERVER, family, "redirect_loop", answer)
        _living(ground)


def _canned(one: Canned) -> Answer:
    return lambda request: one.reply(request.host, "")


def _nowhere(ground: Ground, number: int) -> tuple[str, Answer]:
    kind = number % 4
    if kind == 0:
        return "loop: to itself", lambda request: redirect(request.target, 302)
    if kind == 1:
        ground.host.routes["/a/b"] = lambda _: redirect("/b/a", 301)
        ground.host.routes["/b/a"] = lambda _: redirect("/a/b", 301)
        return "loop: of two", lambda _: redirect("/a/b", 301)
    if kind == 2:
        for step in range(25):
            ground.host.routes[f"/hopp/{step}"] = _always(redirect(f"/hopp/{step + 1}", 302))
        return "loop: too many", lambda _: redirect("/hopp/0", 302)
    return "loop: Location mailto", lambda _: redirect("mailto:registrator@example.se", 302)


def _always(reply: Reply) -> Answer:
    return lambda _: reply


def _living(ground: Ground) -> None:
    """Links that live beside those that fail: a site seldom fails altogether."""
    for _ in range(2):
        prose = ground.prose()
        target = ground.address(prose.title)
        page = ground.shown(prose, target)
        ground.link(target, group=Group.HEALTHY, family="beside failing ones", expected="ok", before=page, after=page)


# ---------------------------------------------------------------- connections


def _transport(world: World) -> None:
    kinds = ("reset", "empty", "garbage", "refused", "silence", "short")
    for number, site in enumerate(guests("natet", 20)):
        ground = open_guest(world, site, number)
        kind = kinds[number % len(kinds)]
        if kind == "refused":
            ground.host.closed_after = True
        also = ("ok", "unreadable") if kind == "short" else ()
        broken = _broken(ground, kind)
        _link(ground, Group.TRANSPORT, kind, "unreachable", broken, also=also, known=number % 3 > 0)
        ground.host.unknown = phased(ground.host.unknown, broken)
        ground.host.routes["/robots.txt"] = text_reply("", 404)


def _broken(ground: Ground, kind: str) -> Answer:
    if kind == "short":
        prose = ground.prose()
        page = ground.shown(prose, "/")
        return lambda request: Reply(fault="short", headers=page(request).headers, body=page(request).body)
    return lambda _: Reply(fault=kind)


# ---------------------------------------------------------------- robots.txt


def _robots(world: World) -> None:
    rules = (
        "User-agent: *\nDisallow: /\n",
        "User-agent: linkwatch\nDisallow: /\n\nUser-agent: *\nAllow: /\n",
        "User-agent: *\nCrawl-delay: 1\nDisallow: /*?\nDisallow: /*.html$\nDisallow: /\nAllow: /oppet/\n",
    )
    for number, site in enumerate(guests("robot", 12)):
        ground = open_guest(world, site, number)
        ground.host.routes["/robots.txt"] = phased(
            text_reply("User-agent: *\nAllow: /\n"), text_reply(rules[number % 3])
        )
        prose = ground.prose()
        target = ground.address(prose.title)
        page = ground.shown(prose, target)
        ground.link(
            target,
            group=Group.ROBOTS,
            family=("all forbidden", "we are forbidden", "all but one folder")[number % 3],
            expected="robots_disallowed",
            before=None,
            after=page,
        )
        if number % 3 == 2:
            _allowed(ground)


def _allowed(ground: Ground) -> None:
    prose = ground.prose()
    target = "/oppet/sida"
    page = ground.shown(prose, target)
    ground.link(target, group=Group.HEALTHY, family="allowed beside forbidden", expected="ok", after=page)


# ---------------------------------------------------------------- bodies that cannot be judged


def _unreadable(world: World) -> None:
    shells = canned("shells")
    for number, site in enumerate(guests("skal", 9)):
        ground = open_guest(world, site, number)
        shell = _canned(shells[number % len(shells)])
        for _ in range(2):
            _link(ground, Group.UNREADABLE, "script shell", "unreadable", shell, known=False)
        ground.host.routes["/"] = ground.host.unknown = shell
    site = next(guests("stor", 1))
    ground = open_guest(world, site, 0)
    _link(ground, Group.UNREADABLE, "over the limit", "unreadable", _huge(ground), known=False)
    _link(ground, Group.UNREADABLE, "damaged gzip", "unreadable", _damaged(ground), known=False)
    _link(ground, Group.UNREADABLE, "damaged PDF", "unreadable", _half_pdf, known=False)


def _huge(ground: Ground) -> Answer:
    def huge(_request: Request) -> Reply:
        rows = "<tr><td>mätvärde</td><td>17,4</td></tr>" * (BODY_LIMIT_MB * 30_000)
        return errors.html_reply(
            ground.site, f"<html><head><title>Data</title></head><body><table>{rows}</table></body></html>"
        )

    return huge


def _damaged(ground: Ground) -> Answer:
    page = ground.shown(ground.prose(), "/")

    def damaged(request: Request) -> Reply:
        packed = gzip.compress(page(request).body, mtime=0)
        headers = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"))
        return Reply(headers=headers, body=b"\x00\x01" + packed[40:])

    return damaged


def _half_pdf(_request: Request) -> Reply:
    return Reply(headers=(("Content-Type", "application/pdf"),), body=b"%PDF-1.6\n%\xe2\xe3\n1 0 obj\n<< /Type /Cat")
