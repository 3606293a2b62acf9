"""A host whose every address answers 503 for weeks, robots.txt too: an outage is said to be one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from linkwatch import config as configuration
from linkwatch.core.models import Code, State
from linkwatch.demo.mishaps import overloaded
from linkwatch.demo.project import write_project
from linkwatch.demo.sites import counties, county, county_site
from linkwatch.demo.web import CountyWeb
from linkwatch.run import run_once
from linkwatch.store import Store

START = datetime(2026, 1, 12, 8, 0, tzinfo=UTC)
DOWN = county("stockholm")
OTHERS = [county(name) for name in ("blekinge", "gotland", "kronoberg")]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param((), id="plain"),
        pytest.param((("Retry-After", b"3600"),), id="retry_after"),
    ],
)
async def test_a_host_that_is_down_for_three_weeks_is_broken(
    tmp_path: Path, headers: tuple[tuple[str, bytes], ...]
) -> None:
    believed = []
    async with CountyWeb(map(county_site, [DOWN, *OTHERS]), now=datetime.now(UTC)) as web:
        addresses = {one.id: one.url for one in counties()}
        path = write_project(tmp_path, addresses, resolve=web.resolve, authority=web.authority.pem, language="sv")
        config = configuration.load(path)
        watched = [source for source in config.sources if source.id in {one.id for one in [DOWN, *OTHERS]}]
        for week in range(4):
            now = START + timedelta(weeks=week)
            with Store.open(config.database) as store:
                store.sync_sources(watched, now)
                await run_once(config=config, store=store, sources=watched, now=now)
                belief = next(view.belief for view in store.snapshot(now).links if view.source.id == DOWN.id)
            believed.append((belief.state, belief.finding))
            web.change(DOWN.ascii_host, everywhere=replace(overloaded(), headers=headers))
    failing, broken = ((state, Code.SERVER_ERROR) for state in (State.FAILING, State.BROKEN))
    assert believed == [(State.OK, Code.OK), failing, failing, broken]
