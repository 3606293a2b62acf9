from dataclasses import replace
from typing import Any

from linkwatch.core.models import Snapshot
from linkwatch.core.reviews import Action, Review
from linkwatch.locale import Words
from linkwatch.report import FORMATS, render
from linkwatch.report.discretion import nameless, nameless_snapshot
from linkwatch.report.json import encoded, lines, link_document
from tests.report.sample import NOW, sample

SECRETS = ("Karin", "Åsa", "Ringt dem", "webb@region-blekinge.example")


def answered() -> Snapshot:
    """Blekinge's link with every kind of answer, each with names in all places."""
    given: dict[str, Any] = {"link_id": "blekinge", "at": NOW, "who": "Karin", "note": "Ringt dem"}
    reviews = tuple(
        Review(id=n, action=action, details={"assignee": "Åsa", "url": "https://x.example/"}, **given)
        for n, action in enumerate(Action)
    )
    link = next(link for link in sample().links if link.source.id == "blekinge")
    return replace(sample(), links=(replace(link, reviews=reviews),), listings=(replace(link, reviews=reviews),))


def test_it_leaves_no_name_note_or_contact_in_any_format() -> None:
    shown, hidden = answered(), nameless_snapshot(answered())
    for kind in FORMATS:
        text = render(hidden, format=kind, words=Words("sv"), title="", timezone="UTC")
        assert [secret for secret in SECRETS if secret in text] == [], kind
    assert all(secret in "".join(lines(shown)) for secret in SECRETS)


def test_it_leaves_what_was_answered() -> None:
    link = nameless(answered().links[0])
    assert [review.action for review in link.reviews] == list(Action)
    assert link.reviews[0].details == {"url": "https://x.example/"}
    assert "broken" in encoded(link_document(link))
