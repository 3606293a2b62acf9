"""Lines of plain text: headings, wrapped sentences, labels with values."""

import textwrap
from collections.abc import Iterator

from linkwatch.locale import Words

WIDTH = 76
INDENT = "   "


def heading(text: str, line: str) -> str:
    return f"{text}\n{line * min(len(text), WIDTH)}"


def filled(text: str, indent: str = "") -> str:
    """Wrapped at words; addresses are never broken, so that they can be followed."""
    if 0 < len(text) <= WIDTH - len(indent) and text.isprintable() and not text.isspace():
        return indent + text.rstrip()  # as the wrapping has it, which takes ten times as long
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + ("  " if indent else ""),
        break_long_words=False,
        break_on_hyphens=False,
    )


def line(label: str, value: str, words: Words, indent: str = INDENT) -> str:
    return filled(words.text("report.text.label", label=label, value=value), indent)


def said(key: str, value: str | None, words: Words, indent: str = INDENT) -> Iterator[str]:
    """`value` after the label of that key, where there is one."""
    if value:
        yield line(words.text(f"report.label.{key}"), value, words, indent)


def sentences(*texts: str | None, indent: str = INDENT) -> Iterator[str]:
    return (filled(text, indent) for text in texts if text)
