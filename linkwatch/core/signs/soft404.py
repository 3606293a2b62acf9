"""Does a page that answers 200 say, or show, that the page is not there?

Two probes of addresses that cannot exist tell what the site shows for missing pages (Bar-Yossef et al., WWW 2004;
Prieto et al. 2013). A page that is the same as theirs is one of them; without that it takes two other signals.
"""

import re
from dataclasses import dataclass

from linkwatch.core import text
from linkwatch.core.models import Page, Probe
from linkwatch.core.signs import redirects, walls
from linkwatch.core.signs.look import LONG, SHORT, Look
from linkwatch.core.signs.phrases import Phrase
from linkwatch.core.urls import is_root, is_trivial_redirect

_SAME = 0.9
_SAME_FEW = 0.75
_ALIKE = 0.5
_ONE_TEXT = 0.98
_FEW_OF_ITS_OWN = 12  # shingles: a line of nine words
_FEW = 50  # words of main text below which shingles of four say little
_HARD = (404, 410)
_PLAIN = ("title", "h1", "short_text", "error_address", "search_address")
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|rtf|zip)(?:$|\?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """`same_as_probe` decides alone; of `others` it takes two, or a plain one where the approved content is lost."""

    same_as_probe: str | None  # final_url | heading | text
    similarity: float | None  # to the likest probe
    hard_probe: bool
    others: tuple[str, ...]
    lost: bool

    @property
    def is_certain(self) -> bool:
        return self.same_as_probe is not None or is_plain(self.others, lost=self.lost)

    @property
    def reason(self) -> str | None:
        if self.same_as_probe:
            return "same_as_missing"
        return "phrase_in_title" if {"title", "h1"}.intersection(self.others) else None

    @property
    def evidence(self) -> dict[str, object]:
        seen: dict[str, object] = {"probe": self.same_as_probe, "probe_similarity": self.similarity}
        return {**seen, "signs": list(self.others), "hard_probe": self.hard_probe}


def is_suspicious(look: Look) -> bool:
    """Whether it is worth asking: never for the approved content, a front page or a file."""
    if not look.is_markup or look.carries or is_root(look.url):
        return False
    if look.kinship is not None:
        return True
    unsure = look.main_words < SHORT or (look.way.leaves and not look.way.same_name) or _FILE.search(look.url)
    return bool(unsure) or bool(others(look)) or Phrase.VAGUE in (look.title_phrase, look.h1_phrase)


def find(look: Look) -> Missing:
    valid = [probe for probe in look.strangers if _is_valid(probe)]
    hard = any(probe.visit.status in _HARD for probe in look.strangers)
    similar = [likeness(look, probe) for probe in valid]
    best = max(similar, default=None)
    return Missing(
        same_as_probe=None if hard else _sameness(look, valid, similar),
        similarity=None if best is None else round(best, 3),
        hard_probe=hard,
        others=others(look),
        lost=is_lost(look),
    )


def is_plain(signs: tuple[str, ...], *, lost: bool) -> bool:
    """Certain without asking for siblings. `lost`: the approved content is not here."""
    return len(signs) >= 2 or (lost and any(sign in _PLAIN for sign in signs))


def is_lost(look: Look) -> bool:
    """The approved content is not here; under a heading that says so, half of it must be left for a doubt."""
    kin = look.kinship
    return kin is not None and not (kin.is_same if look.new_phrase else kin.is_alive)


def others(look: Look) -> tuple[str, ...]:
    """The signals beside the probes. On a long page title and h1 are one: there are articles about missing pages."""
    page = look.page
    if page is None:
        return ()
    heading = [
        name
        for name, phrase in (("title", look.title_phrase), ("h1", look.h1_phrase))
        if phrase in (Phrase.MISSING, Phrase.NUMBER)
    ]
    if look.main_words >= LONG or Phrase.MISSING not in (look.title_phrase, look.h1_phrase):
        heading = heading[:1]
    found = {
        "short_text": look.text_phrase is Phrase.MISSING,
        "noindex": page.noindex,
        "canonical": bool(page.canonical) and not _is_own(look, page.canonical or ""),
        "error_address": look.way.to_error,
        "search_address": look.way.to_search and not look.way.to_error,
    }
    if found["noindex"] and found["canonical"]:
        found["canonical"] = False  # one signal: the site does not want this address found
    return (*heading, *(name for name, is_seen in found.items() if is_seen))


def likeness(look: Look, probe: Probe) -> float:
    """Of the main texts, echoes and dates masked; of few words, by pairs of words."""
    if look.page is None or probe.page is None:
        return 0.0
    return _likeness(
        (look.page, (look.url, look.visit.final_url)),
        (probe.page, (probe.url, probe.visit.final_url)),
        few=look.page.words < _FEW,
    )


def same_text_as(look: Look, probe: Probe) -> bool:
    needed = _SAME_FEW if look.main_words < _FEW else _SAME
    return has_same_front(look, probe) and likeness(look, probe) >= needed


def ends_with(look: Look, probe: Probe) -> bool:
    """Both were led away, to the same place."""
    ends = redirects.ending(probe.visit, probe.page)
    led = look.way.leaves and not redirects.is_same_place(probe.url, ends)
    return led and redirects.is_same_end(ends, look.visit.final_url)


def _is_valid(probe: Probe) -> bool:
    """A page was given for an address that cannot exist; failures and walls say nothing."""
    visit = probe.visit
    if visit.fault or probe.page is None or visit.status is None or not 200 <= visit.status < 300:
        return False
    return walls.find(visit, probe.page, visit.body[:65_536].decode("latin-1").lower()) is None


def _sameness(look: Look, valid: list[Probe], similar: list[float]) -> str | None:
    if any(ends_with(look, probe) for probe in valid):
        return "final_url"
    if _bears_their_heading(look, valid):
        return "heading"
    needed = _needed(valid)
    alike = [p for p, s in zip(valid, similar, strict=True) if s >= needed and has_same_front(look, p)]
    return "text" if alike and (others(look) or not _says_more(look, alike)) else None


def _bears_their_heading(look: Look, valid: list[Probe]) -> bool:
    """Title and h1 are theirs, where the approved page had its own and its text is gone: no text need be compared."""
    kin = look.kinship
    if kin is None or kin.is_alive or not kin.other_heading or not valid:
        return False
    return all(has_same_front(look, probe) for probe in valid)


def _needed(valid: list[Probe]) -> float:
    """How like a probe a page must be: .90, or less where the probes differ among themselves by news and teasers, or
    where so few words are on them that one more makes a difference."""
    pages = [(probe.page, (probe.url, probe.visit.final_url)) for probe in valid if probe.page]
    few = any(page.words < _FEW for page, _ in pages)
    usual = _SAME_FEW if few else _SAME
    if len(pages) != 2 or not any(page.h1 or page.title for page, _ in pages):
        return usual
    return max(_ALIKE, min(usual, _likeness(*pages, few=few) - 0.05))


def _says_more(look: Look, alike: list[Probe]) -> bool:
    """Some sentences of its own, where the pages for missing addresses share one text: a huge navigation around both
    makes any two pages of such a site alike."""
    if look.page is None or len(alike) < 2:
        return False
    theirs = [text.shingles(text.mask(probe.page.text)) for probe in alike if probe.page]
    if text.jaccard(theirs[0], theirs[1]) < _ONE_TEXT:
        return False
    return len(text.shingles(text.mask(look.page.text, look.url)) - theirs[0] - theirs[1]) > _FEW_OF_ITS_OWN


def has_same_front(look: Look, probe: Probe) -> bool:
    """The same title and the same h1, echoed addresses aside."""
    if look.page is None or probe.page is None:
        return False
    ours, theirs = (look.url, look.visit.final_url), (probe.url, probe.visit.final_url)
    pairs = ((look.page.title, probe.page.title), (look.page.h1, probe.page.h1))
    return all(
        (a or "") == (b or "") or text.mask(a or "", *ours).strip() == text.mask(b or "", *theirs).strip()
        for a, b in pairs
    )


Shown = tuple[Page, tuple[str, ...]]  # a page, and the addresses that it may echo


def _likeness(one: Shown, other: Shown, *, few: bool) -> float:
    """Jaccard of the masked texts. Once without echoes too: a common text may hold the words of one page's address."""
    size = 2 if few else 4
    best = 0.0
    for echoing in (True, False):
        masked = [text.mask(_text(page, few=few), *(echoes if echoing else ())) for page, echoes in (one, other)]
        if masked[0] == masked[1]:
            return 1.0
        best = max(best, text.jaccard(text.shingles(masked[0], size), text.shingles(masked[1], size)))
    return best


def _text(page: Page, *, few: bool) -> str:
    return page.text if page.text or not few else page.full_text


def _is_own(look: Look, canonical: str) -> bool:
    return any(
        is_trivial_redirect(canonical, own) or redirects.is_same_end(canonical, own)
        for own in (look.url, look.visit.final_url)
    )
