import re
from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest

from linkwatch.core.models import Code, Severity, State
from linkwatch.core.signs import wall_marks
from linkwatch.locale import LANGUAGES, Words, catalogue
from tests.locale.used import keys_used, literal_keys, reasons_given

NOW = datetime(2026, 11, 25, 12, 5, tzinfo=UTC)
STOCKHOLM = "Europe/Stockholm"

REASONS = """
dns_nxdomain dns_no_address dns_failure connect_refused connect_failed connect_timeout host_unreachable read_timeout
reset protocol headers_too_large handshake expired not_yet_valid wrong_host self_signed unknown_issuer incomplete_chain
certificate loop too_many_hops bad_location robots_disallowed robots_unreachable private_address forbidden_port
host_asked_to_wait host_trouble no_route out_of_files out_of_memory internal own_network stopped body_too_large
bad_encoding ended_early script_shell undecodable pdf_damaged pdf_encrypted pdf_too_slow unsupported_file cloudflare
akamai imperva aws_waf perimeterx f5 sucuri datadome rate_limited status_999 forbidden host_wall password_page
identity_provider http_auth period_over last_modified closed_down next_period content_gone front_page hub_page for_sale
same_as_missing phrase_in_title meta_refresh trivial temporary permanent no_location bad_address revoked empty no_text
maintenance error_page default_page rewritten unrecognised unconfirmed auth_required login_page captcha challenge
refusal queue_it consent no_resolver microsoft google bankid freja siths sso adfs saml sharepoint idporten feide mitid
suomi_fi listing_empty listing_unrecognised listing_count listing_unwatched fixed_on_page address_changed
""".split()


WALLS = {mark.name for mark in wall_marks.MARKS}

both = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture
def sv() -> Words:
    return Words("sv")


@pytest.fixture
def en() -> Words:
    return Words("en")


def placeholders(form: str) -> frozenset[str]:
    """All but the number itself, which "the link works" does without."""
    return frozenset(name for _, name, _, _ in Formatter().parse(form) if name not in (None, "n"))


# ---------------------------------------------------------------- the catalogues


def test_it_has_the_same_keys_forms_and_placeholders_in_every_language() -> None:
    first, second = catalogue("sv"), catalogue("en")
    assert list(first) == list(second)
    for key, forms in first.items():
        assert len(forms) == len(second[key]), key
        assert list(map(placeholders, forms)) == list(map(placeholders, second[key])), key


@both
def test_it_has_no_empty_words(language: str) -> None:
    assert [key for key, forms in catalogue(language).items() if not all(form.strip() for form in forms)] == []


def test_it_does_not_pass_one_language_off_as_the_other() -> None:
    """Equal words are only such as have no language: numbers, names, punctuation around placeholders."""
    english = catalogue("en")
    same = [key for key, forms in catalogue("sv").items() if forms == english[key]]
    prose = [key for key in same if re.search("[a-zåäö]", re.sub(r"\{\w+\}|HTTP", "", catalogue("sv")[key][0]))]
    assert prose == []


@both
@pytest.mark.parametrize("code", Code)
def test_it_says_of_every_verdict_what_it_is_what_it_means_and_what_to_do(language: str, code: Code) -> None:
    words = Words(language)
    assert not words.text(f"verdict.{code}.name").endswith(".")
    for part in ("means", "do"):
        assert words.text(f"verdict.{code}.{part}").endswith(".")


@both
@pytest.mark.parametrize("state", State)
def test_it_says_of_every_state_what_it_is_and_means(language: str, state: State) -> None:
    words = Words(language)
    assert not words.text(f"state.{state}.name").endswith(".")
    assert words.text(f"state.{state}.means").endswith(".")
    assert words.count(f"state.{state}.count", 2).startswith("2 ")


@both
@pytest.mark.parametrize("reason", sorted({*REASONS, *WALLS, *reasons_given()}))
def test_it_has_a_phrase_for_every_reason(language: str, reason: str) -> None:
    phrase = Words(language).text(f"reason.{reason}")
    assert phrase[0].islower()
    assert not phrase.endswith(".")


@pytest.mark.parametrize("code", [code for code in Code if code.severity is not Severity.BROKEN])
def test_it_never_calls_broken_what_was_not_found_broken(code: Code, sv: Words, en: Words) -> None:
    for part in ("name", "means", "do"):
        assert "trasig" not in sv.text(f"verdict.{code}.{part}")
        assert "broken" not in en.text(f"verdict.{code}.{part}")


def test_it_calls_a_failure_suspected_until_it_is_confirmed(sv: Words) -> None:
    assert sv.text("state.failing.name") == "misstänkt fel, väntar på bekräftelse"
    assert sv.text("state.unverifiable.name") == "kunde inte kontrolleras"


def test_it_knows_every_word_that_the_program_asks_for() -> None:
    assert literal_keys() - catalogue("sv").keys() == set()


def test_it_has_no_word_that_nobody_asks_for() -> None:
    used = keys_used()
    assert [key for key in catalogue("sv") if not used.fullmatch(key)] == []


# ---------------------------------------------------------------- asking for words


def test_it_raises_for_a_key_that_does_not_exist(sv: Words) -> None:
    with pytest.raises(LookupError, match=r"no words for 'verdict\.fine'"):
        sv.text("verdict.fine")
    with pytest.raises(LookupError):
        sv.count("verdict.fine", 2)
    assert sv.find("reason.made_up_by_a_server") is None
    assert "reason.reset" in sv
    assert "reason.made_up" not in sv


def test_it_raises_for_a_placeholder_without_a_value(sv: Words) -> None:
    with pytest.raises(LookupError):
        sv.text("report.generated")


def test_it_raises_for_a_language_without_words() -> None:
    with pytest.raises(ValueError, match="no words for the language 'fi'; there are sv, en"):
        Words("fi")


def test_it_takes_values_as_they_are(sv: Words) -> None:
    hostile = "{0.__class__} {n} %s"
    assert sv.text("report.owner_of", owner=hostile) == f"Ansvarig: {hostile}"


def test_it_counts_in_the_right_form(sv: Words, en: Words) -> None:
    assert [sv.count("state.broken.count", n) for n in (0, 1, 2)] == ["0 trasiga", "1 trasig", "2 trasiga"]
    assert [en.count("cli.check.done", n) for n in (0, 1)] == ["0 links checked.", "1 link checked."]
    assert sv.count("cli.check.done", 12345) == "12\u00a0345 länkar kontrollerade."


def test_it_writes_dates_as_swedes_do(sv: Words, en: Words) -> None:
    moment = datetime(2021, 12, 15, 13, 5, tzinfo=UTC)
    assert sv.date(moment, STOCKHOLM) == "15 december 2021"
    assert sv.datetime(moment, STOCKHOLM) == "15 december 2021 kl. 14:05"
    assert sv.day(moment, STOCKHOLM) == "2021-12-15"
    assert en.datetime(moment, "UTC") == "15 December 2021 at 13:05"


def test_it_changes_date_at_local_midnight_and_hour_with_daylight_saving(sv: Words) -> None:
    assert sv.date(datetime(2021, 12, 31, 23, 30, tzinfo=UTC), STOCKHOLM) == "1 januari 2022"
    assert sv.time(datetime(2026, 7, 1, 12, 0, tzinfo=UTC), STOCKHOLM) == "14:00"


@pytest.mark.parametrize("moment", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
def test_it_can_write_the_ends_of_time(sv: Words, moment: datetime) -> None:
    for zone in (STOCKHOLM, "America/New_York"):
        assert str(moment.year) in sv.datetime(moment, zone)


@pytest.mark.parametrize(
    ("span", "since", "before"),
    [
        (timedelta(seconds=-5), "sedan mindre än en minut", "för mindre än en minut sedan"),
        (timedelta(seconds=59), "sedan mindre än en minut", "för mindre än en minut sedan"),
        (timedelta(minutes=1), "sedan 1 minut", "för 1 minut sedan"),
        (timedelta(minutes=119), "sedan 1 timme", "för 1 timme sedan"),
        (timedelta(hours=23, minutes=59), "sedan 23 timmar", "för 23 timmar sedan"),
        (timedelta(days=3, hours=9), "sedan 3 dagar", "för 3 dagar sedan"),
        (timedelta(days=59), "sedan 59 dagar", "för 59 dagar sedan"),
        (timedelta(days=60), "sedan 2 månader", "för 2 månader sedan"),
        (timedelta(days=729), "sedan 24 månader", "för 24 månader sedan"),
        (timedelta(days=730), "sedan 2 år", "för 2 år sedan"),
    ],
)
def test_it_says_how_long_ago(sv: Words, span: timedelta, since: str, before: str) -> None:
    assert sv.ago(NOW - span, NOW) == since
    assert sv.before(NOW - span, NOW) == before


def test_it_says_how_long_ago_in_english(en: Words) -> None:
    assert en.ago(NOW - timedelta(days=1), NOW) == "for 1 day"
    assert en.before(NOW - timedelta(days=1), NOW) == "1 day ago"


def test_it_joins_as_one_reads_aloud(sv: Words, en: Words) -> None:
    assert [sv.join(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a och b", "a, b och c"]
    assert en.join(["a", "b", "c"]) == "a, b and c"


def test_it_writes_numbers_as_the_language_does(sv: Words, en: Words) -> None:
    assert (sv.percent(0.834), en.percent(0.834)) == ("83\u00a0%", "83%")
    assert (sv.number(1234.5), en.number(1234.5)) == ("1\u00a0234,5", "1,234.5")
