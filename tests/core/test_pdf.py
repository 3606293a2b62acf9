import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, StreamObject

from linkwatch.core.models import Page, PageKind
from linkwatch.core.pdf import MAX_PAGES, from_json, read_pdf, to_json
from tests.core.sample_pdfs import LINES, pdf

PLAIN = pdf(info={"Title": "Serviceprogram för länet", "ModDate": "D:20150304050607+01'00'"})


def test_it_reads_a_file() -> None:
    assert read_pdf(PLAIN) == Page(
        kind=PageKind.PDF,
        title="Serviceprogram för länet",
        h1="Regionalt serviceprogram",
        text=" ".join(LINES),
        full_text=" ".join(LINES),
        last_modified=datetime(2015, 3, 4, 4, 6, 7, tzinfo=UTC),
        last_modified_from="pdf",
        language="sv-SE",
    )


@pytest.mark.parametrize(
    ("given_title", "title"),
    [
        ("", "Regionalt serviceprogram"),
        ("untitled", "Regionalt serviceprogram"),
        ("Microsoft Word - RSP 2014.docx", "RSP 2014.docx"),
        (" Ett\nprogram ", "Ett program"),
    ],
)
def test_a_title_that_nobody_gave_is_the_first_line(given_title: str, title: str) -> None:
    assert read_pdf(pdf(info={"Title": given_title})).title == title


@pytest.mark.parametrize(
    ("info", "date"),
    [
        ({"ModDate": "D:20150304050607Z"}, datetime(2015, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ({"ModDate": "i mars", "CreationDate": "D:2014"}, datetime(2014, 1, 1, tzinfo=UTC)),
        ({"ModDate": "D:20159999"}, None),
        ({}, None),
    ],
)
def test_a_bad_date_spoils_nothing(info: dict[str, str], date: datetime | None) -> None:
    page = read_pdf(pdf(info=info))
    assert (page.last_modified, page.last_modified_from, page.fault) == (date, "pdf" if date else None, None)
    assert page.text


def test_it_opens_what_wants_no_password() -> None:
    assert read_pdf(pdf(password="")).h1 == "Regionalt serviceprogram"
    assert read_pdf(pdf(password="hemligt")) == Page(kind=PageKind.PDF, fault="pdf_encrypted")


def test_it_reads_no_more_than_it_must() -> None:
    page = read_pdf(pdf(*[(f"Sida {n:03}",) for n in range(MAX_PAGES + 5)]))
    assert page.text.split()[-1] == f"{MAX_PAGES - 1:03}"


def test_a_damaged_leaf_does_not_hide_the_others() -> None:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf(("Den första",), ("Den andra",)))))
    contents = writer.pages[0]["/Contents"]
    assert isinstance(contents, StreamObject)
    contents[NameObject("/Filter")] = NameObject("/Unheard")
    out = BytesIO()
    writer.write(out)
    assert read_pdf(out.getvalue()).text == "Den andra"


@pytest.mark.parametrize(
    "body", [b"", b"%PDF-1.4", b"%PDF-1.4\n%%EOF", PLAIN[:200], b"<html>", b"%PDF-1.7" + b"\xff" * 5000]
)
def test_what_is_damaged_is_called_so(body: bytes) -> None:
    assert read_pdf(body) == Page(kind=PageKind.PDF, fault="pdf_damaged")


@settings(max_examples=30, deadline=None)
@given(st.integers(0, len(PLAIN) - 1), st.binary(min_size=1, max_size=40))
def test_any_damage_is_survived(at: int, damage: bytes) -> None:
    page = read_pdf(PLAIN[:at] + damage + PLAIN[at + len(damage) :])
    "".join(filter(None, (page.title, page.h1, page.text))).encode()
    assert page.fault in (None, "pdf_damaged", "pdf_encrypted")


@pytest.mark.parametrize("page", [read_pdf(PLAIN), read_pdf(b""), replace(read_pdf(PLAIN), last_modified=None)])
def test_a_page_survives_its_way_between_processes(page: Page) -> None:
    page = replace(page, last_modified_from="pdf" if page.last_modified else None)
    assert from_json(to_json(page)) == page


@pytest.mark.parametrize(("body", "fault"), [(PLAIN, None), (b"%PDF-1.4 nothing", "pdf_damaged")])
def test_it_runs_as_a_program(body: bytes, fault: str | None) -> None:
    ran = subprocess.run([sys.executable, "-m", "linkwatch.core.pdf"], input=body, capture_output=True, check=True)
    assert from_json(ran.stdout) == read_pdf(body)
    assert (read_pdf(body).fault, ran.stderr) == (fault, b"")
