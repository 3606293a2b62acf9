import re
from pathlib import Path

import pytest

from linkwatch.web.static import Files, package_files
from tests.web.desk import OpenDesk


def test_it_serves_each_file_for_ever_at_the_address_of_its_content(desk: OpenDesk) -> None:
    client = desk.client()
    for name, path in package_files().items():
        answer = client.get(desk.app.state.files.address(name))
        assert answer.content == path.read_bytes()
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("style.css", "text/css; charset=utf-8"),
        ("vendor/htmx.min.js", "text/javascript; charset=utf-8"),
        ("vendor/htmx.LICENSE", "text/plain; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ],
)
def test_it_says_what_a_file_is(desk: OpenDesk, name: str, kind: str) -> None:
    assert desk.client().get(f"/static/{name}").headers["content-type"] == kind


def test_it_asks_again_for_an_address_that_names_no_content_or_another(desk: OpenDesk) -> None:
    client = desk.client()
    for query in ("", "?v=", "?v=0123456789abcdef"):
        answer = client.get(f"/static/style.css{query}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    again = client.get("/static/style.css", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/static/", "/static/../web/app.py", "/static/..%2fweb%2fapp.py", "/static/%2e%2e/web/app.py",
        "/static//etc/passwd", "/static/vendor", "/static/vendor/", "/static/vendor/..%5c..%5cconfig.py",
        "/static/style.css%00", "/static/STYLE.CSS", "/static/templates/card.html",
    ],
)  # fmt: skip
def test_it_serves_nothing_else(desk: OpenDesk, path: str) -> None:
    assert desk.client().get(path).status_code == 404


def test_it_gives_a_changed_file_another_address(tmp_path: Path) -> None:
    path = tmp_path / "a.css"
    path.write_text("a", encoding="utf-8")
    files = Files({"a.css": path})
    before = files.address("a.css")
    path.write_text("b", encoding="utf-8")
    assert files.address("a.css") != before
    assert re.fullmatch(r"/static/a\.css\?v=[0-9a-f]{16}", before)


def test_it_knows_no_address_of_a_file_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        Files(package_files()).address("missing.js")
