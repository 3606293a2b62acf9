"""The picture of the rooms shows rooms that there are, and imports that there may be."""

from xml.etree import ElementTree as ET

from tests.cli.command import ROOT
from tests.test_layers import MAY_IMPORT


def rows() -> dict[str, int]:
    picture = ET.parse(ROOT / "docs" / "rooms.svg")
    return {one.attrib["data-room"]: int(one.attrib["data-row"]) for one in picture.iter() if "data-room" in one.attrib}


def test_each_room_is_there() -> None:
    assert len(rows()) == 13
    assert [
        room for room in rows() if not (ROOT / "linkwatch" / room).exists() and room not in ("run", "answers")
    ] == []


def test_imports_point_downwards_in_it() -> None:
    row = rows()
    upwards = [(room, other) for room in row for other in MAY_IMPORT[room] & row.keys() if row[other] <= row[room]]
    assert upwards == []
