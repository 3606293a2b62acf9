from pathlib import Path

from tests.scheduling.kills import kill


def test_it_survives_kills_at_random_moments(tmp_path: Path) -> None:
    """A thousand of them: bench/kills.py."""
    survived = kill(tmp_path / "project", 15, seed=1)
    assert survived.damaged == []
    assert survived.kills == 15
