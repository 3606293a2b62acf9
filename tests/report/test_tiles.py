from linkwatch.core.counties import COUNTIES
from linkwatch.core.models import State
from linkwatch.locale import Words
from linkwatch.report.card import row
from linkwatch.report.tiles import POSITIONS, Placed, Tile, tiles
from tests.report.sample import sample

SV = Words("sv")


def placed(*links: tuple[str, str]) -> list[Placed]:
    """Pairs of county letter and the id of a link in the sample."""
    known = {link.source.id: row(link, SV) for link in sample().links}
    return [
        Placed(county=county, href=f"#link-{link}", symbol=known[link].symbol, says=known[link].standing)
        for county, link in links
    ]


def tile(letter: str, *links: tuple[str, str]) -> Tile:
    return next(tile for tile in tiles(placed(*links), SV) if tile.letter == letter)


def test_it_has_one_place_for_every_county() -> None:
    assert POSITIONS.keys() == COUNTIES.keys()
    assert len(set(POSITIONS.values())) == 21


def test_it_lays_the_counties_as_they_lie() -> None:
    """Pairs of neighbours: the first lies north of, or west of, the second."""
    for pair in "BD-AC AC-Y Y-X Z-W X-U W-T S-O U-D C-AB O-N E-F D-H F-G N-M".split():
        north, south = pair.split("-")
        assert POSITIONS[north][1] < POSITIONS[south][1], pair
    for pair in "Z-Y W-X S-T T-U U-C O-E E-D D-AB N-F F-H H-I M-G G-K".split():
        west, east = pair.split("-")
        assert POSITIONS[west][0] < POSITIONS[east][0], pair


def test_it_draws_nothing_without_a_county() -> None:
    assert tiles([], SV) == ()
    assert tiles(placed(("QQ", "blekinge")), SV) == ()


def test_it_says_in_words_how_a_county_stands_and_where_its_row_is() -> None:
    blekinge = tile("K", ("K", "blekinge"))
    assert blekinge.says == "Blekinge (K): trasig: sidan hittades inte"
    assert (blekinge.symbol, blekinge.href) == (State.BROKEN, "#link-blekinge")


def test_it_shows_the_worst_of_several_and_tells_of_all() -> None:
    kalmar = tile("H", ("H", "gotland"), ("H", "jamtland"), ("H", "orebro"))
    assert (kalmar.symbol, kalmar.href) == (State.MOVED, "#link-jamtland")
    assert kalmar.says == "Kalmar (H): fungerar, flyttad och pausad"


def test_it_leaves_counties_without_a_link_blank() -> None:
    skane = tile("M", ("K", "blekinge"))
    assert (skane.symbol, skane.href, skane.says) == (None, None, "Skåne (M): ingår inte")
