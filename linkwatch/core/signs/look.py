"""The case as the rules look at it: each number computed once, when it is first asked for."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from linkwatch.core.models import Ask, Case, Copy, Need, Page, PageKind, Probe, Visit
from linkwatch.core.signs import drift, periods, phrases, redirects
from linkwatch.core.signs.drift import Kinship
from linkwatch.core.signs.phrases import Phrase
from linkwatch.core.signs.redirects import Way

MOST_PROBES: Final = 3
SHORT: Final = 60  # words of main text below which a phrase in it counts
LONG: Final = 150  # words from which a heading alone says little: pages about missing pages exist
_CERTAIN: Final = 0.9  # of the copy: no menu makes so much of a page
_HEAD_BYTES: Final = 65_536  # of a body that is searched for marks: challenges and parking pages are small


@dataclass(frozen=True, kw_only=True)
class Look:
    """A case, and what is reckoned from it. Without slots, since cached properties live in the instance's dict."""

    case: Case
    is_second: bool = False  # the second fetch, judged in the first one's place: it has no third to confirm it

    @property
    def url(self) -> str:
        return self.case.url

    @property
    def visit(self) -> Visit:
        return self.case.visit

    @property
    def page(self) -> Page | None:
        return self.case.page

    @property
    def copy(self) -> Copy | None:
        return self.case.copy

    # ---- the answer as bytes and words

    @cached_property
    def markup(self) -> str:
        """The beginning of the body in lower case, byte by byte: for marks in scripts and addresses."""
        return self.visit.body[:_HEAD_BYTES].decode("latin-1").lower()

    @cached_property
    def seen_words(self) -> int:
        """Words of all visible text."""
        return len(self.page.full_text.split()) if self.page else 0

    @cached_property
    def main_words(self) -> int:
        return self.page.words if self.page else 0

    @cached_property
    def is_markup(self) -> bool:
        """A page of text, as error pages and forms are: no file."""
        return self.page is not None and self.page.kind in (PageKind.HTML, PageKind.TEXT)

    # ---- against the approved copy

    @cached_property
    def kinship(self) -> Kinship | None:
        """How much of the approved copy is here; None where there is nothing to compare."""
        if self.copy is None or self.page is None:
            return None
        frames = tuple(p.page for p in self.strangers if p.page and p.page.kind is PageKind.HTML)
        return drift.kinship(self.copy, self.page, frames)

    @cached_property
    def is_next_period(self) -> bool:
        return bool(self.copy and self.page and periods.follows(self.copy, self.page))

    @cached_property
    def carries(self) -> bool:
        """The approved content is here, and no heading says that the page is not."""
        if self.kinship is None or self.new_phrase:
            return False
        return (self.kinship.is_alive and not self.is_doubtful) or self.is_next_period

    @cached_property
    def is_doubtful(self) -> bool:
        """Other headings over much of the same text: perhaps all that was kept is the site's menu. A look at what the
        site shows for missing pages tells."""
        if self.kinship is None or self.siblings or not self.is_markup:
            return False
        return self.kinship.kept < _CERTAIN and self.kinship.other_heading

    # ---- words of not-found pages

    @cached_property
    def title_phrase(self) -> Phrase | None:
        return self._unless_approved(self.page.title if self.page else None, self.copy.title if self.copy else None)

    @cached_property
    def h1_phrase(self) -> Phrase | None:
        return self._unless_approved(self.page.h1 if self.page else None, self.copy.h1 if self.copy else None)

    @cached_property
    def text_phrase(self) -> Phrase | None:
        if self.page is None or not 0 < self.main_words < SHORT:
            return None
        found = phrases.in_short_text(self.page.text)
        return None if self.copy and found and phrases.in_short_text(self.copy.text) else found

    @cached_property
    def new_phrase(self) -> bool:
        """A heading plainly says that the page is not there, and the approved copy's did not."""
        return Phrase.MISSING in (self.title_phrase, self.h1_phrase)

    @staticmethod
    def _unless_approved(heading: str | None, approved: str | None) -> Phrase | None:
        found = phrases.in_heading(heading)
        return None if found and phrases.in_heading(approved) else found

    # ---- the way here

    @cached_property
    def way(self) -> Way:
        return redirects.way(self.url, self.visit)

    # ---- questions and their answers

    def answers(self, ask: Ask, url: str | None = None) -> tuple[Probe, ...]:
        if self.is_second and ask is Ask.AGAIN:
            return ()
        return tuple(p for p in self.case.probes if p.ask is ask and url in (None, p.url))

    def question(self, ask: Ask, *urls: str) -> Need | None:
        """The need, unless it has been answered or the page has had all its extra requests."""
        asked = {probe.url for probe in self.answers(ask)}
        room = MOST_PROBES - len(self.case.probes)
        if self.is_second or asked.intersection(urls) or not all(urls) or room <= 0:
            return None
        return Need(ask=ask, urls=urls[:room])

    def ask_siblings(self, most: int = 2) -> Need | None:
        """Addresses that cannot exist: two, or one where a request must be left for the confirming fetch."""
        if self.siblings:
            return None
        count = min(most, max(1, MOST_PROBES - len(self.case.probes) - 1))
        return self.question(Ask.SIBLING, *(redirects.stranger(self.url, str(n)) for n in range(1, count + 1)))

    @property
    def siblings(self) -> tuple[Probe, ...]:
        return self.answers(Ask.SIBLING)

    @cached_property
    def strangers(self) -> tuple[Probe, ...]:
        """The siblings that say something of addresses that cannot exist: an answer, and not this very page, which
        some systems give to any address that begins like its own."""
        return tuple(p for p in self.siblings if not p.visit.fault and not self._is_this(p))

    def _is_this(self, probe: Probe) -> bool:
        page, end = probe.page, self.visit.final_url
        if page is None or self.way.leaves:
            return False
        is_own = redirects.is_same_place(end, probe.visit.final_url) or (
            page.canonical is not None and redirects.is_same_place(end, page.canonical)
        )
        return is_own or redirects.name_in(self.url, (page.title, page.h1))
