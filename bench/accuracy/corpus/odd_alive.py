"""What real sites do and no manual says: living pages that look dead."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape

from bench.accuracy.corpus import errors, files, frame, text
from bench.accuracy.corpus.errors import redirect
from bench.accuracy.corpus.ground import Ground, front, main_html
from bench.accuracy.corpus.model import Answer, Group, Reply, Request, rng_of

_PARTNERS = "Adform Bonnier Criteo Delta Exponea Factor Google Hotjar Index Ketch LiveRamp Magnite Nexus".split()


def _alive(ground: Ground, family: str, target: str, before: Answer | None, after: Answer, *also: str) -> None:
    ground.link(target, group=Group.HEALTHY, family=family, expected="ok", also=also, before=before, after=after)


def _changed(ground: Ground, family: str, target: str, before: Answer, after: Answer) -> None:
    ground.link(target, group=Group.DRIFT, family=family, expected="changed", also=("ok",), before=before, after=after)


def listed(names: Sequence[str]) -> str:
    return "<ul>" + "".join(f'<li><a href="/{text.slug(name)}/">{escape(name)}</a></li>' for name in names) + "</ul>"


# ---------------------------------------------------------------- alive


def _search_hits(ground: Ground) -> None:
    label = ground.site.labels["search"]
    main = f'<form><input name="q" value="service"></form>{frame.teaser_list(ground.site, 77, 6)}'
    answer = ground.framed("/resultat?q=service", label, main)
    _alive(ground, "a search that has hits", "/resultat?q=service", answer, answer)


def _soft_hyphens(ground: Ground) -> None:
    """The same text in another frame, with soft hyphens in long words and folded into sections."""
    prose = ground.prose(sentences=12)
    target = ground.address(prose.title)
    sections = "".join(
        f"<details><summary>{number}</summary><div><p>{escape(_hyphened(' '.join(part)))}</p></div></details>"
        for number, part in enumerate(prose.paragraphs, start=1)
    )
    after = ground.framed(target, prose.title, sections)
    _alive(ground, "redesigned, soft hyphens, folded", target, ground.shown(prose, target), after)


def _hyphened(sentence: str) -> str:
    return " ".join(f"{word[:5]}\u00ad{word[5:]}" if len(word) > 9 else word for word in sentence.split())


def _twice_encoded(ground: Ground) -> None:
    prose = ground.prose(sentences=12)
    target = ground.address(prose.title)
    before = ground.shown(prose, target)

    def garbled(request: Request) -> Reply:
        page = before(request).body.decode(ground.site.charset)
        return errors.html_reply(ground.site, page.encode().decode("cp1252", errors="replace"))

    _alive(ground, "encoded twice since", target, before, garbled, "changed")


def _cookie_first(ground: Ground) -> None:
    prose = ground.prose()
    target = ground.address(prose.title)
    page = ground.shown(prose, target)

    def answer(request: Request) -> Reply:
        if "AspxAutoDetect=1" in request.headers.get("cookie", ""):
            return page(request)
        return Reply(status=302, headers=(("Set-Cookie", "AspxAutoDetect=1; path=/"), ("Location", target)))

    _alive(ground, "a cookie first, then the same address", target, answer, answer, "redirected")


def _session(ground: Ground) -> None:
    prose = ground.prose()
    target = ground.address(prose.title).partition("?")[0]
    page = ground.shown(prose, target)
    ground.host.sections[f"{target}?sid="] = page
    number = ground.index

    def answer(request: Request) -> Reply:
        return redirect(f"{target}?sid={number}{request.number:04d}", 302)

    _alive(ground, "a session number in the address", target, answer, answer, "redirected")


def _wrong_clock(ground: Ground) -> None:
    """A server that sends the epoch as Last-Modified knows nothing of its pages."""
    prose = ground.prose()
    target = ground.address(prose.title)
    page = ground.shown(prose, target, fixed=True)

    def answer(request: Request) -> Reply:
        reply = page(request)
        return replace(reply, headers=(*reply.headers, ("Last-Modified", "Thu, 01 Jan 1970 00:00:00 GMT")))

    _alive(ground, "Last-Modified is the epoch", target, None, answer)


def _scanned(ground: Ground) -> None:
    title = ground.prose().title
    body = files.pdf(title, [], "D:20260310090000+01'00'")
    reply = Reply(headers=(("Content-Type", "application/pdf"),), body=body)
    _alive(
        ground, "PDF without text", f"/Documents/skannat-{text.slug(title)}.pdf", None, lambda _: reply, "unreadable"
    )


def _no_period(ground: Ground) -> None:
    titles = ("Protokoll 2019-02-20", "Yttrande dnr 2017/2020", "Årsredovisning 2023", "Detaljplan 1987:12, 2011:3")
    prose = replace(ground.prose(), title=titles[ground.index % len(titles)])
    target = ground.address(prose.title)
    _alive(ground, "numbers that are no period", target, None, ground.shown(prose, target))


def _prolonged(ground: Ground) -> None:
    title, _ = errors.said("prolonged", ground.site.language)
    prose = replace(ground.prose(), title=title)
    target = ground.address(prose.title)
    _alive(ground, "an old period, prolonged", target, None, ground.shown(prose, target))


def _bare_type(ground: Ground) -> None:
    prose = ground.prose()
    target = ground.address(prose.title)
    page = ground.shown(prose, target)

    def answer(request: Request) -> Reply:
        return Reply(headers=(), body=b"\xef\xbb\xbf" + page(request).body)

    site = ground.site
    if site.charset == "utf-8":
        _alive(ground, "no Content-Type, a byte order mark", target, answer, answer)


def _picks_language(ground: Ground) -> None:
    host = ground.satellite(4)
    host.routes["/sv/"] = lambda request: front(ground.site, request)
    answer = errors.leads_to("/sv/", 302)
    ground.link(
        "/",
        group=Group.HEALTHY,
        family="a front page that picks a language",
        expected="ok",
        also=("redirected",),
        before=answer,
        after=answer,
        host=host,
    )


def _embedded(ground: Ground) -> None:
    title = ground.prose().title
    target = ground.address(title)
    main = '<p>Karta över länet.</p><iframe src="https://karta.example/embed?lager=3" title="Karta"></iframe>'
    answer = ground.framed(target, title, main)
    _alive(ground, "a line and a frame", target, answer, answer, "unreadable")


def _consent_text(ground: Ground) -> None:
    """A consent dialogue with ten times the words of the page."""
    prose = ground.prose(sentences=2)
    target = ground.address(prose.title)
    rng = rng_of(ground.site.id, "consent")
    names = "".join(
        f"<li>{name}: lagring av och åtkomst till information på en enhet, {rng.randint(7, 390)} dagar</li>"
        for name in _PARTNERS
    )
    dialogue = f'<div class="sp_message_container"><p>Vi bryr oss om din integritet</p><ul>{names}</ul></div>'
    main = dialogue + main_html(prose)
    answer = ground.framed(target, prose.title, main)
    _alive(ground, "more consent than page", target, answer if ground.index % 2 else None, answer)


# ---------------------------------------------------------------- alive and changed


def _list_renewed(ground: Ground) -> None:
    """Links often lead to lists, and a list of news has nothing left of last month's."""
    title = ground.site.labels["news"]
    target = f"/{ground.site.folder(3)}/alla-{ground.rng.randint(10, 99)}/"
    before, after = (ground.framed(target, title, frame.teaser_list(ground.site, tick, 9)) for tick in (500, 900))
    _changed(ground, "a list, all its items new", target, before, after)


def _list_emptied(ground: Ground) -> None:
    title, sentence = errors.said("emptied list", ground.site.language)
    target = f"/{text.slug(title)}-{ground.rng.randint(10, 99)}/"
    jobs = frame.titles(ground.site, rng_of(ground.site.id, "jobs"), 7)
    before = ground.framed(target, title, listed(jobs))
    _changed(ground, "a list that is empty today", target, before, ground.framed(target, title, f"<p>{sentence}</p>"))


def _front_renewed(ground: Ground) -> None:
    host = ground.satellite(5)
    title = ground.site.organisation
    before, after = (
        ground.framed(
            "/",
            title,
            frame.teaser_list(ground.site, tick, 7)
            + listed(frame.titles(ground.site, rng_of(ground.site.id, tick), 9)),
        )
        for tick in (300, 301)
    )
    ground.link(
        "/",
        group=Group.DRIFT,
        family="a front page, all its news new",
        expected="changed",
        also=("ok",),
        before=before,
        after=after,
        host=host,
    )


def plant_paywall(ground: Ground) -> None:
    """A newspaper's article: its first lines, and an offer."""
    prose = ground.prose(sentences=14)
    target = ground.address(prose.title)
    first = replace(prose, paragraphs=prose.paragraphs[:1], heads=())
    title, sentence = errors.said("paywall", ground.site.language)
    offer = f'<div class="paywall"><h2>{title}</h2><p>{sentence}</p><a class="btn" href="/kop">{title}</a></div>'
    after = ground.framed(target, prose.title, main_html(first) + offer)
    ground.link(
        target,
        group=Group.LOGIN,
        family="paywall: the first lines only",
        expected="login_required",
        also=("blocked", "changed", "ok"),
        before=ground.shown(prose, target),
        after=after,
    )


KINDS: tuple[Callable[[Ground], None], ...] = (
    _search_hits,
    _list_renewed,
    _soft_hyphens,
    _twice_encoded,
    _list_emptied,
    _cookie_first,
    _session,
    _front_renewed,
    _wrong_clock,
    _scanned,
    _no_period,
    _prolonged,
    _bare_type,
    _picks_language,
    _embedded,
    _consent_text,
)
