"""The stored aggregates are exact when two transactions change one donor's gifts at once."""

import threading
import time
from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy import URL, text

from app.db import aggregate_check, transaction_for_system
from app.db.session import engine
from tests import factories as make

WAITING = """
select count(*) from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock'
"""
INSERT = (
    "insert into gift (donor_id, pledge_id, amount_minor, currency, base_minor, gift_date)"
    " select donor_id, pledge_id, 700, 'USD', 700, '2024-03-01' from gift order by id limit 1"
)
# other years than that of the inserted gift: no row of a sum by year or month is shared
OTHERS = {
    "correct": [
        "update gift set amount_minor = 900, base_minor = 900 where gift_date > '2026-01-01'"
    ],
    "delete": ["delete from gift where gift_date > '2026-01-01'"],
    "raise the pledge": ["update pledge set amount_minor = amount_minor * 2"],
}


@pytest.fixture
def gifts(database: URL) -> None:
    """Three gifts of a donor to a pledge."""
    with transaction_for_system() as db:
        make.organisation(db)
        donor = make.donor(db, make.person(db))
        pledge = make.pledge(db, donor, 5, start=date(2024, 1, 1))
        for year in (2025, 2026, 2026):
            make.gift(db, donor, 20, date(year, 5, 1), pledge_id=pledge)


def in_background(statements: Sequence[str]) -> threading.Thread:
    """Run statements in a transaction of their own, and return when they wait for a lock."""

    def run() -> None:
        with transaction_for_system() as db:
            for statement in statements:
                db.execute(text(statement))

    thread = threading.Thread(target=run)
    thread.start()
    deadline = time.monotonic() + 20
    while thread.is_alive() and time.monotonic() < deadline:
        with engine().connect() as connection:
            if connection.scalar(text(WAITING)):
                break
        time.sleep(0.01)
    return thread


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("insert_first", [True, False], ids=["insert first", "insert second"])
def test_sums_of_two_changes_at_once(gifts: None, other: str, insert_first: bool) -> None:
    first, second = ([INSERT], OTHERS[other])[:: 1 if insert_first else -1]
    with engine().connect() as connection:
        for statement in first:
            connection.execute(text(statement))
        thread = in_background(second)
        connection.commit()
    thread.join()
    with transaction_for_system() as db:
        assert aggregate_check.differences(db) == {}
