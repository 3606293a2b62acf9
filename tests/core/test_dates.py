from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.dates import believable, http_date, is_generated, iso_date, pdf_date

DAY = datetime(2021, 12, 15, 10, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Wed, 15 Dec 2021 10:30:00 GMT", DAY),
        ("Wednesday, 15-Dec-21 10:30:00 GMT", DAY),
        ("Wed Dec 15 10:30:00 2021", DAY),
        ("Wed, 15 Dec 2021 11:30:00 +0100", DAY),
        ("yesterday", None),
        ("", None),
        ("Wed, 35 Dec 2021 10:30:00 GMT", None),
        ("0", None),
    ],
)
def test_it_reads_http_dates(written: str, read: datetime | None) -> None:
    assert http_date(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2021-12-15T10:30:00Z", DAY),
        ("2021-12-15T11:30:00+01:00", DAY),
        ("2021-12-15 10:30", DAY),
        (" 2021-12-15 ", datetime(2021, 12, 15, tzinfo=UTC)),
        ("20211215", datetime(2021, 12, 15, tzinfo=UTC)),
        ("Wed, 15 Dec 2021 10:30:00 GMT", DAY),
        ("0001-01-01T00:00:00+14:00", None),
        ("15 december 2021 eller så", None),
    ],
)
def test_it_reads_iso_dates(written: str, read: datetime | None) -> None:
    assert iso_date(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("D:20211215103000Z", DAY),
        ("D:20211215113000+01'00'", DAY),
        ("D:20211215113000+01'00", DAY),
        ("D:20211215113000+01", DAY),
        ("20211215103000", DAY),
        ("D:2021", datetime(2021, 1, 1, tzinfo=UTC)),
        ("D:20211315", None),
        ("D:20211215103000+99'99'", None),
        ("D:00000000", None),
        ("den 15 december", None),
        ("", None),
    ],
)
def test_it_reads_the_dates_of_files(written: str, read: datetime | None) -> None:
    assert pdf_date(written) == read


@given(st.text(max_size=40))
def test_no_date_is_worse_than_none(written: str) -> None:
    for read in (http_date(written), iso_date(written), pdf_date(written)):
        assert read is None or read.utcoffset() == timedelta(0)


def test_it_believes_neither_the_future_nor_prehistory() -> None:
    assert believable(DAY, NOW) == DAY
    assert believable(NOW + timedelta(hours=23), NOW)
    assert believable(NOW + timedelta(hours=25), NOW) is None
    assert believable(datetime(1993, 12, 31, tzinfo=UTC), NOW) is None
    assert believable(None, NOW) is None


def test_a_page_made_just_now_was_made_for_us() -> None:
    assert is_generated(NOW - timedelta(minutes=4), NOW, None)
    assert is_generated(NOW, DAY, NOW)
    assert not is_generated(NOW - timedelta(minutes=6), NOW)
