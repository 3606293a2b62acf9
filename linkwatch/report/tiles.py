"""The 21 counties as a map of tiles: one tile a county, each about where it lies, north up."""

from collections.abc import Sequence
from dataclasses import dataclass

from linkwatch.core.counties import COUNTIES
from linkwatch.core.models import State
from linkwatch.locale import Words

_MAP = """
    .  .  .  BD .
    .  .  AC .  .
    .  Z  Y  .  .
    .  W  X  .  .
    S  T  U  C  .
    O  E  D  AB .
    N  F  H  .  I
    M  G  K  .  .
"""

POSITIONS: dict[str, tuple[int, int]] = {
    letter: (column, row)
    for row, line in enumerate(_MAP.strip().splitlines(), 1)
    for column, letter in enumerate(line.split(), 1)
    if letter != "."
}

WORST_FIRST = (
    State.BROKEN, State.MOVED, State.ATTENTION, State.FAILING, State.UNVERIFIABLE, State.UNKNOWN, State.OK,
    State.PAUSED, State.NO_LINK,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What there is in a county: one link, or several that stand alike. `says` is how they stand: "2 trasiga"."""

    county: str
    href: str
    symbol: State
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """`symbol` and `href` are those of the county's worst; None where the county has none."""

    letter: str
    column: int
    row: int
    symbol: State | None
    href: str | None
    says: str  # "Blekinge (K): trasig: sidan hittades inte"


def tiles(placed: Sequence[Placed], words: Words) -> tuple[Tile, ...]:
    """From north to south; nothing at all where no link belongs to a county."""
    if not any(one.county in POSITIONS for one in placed):
        return ()
    return tuple(_tile(letter, [one for one in placed if one.county == letter], words) for letter in POSITIONS)


def _tile(letter: str, placed: list[Placed], words: Words) -> Tile:
    column, row = POSITIONS[letter]
    said = {"county": COUNTIES[letter], "letter": letter}
    if not placed:
        says = words.text("report.map.unlisted", **said)
        return Tile(letter=letter, column=column, row=row, symbol=None, href=None, says=says)
    worst = min(placed, key=lambda one: WORST_FIRST.index(one.symbol))
    says = words.text("report.map.tile", **said, states=words.join(one.says for one in placed))
    return Tile(letter=letter, column=column, row=row, symbol=worst.symbol, href=worst.href, says=says)
