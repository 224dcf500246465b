"""Requests counted by all web processes together, on a real Redis that dies in the middle."""

import subprocess
import time

import pytest
import redis

from app.api.rest import limits, shared_counts
from app.api.rest.problems import TooManyError
from app.settings import settings
from tests.sink import free_port


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A Redis of its own; `start` and `kill` as often as wanted."""
    port = free_port()
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{port}/0")
    settings.cache_clear()
    shared_counts.forget()
    running = []

    def start():
        words = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                 "--appendonly", "no", "--dir", str(tmp_path)]  # fmt: skip
        running.append(subprocess.Popen(words, stdout=subprocess.DEVNULL))
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                redis.Redis(port=port).ping()
            except redis.RedisError:
                time.sleep(0.05)
            else:
                return
        pytest.fail("Redis did not start.")

    def kill():
        running[-1].kill()
        running[-1].wait()

    start()
    yield start, kill
    kill()
    shared_counts.forget()
    settings.cache_clear()


def limit():
    """What one web process counts with."""
    return limits.Limit(lambda: 5, name="test")


def middle_of_a_minute():
    """No count begins anew while the test counts."""
    if time.time() % 60 > 50:
        time.sleep(60 - time.time() % 60)


def taken(*processes, most=20):
    """How many requests go through when the processes are asked in turn."""
    for number in range(most):
        try:
            processes[number % len(processes)].take("ruth")
        except TooManyError:
            return number
    return most


def test_processes_count_together(server):
    middle_of_a_minute()
    assert taken(limit(), limit()) == 5
    limit().take("sam")
    assert shared_counts.reachable()


def test_who_asked_is_kept_as_a_hash_for_minutes(server):
    limit().take("ruth@example.org")
    store = redis.Redis.from_url(settings().redis_url)
    (key,) = store.keys("*")
    assert b"ruth" not in key
    assert 0 < store.ttl(key) <= 120


def test_when_it_dies_each_counts_for_itself_and_nobody_waits(server):
    start, kill = server
    one, two = limit(), limit()
    one.take("ruth")
    kill()
    began = time.monotonic()
    assert taken(one, two) == 10
    assert time.monotonic() - began < 0.5 * 11
    assert shared_counts.reachable() is False
    start()
    shared_counts.forget()
    middle_of_a_minute()
    assert taken(limit(), limit()) == 5


def test_one_that_hangs_is_left_alone(server, monkeypatch):
    monkeypatch.setattr(shared_counts, "REST_SECONDS", 30)
    store = redis.Redis.from_url(settings().redis_url)
    store.execute_command("CLIENT", "PAUSE", "3000")
    began = time.monotonic()
    assert taken(limit()) == 5
    # one wait, and then it is not asked
    assert time.monotonic() - began < 1


def test_without_one_nothing_is_asked(monkeypatch):
    monkeypatch.delenv("REDIS_URL", raising=False)
    settings.cache_clear()
    assert shared_counts.asked_this_minute("test", "ruth") is None
    assert shared_counts.reachable() is None
    assert taken(limit(), limit()) == 10
