"""What the framework is told: every value the walls rely on, in the process and in its file."""

import subprocess
import sys
import tomllib
from collections.abc import Iterator

import pytest

from app.api.middleware import security
from app.settings import ROOT, settings
from app.ui.shell import error_boundary
from app.web import config, web

NAMED = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "viewer",
    "client.disableDataExport": True,
    "server.enableXsrfProtection": True,
    "server.enableAgentApi": False,
    "server.enableStaticServing": False,
    "server.maxUploadSize": 200,
    "server.maxMessageSize": 20,
    "server.maxWidgetStateSize": 1,
    "server.fileWatcherType": "none",
    "server.address": "127.0.0.1",
}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    security.fixed_headers.cache_clear()
    yield
    security.fixed_headers.cache_clear()


@pytest.mark.parametrize("name", NAMED)
def test_the_process_and_the_file_say_the_same(name: str) -> None:
    section, key = name.split(".")
    written = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config()[name] == NAMED[name]
    assert written[section][key] == NAMED[name]


def test_another_address_is_listened_on_only_when_it_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOST", "0.0.0.0")  # noqa: S104 - what somebody may set
    settings.cache_clear()
    assert config()["server.address"] == "0.0.0.0"  # noqa: S104


POLICY = {
    "default-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def test_the_policy_is_the_whole_of_what_is_allowed() -> None:
    parts = dict(part.split(" ", 1) for part in security.content_security_policy().split("; "))
    scripts = parts.pop("script-src").split()
    assert parts == POLICY
    hashes = [one for one in scripts if one.startswith("'sha256-")]
    # blob: is how the framework loads the script that hands the cookie over
    assert set(scripts) - set(hashes) == {"'self'", "'wasm-unsafe-eval'", "blob:"}
    assert hashes == security.inline_script_hashes()
    assert len(hashes) == len(set(hashes)) >= 1


@pytest.mark.parametrize(
    ("address", "promised"), [("https://crm.example.org", True), ("http://127.0.0.1:8501", False)]
)
def test_only_over_https_is_https_promised(
    monkeypatch: pytest.MonkeyPatch, address: str, promised: bool
) -> None:
    monkeypatch.setenv("PUBLIC_URL", address)
    settings.cache_clear()
    headers = security.fixed_headers()
    assert ("strict-transport-security" in headers) == promised
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"


def test_an_error_outside_a_screen_is_ours_to_show() -> None:
    """Otherwise the framework logs it with its message, and shows one of its own."""
    assert web._on_script_error is error_boundary.show_error  # noqa: SLF001 - Streamlit has no public name for it


def test_the_memory_of_password_hashes_is_returned() -> None:
    script = (
        "import threading\n"
        "import psutil\n"
        "from app.accounts.authentication import passwords\n"
        "from app.web import return_large_blocks\n"
        "return_large_blocks()\n"
        "def burst(number):\n"
        "    threads = [threading.Thread(target=passwords.hash_password, args=('x' * 20,))\n"
        "               for _ in range(number)]\n"
        "    [thread.start() for thread in threads]\n"
        "    [thread.join() for thread in threads]\n"
        "burst(1)\n"
        "before = psutil.Process().memory_info().rss\n"
        "burst(8)\n"
        "burst(8)\n"
        "print((psutil.Process().memory_info().rss - before) // 2**20)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    )
    # each of the eight blocks has 19 MB
    assert int(done.stdout) < 2 * 19
