"""Requests counted by all web processes together, on a real Redis that dies in the middle."""

import pickle
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis
from sqlalchemy import URL, Connection, event, text

from app import cache, gifts, insights
from app.accounts import Actor
from app.api.rest import rate_limits
from app.api.rest.problems import TooManyError
from app.cache import redis_client, versioned_cache
from app.db import data_version, elsewhere, transaction, transaction_for_system
from app.db.models import DonorEmail
from app.db.session import database_url, dispose, engine
from app.settings import settings
from tests import database as run
from tests import factories as make
from tests.external_tools import needed
from tests.smtp_sink import free_port
from tests.values import present


@pytest.fixture
def server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[tuple[Callable[[], None], Callable[[], None]]]:
    """A Redis of its own; `start` and `kill` as often as wanted."""
    port = free_port()
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{port}/0")
    settings.cache_clear()
    redis_client.forget()
    running = []

    def start() -> None:
        command = [
            needed("redis-server"),
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            str(tmp_path),
        ]
        running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                redis.Redis(port=port).ping()
            except redis.RedisError:
                time.sleep(0.05)
            else:
                return
        pytest.fail("Redis did not start.")

    def kill() -> None:
        running[-1].kill()
        running[-1].wait()

    start()
    yield start, kill
    kill()
    redis_client.forget()
    settings.cache_clear()


def limit() -> rate_limits.RateLimit:
    """What one web process counts with."""
    return rate_limits.RateLimit(lambda: 5, "test")


def count_allowed(*processes: rate_limits.RateLimit, most: int = 20) -> int:
    """How many requests go through when the processes are asked in turn."""
    for number in range(most):
        try:
            processes[number % len(processes)].take("ruth")
        except TooManyError:
            return number
    return most


def test_processes_count_together(server: tuple[Callable[[], None], Callable[[], None]]) -> None:
    assert count_allowed(limit(), limit()) == 5
    limit().take("sam")
    assert redis_client.reachable()


def test_who_asked_is_kept_as_a_hash_for_minutes(
    server: tuple[Callable[[], None], Callable[[], None]],
) -> None:
    limit().take("ruth@example.org")
    store = redis.Redis.from_url(settings().redis_url)
    (key,) = store.keys("*")
    assert b"ruth" not in key
    assert 0 < store.ttl(key) <= 120


def test_when_it_dies_each_process_counts_for_itself_and_no_request_waits(
    server: tuple[Callable[[], None], Callable[[], None]],
) -> None:
    start, kill = server
    first, two = limit(), limit()
    first.take("ruth")
    kill()
    began = time.monotonic()
    assert count_allowed(first, two) == 10
    assert time.monotonic() - began < 0.5 * 11
    assert redis_client.reachable() is False
    start()
    redis_client.forget()
    assert count_allowed(limit(), limit()) == 5


def test_one_that_hangs_is_left_alone(
    server: tuple[Callable[[], None], Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_client, "REST_SECONDS", 30)
    store = redis.Redis.from_url(settings().redis_url)
    store.client_pause(3000)
    began = time.monotonic()
    assert count_allowed(limit()) == 5
    # one wait, and then it is not asked
    assert time.monotonic() - began < 1


def test_after_five_seconds_it_is_asked_again(
    server: tuple[Callable[[], None], Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    start, kill = server
    seconds = 100.0
    monkeypatch.setattr(redis_client, "time", SimpleNamespace(monotonic=lambda: seconds))
    kill()
    assert redis_client.redis_wanted(redis.Redis.ping) is None
    start()
    seconds += 4.9
    assert redis_client.redis_wanted(redis.Redis.ping) is None
    seconds += 0.2
    assert redis_client.redis_wanted(redis.Redis.ping)


def test_without_one_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    settings.cache_clear()
    assert redis_client.reachable() is None
    assert count_allowed(limit(), limit()) == 10


# --- answers kept for all processes


@pytest.fixture
def book(
    server: tuple[Callable[[], None], Callable[[], None]], database: URL
) -> tuple[Actor, Actor]:
    with transaction_for_system() as db:
        make.organisation(db)
        ada = make.person(db, "admin", name="Ada", goal="4000")
        ruth = make.person(db, name="Ruth")
        make.gift(db, make.donor(db, ruth, "Violet Canary"), "50", date(2026, 11, 2))
    return ada, ruth


def board(actor: Actor) -> insights.Dashboard:
    with transaction(actor) as db:
        return insights.dashboard(
            db, actor, filter=insights.DashboardFilter(), today=date(2026, 11, 23)
        )


def asked_of_the_database(actor: Actor) -> tuple[insights.Dashboard, int]:
    """The dashboard, and how many statements it took."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(engine(), "before_cursor_execute", note)
    try:
        return board(actor), count
    finally:
        event.remove(engine(), "before_cursor_execute", note)


def give(amount: str, donor: int | None = None) -> None:
    with transaction_for_system() as db:
        donor = donor or db.scalar(text("select min(id) from donor"))
        make.gift(db, donor, amount, date(2026, 11, 3))


def test_the_second_time_the_dashboard_is_at_hand(book: tuple[Actor, Actor]) -> None:
    ada, ruth = book
    before = cache.hit_counts()
    first, many = asked_of_the_database(ada)
    again, few = asked_of_the_database(ada)
    assert first == again
    assert cache.hit_counts() == {result: before[result] + 1 for result in (True, False)}
    # entering, and which state it is
    assert few == 2 < many
    # nobody is given what was made for somebody else
    assert asked_of_the_database(ruth)[1] == many
    assert asked_of_the_database(replace(ada, viewer_id=ruth.user_id))[1] > few


def test_a_glance_is_at_hand_too_and_true(book: tuple[Actor, Actor]) -> None:
    ada, ruth = book

    def glance(who: Actor) -> insights.TodaySummary:
        with transaction(who) as db:
            return insights.load_today_summary(db, who, today=date(2026, 11, 23))

    first = glance(ada)
    assert glance(ada) == first
    assert first.changes == board(ada).changes
    assert first.months == board(ada).months
    assert glance(ruth).progress.goal != first.progress.goal
    give("25")
    assert glance(ada).year.given.minor == first.year.given.minor + 2_500


def test_who_waits_is_at_hand_too_and_true(book: tuple[Actor, Actor]) -> None:
    ada, ruth = book
    today = date(2026, 11, 23)

    def waiting(who: Actor) -> insights.WorkLists:
        with transaction(who) as db:
            return insights.load_work_lists(
                db, who, filter=insights.DashboardFilter(), today=today
            )

    first = waiting(ada)
    assert first.thanks.count == 1
    assert [line.donor_name for line in first.thanks.first] == ["Violet Canary"]
    assert waiting(ada) == first
    # where somebody is reached stands in the list, too
    with transaction_for_system() as db:
        donor = first.thanks.first[0].donor_id
        db.add(DonorEmail(donor_id=donor, email="violet@canary.example", is_primary=True))
    assert waiting(ada).thanks.first[0].email == "violet@canary.example"
    with transaction(ruth) as db:
        gift_id = first.thanks.first[0].gift_id
        gifts.thank(db, ruth, gift_id=gift_id, how="call", now=datetime.now(UTC))
    assert waiting(ada).thanks == insights.FirstRows((), 0)
    for _ in range(5):
        give("5")
    latest = waiting(ada)
    assert (latest.thanks.count, len(latest.thanks.first), len(latest.recent)) == (5, 4, 6)


def test_what_was_committed_is_seen_at_once(book: tuple[Actor, Actor]) -> None:
    ada, _ = book
    assert board(ada).income.total.minor == 5_000
    give("25")
    assert board(ada).income.total.minor == 7_500
    with transaction_for_system() as db:
        db.execute(text("update gift set amount_minor = 1000, base_minor = 1000"))
    assert board(ada).income.total.minor == 2_000
    with transaction_for_system() as db:
        make.monthly_goal(db, ada.user_id, "0.05", date(2026, 11, 1))
    assert present(board(ada).progress).goal.minor == 5
    with transaction_for_system() as db:
        db.execute(text("delete from gift"))
    assert board(ada).income.total.minor == 0


def test_what_is_not_committed_is_never_kept(book: tuple[Actor, Actor]) -> None:
    ada, _ = book
    with transaction_for_system() as db:
        donor = db.scalar(text("select min(id) from donor"))
        make.gift(db, donor, "900", date(2026, 11, 3))
        collected = insights.dashboard(
            db, ada, filter=insights.DashboardFilter(), today=date(2026, 11, 23)
        )
        assert collected.income.total.minor == 95_000
        db.rollback()
    # the next one to commit makes the state that the rolled back one would have made
    give("1")
    assert board(ada).income.total.minor == 5_100


def test_folding_makes_no_other_state(book: tuple[Actor, Actor]) -> None:
    give("1")
    give("2")
    with transaction_for_system() as db:
        before = data_version.current_version(db)
    with transaction_for_system() as db:
        data_version.combine_versions(db)
    with transaction_for_system() as db:
        assert data_version.current_version(db) == before
        assert db.scalar(text("select count(*) from data_change")) == 1
    give("3")
    with transaction_for_system() as db:
        assert data_version.current_version(db) != before


def test_no_two_states_are_one_however_commits_cross(book: tuple[Actor, Actor]) -> None:
    """Two writers, one of which began first and commits last, and a reader after each step."""
    ada, _ = book
    results = []

    def look() -> None:
        results.append(board(ada).income.total.minor)

    with closing(engine().connect()) as slow:
        slow.execute(text("select set_config('x.y', '', true)"))
        slow.execute(
            text(
                "insert into gift (donor_id, amount_minor, currency, base_minor, gift_date)"
                " select min(id), 100, 'USD', 100, '2026-11-04' from donor"
            )
        )
        look()
        with transaction_for_system() as db:
            db.execute(text("update fund set name = name"))
        look()
        with transaction_for_system() as db:
            data_version.combine_versions(db)
        look()
        slow.commit()
        look()
    assert results == [5_000, 5_000, 5_000, 5_100]


def test_redis_holds_no_names_and_is_not_trusted(book: tuple[Actor, Actor]) -> None:
    ada, _ = book
    first = board(ada)
    store = redis.Redis.from_url(settings().redis_url)
    keys = [key for key in store.scan_iter() if key.startswith(b"donorcrm:kept:")]
    (key,) = keys
    assert b"Violet" not in present(store.get(key))
    assert 0 < store.ttl(key) <= 600
    # what is not ours is not taken
    stored = store.get(key)
    assert isinstance(stored, bytes)
    for wrong in (b"", b"hello", pickle.dumps("x"), stored[:-4] + b"AAAA"):
        store.set(key, wrong)
        assert board(ada) == first


def test_redis_may_die_while_it_keeps(
    book: tuple[Actor, Actor], server: tuple[Callable[[], None], Callable[[], None]]
) -> None:
    ada, _ = book
    start, kill = server
    first = board(ada)
    kill()
    began = time.monotonic()
    assert board(ada) == first
    give("5")
    assert board(ada).income.total.minor == 5_500
    assert time.monotonic() - began < 5
    start()
    redis_client.forget()
    assert board(ada).income.total.minor == 5_500
    assert asked_of_the_database(ada)[1] == 2


def test_without_redis_a_process_keeps_a_few_by_itself(
    book: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, ruth = book
    monkeypatch.setenv("REDIS_URL", "")
    settings.cache_clear()
    first, many = asked_of_the_database(ada)
    assert asked_of_the_database(ada) == (first, 2)
    assert many > 2
    give("25")
    assert board(ada).income.total.minor == 7_500
    # the oldest go
    monkeypatch.setattr(versioned_cache, "MOST", 1)
    versioned_cache.forget()
    board(ada)
    board(ruth)
    assert asked_of_the_database(ada)[1] == many


def test_a_cache_of_no_entries_stores_nothing(
    book: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versioned_cache, "MOST", 0)
    first = asked_of_the_database(book[0])
    assert asked_of_the_database(book[0]) == first


def test_another_database_is_another_state(book: tuple[Actor, Actor]) -> None:
    """Also one that is a copy to the last row."""
    with transaction_for_system() as db:
        version, name = (
            data_version.current_version(db),
            db.scalar(text("select current_database()")),
        )
    dispose()
    run.admin(f"create database copied_{name} template {name}")
    try:
        with (
            elsewhere(
                database_url().set(database=f"copied_{name}").render_as_string(hide_password=False)
            ),
            transaction_for_system() as db,
        ):
            assert (
                present(data_version.current_version(db)).partition(":")[2]
                == present(version).partition(":")[2]
            )
            assert data_version.current_version(db) != version
    finally:
        run.admin(f"drop database copied_{name} with (force)")


WRITTEN_BY_TRIGGERS = {"donor_year", "owner_month", "pledge_change"}
# what a job stores changes no figure, but only how it is computed
STORED_BY_JOBS = {"giving_period", "pledge_summary"}


def test_whatever_the_dashboard_reads_changes_the_state(book: tuple[Actor, Actor]) -> None:
    """A table that is read and has no trigger would show what was before."""
    ada, ruth = book
    read = set()

    def note(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        read.update(re.findall(r"(?:from|join)\s+(\w+)", statement, re.IGNORECASE))

    with transaction_for_system() as db:
        fund = make.fund(db)
        make.looks_after(db, ada, ruth)
        tables = set(db.scalars(text("select relname from pg_class where relkind = 'r'")))
        results = set(
            db.scalars(
                text(
                    "select event_object_table from information_schema.triggers"
                    " where action_statement like '%note_change%'"
                )
            )
        )
    event.listen(engine(), "before_cursor_execute", note)
    try:
        for chosen in (
            insights.DashboardFilter(),
            insights.DashboardFilter(fund_id=fund),
            insights.DashboardFilter(owner_id=ruth.user_id),
            insights.DashboardFilter(team_of=ada.user_id),
        ):
            with transaction(ada) as db:
                insights.dashboard(db, ada, filter=chosen, today=date(2026, 11, 23))
                insights.load_work_lists(db, ada, filter=chosen, today=date(2026, 11, 23))
                insights.load_today_summary(db, ada, today=date(2026, 11, 23))
    finally:
        event.remove(engine(), "before_cursor_execute", note)
    assert {"gift", "donor_summary", "app_user", "pledge", "donor_rhythm", "alert"} <= read
    known = results | WRITTEN_BY_TRIGGERS | STORED_BY_JOBS | {"data_change", "pg_database"}
    assert read & tables <= known
