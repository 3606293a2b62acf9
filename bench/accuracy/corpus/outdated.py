"""Pages that live but are past their date."""

from collections.abc import Callable
from dataclasses import replace

from bench.accuracy.corpus import text
from bench.accuracy.corpus.ground import Ground
from bench.accuracy.corpus.healthy import pdf_of
from bench.accuracy.corpus.model import Answer, Group, Reply, Request
from bench.accuracy.corpus.text import Prose

_STEMS = {
    "sv": ("Regionalt serviceprogram", "Landsbygdsprogram", "Kulturplan", "Folkhälsostrategi"),
    "no": ("Regional plan", "Handlingsprogram"),
    "da": ("Udviklingsstrategi", "Landdistriktspolitik"),
    "fi": ("Maakuntaohjelma", "Toimintasuunnitelma"),
    "en": ("Rural development programme", "Local transport plan"),
}
_ENDED = ("2014–2020", "2014-2018", "2016–2018", "2021–2022", "2019 – 2023", "2020/2024")


def plant(ground: Ground) -> None:
    _KINDS[ground.index % len(_KINDS)](ground)


def _put(ground: Ground, family: str, target: str, answer: Answer, *, known: bool) -> None:
    ground.link(
        target,
        group=Group.OUTDATED,
        family=family,
        expected="outdated",
        before=answer if known else None,
        after=answer,
    )


def _programme(ground: Ground) -> Prose:
    prose = ground.prose(topic="allmant" if ground.site.language == "sv" else None, sentences=9)
    plain = tuple(tuple(sentence for sentence in part if "202" not in sentence) or ("–",) for part in prose.paragraphs)
    stem = ground.rng.choice(_STEMS[ground.site.language])
    return replace(prose, title=f"{stem} {ground.rng.choice(_ENDED)}", paragraphs=plain, heads=(), updated="")


def _period(ground: Ground, *, known: bool) -> None:
    prose = _programme(ground)
    target = ground.address(prose.title)
    _put(ground, "period over, in the title", target, ground.shown(prose, target), known=known)


def _period_new(ground: Ground) -> None:
    _period(ground, known=False)


def _period_known(ground: Ground) -> None:
    _period(ground, known=True)


def _last_modified(ground: Ground) -> None:
    prose = replace(ground.prose(), updated="")
    target = ground.address(prose.title)
    shown = ground.shown(prose, target)
    year = ground.rng.randint(2009, 2018)

    def old(request: Request) -> Reply:
        reply = shown(request)
        return replace(reply, headers=(*reply.headers, ("Last-Modified", f"Wed, 12 Mar {year} 09:00:00 GMT")))

    _put(ground, "Last-Modified long ago", target, old, known=ground.index % 2 == 0)


def _pdf_moddate(ground: Ground) -> None:
    prose = ground.prose(sentences=18)
    body = pdf_of(prose, f"{ground.rng.randint(2008, 2019)}0315101500")
    reply = Reply(headers=(("Content-Type", "application/pdf"),), body=body)
    target = f"/Documents/{text.slug(prose.title)}.pdf"
    _put(ground, "PDF of long ago", target, lambda _: reply, known=ground.index % 2 == 0)


_KINDS: tuple[Callable[[Ground], None], ...] = (_period_new, _last_modified, _period_known, _pdf_moddate)
