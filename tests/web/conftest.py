from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.desk import OpenDesk, opened


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OpenDesk]:
    """A desk on this machine only: whoever asks is its operator."""
    with opened(tmp_path) as one:
        yield one
