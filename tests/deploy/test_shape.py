"""The whole shape, as on a server: signing in through nginx, and what is left when parts die."""

import json
import re
import ssl
import time
import urllib.error
import urllib.request
from email.message import Message

import pytest
from playwright.sync_api import Browser, expect

from benchmarks import chaos
from deploy.shape import Shape
from tests import log_leak_guard
from tests.browser.conftest import settled, sign_in

HEALTH, READY = "/api/v1/health/", "/api/v1/ready/"


def get(shape: Shape, path: str) -> tuple[int, bytes, Message]:
    """Ask through nginx; the certificate is checked."""
    trust = ssl.create_default_context(cafile=str(shape.certificate))
    try:
        with urllib.request.urlopen(shape.address + path, timeout=10, context=trust) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def test_health_and_readiness_through_the_proxy(shape: Shape) -> None:
    status, body, headers = get(shape, HEALTH)
    assert (status, json.loads(body)) == (200, {"status": "ok", "database": "ok"})
    assert headers["strict-transport-security"]
    assert get(shape, READY)[0] == 200


@pytest.mark.browser
def test_signing_in_through_the_proxy(shape: Shape, browser: Browser) -> None:
    """The page, its websocket and its cookie go through TLS, nginx and one of two replicas."""
    with browser.new_context(ignore_https_errors=True, locale="en-US") as context:
        page = context.new_page()
        sign_in(page, shape, "ruth@demo.example")
        page.goto(shape.address + "/donors")
        expect(page.get_by_role("heading", name="Donors", exact=True)).to_be_visible()
        cookies = {cookie["name"]: cookie for cookie in context.cookies()}
    session = cookies["__Host-donorcrm"]
    assert session["secure"]
    assert session["httpOnly"]
    assert session["path"] == "/"
    assert cookies["donorcrm_replica"]["secure"]
    assert "donorcrm" not in cookies


def drawn(shape: Shape, name: str, page: str) -> float:
    """How often a replica has drawn a page, by its own numbers."""
    port = shape.parts[name].environment["PORT"]
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/metrics",
        headers={"authorization": f"Bearer {log_leak_guard.TOKEN}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read().decode()
    result = re.search(rf'donorcrm_rerun_seconds_count{{page="{page}"}} (\S+)', text)
    return float(result[1]) if result else 0.0


@pytest.mark.browser
def test_an_open_page_goes_on_at_the_other_replica(shape: Shape, browser: Browser) -> None:
    """Its replica dies under a page: the page finds the other one, still signed in."""
    webs = ("web-1", "web-2")
    with browser.new_context(ignore_https_errors=True, locale="en-US") as context:
        page = context.new_page()
        sign_in(page, shape, "ruth@demo.example")
        before = {name: drawn(shape, name, "pledges") for name in webs}
        page.goto(shape.address + "/pledges?status=paused")
        expect(page.get_by_role("heading", name="Pledges", exact=True)).to_be_visible()
        settled(page)
        (mine,) = (name for name in webs if drawn(shape, name, "pledges") > before[name])
        (other,) = {*webs} - {mine}
        donors = drawn(shape, other, "donors")
        shape.kill(mine)
        try:
            page.get_by_role("link", name="Donors", exact=True).click()
            expect(page.get_by_role("heading", name="Donors", exact=True)).to_be_visible()
            expect(page.get_by_role("button", name="Sign out")).to_be_attached()
            settled(page)
            assert drawn(shape, other, "donors") > donors
        finally:
            shape.restart(mine)


def test_one_dead_replica_is_passed_over(shape: Shape) -> None:
    shape.kill("web-1")
    try:
        assert [get(shape, HEALTH)[0] for _ in range(20)] == [200] * 20
    finally:
        shape.restart("web-1")


def test_one_dead_scheduler_leaves_the_service_ready(shape: Shape) -> None:
    shape.kill("scheduler-1")
    try:
        time.sleep(0.5)
        status, body, _ = get(shape, READY)
        assert (status, body) == (200, b'{"status":"ready"}')
        assert shape.parts["scheduler-2"].alive
    finally:
        shape.restart("scheduler-1")


@pytest.mark.parametrize(("victim", "queued"), [("web-2", 20), ("redis", 20), ("postgres", 200)])
def test_no_gift_is_lost_or_written_twice_when_a_part_is_killed(
    shape: Shape, victim: str, queued: int
) -> None:
    """The quick part of benchmarks/chaos.py; queued work is done, too."""
    line = chaos.strike(chaos.Client(shape), victim, seconds=3, queued=queued)
    assert line.expected > 3
    assert (line.lost, line.duplicated, line.work_left) == (0, 0, 0), line
    assert line.seen == line.expected
    assert line.longest_wait_seconds < 30
