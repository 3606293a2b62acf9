"""A plain PDF 1.4 written by hand: A4, Helvetica, Windows-1252, a correct cross-reference table (ISO 32000-1 §7.5)."""

import textwrap
from datetime import UTC, datetime

from linkwatch.demo.prose import Article

_LINES_PER_PAGE = 46
_COLUMNS = 88
_CATALOG, _PAGES, _FONT, _INFO, _FIRST_PAGE = 1, 2, 3, 4, 5


def pdf(article: Article, *, modified: datetime) -> bytes:
    """The article as a PDF file with its title and dates in the information dictionary."""
    pages = _pages(article)
    numbers = [_FIRST_PAGE + 2 * index for index in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (sv-SE) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        _info(article.title, modified),
    ]
    for number, lines in zip(numbers, pages, strict=True):
        objects += [_page(number + 1), _stream(lines)]
    return _file(objects)


def _pages(article: Article) -> list[list[str]]:
    lines = [article.title, ""]
    for paragraph in article.lines:
        lines += [*textwrap.wrap(paragraph, _COLUMNS), ""]
    return [lines[start : start + _LINES_PER_PAGE] for start in range(0, len(lines), _LINES_PER_PAGE)]


def _info(title: str, modified: datetime) -> bytes:
    stamp = f"(D:{modified.astimezone(UTC):%Y%m%d%H%M%S}Z)".encode()
    name = b"<FEFF" + title.encode("utf-16-be").hex().upper().encode() + b">"
    return b"<< /Title " + name + b" /CreationDate " + stamp + b" /ModDate " + stamp + b" >>"


def _page(contents: int) -> bytes:
    return (
        f"<< /Type /Page /Parent {_PAGES} 0 R /MediaBox [0 0 595 842] "
        f"/Resources << /Font << /F1 {_FONT} 0 R >> >> /Contents {contents} 0 R >>"
    ).encode()


def _stream(lines: list[str]) -> bytes:
    shown = b"".join(b"(" + _string(line) + b") Tj T*\n" for line in lines)
    body = b"BT\n/F1 11 Tf\n15 TL\n60 780 Td\n" + shown + b"ET"
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(body), body)


def _string(text: str) -> bytes:
    raw = text.encode("cp1252", "replace")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _file(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe5\xe4\xf6\xc5\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start, size = len(out), len(objects) + 1
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, entries)
    trailer = f"trailer\n<< /Size {size} /Root {_CATALOG} 0 R /Info {_INFO} 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return bytes(out) + trailer.encode()
