"""What a platform relies on: migrations run once, PORT is heard, and one proxy is believed."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import URL

from app.api.rest import rate_limits
from app.db.embedded import server as embedded
from app.kit.errors import ConfigurationError
from app.settings import ROOT, settings
from tests import database as run
from tests.conftest import WORKER

FOUR = 4
TOO_MANY = 429


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        answer: int = probe.getsockname()[1]
        return answer


@pytest.fixture
def empty(_template: None) -> Iterator[URL]:
    """A database without a table."""
    run.admin("drop database if exists deploy_empty with (force)")
    run.admin("create database deploy_empty")
    yield embedded.url(run.home(), "deploy_empty")
    run.admin("drop database if exists deploy_empty with (force)")


def test_four_processes_migrate_once(empty: URL) -> None:
    """Each revision's step is told once by one of the four, and all four end well."""
    environment = os.environ | {"DATABASE_URL": empty.render_as_string(hide_password=False)}
    upgrading = (
        "import logging; logging.basicConfig(level='INFO');"
        "import sys; sys.argv[1:] = ['db', 'upgrade'];"
        "from app.cli import main; main()"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", upgrading],
            cwd=ROOT,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(FOUR)
    ]
    ended = [(*process.communicate(timeout=120), process.returncode) for process in started]
    assert [code for _, _, code in ended] == [0] * FOUR, ended
    assert all("The database is at head." in output for output, _, _ in ended)
    steps = [log.count("Running upgrade") for _, log, _ in ended]
    files = len(list((ROOT / "migrations" / "versions").glob("[0-9]*.py")))
    assert sorted(steps) == [0, 0, 0, files]


class Web:
    """The web process alone, on the port the platform gives it."""

    def __init__(self, url: URL, folder: Path, **settings: str) -> None:
        self.port, self.log = free_port(), folder / "web.log"
        environment = os.environ | {
            "DATABASE_URL": url.render_as_string(hide_password=False),
            "SECRET_KEY": "tests only, long enough to be a key 0123456789",
            "DATA_DIR": str(folder),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            **settings,
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app", "serve"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> None:
        until = time.monotonic() + 60
        while ask(self.port, "GET", "health/") != 200:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.1)

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(30)


def ask(
    port: int,
    method: str,
    path: str,
    *,
    forwarded: str = "",
    body: bytes | None = None,
    host: str = "",
) -> int:
    headers = {"content-type": "application/json"}
    if host:
        headers["Host"] = host
    if forwarded:
        headers["X-Forwarded-For"] = forwarded
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/{path}", method=method, headers=headers, data=body
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            result: int = answer.status
            return result
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def sign_ins(port: int, addresses: list[str]) -> list[int]:
    """Wrong sign-ins, each said to be forwarded for the next address."""
    body = b'{"email": "nobody@demo.example", "password": "not the right one"}'
    return [
        ask(port, "POST", "auth/token", forwarded=address, body=body, host="donorcrm.example.org")
        for address in addresses
    ]


MANY = [f"203.0.113.{last}" for last in range(1, rate_limits.SIGN_INS_A_MINUTE + 6)]


@pytest.fixture(scope="module")
def _database(_template: None) -> Iterator[URL]:
    with run.clone(f"deploy_serving_{WORKER}") as url:
        yield url


@pytest.fixture(scope="module")
def ports(_database: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[int]]:
    """Two web processes at once: one whose proxy is elsewhere, one whose proxy we are."""
    with ExitStack() as stack:
        webs = [
            Web(
                _database,
                tmp_path_factory.mktemp("web"),
                FORWARDED_ALLOW_IPS=proxies,
                ALLOWED_HOSTS=hosts,
            )
            for proxies, hosts in (
                ("10.9.8.7", ""),
                ("10.9.8.7,127.0.0.0/8", "donorcrm.example.org"),
            )
        ]
        for web in webs:
            stack.callback(web.end)
        for web in webs:
            web.wait()
        yield [web.port for web in webs]


def test_a_stranger_cannot_choose_an_address(ports: list[int]) -> None:
    """We are not the named proxy: whatever we say of others, the throttle counts us."""
    answers = sign_ins(ports[0], MANY)
    assert answers[0] == 401
    assert answers[-1] == TOO_MANY


def test_a_named_proxy_is_believed(ports: list[int]) -> None:
    """Many visitors behind one proxy do not slow one another; each alone is counted."""
    assert set(sign_ins(ports[1], MANY)) == {401}
    # the proxy adds the last address; what the visitor wrote before it counts for nothing
    answers = sign_ins(ports[1], [f"{address}, 198.51.100.1" for address in MANY])
    assert answers[-1] == TOO_MANY


def test_a_load_balancer_asks_by_its_own_name(ports: list[int]) -> None:
    """It knows the process by its address alone; nothing else is answered to that."""
    assert ask(ports[1], "GET", "health/") == 200
    assert ask(ports[1], "GET", "ready/") == 400
    assert ask(ports[1], "GET", "ready/", host="donorcrm.example.org") == 503


@pytest.mark.parametrize("value", ["proxy.example.org", "10.0.0.0/33", "10.0.0.1;10.0.0.2"])
def test_a_proxy_that_is_no_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", value)
    settings.cache_clear()
    with pytest.raises(ConfigurationError, match=r"FORWARDED_ALLOW_IPS: “.*” is no address"):
        settings()


@pytest.mark.parametrize("value", ["127.0.0.1", "10.0.0.0/8, ::1", "*"])
def test_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", value)
    settings.cache_clear()
    assert settings().forwarded_allow_ips == value
