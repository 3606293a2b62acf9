"""Why an answer says nothing of its page: cut short, damaged, a file that is not read, a shell for scripts."""

from linkwatch.core.models import Page, PageKind
from linkwatch.core.signs.look import Look

_SHELL_TWINS = 2  # approved pages that one and the same shell stands for
_SHELL_WORDS = 20
_ASKING_WORDS = 60  # "You need to enable JavaScript to run this app" in a page's frame


def why(look: Look) -> str | None:
    """A stable word for it, or None for what can be read. An office file is judged by its status and type alone."""
    page, copy = look.page, look.copy
    if not look.visit.complete:
        return look.visit.cut or "ended_early"
    if page is None or page.kind is PageKind.EMPTY:
        return "empty"
    if page.fault:
        return page.fault
    if page.kind is PageKind.OTHER:
        return "unsupported_file" if copy and copy.text else None
    if page.kind is PageKind.PDF:
        return "no_text" if copy and copy.text and not page.text else None
    if look.case.twins >= _SHELL_TWINS and page.scripts and not look.new_phrase:
        return "script_shell"
    return _nothing_written(look, page) if page.kind is PageKind.HTML and not look.new_phrase else None


def _nothing_written(look: Look, page: Page) -> str | None:
    """A shell that a script would fill, or nothing at all."""
    asks_for_script = look.seen_words < _ASKING_WORDS and "javascript" in page.full_text.lower()
    if (
        page.scripts
        and not page.h1
        and page.words < _SHELL_WORDS
        and (look.seen_words < _SHELL_WORDS or asks_for_script)
    ):
        return "script_shell"
    nothing = not (page.full_text or page.title or page.h1)
    return "empty" if nothing else None
