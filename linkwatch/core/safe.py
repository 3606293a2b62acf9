"""Text from elsewhere, made safe to show: no terminal escapes, no control or bidi characters, no lone surrogates."""

import re

# Zero-width fillers and tags show nothing and hide something: they go without a trace. What could command a terminal,
# turn the reading direction (Unicode TR36 §2, "Trojan Source") or not be encoded at all leaves a visible mark.
_INVISIBLE = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_HARMFUL = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
# More accents on one letter than any language writes climb over the lines around them.
_ACCENT = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED = re.compile(f"({_ACCENT}{{4}}){_ACCENT}+")
_SPACE = re.compile("[ \t\n\r\x0b\x0c\x85\u2028\u2029]+")
_MARK = "\ufffd"
# Most text is such: nothing of the above can be in it, and one look tells in place of four.
_HARMLESS = re.compile("[ -~\u00a1-\u00ac\u00ae-\u02ff]*")


def plain(text: str, limit: int | None = None) -> str:
    """`text` on one line, at most `limit` characters, an ellipsis where it was cut.

    What commands a terminal or turns the reading direction becomes U+FFFD, so that a reader sees that it was there.
    """
    if limit is not None and len(text) > limit:
        text = text[: max(limit - 1, 0)] + "…"
    if _HARMLESS.fullmatch(text) and "  " not in text:
        return text.strip()
    shown = _HARMFUL.sub(_MARK, _INVISIBLE.sub("", _SPACE.sub(" ", text))).strip()
    return _PILED.sub(r"\1", shown)
