import os
import stat
from pathlib import Path

import pytest

from linkwatch.config import load
from linkwatch.errors import ConfigError, LinkwatchError
from linkwatch.files import write_whole


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "report.html"
    write_whole(path, "one")
    path.chmod(0o640)
    write_whole(path, "två")
    assert (path.read_text(encoding="utf-8"), mode(path)) == ("två", 0o640)
    assert list(path.parent.iterdir()) == [path]


def test_a_new_file_has_the_mode_that_is_asked_for_whatever_the_mask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_whole(tmp_path / "own", "")
        write_whole(tmp_path / "everybodys", "", mode=0o644)
    finally:
        os.umask(before)
    assert (mode(tmp_path / "own"), mode(tmp_path / "everybodys")) == (0o600, 0o644)


def test_a_link_stays_and_leads_to_the_new_text(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("one")
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", "two")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "two"


def test_what_is_no_file_is_written_to_and_stays_what_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, "through it")
    assert os.read(reader, 100) == b"through it"
    os.close(reader)
    assert pipe.is_fifo()
    with pytest.raises(LinkwatchError, match="cannot be written"):
        write_whole(pipe, "that nobody reads any more")
    with pytest.raises(LinkwatchError, match="cannot be written"):
        write_whole(tmp_path, "into a folder")


def test_a_configuration_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "sources.toml")
    with pytest.raises(ConfigError, match="it is not a file"):
        load(tmp_path / "sources.toml")
