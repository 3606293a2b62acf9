"""Real bytes of files that are linked as often as pages: PDF and office documents."""

import io
import zipfile
from collections.abc import Sequence
from html import escape

_PDF_HEAD = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
_LINES_A_PAGE = 42


def pdf(title: str, lines: Sequence[str], modified: str) -> bytes:
    """A PDF of text lines. `modified` is its ModDate as PDF writes it, D:YYYYMMDDHHmmSS+01'00'."""
    pages = [lines[i : i + _LINES_A_PAGE] for i in range(0, len(lines), _LINES_A_PAGE)] or [()]
    kids = " ".join(f"{5 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Title (%s) /Producer (Acrobat Distiller) /ModDate (%s) /CreationDate (%s) >>"
        % (_string(title), modified.encode(), modified.encode()),
    ]
    for number, page in enumerate(pages):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (6 + 2 * number)
        )
        objects.append(_stream(page))
    return _assemble(objects)


def _string(text: str) -> bytes:
    raw = text.encode("cp1252", errors="replace")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _stream(lines: Sequence[str]) -> bytes:
    shown = b"".join(b"(%s) Tj T*\n" % _string(line) for line in lines)
    content = b"BT /F1 11 Tf 14 TL 56 790 Td\n" + shown + b"ET"
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _assemble(objects: Sequence[bytes]) -> bytes:
    out = bytearray(_PDF_HEAD)
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def wrap(sentences: Sequence[str], width: int = 84) -> list[str]:
    """Sentences as lines of print."""
    lines = [""]
    for word in " ".join(sentences).split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def docx(title: str, sentences: Sequence[str]) -> bytes:
    """A word-processor document of one part, the same bytes each time."""
    paragraphs = "".join(f"<w:p><w:r><w:t>{escape(s)}</w:t></w:r></w:p>" for s in (title, *sentences))
    document = (
        '<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/'
        f'wordprocessingml/2006/main"><w:body>{paragraphs}</w:body></w:document>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in (("[Content_Types].xml", "<Types/>"), ("word/document.xml", document)):
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 2, 9, 0, 0)), body)
    return buffer.getvalue()
