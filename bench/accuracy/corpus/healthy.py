"""Living links: what must never be called broken, with the pages that tempt a rule to do so."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench.accuracy.corpus import cms, errors, files, text
from bench.accuracy.corpus.frame import View
from bench.accuracy.corpus.ground import Ground, page_title, with_validator
from bench.accuracy.corpus.model import Answer, Group, Reply, Request, rng_of
from bench.accuracy.corpus.text import Prose

_PAGES = Path(__file__).with_name("pages")


def plant(ground: Ground) -> None:
    """The living links that every site has, one or two peculiar ones, and the pages written for it by hand."""
    for kind in _COMMON:
        kind(ground)
    for offset in (0, 5):
        _PECULIAR[(ground.index + offset) % len(_PECULIAR)](ground)
    for path in sorted(_PAGES.glob("*.html")):
        _handmade(ground, path)


def _put(ground: Ground, family: str, before: Answer | None, after: Answer, target: str, **more: object) -> None:
    ground.link(target, group=Group.HEALTHY, family=family, expected="ok", before=before, after=after, **more)  # type: ignore[arg-type]  # host, also


def _simple(ground: Ground, family: str, prose: Prose, *, first: bool = False, **look: object) -> None:
    target = ground.address(prose.title)
    answer = ground.shown(prose, target, **look)  # type: ignore[arg-type]  # the looks of Ground.shown
    _put(ground, family, None if first else answer, answer, target)


# ---------------------------------------------------------------- on every site


def _first(ground: Ground) -> None:
    _simple(ground, "first visit", ground.prose(sentences=9), first=True)


def _first_short(ground: Ground) -> None:
    _simple(ground, "first visit, short", ground.prose(sentences=3), first=True)


def _unchanged(ground: Ground) -> None:
    kind = ("etag", "modified")[ground.index % 2]
    _simple(ground, f"unchanged, {kind}", ground.prose(sentences=12, table=True), validator=kind)


def _live_teasers(ground: Ground) -> None:
    _simple(ground, "teasers turn at every request", ground.prose(sentences=11), live=True)


def _short(ground: Ground) -> None:
    _simple(ground, "thirty words", ground.prose(sentences=2))


def _dates(ground: Ground) -> None:
    old = ground.prose(sentences=10)
    target = ground.address(old.title)
    new = replace(old, updated=text.date_line(ground.rng, ground.site.language))
    _put(ground, "only dates and news change", ground.shown(old, target), ground.shown(new, target), target)


def _redesign(ground: Ground) -> None:
    prose = ground.prose(sentences=12)
    target = ground.address(prose.title)
    others = [system for system in cms.SYSTEMS if system != ground.site.cms]
    after = ground.shown(prose, target, system=ground.rng.choice(others))
    _put(ground, "redesigned, same text", ground.shown(prose, target), after, target)


def _satellites(ground: Ground) -> None:
    for number, first in enumerate((False, False, True)):
        prose = ground.prose(sentences=8)
        target = ground.address(prose.title)
        answer = ground.shown(prose, target)
        host = ground.satellite(number)
        _put(ground, "on a further host", None if first else answer, answer, target, host=host)


_COMMON: tuple[Callable[[Ground], None], ...] = (
    _first, _first_short, _unchanged, _live_teasers, _short, _dates, _redesign, _satellites,
)  # fmt: skip


# ---------------------------------------------------------------- on some


def _front(ground: Ground) -> None:
    _put(ground, "a front page", ground.host.routes["/"], ground.host.routes["/"], "/")


def _hub(ground: Ground) -> None:
    target = f"/{ground.site.folder(1)}/"
    _put(ground, "a hub page", ground.host.routes[target], ground.host.routes[target], target)


def _pdf(ground: Ground) -> None:
    prose = ground.prose(sentences=24)
    ident, stamp = f"{ground.rng.randrange(16**15):015x}", f"1760{ground.rng.randrange(10**9):09d}"
    target = f"/download/18.{ident}/{stamp}/{text.slug(prose.title)}.pdf"
    _put(ground, "PDF", *_twice(_file(pdf_of(prose, "20260415093000"), "application/pdf")), target)


def _pdf_reissued(ground: Ground) -> None:
    prose = ground.prose(sentences=20)
    target = f"/globalassets/dokument/{text.slug(prose.title)}.pdf"
    before = _file(pdf_of(prose, "20260210080000"), "application/pdf")
    after = _file(pdf_of(prose, "20261120101500"), "application/octet-stream")
    _put(ground, "PDF issued anew", before, after, target)


def _docx(ground: Ground) -> None:
    prose = ground.prose(sentences=12)
    body = files.docx(prose.title, prose.sentences)
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    target = f"/Upload/{text.slug(prose.title)}.docx"
    _put(ground, "office file", *_twice(_file(body, kind)), target, also=("unreadable",))


def _noindex(ground: Ground) -> None:
    _simple(ground, "noindex", ground.prose(), head='<meta name="robots" content="noindex">')


def _canonical(ground: Ground) -> None:
    head = f'<link rel="canonical" href="{ground.url("/" + ground.site.folder(0) + "/original/")}">'
    _simple(ground, "canonical elsewhere", ground.prose(), head=head)


def _canonical_first(ground: Ground) -> None:
    head = f'<meta name="robots" content="noindex"><link rel="canonical" href="{ground.site.base}/">'
    _simple(ground, "noindex and canonical to the front", ground.prose(sentences=9), first=True, head=head)


def _no_h1(ground: Ground) -> None:
    _simple(ground, "no h1", ground.prose(), h1=False)


def _long(ground: Ground) -> None:
    _simple(ground, "a thousand words", ground.prose(sentences=60, table=True))


def _query(ground: Ground) -> None:
    prose = ground.prose()
    target = f"/visa.php?id={ground.rng.randint(10, 999)}&sprak=1"
    _put(ground, "address with a query", *_twice(ground.shown(prose, target)), target)


def _latin1(ground: Ground) -> None:
    prose = ground.prose()
    target = ground.address(prose.title)
    answer = ground.shown(prose, target)

    def latin(request: Request) -> Reply:
        page = answer(request).body.decode(ground.site.charset).replace('charset="utf-8"', 'data-x=""')
        return Reply(headers=(("Content-Type", "text/html"),), body=page.encode("cp1252", "xmlcharrefreplace"))

    _put(ground, "latin-1 undeclared", latin, latin, target)


def _packed(ground: Ground) -> None:
    prose = ground.prose()
    target = ground.address(prose.title)
    answer = ground.shown(prose, target)

    def packed(request: Request) -> Reply:
        plain = answer(request)
        return replace(
            plain,
            headers=(*plain.headers, ("Content-Encoding", "gzip")),
            body=gzip.compress(plain.body, mtime=0),
        )

    _put(ground, "gzip", packed, packed, target)


def _encoded_address(ground: Ground) -> None:
    prose = ground.prose()
    target = f"/Filer/Regionalt%20program%20f%C3%B6r%20l%C3%A4net%20{ground.rng.randint(1, 99)}.html"
    _put(ground, "encoded address", *_twice(ground.shown(prose, target)), target)


def _period_mentioned(ground: Ground) -> None:
    """The present period in the title, the old one told of in the text."""
    prose = ground.prose(sentences=9)
    added = "2014–2020, 2021–2022" if ground.site.language != "en" else "1994–1999, 2014–2020"
    told = (*prose.paragraphs, (f"({added}.)",))
    current = replace(prose, title=f"{prose.title.split(' 20')[0]} 2023–2030", paragraphs=told)
    _simple(ground, "old period in the text only", current)


def _two_periods(ground: Ground) -> None:
    prose = ground.prose(sentences=9)
    _simple(ground, "two periods in the title", replace(prose, title=f"{prose.title} 2014–2020, 2021–2027"))


def _next_to_it(ground: Ground) -> None:
    """Two pages that differ in a name and a number only: neither tells anything of the other."""
    prose = ground.prose(sentences=2)
    for village in ("Ekeby", "Korsvik"):
        first = (f"{village}. {prose.sentences[0]}", *prose.sentences[1:])
        _simple(ground, "near twins", replace(prose, title=f"{prose.title} {village}", paragraphs=(first,)))


def _spoken_of(ground: Ground) -> None:
    """A living page whose last line is the not-found sentence, as help texts have it."""
    prose = ground.prose(sentences=10)
    heading, sentence = errors.wordings(ground.site.language, "plain")[ground.index % 3]
    quoted = (*prose.paragraphs, (f"”{heading}”? {sentence}",))
    _simple(ground, "quotes the not-found words", replace(prose, paragraphs=quoted))


_PECULIAR: tuple[Callable[[Ground], None], ...] = (
    _front, _pdf, _noindex, _canonical, _long, _query, _latin1, _packed, _docx, _hub, _no_h1,
    _encoded_address, _period_mentioned, _pdf_reissued, _two_periods, _next_to_it, _spoken_of, _canonical_first,
)  # fmt: skip


# ---------------------------------------------------------------- written by hand


def _handmade(ground: Ground, path: Path) -> None:
    first, _, main = path.read_text(encoding="utf-8").partition("\n")
    site, title, h1 = (part.strip() for part in first[4:-3].split(" | "))
    if site != ground.site.id:
        return
    target = ground.address(path.stem.replace("-", " "))

    def answer(request: Request) -> Reply:
        titled = page_title(ground.site, title)
        view = View(path=target, title=titled, h1=h1, main=main, tick=errors.day(request))
        return errors.html_reply(ground.site, cms.render(ground.site, view))

    known = rng_of(path.stem).random() < 0.5
    _put(ground, "written by hand", answer if known else None, answer, target)


# ---------------------------------------------------------------- small things


def pdf_of(prose: Prose, modified: str) -> bytes:
    """`modified` as YYYYMMDDHHmmSS."""
    return files.pdf(prose.title, [prose.title, "", *files.wrap(prose.sentences)], f"D:{modified}+01'00'")


def _file(body: bytes, kind: str) -> Answer:
    reply = Reply(headers=(("Content-Type", kind),), body=body)
    return lambda request: with_validator(reply, request, "etag")


def _twice(answer: Answer) -> tuple[Answer, Answer]:
    return answer, answer
