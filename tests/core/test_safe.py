import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.safe import plain

ANYTHING = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Regionalt serviceprogram – Åre & Östersund", "Regionalt serviceprogram – Åre & Östersund"),
        ("  two\n\tlines \r\n and\u2028more\u2029 ", "two lines and more"),
        ("\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"),
        ("\x9b31m", "\ufffd31m"),
        ("a\x00b\x7f", "a\ufffdb\ufffd"),
        ("evil\u202etxt.exe", "evil\ufffdtxt.exe"),
        ("\u2066isolate\u2069", "\ufffdisolate\ufffd"),
        ("half a pair \ud83d", "half a pair \ufffd"),
        ("soft\u00adhy\u200bphen\ufeff", "softhyphen"),
        ("tag\U000e0041", "tag"),
        ("o" + "\u0301" * 900 + "k", "o" + "\u0301" * 4 + "k"),
        ("سلام 👩‍🔧 日本", "سلام 👩‍🔧 日本"),
        ("", ""),
    ],
)
def test_it_shows_what_harms_as_a_mark_and_keeps_the_rest(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_it_cuts_with_an_ellipsis() -> None:
    assert plain("abcdef", 4) == "abc…"
    assert plain("abcd", 4) == "abcd"


@given(ANYTHING)
def test_it_leaves_one_encodable_line_without_controls(text: str) -> None:
    shown = plain(text)
    shown.encode("utf-8")
    assert not [one for one in shown if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")]
    assert plain(shown) == shown


@given(ANYTHING, st.integers(1, 20))
def test_it_keeps_to_its_limit(text: str, limit: int) -> None:
    assert len(plain(text, limit)) <= limit


@given(st.text(st.characters(max_codepoint=0x320) | st.sampled_from("  \u200b\u202e")))
def test_what_is_harmless_is_told_at_once_as_it_would_be(text: str) -> None:
    assert plain(text) == plain(f"{text}\ufeff")  # which goes without a trace, but is looked at
