"""What is remembered, read in brief for the text and in full for all else."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from linkwatch.config import load
from linkwatch.core.models import State
from linkwatch.locale import Words
from linkwatch.report import render
from linkwatch.snapshots import snapshot
from tests.report.sample import NOW, sample
from tests.web.desk import fill, write_project


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_text_says_the_same_of_what_is_read_in_brief(tmp_path: Path, language: str) -> None:
    views = [
        replace(view, facts=replace(view.facts, tls_expires_at=NOW + timedelta(days=10 * number)))
        for number, view in enumerate(sample().links)
    ]
    config = load(write_project(tmp_path, [view.source for view in views]))
    fill(config, views)
    full, brief = (snapshot(config, NOW, is_brief=is_brief) for is_brief in (False, True))
    assert full != brief
    assert any(link.belief.state is State.OK for link in full.links)
    said = [
        render(one, format="text", words=Words(language), title="T", timezone="Europe/Stockholm")
        for one in (full, brief)
    ]
    assert said[0] == said[1]
    assert "certifi" in said[0]  # some end soon
