"""Bytes → text: the declared encoding where it fits, and what the bytes really are where it does not.

Swedish pages fail in three ways: UTF-8 declared as ISO-8859-1, Windows-1252 declared as UTF-8, and pages of one
encoding with a few bytes of the other in them. A guess by letter frequency reads them as Chinese; these rules do not.
"""

import codecs
import re
from typing import NamedTuple

from bs4.dammit import EncodingDetector

WESTERN = "windows-1252"  # what browsers read where ISO-8859-1 or ASCII is declared (encoding.spec.whatwg.org)

_HEAD = 8_192  # bytes in which a document names its encoding (browsers: 1,024); bs4's search is quadratic in them
_LABEL = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]{1,40})", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NOT_ASCII = re.compile("[^\x00-\x7f\ufffd]")


class Decoded(NamedTuple):
    text: str
    declared: str | None  # as written, lower case: in the header, else in the document
    used: str


def _codecs() -> dict[str, str]:
    """What may be declared → Python's name for it. UTF-7 and Python's own transformations are none."""
    western = ("ascii", "usascii", "latin1", "l1", "iso88591", "iso885915", "cp1252", "windows1252", "xcp1252")
    known = dict.fromkeys(western, WESTERN) | {"iso885915": "iso8859-15", "utf8": "utf-8", "unicode11utf8": "utf-8"}
    known |= {f"iso8859{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 16)}
    known |= {f"{prefix}{n}": f"cp{n}" for n in range(1250, 1259) for prefix in ("cp", "windows") if n != 1252}
    known |= {"iso88599": "cp1254", "macintosh": "mac-roman", "koi8r": "koi8-r", "koi8u": "koi8-u", "ibm866": "cp866"}
    known |= {
        "utf16": "utf-16-le",
        "utf16le": "utf-16-le",
        "utf16be": "utf-16-be",
        "gb2312": "gb18030",
        "gbk": "gb18030",
    }
    known |= {"gb18030": "gb18030", "big5": "big5", "eucjp": "euc-jp", "shiftjis": "cp932", "sjis": "cp932"}
    return known | {"iso2022jp": "iso2022-jp", "euckr": "euc-kr", "ksc56011987": "euc-kr", "tis620": "cp874"}


_CODECS = _codecs()


def decode(body: bytes, *, content_type: str = "", is_html: bool = True, complete: bool = True) -> Decoded:
    """Never fails: what no rule can read has U+FFFD in it. `complete` is False of a body that was cut somewhere."""
    declared = declared_charset(content_type)
    if not declared and is_html:
        declared = _inside(body)
    for mark, name in _BOMS:
        if body.startswith(mark):
            return Decoded(body[len(mark) :].decode(name, "replace"), declared, _public(name))
    text, used = _fitting(body, _CODECS.get(re.sub(r"[\W_]", "", declared or "")), complete)
    return Decoded(text, declared, _public(used))


def declared_charset(content_type: str) -> str | None:
    """The charset parameter of a Content-Type, in lower case."""
    found = _LABEL.search(content_type)
    return found.group(1).lower() if found else None


def _inside(body: bytes) -> str | None:
    """What the document says of itself. It cannot be UTF-16, or nobody could have read that (WHATWG)."""
    found = EncodingDetector.find_declared_encoding(body[:_HEAD], is_html=True, search_entire_document=True)
    return found.lower()[:40] if found and not found.lower().startswith("utf-16") else None


def _fitting(body: bytes, codec: str | None, complete: bool) -> tuple[str, str]:
    if codec in (None, "utf-8", WESTERN, "iso8859-15"):
        return _utf8_or(codec if codec not in (None, "utf-8") else WESTERN, body, complete)
    try:
        return body.decode(codec), codec
    except UnicodeDecodeError:
        return _best(body, (codec, "utf-8", WESTERN))


def _utf8_or(western: str, body: bytes, complete: bool) -> tuple[str, str]:
    """Text that is UTF-8 throughout is nothing else by chance; otherwise the encoding with fewer bytes amiss."""
    try:
        return codecs.utf_8_decode(body, "strict", complete)[0], "utf-8"
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    if len(_NOT_ASCII.findall(text)) > text.count("\ufffd"):
        return text, "utf-8"
    return body.decode(western, "replace"), western


def _best(body: bytes, choices: tuple[str, ...]) -> tuple[str, str]:
    texts = [(body.decode(codec, "replace"), codec) for codec in choices]
    return min(texts, key=lambda one: one[0].count("\ufffd"))


def _public(codec: str) -> str:
    return codec.replace("cp125", "windows-125").replace("iso8859", "iso-8859")
