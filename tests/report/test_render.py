import pytest

from linkwatch.core.models import Snapshot
from linkwatch.locale import Words
from linkwatch.report import FORMATS, render
from tests.report import hostile
from tests.report.sample import NOW, sample

EMPTY = Snapshot(generated_at=NOW, run=None, links=())


def rendered(snapshot: Snapshot, kind: str, language: str = "sv") -> str:
    return render(snapshot, format=kind, words=Words(language), title="Serviceprogram", timezone="Europe/Stockholm")


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    "snapshot",
    [sample(), EMPTY, hostile.snapshot(), hostile.cause()],
    ids=["sample", "empty", "hostile", "hostile_cause"],
)
def test_it_renders_anything_in_every_format_and_language(kind: str, language: str, snapshot: Snapshot) -> None:
    text = rendered(snapshot, kind, language)
    assert text.endswith("\n")
    assert "\x1b" not in text
    assert "\x00" not in text
    assert text.encode("utf-8")


@pytest.mark.parametrize("kind", FORMATS)
def test_it_renders_the_same_twice(kind: str) -> None:
    assert rendered(sample(), kind) == rendered(sample(), kind)


def test_it_says_which_formats_there_are() -> None:
    with pytest.raises(ValueError, match="no report format 'pdf'; there are html, text, csv, json"):
        rendered(EMPTY, "pdf")


@pytest.mark.parametrize("kind", ["html", "text"])
def test_it_shows_no_code_to_a_person(kind: str) -> None:
    text = rendered(sample(), kind)
    for code in ("not_found", "soft_404", "dns_nxdomain", "probe_similarity", "verdict.", "report."):
        assert code not in text
