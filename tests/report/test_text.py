from dataclasses import replace

from linkwatch.core.counties import COUNTIES
from linkwatch.core.models import Snapshot, State
from linkwatch.locale import Words
from linkwatch.report.text import render
from tests.report import hostile
from tests.report.sample import NOW, run, sample, shared, well


def said(snapshot: Snapshot, language: str = "sv") -> str:
    return render(snapshot, words=Words(language), title="Serviceprogram", timezone="Europe/Stockholm")


def test_it_opens_with_the_whole_at_a_glance() -> None:
    lines = said(sample()).splitlines()
    assert lines[0] == "Serviceprogram"
    assert lines[3].startswith("6 av 19 länkar fungerar; 4 trasiga, 1 flyttad")


def test_it_tells_what_to_do_before_everything_else() -> None:
    text = said(sample())
    order = [
        "Att göra", "1. Dalarna", "Misstänkta, väntar", "Kunde inte kontrolleras\n---", "Fungerar, men",
        "Alla länkar\n---",
    ]  # fmt: skip
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_it_gives_the_new_address_whole_on_one_line() -> None:
    assert "https://www.region-jh.example/regionaltserviceprogram20232030" in said(sample()).split()


def test_it_draws_the_way_hop_by_hop() -> None:
    assert "     302 https://utveckling.region-skane.example/service/\n     200 https://www.region-skane.example/" in (
        said(sample())
    )


def test_it_tells_of_links_with_one_cause_once() -> None:
    text = said(shared(State.BROKEN, State.BROKEN, State.BROKEN)).split("Alla länkar\n")[0]
    assert "1. Region Kalmar: 3 länkar leder till en startsida\n   3 trasiga, sedan 4 dagar" in text
    assert [line for line in text.splitlines() if line.startswith("   - ")] == [
        "   - Kalmar 1", "   - Kalmar 2", "   - Kalmar 3",
    ]  # fmt: skip
    assert text.count("Gör så här:") == 1
    assert text.count("Kontakt:") == 1
    assert text.count("2\u00a0% av den godkända texten finns på sidan.") == 3
    assert "2. " not in text


def test_it_gives_the_evidence_of_the_latest_check_apart() -> None:
    skane = " ".join(said(sample()).split("4. Skåne")[1].split("5. ")[0].split())
    assert skane.index("En påhittad adress på webbplatsen") < skane.index(
        "Den senaste kontrollen: Så avgjordes det: De"
    )


def test_it_is_short_when_all_is_well() -> None:
    text = said(Snapshot(generated_at=NOW, run=run(), links=tuple(map(well, COUNTIES))))
    assert "Alla 21 länkar fungerar." in text
    assert "Inget att göra just nu." in text
    assert "Misstänkta" not in text


def test_it_says_when_our_own_network_failed() -> None:
    text = " ".join(said(replace(sample(), run=run(conclusive=False, note="own_network"))).split())
    assert "felet troligen i vårt eget nät" in text
    assert "säger därför inget om länkarna" in text


def test_it_lists_every_link() -> None:
    table = said(sample()).split("Alla länkar\n")[1]
    assert [line.split("  ")[0] for line in table.splitlines()[2:23]] == [link.source.name for link in sample().links]


def test_it_speaks_english() -> None:
    assert "6 of 19 links work; 4 broken, 1 moved" in said(sample(), "en")


def test_it_keeps_no_control_and_no_reading_direction_from_elsewhere() -> None:
    text = said(hostile.snapshot())
    assert not set(text) & {chr(n) for n in (*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066, 0x200F)} - {"\n"}
    assert max(map(len, text.splitlines())) < 2_100
