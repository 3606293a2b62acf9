import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.web.desk import Clock, OpenDesk, opened
from tests.web.oidc.provider import CA, Provider
from tests.web.routes import ROUTES

PUBLIC = "https://links.example"


@dataclass(slots=True, kw_only=True)
class Login:
    """A desk, the organisation's login, and browsers that go from one to the other."""

    desk: OpenDesk
    provider: Provider
    trusted: Path
    config: str = ""

    def browser(self, **headers: str) -> Any:
        return self.desk.client(base=PUBLIC, **headers)

    def sent_to(self, browser: Any, following: str = "/who") -> str:
        """The address at the login that a browser is sent to."""
        answer = browser.get("/login/oidc", params={"next": following})
        assert answer.status_code == 303, answer.text
        location: str = answer.headers["location"]
        return location

    def back_at(self, address: str) -> str:
        """The person logs in there: the address here that they are sent back to."""
        answer = httpx.get(address, verify=_trusting(self.trusted))
        assert answer.status_code == 302, answer.text
        return answer.headers["location"].removeprefix(PUBLIC)

    def comes_back(self, browser: Any, following: str = "/who") -> Any:
        """The answer to somebody who has gone there, and come back."""
        return browser.get(self.back_at(self.sent_to(browser, following)))

    def rewrite(self, old: str, new: str) -> None:
        text = self.desk.config_path.read_text(encoding="utf-8")
        assert old in text
        self.desk.config_path.write_text(text.replace(old, new), encoding="utf-8")


def asked(address: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}


def _trusting(path: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(path))


@contextmanager
def organised(folder: Path, web: str = 'editors = ["anna"]', **provider: Any) -> Iterator[Login]:
    """A desk that people log in to with their organisation's login; `web` are further keys of `[web]`."""
    clock = Clock()
    with Provider(clock=clock, **provider).running() as running:
        trusted, secret = folder / "ca.pem", folder / "secret"
        CA.cert_pem.write_to_path(trusted)
        secret.write_text(f"{running.client[1]}\n", encoding="utf-8")
        table = "\n".join((
            'auth = "oidc"', f'public_url = "{PUBLIC}"', f'oidc_issuer = "{running.issuer}"',
            'oidc_client_id = "linkwatch"', f'oidc_secret_file = "{secret}"' if running.client[1] else "", web,
        ))  # fmt: skip
        with opened(folder, table, routes=ROUTES) as desk:
            running.clock = desk.clock
            login = Login(desk=desk, provider=running, trusted=trusted)
            login.rewrite("[fetch]\n", f'[fetch]\nca_file = "{trusted}"\n')
            login.config = desk.config_path.read_text(encoding="utf-8")
            yield login


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Login]:
    with organised(tmp_path_factory.mktemp("organised")) as one:
        yield one


@pytest.fixture
def login(shared: Login) -> Login:
    """As new: a day later everything that was remembered is looked for again."""
    shared.desk.config_path.write_text(shared.config, encoding="utf-8")
    shared.desk.clock.go(days=1)
    shared.provider.begin_anew()
    return shared
