"""Weeks around both changes of the clocks, with everything that can go wrong; a whole year: bench/year.py."""

from datetime import date
from pathlib import Path

import pytest

from tests.scheduling.year import live


@pytest.mark.parametrize("first", [date(2027, 3, 20), date(2026, 10, 17)], ids=["spring", "autumn"])
def test_it_lives_through_kills_full_disks_lost_networks_and_a_change_of_clocks(tmp_path: Path, first: date) -> None:
    lived = live(tmp_path / "disk", first, 14, kills=3, full_disks=1, lost_networks=1, seed=first.month)
    assert lived.failed == []
    assert lived.false_states == []
    assert lived.untold == []
    assert lived.wrong_mail == []
    assert lived.wrong_jobs == []
    assert lived.broken_seen > 0
    assert lived.mails >= 14
    assert lived.size < 5_000_000
