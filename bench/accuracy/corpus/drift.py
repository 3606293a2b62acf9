"""Pages that live on: the same, edited, rewritten, given to another subject, or on to the next programme period."""

from collections.abc import Callable
from dataclasses import replace

from bench.accuracy.corpus import errors, text
from bench.accuracy.corpus.ground import Ground
from bench.accuracy.corpus.model import Group
from bench.accuracy.corpus.text import Prose

_PROGRAMME = {
    "sv": "serviceprogram",
    "no": "naering",
    "da": "landdistrikt",
    "fi": "maaseutu",
    "en": "rural",
}
_PERIODS = (("2022–2026", "2027–2033"), ("2018–2025", "2026–2030"), ("2023–2026", "2027–2030"))
_TRANSLATIONS = {"sv": "en", "no": "en", "da": "en", "fi": "en", "en": "sv"}


def plant(ground: Ground) -> None:
    count = 3 if ground.site.language == "sv" else 2
    for number in range(count):
        _KINDS[(ground.index * 3 + number) % len(_KINDS)](ground)


def _pair(ground: Ground, family: str, old: Prose, new: Prose, expected: str, *, also: tuple[str, ...] = ()) -> None:
    target = ground.address(old.title)
    ground.link(
        target,
        group=Group.DRIFT,
        family=family,
        expected=expected,
        also=also,
        before=ground.shown(old, target),
        after=ground.shown(new, target),
    )


def _other_topic(ground: Ground, topic: str) -> str:
    return ground.rng.choice([name for name in text.topics(ground.site.language) if name != topic])


def _topic(ground: Ground) -> str:
    return ground.rng.choice(text.topics(ground.site.language))


def _edited(ground: Ground, keep: float) -> tuple[Prose, Prose]:
    topic = _topic(ground)
    old = ground.prose(topic=topic, sentences=14)
    new = text.edit(old, ground.rng, ground.site.facts, keep=keep, topic=_other_topic(ground, topic))
    return old, new


def _touched(ground: Ground) -> None:
    _pair(ground, "a sentence or two new", *_edited(ground, 0.86), "ok")


def _rewritten(ground: Ground) -> None:
    _pair(ground, "two thirds rewritten", *_edited(ground, 0.3), "changed")


def _halved(ground: Ground) -> None:
    _pair(ground, "half rewritten", *_edited(ground, 0.5), "changed", also=("ok",))


def _reordered(ground: Ground) -> None:
    old = ground.prose(sentences=12)
    paragraphs = list(old.paragraphs)
    ground.rng.shuffle(paragraphs)
    _pair(ground, "paragraphs in another order", old, replace(old, paragraphs=tuple(paragraphs)), "ok")


def _grown(ground: Ground) -> None:
    old = ground.prose(sentences=8)
    more = ground.prose(sentences=10)
    _pair(ground, "twice as long", old, replace(old, paragraphs=old.paragraphs + more.paragraphs), "ok")


def _retitled(ground: Ground) -> None:
    old = ground.prose(sentences=10)
    _pair(ground, "another heading, same text", old, replace(old, title=ground.prose().title), "ok")


def _replaced(ground: Ground) -> None:
    topic = _topic(ground)
    old = ground.prose(topic=topic, sentences=11)
    new = ground.prose(topic=_other_topic(ground, topic), sentences=11)
    _pair(ground, "another subject", old, new, "replaced")


def _replaced_short(ground: Ground) -> None:
    topic = _topic(ground)
    old = ground.prose(topic=topic, sentences=10)
    new = ground.prose(topic=_other_topic(ground, topic), sentences=3)
    _pair(ground, "another subject, short", old, new, "replaced")


def _emptied(ground: Ground) -> None:
    old = ground.prose(sentences=12)
    _, sentence = errors.said("being updated", ground.site.language)
    new = replace(old, paragraphs=((sentence,),), heads=())
    _pair(ground, "emptied", old, new, "replaced", also=("changed",))


def _next_period(ground: Ground) -> None:
    """The same programme at the same address, its text written anew for the next period."""
    site = ground.site
    old_period, new_period = ground.rng.choice(_PERIODS)
    stem, _ = errors.said("programme", site.language)
    topic = _PROGRAMME[site.language]
    old, new = (
        replace(ground.prose(topic=topic, sentences=11), title=f"{stem} {period}")
        for period in (old_period, new_period)
    )
    _pair(ground, "next programme period", old, new, "changed", also=("ok",))


def _translated(ground: Ground) -> None:
    """The same page in another language: title and numbers remain."""
    old = ground.prose(sentences=10)
    language = _TRANSLATIONS[ground.site.language]
    facts = replace(ground.site.facts, language=language)
    new = text.write(ground.rng.choice(text.topics(language)), ground.rng, facts, sentences=10)
    _pair(ground, "translated", old, replace(new, title=old.title, rows=old.rows), "changed", also=("ok",))


_KINDS: tuple[Callable[[Ground], None], ...] = (
    _touched, _rewritten, _replaced, _next_period, _reordered, _replaced, _rewritten, _next_period, _grown,
    _replaced_short, _halved, _retitled, _touched, _replaced, _emptied, _next_period, _translated,
)  # fmt: skip
