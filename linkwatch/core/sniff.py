"""What kind of thing a body is, by its label and by its bytes (mimesniff.spec.whatwg.org §7, in the other direction).

Labels lie: a PDF comes as text/html, an error page as application/pdf, a page as application/octet-stream. So a body is
what its first bytes say where they say something, and what its label says otherwise.
"""

import re

from linkwatch.core.models import PageKind

_START = 1_445  # bytes looked at: as far as browsers look

_MAGIC = (
    b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"GIF8", b"\x89PNG", b"\xff\xd8\xff", b"RIFF",
    b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"{\\rtf", b"ID3", b"OggS", b"\x00\x00\x01\x00", b"II*\x00",
    b"MM\x00*", b"%!PS", b"wOFF", b"wOF2", b"\x1aE\xdf\xa3", b"BM", b"MZ", b"\x7fELF", b"SQLite format 3\x00",
)  # fmt: skip
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_BOM = re.compile(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\x00]*")
_DOCUMENT = re.compile(
    rb"(?:<!--.{0,1000}?-->\s*|<\?xml[^>]{0,200}>\s*)*<(?:!doctype\s+html|html|head|body)[\s>/]", re.I | re.S
)
_FRAGMENT = re.compile(
    rb"<(?:script|iframe|h[1-6]|div|font|table|a|style|title|b|br|p|ul|ol|link|meta|main|section|header|form|span|noscript)"
    rb"[\s>/]|<!--",
    re.IGNORECASE,
)
_HTML_TYPES = ("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml")
_TEXT_TYPES = re.compile(r"text/|application/(?:[\w.-]+\+)?(?:json|xml|ld\+json|javascript)\Z")
_UNKNOWN_TYPES = (
    "",
    "application/octet-stream",
    "binary/octet-stream",
    "unknown/unknown",
    "application/unknown",
    "*/*",
)


def kind_of(body: bytes, content_type: str = "") -> PageKind:
    """What a body is. `content_type` is the header as sent, "" where there was none."""
    start = body[:_START]
    bare = _BOM.sub(b"", start, count=1)
    if not bare and not body.strip(b"\x00 \t\r\n\x0c\xef\xbb\xbf\xff\xfe"):
        return PageKind.EMPTY
    label = content_type.partition(";")[0].strip().lower()
    return _by_bytes(start, bare) or _by_label(start, bare, label)


def _by_bytes(start: bytes, bare: bytes) -> PageKind | None:
    if start.startswith(_MAGIC) and not (start.startswith((b"BM", b"MZ")) and not _BINARY.search(start)):
        return PageKind.OTHER
    if b"%PDF-" in start[:1024] and b"<" not in start[: start.find(b"%PDF-")]:
        return PageKind.PDF
    readable = start.replace(b"\x00", b"") if start.startswith((b"\xff\xfe", b"\xfe\xff")) else bare
    return PageKind.HTML if _DOCUMENT.match(readable.lstrip(b"\xff\xfe\xef\xbb\xbf\r\n\t ")) else None


def _by_label(start: bytes, bare: bytes, label: str) -> PageKind:
    if label == "application/pdf":
        return PageKind.HTML if _FRAGMENT.match(bare) else PageKind.PDF
    if _BINARY.search(bare) and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return PageKind.HTML if label in _HTML_TYPES and _FRAGMENT.search(bare) else PageKind.OTHER
    if label in _HTML_TYPES:
        return PageKind.HTML
    if label in _UNKNOWN_TYPES:
        return PageKind.HTML if _FRAGMENT.match(bare) else PageKind.TEXT
    return PageKind.TEXT if _TEXT_TYPES.match(label) else PageKind.OTHER
