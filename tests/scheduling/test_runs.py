"""A run of what is due, by the configuration as it is when the run begins."""

import asyncio
from pathlib import Path

from linkwatch.config import Config
from linkwatch.core.models import State
from linkwatch.core.reviews import Action
from linkwatch.scheduling.pings import Switch
from linkwatch.scheduling.runs import run_due
from tests.answering import Office
from tests.small_web import Web


async def test_an_address_that_was_accepted_meanwhile_is_the_one_that_is_visited(tmp_path: Path) -> None:
    async with Web() as web:
        office, asked = Office.open(web, tmp_path / "project"), list[Config]()

        def newest() -> Config:
            asked.append(office.config)
            if len(asked) == 1:  # to know what is due; then the lock is ours
                office.answer(Action.ACCEPT, url=web.url("new.example", "/new"))
            return asked[-1]

        await asyncio.to_thread(run_due, newest, lambda: office.now, lambda: False, Switch(office.config))
        assert {visit.path for visit in web.log} == {"/robots.txt", "/new", "/b", "/c"}
        assert (office.view().source.url, office.state()) == ("http://new.example/new", State.OK)
        office.close()
