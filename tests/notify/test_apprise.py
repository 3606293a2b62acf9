import asyncio
import json
import sys

import pytest

from linkwatch.core.outbox import Result
from linkwatch.notify import apprise
from tests.servers import Site, answer, running

TITLE, BODY = "1 ny trasig länk", "Blekinge: sidan finns inte.\n<b>Inte HTML</b>\n"


@pytest.fixture
def library() -> None:
    pytest.importorskip("apprise")


@pytest.mark.usefixtures("library")
def test_it_hands_over_what_is_to_be_said() -> None:
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        got.append(await reader.readexactly(length))
        writer.write(answer(200))
        writer.close()

    async def both() -> Result:
        listener = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with listener:
            port = listener.sockets[0].getsockname()[1]
            return (await asyncio.to_thread(apprise.send, f"json://127.0.0.1:{port}/", TITLE, BODY)).result

    assert asyncio.run(both()) is Result.SENT
    said = json.loads(got[0])
    assert (said["title"], said["message"].strip()) == (TITLE, BODY.strip())


@pytest.mark.usefixtures("library")
def test_what_could_not_be_delivered_is_tried_again() -> None:
    site = Site(otherwise=answer(500))
    with running(site):
        outcome = apprise.send(f"json://user:hemligt@127.0.0.1:{site.port}/", TITLE, BODY)
    assert (outcome.result, outcome.is_down) == (Result.LATER, False)
    assert "500" in outcome.detail
    assert "hemligt" not in outcome.detail


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("address", ["", "no address", "nosuchservice://x"])
def test_an_address_that_apprise_does_not_know_is_never_tried_again(address: str) -> None:
    outcome = apprise.send(address, TITLE, BODY)
    assert outcome.result is Result.NEVER
    assert "does not know" in outcome.detail


def test_a_missing_library_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    outcome = apprise.send("json://127.0.0.1:1/", TITLE, BODY)
    assert (outcome.result, outcome.is_down) == (Result.LATER, True)
    assert outcome.detail == "The library apprise is not installed: pip install 'linkwatch[apprise]'."
