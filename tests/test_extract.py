import asyncio
import os
import sys
import time
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfWriter

from linkwatch import extract
from linkwatch.core.models import Page, PageKind, Visit
from linkwatch.core.page import read_page
from linkwatch.errors import LinkwatchError
from tests.core.sample_pages import sitevision
from tests.core.sample_pdfs import pdf, set_content

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
PLAIN = pdf(info={"Title": "Program", "ModDate": "D:20150304050607Z"})


def visit(body: bytes, content_type: str, **headers: str) -> Visit:
    url = "https://example.se/a"
    sent = (("content-type", content_type), *((name.replace("_", "-"), value) for name, value in headers.items()))
    return Visit(url=url, started_at=NOW, elapsed_ms=1, final_url=url, status=200, headers=sent, body=body)


def slow_pdf() -> bytes:
    """One page with so much on it that reading takes minutes."""
    writer = PdfWriter(BytesIO(PLAIN))
    set_content(writer, writer.pages[0], b"BT /F1 12 Tf " + b"1 0 0 1 9 9 Tm <61> Tj " * 400_000 + b"ET")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def children() -> set[str]:
    return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())


async def test_a_page_is_read_here() -> None:
    seen = visit(sitevision().encode(), "text/html; charset=utf-8")
    assert await extract.read(seen) == read_page(seen)


async def test_a_file_is_read_in_a_process_of_its_own() -> None:
    seen = visit(PLAIN, "text/html")
    page = await extract.read(seen)
    assert page == read_page(seen)
    assert (page.title, page.last_modified) == ("Program", datetime(2015, 3, 4, 5, 6, 7, tzinfo=UTC))


async def test_the_header_dates_a_file_first() -> None:
    page = await extract.read(visit(PLAIN, "application/pdf", last_modified="Wed, 15 Dec 2021 10:30:00 GMT"))
    assert (page.last_modified, page.last_modified_from) == (datetime(2021, 12, 15, 10, 30, tzinfo=UTC), "header")


@pytest.mark.parametrize(
    ("body", "fault"),
    [(b"%PDF-1.4", "pdf_damaged"), (PLAIN[:300], "pdf_damaged"), (pdf(password="hemligt"), "pdf_encrypted")],
)
async def test_what_is_wrong_with_a_file_is_told(body: bytes, fault: str) -> None:
    assert await extract.read(visit(body, "application/pdf")) == Page(kind=PageKind.PDF, fault=fault)


async def test_a_file_that_takes_too_long_is_given_up_and_leaves_nothing_behind() -> None:
    before, started = children(), time.perf_counter()
    page = await extract.read(visit(slow_pdf(), "application/pdf"), pdf_timeout_s=0.7)
    assert page == Page(kind=PageKind.PDF, fault="pdf_too_slow")
    assert time.perf_counter() - started < 5
    assert children() <= before


async def test_a_run_that_is_stopped_leaves_nothing_behind() -> None:
    before = children()
    reading = asyncio.create_task(extract.read(visit(slow_pdf(), "application/pdf")))
    while not children() - before:
        await asyncio.sleep(0.01)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert children() <= before


async def test_no_more_than_two_files_are_read_at_once() -> None:
    before, most = children(), 0
    readings = asyncio.gather(*(extract.read(visit(PLAIN, "application/pdf")) for _ in range(4)))
    while not readings.done():
        most = max(most, len(children() - before))
        await asyncio.sleep(0.005)
    assert [page.title for page in await readings] == ["Program"] * 4
    assert most == extract.AT_ONCE


def program(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """Another program in place of Python's."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(path))


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("kill -SEGV $$", "pdf_damaged"),
        ("kill -XCPU $$", "pdf_too_slow"),
        ("echo nonsense", "pdf_damaged"),
        ("", "pdf_damaged"),
    ],
)
async def test_a_child_that_dies_is_a_fault_of_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, fault: str
) -> None:
    program(monkeypatch, tmp_path, script)
    assert await extract.read(visit(PLAIN * 50, "application/pdf")) == Page(kind=PageKind.PDF, fault=fault)


async def test_a_child_that_does_not_start_is_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program(monkeypatch, tmp_path, "exit 1")
    with pytest.raises(LinkwatchError, match="pypdf"):
        await extract.read(visit(PLAIN, "application/pdf"))


def test_it_works_in_one_loop_after_another() -> None:
    for _ in range(2):
        assert asyncio.run(extract.read(visit(PLAIN, "application/pdf"))).title == "Program"
