"""PDF → Page, by pypdf.

No file is trusted: `python -m linkwatch.core.pdf` reads one from stdin under limits of its own and writes a JSON object
to stdout, so that a file can neither hang nor crash whoever asked. linkwatch.extract does so.
"""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from itertools import islice

from pypdf import PdfReader

from linkwatch.core.dates import pdf_date
from linkwatch.core.models import Page, PageKind
from linkwatch.core.text import fold

MAX_PAGES = 20
MAX_TEXT = 200_000
_MAX_TITLE = 1_000
_MAX_WORD = 40
_LETTERS = 3  # fewer do not make a heading: "1 (24)"

MEMORY = 1_000_000_000  # bytes of address space
CPU_S = 10

# What authoring programs write where nobody gave a title.
_NO_TITLE = frozenset(
    ("", "untitled", "untitled document", "namnlös", "powerpoint-presentation", "powerpoint presentation")
)
_PRINTED_BY = ("Microsoft Word - ", "Microsoft PowerPoint - ", "Microsoft Excel - ")


def read_pdf(body: bytes) -> Page:
    """Title, first line, the text of the first 20 pages, date and language. Never raises.

    `fault` is `pdf_encrypted` when the file wants a password and `pdf_damaged` when nothing can be made of it. Time and
    memory are not bounded here.
    """
    try:
        return _read(PdfReader(BytesIO(body), strict=False))
    except Exception:  # on a damaged file pypdf raises whatever it happens to meet, from KeyError to MemoryError
        return Page(kind=PageKind.PDF, fault="pdf_damaged")


def _read(reader: PdfReader) -> Page:
    if reader.is_encrypted and not reader.decrypt(""):
        return Page(kind=PageKind.PDF, fault="pdf_encrypted")
    pages = list(_page_texts(reader))
    if not pages:
        return Page(kind=PageKind.PDF, fault="pdf_damaged")
    text = fold("\n".join(pages))[:MAX_TEXT]
    heading = _first_line(pages)
    modified = _modified(reader)
    return Page(
        kind=PageKind.PDF,
        title=_title(reader) or heading,
        h1=heading,
        text=text,
        full_text=text,
        last_modified=modified,
        last_modified_from="pdf" if modified else None,
        language=_language(reader),
    )


def _page_texts(reader: PdfReader) -> Iterator[str]:
    """One for each page that can be read. A damaged page does not hide the others."""
    for number in range(min(len(reader.pages), MAX_PAGES)):
        with suppress(Exception):
            yield _clean(reader.pages[number].extract_text())


def _clean(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _first_line(pages: list[str]) -> str | None:
    lines = (fold(line)[:_MAX_TITLE] for page in pages for line in islice(page.splitlines(), 200))
    return next((line for line in lines if sum(map(str.isalpha, line)) >= _LETTERS), None)


def _title(reader: PdfReader) -> str | None:
    for title in (_given_title(reader), _xmp_title(reader)):
        bare = fold(_clean(title))[:_MAX_TITLE]
        for program in _PRINTED_BY:
            bare = bare.removeprefix(program)
        if bare.lower() not in _NO_TITLE:
            return bare
    return None


def _given_title(reader: PdfReader) -> str:
    with suppress(Exception):
        return str((reader.metadata and reader.metadata.title) or "")
    return ""


def _xmp_title(reader: PdfReader) -> str:
    with suppress(Exception):
        titles = reader.xmp_metadata and reader.xmp_metadata.dc_title
        return str(next(iter(titles.values()), "")) if titles else ""
    return ""


def _modified(reader: PdfReader) -> datetime | None:
    with suppress(Exception):
        info = reader.metadata
        written = [str(info.get(key, "")) for key in ("/ModDate", "/CreationDate")] if info else []
        return next(filter(None, map(pdf_date, written)), None)
    return None


def _language(reader: PdfReader) -> str | None:
    with suppress(Exception):
        return _clean(str(reader.root_object.get("/Lang", ""))).strip()[:_MAX_WORD] or None
    return None


# ---------------------------------------------------------------- in a process of its own

_KEPT = ("title", "h1", "text", "language", "fault")


def to_json(page: Page) -> str:
    fields = {name: getattr(page, name) for name in _KEPT}
    return json.dumps(fields | {"last_modified": page.last_modified and page.last_modified.isoformat()})


def from_json(written: str | bytes) -> Page:
    """What `to_json` wrote. Raises ValueError, KeyError or TypeError of anything else."""
    fields = json.loads(written)
    modified = fields["last_modified"] and datetime.fromisoformat(fields["last_modified"])
    page = Page(kind=PageKind.PDF, full_text=fields["text"], **{name: fields[name] for name in _KEPT})
    return replace(page, last_modified=modified, last_modified_from="pdf" if modified else None)


def main() -> None:
    _limit()
    logging.disable()  # pypdf's remarks on the file
    sys.stdout.write(to_json(read_pdf(sys.stdin.buffer.read())))


def _limit() -> None:
    """The kernel ends this process when it takes more. Systems without such limits have the caller's time-out."""
    with suppress(ImportError):
        import resource  # noqa: PLC0415 (POSIX only)

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
