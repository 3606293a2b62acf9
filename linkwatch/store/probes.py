"""Probes as bytes: what was answered beside a link is kept for some days, so that it is not asked again for each."""

import zlib
from collections.abc import Sequence
from dataclasses import replace

from pydantic import ConfigDict, TypeAdapter, ValidationError

from linkwatch.core.models import Probe

_BODY = 65_536  # as much as a wall can be known by
_TEXT = 20_000
_LINKS = 50

_PROBES = TypeAdapter(tuple[Probe, ...], config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))


def pack(probes: Sequence[Probe]) -> bytes:
    return zlib.compress(_PROBES.dump_json(tuple(map(_cut, probes))))


def unpack(packed: bytes) -> tuple[Probe, ...]:
    """Raises ValueError or zlib.error of anything that `pack` did not write; older shapes are as good as none."""
    try:
        return _PROBES.validate_json(zlib.decompress(packed))
    except ValidationError:
        return ()


def _cut(probe: Probe) -> Probe:
    page = probe.page and replace(
        probe.page,
        text=probe.page.text[:_TEXT],
        full_text=probe.page.full_text[:_TEXT],
        links=probe.page.links[:_LINKS],
    )
    return replace(probe, page=page, visit=replace(probe.visit, body=probe.visit.body[:_BODY]))
