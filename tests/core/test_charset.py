import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.charset import Decoded, declared_charset, decode

TEXT = "Länets åtgärder för Öland – “här”"


def meta(charset: str, text: str = TEXT) -> str:
    return f'<html><head><meta charset="{charset}"></head><p>{text}</p>'


@pytest.mark.parametrize(
    "label", ["", "utf-8", "iso-8859-1", "windows-1252", "us-ascii", "none", "UTF8", "hex", "utf-7"]
)
@pytest.mark.parametrize("real", ["utf-8", "windows-1252"])
def test_it_reads_swedish_whatever_is_declared(label: str, real: str) -> None:
    for body, content_type in ((meta(label), "text/html"), (f"<p>{TEXT}", f"text/html; charset={label}")):
        read = decode(body.encode(real), content_type=content_type)
        assert TEXT in read.text
        assert read.used == real


@pytest.mark.parametrize(
    ("charset", "text", "used"),
    [
        ("iso-8859-2", "Żółć", "iso-8859-2"),
        ("windows-1251", "Привет", "windows-1251"),
        ("shift_jis", "こんにちは", "cp932"),
        ("gb2312", "你好", "gb18030"),
        ("koi8-r", "Привет", "koi8-r"),
        ("iso-8859-15", "10 €", "iso-8859-15"),
    ],
)
def test_it_reads_other_scripts_where_they_are_declared(charset: str, text: str, used: str) -> None:
    read = decode(meta(charset, text).encode(charset))
    assert (text in read.text, read.declared, read.used) == (True, charset, used)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_has_the_last_word(codec: str) -> None:
    read = decode(meta("iso-8859-1").encode(codec), content_type="text/html; charset=windows-1252")
    assert read.text.startswith("<html>")
    assert TEXT in read.text
    assert read.declared == "windows-1252"


def test_the_header_is_asked_before_the_document() -> None:
    assert decode(meta("utf-8").encode(), content_type='text/html; Charset="ISO-8859-1"').declared == "iso-8859-1"
    assert decode(meta("UTF-8").encode()).declared == "utf-8"
    assert decode(b"<meta http-equiv=content-type content='text/html; charset=latin1'>x").declared == "latin1"
    assert decode(b"<?xml version='1.0' encoding='ISO-8859-1'?><html/>").declared == "iso-8859-1"
    assert decode(meta("utf-8").encode(), is_html=False).declared is None
    assert declared_charset("text/html") is None


def test_a_few_bytes_amiss_do_not_spoil_a_page() -> None:
    read = decode(("åäö" * 20).encode() + b" \xe5 " + ("åäö" * 20).encode())
    assert (read.used, read.text.count("\ufffd"), read.text.count("å")) == ("utf-8", 1, 40)


def test_a_cut_letter_is_left_out() -> None:
    assert decode("smör å".encode()[:-1], complete=False) == Decoded("smör ", None, "utf-8")


@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_bytes_are_text(body: bytes, label: str) -> None:
    read = decode(body, content_type=f"text/html; charset={label}")
    read.text.encode()
    assert len(read.declared or "") <= 40
