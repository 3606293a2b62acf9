"""Addresses, read as browsers read them (WHATWG URL), and compared as people would compare them.

Every address kept by linkwatch has gone through `normalise` or `join`; the other functions take such addresses, and
say something harmless ("", 0, False) of anything else.
"""

import hashlib
import ipaddress
import re
import string
import unicodedata
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

import ada_url
from publicsuffixlist import PublicSuffixList

MAX_LENGTH = 8_000  # characters; RFC 9110 §4.1 asks for 8,000 octets at least

_PLAIN = re.compile(r"https?://[a-z0-9.-]+(?::\d+)?/[^#]*\Z")  # as ada writes it, nothing to leave out
# What every browser takes as it stands: a name of letters and digits, no punycode, that does not end in a number, and
# a path without escapes or segments that begin with a dot.
_AS_IT_STANDS = re.compile(
    r"https?://(?:[a-z][a-z0-9]*(?:-[a-z0-9]+)*\.)+[a-z]+(?:(?:/[\w~-][\w.~-]*)+/?|/)(?:\?[\w.~&=-]+)?\Z", re.ASCII
)
_IMPOSSIBLE_HOST = re.compile(r"\A\.|\.\.|[^.\[\]]{64}")  # RFC 1035 §2.3.4: a label has 1 to 63 octets


def normalise(url: str) -> str | None:
    """The one spelling of an address: punycode, percent-encoded UTF-8, no fragment, user name or default port.

    None unless it is http or https with a host that can exist, without NUL and at most 8,000 characters long.
    """
    return _resolve(url, None)


def join(base: str, reference: str) -> str | None:
    """A reference (`href`, `Location`) as seen from `base`, normalised. None when it leads nowhere visitable."""
    return _resolve(reference, base)


def _resolve(reference: str, base: str | None) -> str | None:
    if len(reference) > MAX_LENGTH or "\0" in reference:
        return None
    if _AS_IT_STANDS.match(reference):
        return None if len(reference) > 63 and _is_impossible(reference) else reference
    try:
        href = _bare(ada_url.join_url(base, reference) if base else ada_url.normalize_url(reference))
    except ValueError:  # lone surrogates too
        return None
    return href if href and len(href) <= MAX_LENGTH and not _is_impossible(href) else None


def _bare(href: str) -> str | None:
    if _PLAIN.match(href):
        return href
    url = ada_url.URL(href)
    if url.protocol not in ("http:", "https:") or not url.hostname:
        return None
    return f"{url.protocol}//{url.host}{url.pathname}{url.search}"


def _is_impossible(href: str) -> bool:
    name = href.split("/", 3)[2]
    return len(name) > 260 or _IMPOSSIBLE_HOST.search(name) is not None


# ---------------------------------------------------------------- hosts


_SPLIT = re.compile(r"(https?)://(\[[^]]*\]|[^/:]*)(?::(\d+))?(/[^?]*)(.*)\Z")


@lru_cache(512)
def _parts(url: str) -> tuple[str, str, str, str, str] | None:
    """Scheme, host name (bracketed if IPv6, no final dot), port ("" for the default), path, query with its "?"."""
    found = _SPLIT.match(normalise(url) or "")
    if not found:
        return None
    scheme, name, port, path, query = found.groups("")
    return scheme, name.rstrip("."), port, path, query


def host(url: str) -> str:
    """The host's name in lower-case ASCII, or its IP address (IPv6 without brackets). "" when there is none."""
    parts = _parts(url)
    return parts[1].strip("[]") if parts else ""


def politeness_key(url: str) -> str:
    """What is visited one request at a time: the host name, with its port unless that is 80 or 443."""
    parts = _parts(url)
    if not parts:
        return ""
    _, name, port, _, _ = parts
    return name.strip("[]") if port in ("", "80", "443") else f"{name}:{port}"


@lru_cache(4096)
def registrable_domain(name: str) -> str:
    """The part of a host name that somebody has registered (publicsuffix.org, private suffixes too).

    IP addresses, single labels and public suffixes stand for themselves.
    """
    name = name.lower().strip("[]").rstrip(".")
    if _is_ip(name) or "." not in name:
        return name
    return str(_suffixes().privatesuffix(name) or name)


@lru_cache(1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


# ---------------------------------------------------------------- the same place, spelt otherwise

_INDEX = re.compile(r"(?:index|default)\.(?:x?html?|shtml|aspx?|php\d?|jspx?|cfm)\Z", re.IGNORECASE)
_START = re.compile(
    r"(?:start|startsida|startpage|home|hem)(?:\.(?:x?html?|shtml|aspx?|php\d?|jspx?))?\Z", re.IGNORECASE
)
_LANGUAGE = re.compile(
    r"(?:sv|se|swe|en|eng|fi|no|nb|nn|da|dk|de|fr|es|it|nl|pl|et|lv|lt)(?:[-_][a-z]{2})?\Z", re.IGNORECASE
)
_SESSION = re.compile(
    r"(?:utm_\w+|[gdm]clid|fbclid|msclkid|gbraid|wbraid|mc_[ce]id|_g[al]|(?:pk|mtm|matomo|piwik)_\w+|"
    r"jsessionid|phpsessid|aspsessionid\w*|session_?id|cfid|cftoken|aspxautodetectcookiesupport|cookie_?(?:check|test))\Z",
    re.IGNORECASE,
)
_SESSION_IN_PATH = re.compile(r";jsessionid=[^/;]*|/\([A-Z]\([^)/]*\)\)(?=/)", re.IGNORECASE)  # servlets, ASP.NET


def is_trivial_redirect(a: str, b: str) -> bool:
    """Whether two addresses are the same place spelt otherwise.

    Allowed to differ: http or https, "www.", a final slash, letter case and percent-encoding of the path, a default
    document, a session's or a tracker's query. Nothing else.
    """
    one, other = essence(a), essence(b)
    return one is not None and one == other


def essence(url: str) -> tuple[str, str, tuple[str, ...], tuple[str, ...]] | None:
    """What two spellings of one place have in common (see `is_trivial_redirect`); None for what is no web address."""
    parts = _parts(url)
    if not parts:
        return None
    _, name, port, path, query = parts
    return name.removeprefix("www."), port, tuple(map(_spelt, _segments(path))), _essential_query(query)


def _segments(path: str) -> list[str]:
    """The path's parts without a final slash, session or default document. Empty parts inside are kept."""
    segments = _SESSION_IN_PATH.sub("", path).removeprefix("/").removesuffix("/").split("/")
    if _INDEX.match(segments[-1]) or (len(segments) == 1 and _START.match(segments[-1])):
        segments.pop()
    return segments if segments != [""] else []


def _spelt(escaped: str) -> str:
    """Text without percent-encoding (UTF-8, else Latin-1) and letter case; an escaped delimiter stays escaped."""
    raw = unquote_to_bytes(re.sub(r"%(?=2f|3f|23|25)", "%25", escaped, flags=re.IGNORECASE))
    try:
        return raw.decode().casefold()
    except UnicodeDecodeError:
        return raw.decode("latin-1").casefold()


def _essential_query(query: str) -> tuple[str, ...]:
    pairs = query.removeprefix("?").split("&")
    return tuple(
        unquote_to_bytes(pair).decode("latin-1")
        for pair in pairs
        if pair and not _SESSION.match(pair.partition("=")[0])
    )


def path_depth(url: str) -> int:
    """How many folders and documents deep an address is; a default document does not count. 0 at the root."""
    parts = _parts(url)
    return sum(map(bool, _segments(parts[3]))) if parts else 0


def is_root(url: str) -> bool:
    """Whether an address is a front page: "/", a language's root (/sv/, /en-gb), or the start document of one."""
    parts = _parts(url)
    if not parts or _essential_query(parts[4]):
        return False
    segments = [segment for segment in _segments(parts[3]) if segment]
    if segments and _LANGUAGE.match(segments[0]):
        segments.pop(0)
    return not segments or (len(segments) == 1 and _START.match(segments[0]) is not None)


# ---------------------------------------------------------------- an address that cannot exist

_EXTENSION = re.compile(r"\.[a-z][a-z0-9]{0,4}\Z", re.IGNORECASE)
_TOKEN = re.compile(r"(?:%[0-9a-f]{2})+|.", re.IGNORECASE | re.DOTALL)
_ENOUGH = 12  # letters and digits by chance: 10^12 names at least, so none of them is a page


def sibling(url: str, seed: str) -> str:
    """An address in the same folder that cannot exist, of the same shape: its last name with other letters and digits.

    Case, separators and extension stay, short names are made longer, a query is left out. The same `url` and `seed`
    always give the same address (the sibling probe of Bar-Yossef et al., WWW 2004, after Prieto et al. 2013).
    """
    parts = _parts(url)
    if not parts:
        return ""
    scheme, name, port, path, _ = parts
    folder, last, slash = _split_last(path)
    made = _another_name(last, f"{seed}\n{url}")
    return f"{scheme}://{name}{':' * bool(port)}{port}{folder}{made}{slash}"


def _split_last(path: str) -> tuple[str, str, str]:
    slash = "/" if path.endswith("/") and path != "/" else ""
    folder, _, last = path.removesuffix(slash).rpartition("/")
    return f"{folder}/", last, slash


def _another_name(last: str, salt: str) -> str:
    found = _EXTENSION.search(last)
    extension = found.group() if found else ""
    stem = last.removesuffix(extension)
    marks = _lengthened([mark for token in _TOKEN.findall(stem) for mark in _marks(token)])
    dice = hashlib.shake_256(salt.encode("utf-8", "replace")).digest(len(marks))
    made = "".join(map(_rolled, marks, dice))
    return f"{made if made != stem else made + 'q'}{extension}"


def _marks(token: str) -> list[str]:
    """One character, or a run of escapes, as a pattern: letters to "a" or "A", digits to "0", all else as it was."""
    if len(token) == 1:
        return [_mark(token, token)]
    return [_mark(char, quote(char, safe="")) for char in _unescaped(token)]


def _mark(char: str, otherwise: str) -> str:
    if char.isalpha():
        return "A" if char.isupper() else "a"
    return "0" if char.isdigit() else otherwise


def _unescaped(run: str) -> str:
    raw = unquote_to_bytes(run)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


_CHOICES = {"a": string.ascii_lowercase, "A": string.ascii_uppercase, "0": string.digits}


def _lengthened(marks: list[str]) -> list[str]:
    """A pattern with enough chance in it: its last letter or digit repeated where it stands."""
    places = [at for at, mark in enumerate(marks) if mark in _CHOICES]
    last = places[-1] if places else len(marks)
    more = [marks[last] if places else "a"] * max(0, _ENOUGH - len(places))
    return marks[:last] + more + marks[last:]


def _rolled(mark: str, die: int) -> str:
    choice = _CHOICES.get(mark)
    return choice[die % len(choice)] if choice else mark


# ---------------------------------------------------------------- for people

_ESCAPED = re.compile(r"(?:%[89a-f][0-9a-f])+", re.IGNORECASE)  # all that is not ASCII
_SAFE_SIGNS = "–—’‘”“…§°·½´"
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u17b4\u17b5"  # letters to Unicode, nothing to the eye
_SAFE_IN_HOSTS = re.compile(r"[a-z0-9\u00df-\u00f6\u00f8-\u0130\u0132-\u017f-]+\Z")  # Latin, no look-alikes


def display(url: str) -> str:
    """An address for people: letters instead of punycode and percent-encoding where nobody can be fooled by them.

    Never decoded: control, direction, space and delimiting characters, all of ASCII, right-to-left scripts, and host
    names that are not Latin. Visiting what is shown leads to the same page. A user name is left out.
    """
    parts = _parts(url)
    if not parts:
        return "".join(map(_printable, url))
    scheme, name, port, path, query = parts
    authority = f"{_display_host(name)}{':' * bool(port)}{port}"
    return f"{scheme}://{authority}{_ESCAPED.sub(_display_run, path + query)}"


def _printable(char: str) -> str:
    return char if char.isprintable() and char != " " else quote(char, errors="replace")


def _display_host(name: str) -> str:
    return ".".join(map(_display_label, name.split("."))) if "xn--" in name else name


def _display_label(label: str) -> str:
    shown = ada_url.idna_to_unicode(label)
    return shown if _SAFE_IN_HOSTS.match(shown) and ada_url.idna_to_ascii(shown).decode() == label else label


def _display_run(escaped: re.Match[str]) -> str:
    try:
        text = unquote_to_bytes(escaped.group()).decode()
    except UnicodeDecodeError:
        return escaped.group()
    before = escaped.string[escaped.start() - 1]
    return "".join(map(_display_char, text, before + text))


def _display_char(char: str, before: str) -> str:
    kind = unicodedata.category(char)[0]
    harmless = char in _SAFE_SIGNS or (kind in "LN" and char not in _BLANK_LETTERS)
    harmless |= kind == "M" and unicodedata.category(before)[0] == "L"  # å as a and a ring, from a Mac's file names
    return char if harmless and unicodedata.bidirectional(char) not in ("R", "AL", "AN") else quote(char)


def origin(url: str) -> str:
    """Scheme, host and port: what one listening socket answers for."""
    parsed = ada_url.URL(url)
    return f"{parsed.protocol}//{parsed.host}"


def folder_of(url: str) -> str:
    """The folder of an address with the ending of its last part, `https://a.se/om/*.html`: what lies there is answered
    for by the same part of a site, so that what one unknown address gets, all get."""
    folder, _, name = url.partition("?")[0].rpartition("/")
    _, dot, ending = name.rpartition(".")
    return f"{folder}/*{dot}{ending if dot else ''}"
