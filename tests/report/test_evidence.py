from dataclasses import replace

from linkwatch.core.models import Code, Facts, Hop, LinkView, State
from linkwatch.locale import Words
from linkwatch.report.evidence import Evidence, of_finding, of_latest
from linkwatch.report.reading import Reading
from tests.report.sample import NOW, ago, belief, grounds, sample, source, view, well

READING = Reading(words=Words("sv"), timezone="Europe/Stockholm", now=NOW)
LINKS = {link.source.id: link for link in sample().links}


def finding(link: LinkView | str) -> Evidence:
    return of_finding(LINKS[link] if isinstance(link, str) else link, READING)


def test_it_says_how_it_was_decided_and_what_was_seen() -> None:
    seen = finding("kalmar")
    assert seen.decided is not None
    assert seen.decided.startswith("Svarskoden säger att allt är väl")
    assert "Sidan är till 97\u00a0% lik det som visas för en påhittad adress." in seen.saw


def test_it_gives_the_facts_in_words() -> None:
    facts = dict(finding("blekinge").facts)
    assert facts["Svar"] == "HTTP 404, sidan hittades inte"
    assert facts["Sidan sågs senast"] == "17 november 2026 kl. 14:00"
    assert dict(finding("norrbotten").facts)["Certifikatet gällde till"] == "21 november 2026"
    assert dict(finding("dalarna").facts)["Svar"] == "inget svar"
    assert dict(finding("dalarna").facts)["Misslyckade kontroller i rad"] == "9"


def test_it_says_when_it_was_first_and_last_seen_and_how_many_times_in_a_row() -> None:
    facts = dict(finding("blekinge").facts)
    assert facts["Sett första gången"] == "18 november 2026 kl. 14:00"
    assert facts["Sett senaste gången"] == "23 november 2026 kl. 13:02"
    assert facts["Sett så många kontroller i rad"] == "2"
    assert "Misslyckade kontroller i rad" not in facts
    assert "Första misslyckade kontrollen" not in facts


def test_it_knows_that_a_check_that_said_nothing_came_between() -> None:
    facts = dict(finding("jamtland").facts)
    assert facts["Sett första gången"] == "11 november 2026 kl. 14:00"
    assert facts["Sett så många kontroller i rad"] == "6, sedan 17 november 2026"


def test_it_counts_failures_of_other_kinds_too() -> None:
    """Two 503 and then three 404 are five failures in a row, three of which saw what is told of."""
    believed = belief(State.BROKEN, Code.NOT_FOUND, days=2, failures=5, failing_since=ago(days=5))
    facts = dict(finding(view(source("K"), believed, grounds=grounds(first=3, last=0, times=3))).facts)
    assert facts["Misslyckade kontroller i rad"] == "5"
    assert facts["Sett första gången"] == "18 november 2026 kl. 14:00"
    assert facts["Sett så många kontroller i rad"] == "3, sedan 20 november 2026"


def test_it_tells_of_the_finding_that_stands_and_of_the_latest_check_beside_it() -> None:
    stands, latest = finding("skane"), of_latest(LINKS["skane"], READING)
    assert [step.status for step in stands.way] == [302, 200]
    assert "En påhittad adress på webbplatsen leder till samma ställe." in stands.saw
    assert dict(stands.facts)["Svar"] == "HTTP 200, webbplatsen svarade"
    assert "Senast kontrollerad" not in dict(stands.facts)
    assert latest is not None
    assert latest.decided is not None
    assert latest.decided.startswith("De flesta webbplatser var tysta")
    assert list(dict(latest.facts)) == ["Senast kontrollerad"]


def test_it_tells_what_decided_when_the_latest_check_only_found_it_unchanged() -> None:
    latest = replace(LINKS["jamtland"], evidence={"rule": "not_modified", "status": 304})
    seen = finding(latest)
    assert seen.decided == "Omdirigeringen är permanent, och den godkända texten finns på den nya adressen."
    assert seen.saw[0] == "94\u00a0% av den godkända texten finns på sidan."
    assert len(seen.way) == 3


def test_it_gives_the_latest_answer_its_own_facts_and_way() -> None:
    hop = Hop(url="https://a.example/", status=302, location="https://a.example/wall")
    facts = Facts(http_status=403, final_url="https://a.example/wall", redirects=(hop,), title="Just a moment...")
    believed = belief(State.BROKEN, Code.GONE, days=3, verdict=Code.BLOCKED)
    stood = grounds(first=3, last=1, times=2, facts=Facts(http_status=410, title="Borta"), rule="status")
    link = view(source("K"), believed, facts, {"rule": "wall", "mark": "title"}, grounds=stood)
    latest = of_latest(link, READING)
    assert latest is not None
    assert (dict(finding(link).facts)["Sidans titel"], dict(latest.facts)["Sidans titel"]) == (
        "Borta", "Just a moment...",
    )  # fmt: skip
    assert (finding(link).way, [step.status for step in latest.way]) == ((), [302, 403])
    assert latest.saw == ("Det syns på sidans titel.",)


def test_it_tells_the_latest_check_alone_where_nothing_older_stands() -> None:
    assert of_latest(LINKS["blekinge"], READING) is None
    assert of_latest(LINKS["ostergotland"], READING) is None
    assert finding("ostergotland") == Evidence(decided=None, saw=(), facts=(), way=())


def test_it_does_not_give_one_findings_evidence_for_another() -> None:
    """Kept before grounds were: what the state stands on is not known any more."""
    believed = belief(State.BROKEN, Code.GONE, days=3, verdict=Code.BLOCKED)
    link = view(source("K"), believed, evidence={"rule": "wall"})
    assert finding(link) == Evidence(decided=None, saw=(), facts=(), way=())


def test_it_tells_of_a_certificate_that_still_holds() -> None:
    link = replace(well("K"), facts=Facts(http_status=200, tls_expires_at=ago(days=-90)))
    assert dict(finding(link).facts)["Certifikatet gäller till"] == "21 februari 2027"
