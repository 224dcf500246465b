"""An API client with curl against the real web process: page, tokens, list, gift."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, update

from app.accounts.authentication.passwords import hash_password
from app.db import transaction_for_system
from app.db.models import User
from app.settings import ROOT
from tests import factories as make

PASSWORD = "harbour lantern seven quiet"
PATIENCE = 180
pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        answer: int = listener.getsockname()[1]
        return answer


@pytest.fixture
def address(database: URL, tmp_path: Path) -> Iterator[str]:
    """The web process on a port of its own, with Ruth's donor Mara in its database."""
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db, name="Ruth Adler", email="ruth@example.org")
        db.execute(
            update(User)
            .where(User.id == ruth.user_id)
            .values(password_hash=hash_password(PASSWORD))
        )
        make.donor(db, ruth, "Mara Vogel")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve"],
        cwd=ROOT,
        env=os.environ | {"PORT": str(port), "HOST": "127.0.0.1", "DATA_DIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def curl(url: str, *options: str, body: object = None) -> tuple[int, dict[str, str], str]:
    """Return (status, headers, body); no redirect is followed."""
    request = ["-H", "content-type: application/json", "-d", json.dumps(body)] if body else []
    process = subprocess.run(
        ["curl", "-sS", "-i", *options, *request, url],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    head, _, text = process.stdout.replace("\r", "").partition("\n\n")
    first, *lines = head.splitlines()
    headers = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
    return int(first.split()[1]), headers, text


def wait_for(url: str) -> None:
    for _ in range(PATIENCE * 5):
        if not subprocess.run(["curl", "-sf", "-o", os.devnull, url], check=False).returncode:
            return
        time.sleep(0.2)
    pytest.fail("the web process did not answer")


def test_a_program_signs_in_records_a_gift_and_signs_out(address: str) -> None:
    v1 = f"{address}/api/v1"
    wait_for(f"{v1}/health/")
    status, headers, page = curl(f"{v1}/docs")
    assert status == 200
    assert "script-src 'self'" in headers["content-security-policy"]
    for file in re.findall(r"(?:href|src)=\"([^\"]+)\"", page):
        assert curl(f"{v1}/{file}")[0] == 200, file
    described = json.loads(curl(f"{v1}/openapi.json")[2])
    assert "/gifts" in described["paths"]
    # the screens are still there, and ours come first
    assert '<div id="root">' in curl(f"{address}/donors")[2]
    assert curl(f"{v1}/nothing")[1]["content-type"] == "application/problem+json"
    assert curl(f"{v1}/me")[0] == 401

    wrong = curl(f"{v1}/auth/token", body={"email": "ruth@example.org", "password": "no"})
    assert (wrong[0], wrong[1]["www-authenticate"]) == (401, "bearer")
    status, headers, text = curl(
        f"{v1}/auth/token/", body={"email": "ruth@example.org", "password": PASSWORD}
    )
    assert (status, headers["cache-control"]) == (200, "no-store")
    tokens = json.loads(text)

    bearer = ("-H", f"authorization: Bearer {tokens['access']}")
    donor = json.loads(curl(f"{v1}/donors?query=mara", *bearer)[2])["items"][0]
    gift = {
        "donor_id": donor["id"],
        "amount": "12.50",
        "currency": "USD",
        "date": (datetime.now(UTC) - timedelta(days=1)).date().isoformat(),
    }
    key = ("-H", "idempotency-key: first")
    responses = [curl(f"{v1}/gifts", *bearer, *key, body=gift) for _ in range(2)]
    assert [response[0] for response in responses] == [201, 201]
    assert responses[0][2] == responses[1][2]
    listed = json.loads(curl(f"{v1}/gifts", *bearer)[2])["items"]
    assert [(one["amount"], one["donor_name"]) for one in listed] == [("12.50", "Mara Vogel")]

    fresh = json.loads(curl(f"{v1}/auth/refresh", body={"refresh": tokens["refresh"]})[2])
    assert curl(f"{v1}/me", "-H", f"authorization: Bearer {fresh['access']}")[0] == 200
    assert curl(f"{v1}/auth/logout", body={"refresh": fresh["refresh"]})[0] == 200
    for access in (tokens["access"], fresh["access"]):
        assert curl(f"{v1}/me", "-H", f"authorization: Bearer {access}")[0] == 401
    assert curl(f"{v1}/auth/refresh", body={"refresh": fresh["refresh"]})[0] == 401
