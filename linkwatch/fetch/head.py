r"""A response's head, mended as far as browsers mend it, before the strict parser (h11) sees it.

Servers send header lines that no grammar allows (a Content-Security-Policy broken over lines, a stray NUL, `Name :`)
and browsers show their pages all the same. Such a page is not broken. What browsers refuse stays refused: no status
line, contradicting lengths.
"""

import re

END = re.compile(rb"\r?\n\r?\n")

_STATUS = re.compile(rb"HTTP/([0-9])(?:\.([0-9]))?[ \t]+([0-9]{3})(?![0-9])")
_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*:(.*)", re.DOTALL)
_CONTROLS = bytes(code for code in (*range(9), *range(10, 32), 127))
_LENGTH = re.compile(rb"[0-9]{1,19}(?:[ \t]*,[ \t]*[0-9]{1,19})*")


def speaks_http(start: bytes) -> bool:
    """Whether the first bytes of an answer may still become a status line. An SSH banner never does."""
    return start[:5].upper() == b"HTTP/"[: len(start)]


def is_interim(head: bytes) -> bool:
    """Whether this head is followed by another (RFC 9110 §15.2): 100, 102, 103, but not 101."""
    match = _STATUS.match(head)
    return match is not None and match[3].startswith(b"1") and match[3] != b"101"


def mended(head: bytes) -> bytes:
    """The head with the empty line that ends it, in a form that a strict parser takes. No status line: as it is."""
    first, *lines = re.split(rb"\r?\n", head.rstrip(b"\r\n"))
    match = _STATUS.match(first)
    if match is None:
        return head
    version = b"1.0" if match[1] + b"." + (match[2] or b"0") in (b"1.0", b"0.9") else b"1.1"
    return b"\r\n".join([b"HTTP/" + version + b" " + match[3] + b" ", *_fields(lines), b"", b""])


def _fields(lines: list[bytes]) -> list[bytes]:
    fields: list[bytes] = []
    keeping = False
    for line in lines:
        if line[:1] in (b" ", b"\t"):  # obsolete folding (RFC 9112 §5.2)
            if keeping:
                fields[-1] += b" " + _value(line)
            continue
        match = _FIELD.match(line)
        keeping = match is not None and _makes_sense(match[1].lower(), _value(match[2]))
        if match is not None and keeping:
            fields.append(match[1] + b": " + _value(match[2]))
    return fields


def _value(raw: bytes) -> bytes:
    return raw.translate(None, _CONTROLS).strip(b" \t")


def _makes_sense(name: bytes, value: bytes) -> bool:
    if name == b"content-length":
        return _LENGTH.fullmatch(value) is not None
    return name != b"transfer-encoding" or value.lower() not in (b"", b"identity")
