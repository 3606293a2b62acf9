"""Visit → Page, the shell of linkwatch.core.page: HTML in this process, each PDF in a short-lived one of its own.

pypdf is careful, and a PDF can still take minutes or gigabytes. The child has hard limits on time and memory, reads
stdin, writes one JSON object, and is killed at the time-out; what it dies of becomes a fault of the page.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path
from weakref import WeakKeyDictionary

from linkwatch.core import pdf
from linkwatch.core.models import Page, PageKind, Visit
from linkwatch.core.page import dated, kind_of_visit, read_page
from linkwatch.errors import LinkwatchError

AT_ONCE = 2  # PDFs read side by side: each may take a gigabyte
_ROOT = str(Path(__file__).parent.parent)  # where the child finds this package

_turnstiles: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def read(visit: Visit, *, pdf_timeout_s: float = 8.0) -> Page:
    """What the visit brought home. Raises OSError or LinkwatchError only when no child can be started.

    A PDF's `fault` is one of `read_pdf`, `pdf_damaged` too when it ends the child, or `pdf_too_slow`.
    """
    if kind_of_visit(visit) is not PageKind.PDF:
        return read_page(visit)
    async with _turnstile():
        page = await _read_pdf(visit.body, pdf_timeout_s)
    return dated(page, visit)


def _turnstile() -> asyncio.Semaphore:
    return _turnstiles.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))


async def _read_pdf(body: bytes, timeout_s: float) -> Page:
    child = await _child()
    try:
        written, _ = await asyncio.wait_for(child.communicate(body), timeout_s)
    except TimeoutError:
        return Page(kind=PageKind.PDF, fault="pdf_too_slow")
    finally:
        await _ended(child)
    return _answer(child.returncode, written)


async def _child() -> Process:
    path = os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH"))))
    command = (sys.executable, "-P", "-m", "linkwatch.core.pdf")
    return await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=os.environ | {"PYTHONPATH": path}
    )


async def _ended(child: Process) -> None:
    """Nothing of it is left, whatever ended the wait: its answer, the time-out, or a run that is being stopped."""
    with suppress(ProcessLookupError):
        child.kill()
    await child.wait()


def _answer(status: int | None, written: bytes) -> Page:
    if status == -getattr(signal, "SIGXCPU", signal.SIGTERM):
        return Page(kind=PageKind.PDF, fault="pdf_too_slow")
    if status and status > 0:
        raise LinkwatchError("PDFs cannot be read: `python -m linkwatch.core.pdf` does not start. Is pypdf installed?")
    try:
        return pdf.from_json(written)
    except (ValueError, KeyError, TypeError):
        return Page(kind=PageKind.PDF, fault="pdf_damaged")
