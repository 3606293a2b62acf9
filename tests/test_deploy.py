"""The files in deploy/: what must stand in them, and the programs that read them where these are installed."""

import configparser
import contextlib
import json
import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import trustme

from linkwatch.core.roles import Role
from tests.cli.command import Project, surroundings
from tests.cli.test_serve import serving
from tests.web.desk import eventually, opened

DEPLOY = Path(__file__).parent.parent / "deploy"
SERVICES = ("linkwatch.service", "linkwatch-serve.service", "linkwatch-check.service")
PYTHON = "/opt/linkwatch/.venv/bin/python"  # as deploy/ has it
DESK = "127.0.0.1:8420"


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def run(*command: str | Path, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, **more}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)


# ---------------------------------------------------------------- systemd


def unit(name: str) -> configparser.ConfigParser:
    found = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read_string(text(f"systemd/{name}"))
    return found


def hardening(name: str) -> str:
    """All that the three services have in common."""
    return text(f"systemd/{name}").partition("# The environment, where")[2].partition("\n[Install]")[0].rstrip()


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """The units, with a Python that is there."""
    for one in (DEPLOY / "systemd").glob("linkwatch*.[st]*"):
        said = one.read_text(encoding="utf-8").replace(PYTHON, sys.executable)
        (tmp_path / one.name).write_text(said, encoding="utf-8")
    return sorted(tmp_path.glob("*.service")) + sorted(tmp_path.glob("*.timer"))


def test_the_services_are_shut_in_alike() -> None:
    assert len({hardening(name) for name in SERVICES}) == 1
    assert "ProtectSystem=strict" in hardening(SERVICES[0])


@pytest.mark.parametrize("name", ["linkwatch.service", "linkwatch-serve.service"])
def test_the_daemons_are_watched_and_given_time(name: str) -> None:
    service = unit(name)["Service"]
    assert service["Type"] == "notify"
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert service["RestartPreventExitStatus"] == "2"
    assert service["TimeoutStopSec"] == "6min"  # an attempt to send mail takes five minutes at the most
    assert "WatchdogSec" in service


def test_a_run_that_others_hold_off_or_that_is_told_to_stop_is_no_failure() -> None:
    assert unit("linkwatch-check.service")["Service"]["SuccessExitStatus"] == "75 143"


def test_the_timer_makes_up_for_what_was_missed_and_spreads_the_runs() -> None:
    timer = unit("linkwatch-check.timer")["Timer"]
    assert timer["Persistent"] == "true"
    assert timer["RandomizedDelaySec"] == "10min"


@needs("systemd-analyze")
def test_systemd_finds_no_fault(units: list[Path]) -> None:
    done = run("systemd-analyze", "verify", *units)
    assert [line for line in done.stderr.splitlines() if "linkwatch" in line] == []


@needs("systemd-analyze")
def test_systemd_calls_the_services_well_shut_in(units: list[Path]) -> None:
    for one in units[:3]:
        said = run("systemd-analyze", "security", "--offline=true", one).stdout
        exposure = re.search(r"exposure level for linkwatch\S*: ([\d.]+)", said)
        assert exposure, said
        assert float(exposure[1]) <= 1.5


# ---------------------------------------------------------------- cron


def test_the_line_for_cron_does_its_work_and_says_nothing(tmp_path: Path) -> None:
    made = Project.make(tmp_path, {"a": ""})
    lines = [line for line in text("crontab").splitlines() if line and not line.startswith("#")]
    settings = dict(line.split("=", 1) for line in lines[:-1])
    assert lines[-1].split(maxsplit=5)[1:5] == ["*"] * 4
    command = lines[-1].split(maxsplit=5)[5].replace(PYTHON, shlex.quote(sys.executable))
    settings["LINKWATCH_CONFIG"] = str(made.config)
    environment = {"PYTHONPATH": surroundings()["PYTHONPATH"], "PATH": "/usr/bin:/bin", **settings}
    done = subprocess.run(["/bin/sh", "-c", command], env=environment, cwd="/", capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert made.database.exists()


def test_the_command_runs_as_the_service_does(tmp_path: Path) -> None:
    """With a `runuser` that says how it was called."""
    stub = tmp_path / "runuser"
    stub.write_text('#!/bin/sh\necho "$@"; env | grep ^LINKWATCH_ | sort\n', encoding="utf-8")
    stub.chmod(0o755)
    settings = tmp_path / "environment"
    settings.write_text("# the mail server\nLINKWATCH_SMTP_PASSWORD=å $HOME `id` \"x'\nPATH=/nowhere", encoding="utf-8")
    said = text("linkwatch").replace("/etc/linkwatch/environment", str(settings))
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    command = ["/bin/sh", "-c", said, "linkwatch", "backup", "a b"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"-u linkwatch -- {PYTHON} -m linkwatch backup a b",
        "LINKWATCH_COMMAND=linkwatch",
        "LINKWATCH_CONFIG=/var/lib/linkwatch/config/sources.toml",
        "LINKWATCH_SMTP_PASSWORD=å $HOME `id` \"x'",
    ]


@needs("logrotate")
def test_logrotate_moves_the_log(tmp_path: Path) -> None:
    log = tmp_path / "linkwatch.log"
    log.write_text("a line\n", encoding="utf-8")
    said = text("logrotate").replace("/var/log/linkwatch", str(tmp_path))
    said = re.sub(r"\n +su .*", "", said).replace("create 0640 linkwatch linkwatch", "create 0640")
    (tmp_path / "conf").write_text(said, encoding="utf-8")
    (tmp_path / "conf").chmod(0o600)
    tmp_path.chmod(0o700)
    done = run("logrotate", "-f", "-s", tmp_path / "state", tmp_path / "conf")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "linkwatch.log.1").read_text(encoding="utf-8") == "a line\n"
    assert log.read_text(encoding="utf-8") == ""


# ---------------------------------------------------------------- containers


def test_the_image_is_small_pinned_and_not_run_as_root() -> None:
    bases = re.findall(r"^FROM (\S+)", text("Dockerfile"), re.MULTILINE)
    assert all(re.fullmatch(r"python:3\.\d+-slim-\w+", base) for base in bases)
    assert "--require-hashes" in text("Dockerfile")
    assert "--no-cache-dir" in text("Dockerfile")
    assert re.findall(r"^USER (\S+)", text("Dockerfile"), re.MULTILINE) == ["10001:10001"]


def test_the_image_is_given_what_it_copies_and_nothing_else() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+)", text("Dockerfile"), re.MULTILINE)
    ignored = (DEPLOY.parent / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    assert sorted(line[1:] for line in ignored if line.startswith("!")) == sorted(copied)
    assert all((DEPLOY.parent / name).exists() for name in copied)


def test_the_health_check_tells_a_desk_that_answers_from_none(tmp_path: Path) -> None:
    found = re.search(r"HEALTHCHECK .*\\\n\s+CMD (\[.*\])", text("Dockerfile"))
    assert found
    command = [sys.executable, *json.loads(found[1])[1:]]
    made = Project.make(tmp_path, {"a": ""})
    with serving(made) as served:
        here = [part.replace(f"http://{DESK}", served.url) for part in command]
        assert run(*here).returncode == 0
        assert served.end() == 0
    assert run(*here).returncode == 1


@needs("hadolint")
def test_hadolint_finds_no_fault() -> None:
    done = run("hadolint", DEPLOY / "Dockerfile")
    assert done.returncode == 0, done.stdout


@needs("docker-compose")
def test_compose_reads_its_file(tmp_path: Path) -> None:
    done = run("docker-compose", "-f", DEPLOY / "compose.yaml", "config", COMPOSE_PROJECT_NAME="linkwatch")
    assert done.returncode == 0, done.stderr
    assert "read_only: true" in done.stdout
    assert "no-new-privileges:true" in done.stdout


# ---------------------------------------------------------------- in front of the desk


class _Echo(BaseHTTPRequestHandler):
    """Answers with the headers that it was sent."""

    def do_GET(self) -> None:
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def desk() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """Files `pem` and `key`, and how to trust them."""
    authority = trustme.CA()
    issued = authority.issue_cert("links.example.se")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "pem")
    issued.private_key_pem.write_to_path(tmp_path / "key")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def nginx(folder: Path, desk: str, port: int) -> list[str]:
    said = text("nginx.conf").replace(DESK, desk)
    said = said.replace("/etc/ssl/links.example.se.pem", str(folder / "pem"))
    said = said.replace("/etc/ssl/links.example.se.key", str(folder / "key"))
    said = re.sub(r"listen \[::\]:\d+( ssl)?;", "", said)
    said = said.replace("listen 443", f"listen 127.0.0.1:{port}").replace(
        "listen 80;", f"listen 127.0.0.1:{free_port()};"
    )
    folders = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    around = (
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\n"
        f"http {{ {folders} access_log {folder}/access.log;\n{said} }}\n"
    )
    (folder / "nginx.conf").write_text(around, encoding="utf-8")
    return ["nginx", "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, desk: str, port: int) -> list[str]:
    said = text("Caddyfile").replace(DESK, desk)
    site = f"https://links.example.se:{port} {{\nbind 127.0.0.1\ntls {folder}/pem {folder}/key"
    said = said.replace("links.example.se {", "{\nadmin off\nauto_https off\n}\n" + site)
    (folder / "Caddyfile").write_text(said, encoding="utf-8")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


@contextlib.contextmanager
def in_front(command: list[str], port: int, folder: Path) -> Iterator[None]:
    environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "said").open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=environment)
    try:
        eventually(lambda: process.poll() is not None or _answers(port))
        assert process.poll() is None, (folder / "said").read_text(encoding="utf-8")
        yield
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    "proxy", [pytest.param(nginx, marks=needs("nginx")), pytest.param(caddy, marks=needs("caddy"))]
)
def test_a_proxy_says_who_comes_and_lets_nobody_else_say_so(
    proxy: object, desk: str, certificate: ssl.SSLContext, tmp_path: Path
) -> None:
    port = free_port()
    command = proxy(tmp_path, desk, port)  # type: ignore[operator]
    with (
        in_front(command, port, tmp_path),
        httpx.Client(
            base_url=f"https://127.0.0.1:{port}",
            headers={"Host": "links.example.se"},
            verify=certificate,
            trust_env=False,
        ) as client,
    ):
        to = {"sni_hostname": "links.example.se"}
        lies = {"X-Forwarded-For": "192.0.2.7", "X-Remote-User": "chef"}
        answer = client.get("/links", headers=lies, extensions=to)
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert answer.headers["cache-control"] == "no-store"
        seen = answer.json()
        assert seen["host"].partition(":")[0] == "links.example.se"
        assert seen["x-forwarded-for"] == "127.0.0.1"
        assert seen.get("x-remote-user", "") == ""
        assert client.get("/metrics", extensions=to).status_code == 200  # from inside
        assert (
            client.get("/mail/answer/secret-ticket", headers=lies, extensions=to).json()["x-forwarded-for"]
            == "127.0.0.1"
        )
        if proxy is nginx:  # Caddy leaves it to the desk
            assert client.post("/answer", content=b"x" * 2_100_000, extensions=to).status_code == 413
    for log in (tmp_path / "access.log", tmp_path / "said"):
        assert not log.exists() or "secret-ticket" not in log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "proxy", [pytest.param(nginx, marks=needs("nginx")), pytest.param(caddy, marks=needs("caddy"))]
)
def test_a_proxy_shows_the_metrics_to_nobody_outside(
    proxy: object, desk: str, certificate: ssl.SSLContext, tmp_path: Path
) -> None:
    port = free_port()
    command = proxy(tmp_path, desk, port)  # type: ignore[operator]
    for name in ("nginx.conf", "Caddyfile"):  # as if we came from elsewhere
        if (tmp_path / name).exists():
            said = (tmp_path / name).read_text(encoding="utf-8")
            said = said.replace("allow 127.0.0.0/8;", "").replace("remote_ip 127.0.0.0/8", "remote_ip")
            (tmp_path / name).write_text(said, encoding="utf-8")
    with in_front(command, port, tmp_path):
        to = {"sni_hostname": "links.example.se"}
        url, headers = f"https://127.0.0.1:{port}/metrics", {"Host": "links.example.se"}
        with httpx.Client(verify=certificate, trust_env=False) as client:
            assert client.get(url, headers=headers, extensions=to).status_code == 403


@pytest.mark.parametrize(
    "proxy", [pytest.param(nginx, marks=needs("nginx")), pytest.param(caddy, marks=needs("caddy"))]
)
def test_people_log_in_through_a_proxy(proxy: object, certificate: ssl.SSLContext, tmp_path: Path) -> None:
    settings = 'auth = "token"\npublic_url = "https://links.example.se"\nproxy_from = ["127.0.0.1", "::1"]'
    port, to = free_port(), {"sni_hostname": "links.example.se"}
    headers = {"Host": "links.example.se", "Origin": "https://links.example.se", "Sec-Fetch-Site": "same-origin"}
    (tmp_path / "desk").mkdir()
    with opened(tmp_path / "desk", settings) as desk, desk.serving() as url:
        token = desk.token("Anna", Role.EDITOR)
        command = proxy(tmp_path, url.removeprefix("http://"), port)  # type: ignore[operator]
        with in_front(command, port, tmp_path), httpx.Client(verify=certificate, trust_env=False) as client:
            base = f"https://127.0.0.1:{port}"
            assert client.get(base, headers=headers, extensions=to).headers["location"].startswith("/login")
            done = client.post(f"{base}/login", headers=headers, data={"token": token}, extensions=to)
            cookie = done.headers["set-cookie"]
            assert "Secure" in cookie
            known = {**headers, "Cookie": cookie.partition(";")[0]}
            page = client.get(base, headers=known, extensions=to)
            assert page.status_code == 200
            assert "Anna" in page.text
            assert "default-src 'none'" in page.headers["content-security-policy"]
            assert len(page.headers.get_list("cache-control")) == 1
