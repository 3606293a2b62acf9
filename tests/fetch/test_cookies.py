import pytest

from linkwatch.fetch.cookies import Jar


@pytest.mark.parametrize(
    ("line", "url", "sent"),
    [
        ("a=1", "https://www.example.se/x", "a=1"),
        ("a=1; Path=/; HttpOnly; Secure", "https://www.example.se/", "a=1"),
        ("a=1", "https://example.se/", ""),
        ("a=1; Domain=example.se", "https://id.example.se/", "a=1"),
        ("a=1; Domain=.example.se", "https://example.se/", "a=1"),
        ("a=1; Domain=se", "https://other.se/", ""),
        ("a=1; Domain=other.se", "https://other.se/", ""),
        ("a=1; Domain=other.se", "https://www.example.se/", "a=1"),
        ("a=1; Max-Age=0", "https://www.example.se/", ""),
        ("a=1\r\nX: y", "https://www.example.se/", ""),
        ("no pair", "https://www.example.se/", ""),
        ("a=å", "https://www.example.se/", ""),
    ],
)
def test_it_sends_a_cookie_back_where_it_belongs(line: str, url: str, sent: str) -> None:
    jar = Jar()
    jar.take("https://www.example.se/", [line])
    assert jar.header(url) == sent


def test_it_takes_the_latest_value_and_forgets_what_is_taken_back() -> None:
    jar = Jar()
    jar.take("http://a.se/", ["x=1", "y=2"])
    jar.take("http://a.se/", ["x=3", "y=; Max-Age=-1"])
    assert jar.header("http://a.se/") == "x=3"


def test_it_holds_only_a_few() -> None:
    jar = Jar()
    jar.take("http://a.se/", [f"c{number}={'x' * 5000}" for number in range(10)])
    jar.take("http://a.se/", [f"c{number}=1" for number in range(1000)])
    assert len(jar.header("http://a.se/")) < 200
