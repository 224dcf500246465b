"""Imported gifts in foreign currencies: they wait for a rate, and reversals mirror their gift."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import accounts, gifts, imports
from app.accounts import SYSTEM, Actor
from app.db import aggregate_check
from app.imports.values.problems import Problem
from tests.integration.imports.test_service import (
    ENTITIES,
    ImportedPlan,
    bring,
    counts,
    dump,
    ruth,
)

__all__ = ["bring", "ruth"]
Bring = Callable[..., ImportedPlan]
WAITS = (
    "No exchange rate for {} is known on {}: the gift is imported and counts in sums once there "
    "is one."
)
MAPPING = {
    "gift": "external_id",
    "donor": "donor_external_id",
    "amount": "amount",
    "day": "gift_date",
    "currency": "currency",
    "reverses": "reverses_external_id",
    "split": "split",
}
HEADER = "transaction_id,entity_id,amount,posted_date,currency\n"
GIFTS = HEADER + (
    "T1,E1,100.01,2026-01-05,CHF\nT2,E1,50,2026-02-05,CHF\nT3,E1,2500,2026-02-06,JPY\n"
    "T4,E1,10,2026-02-07,USD\n"
)


@pytest.fixture
def set_rate(db: Session, today: date) -> Callable[..., accounts.RateChanges]:
    def set_rate(currency: str, day: date, rate: str) -> accounts.RateChanges:
        return accounts.set_exchange_rate(
            db, SYSTEM, currency=currency, day=day, rate=rate, today=today
        )

    return set_rate


def stored(db: Session) -> dict[str, tuple[int, bool]]:
    rows = db.execute(text("select external_id, base_minor, awaiting_rate from gift"))
    assert aggregate_check.differences(db) == {}
    return {row.external_id: (row.base_minor, row.awaiting_rate) for row in rows}


def test_gifts_without_a_rate_are_imported_and_wait(
    db: Session, bring: Bring, ruth: Actor, set_rate: Callable[..., accounts.RateChanges]
) -> None:
    set_rate("CHF", date(2026, 2, 1), "1.25")
    bring(ENTITIES)
    shown = bring(GIFTS)
    assert counts(shown) == (4, 0, 0, 0, 0)
    assert shown["awaiting_rate"] == {"CHF": 1, "JPY": 1}
    assert shown["problems"] == []
    assert [(note["row"], note["field"], note["reason"]) for note in shown["notes"]] == [
        (2, "currency", WAITS.format("CHF", "2026-01-05")),
        (4, "currency", WAITS.format("JPY", "2026-02-06")),
    ]
    assert stored(db) == {
        "T1": (0, True),
        "T2": (6250, False),
        "T3": (0, True),
        "T4": (1000, False),
    }
    of_run = gifts.GiftFilter(import_id=shown["run_id"])
    waiting = gifts.awaiting_rate(db, ruth, filter=of_run)
    assert [(line.currency, line.gifts, str(line.amount)) for line in waiting] == [
        ("CHF", 1, "100.01"),
        ("JPY", 1, "2500"),
    ]
    changes = set_rate("CHF", date(2026, 1, 1), "1.1")
    assert changes.gift_sentences == ("1 gift in CHF: from $0 to $110.01; 1 waited for a rate.",)
    assert stored(db)["T1"] == (11_001, False)


def test_the_same_file_again_changes_nothing_while_gifts_wait_and_after(
    db: Session, bring: Bring, set_rate: Callable[..., accounts.RateChanges]
) -> None:
    bring(ENTITIES)
    bring(GIFTS)
    for _ in range(2):
        before = dump(db)
        shown = bring(GIFTS)
        assert counts(shown) == (0, 0, 4, 0, 0)
        assert shown["awaiting_rate"] == {}
        assert dump(db) == before
        set_rate("CHF", date(2026, 1, 1), "1.1")


def test_a_waiting_gift_pays_its_pledge(db: Session, bring: Bring) -> None:
    bring(ENTITIES)
    bring(
        "pledge_id,entity_id,amount,cadence,status,start_date,currency\n"
        "P1,E1,50,Monthly,active,2026-02-05,CHF\n"
    )
    bring(GIFTS)
    paid = text("select external_id from gift where pledge_id is not null")
    assert db.scalars(paid).all() == ["T2"]


REFUNDS = (
    "gift,donor,amount,day,currency,reverses\nT1,E1,100.01,2026-01-05,CHF,\nR1,E1,-33.33,2026-03-05,CHF,T1\n"
    "R2,E1,-66.68,2026-03-06,CHF,T1\n"
)


MAPPING_OF_REFUNDS = {name: field for name, field in MAPPING.items() if name != "split"}


def test_imported_refunds_mirror_their_gift_at_any_rate(
    db: Session, bring: Bring, set_rate: Callable[..., accounts.RateChanges]
) -> None:
    set_rate("CHF", date(2026, 1, 1), "1.1")
    # the refunds came on days with another rate
    set_rate("CHF", date(2026, 3, 1), "1.5")
    bring(ENTITIES)
    assert counts(bring(REFUNDS, kind="gifts", mapping=MAPPING_OF_REFUNDS, source="entities")) == (
        3,
        0,
        0,
        0,
        0,
    )
    assert stored(db) == {"T1": (11_001, False), "R1": (-3666, False), "R2": (-7335, False)}
    set_rate("CHF", date(2026, 1, 1), "1.33333333")
    base = stored(db)
    assert base["T1"][0] == 13_335 == -(base["R1"][0] + base["R2"][0])


def test_refunds_of_waiting_gifts_wait_with_them(
    db: Session, bring: Bring, ruth: Actor, set_rate: Callable[..., accounts.RateChanges]
) -> None:
    set_rate("CHF", date(2026, 3, 1), "1.5")
    bring(ENTITIES)
    bring(REFUNDS, kind="gifts", mapping=MAPPING_OF_REFUNDS, source="entities")
    assert set(stored(db).values()) == {(0, True)}
    # nothing of the gift is left, so it needs no rate
    assert gifts.awaiting_rate(db, ruth) == ()


def test_an_undo_restores_a_gift_at_the_rates_of_now(
    db: Session,
    bring: Bring,
    ruth: Actor,
    now: datetime,
    set_rate: Callable[..., accounts.RateChanges],
) -> None:
    bring(ENTITIES)
    bring(GIFTS)
    changed = bring(GIFTS.replace("100.01", "200").replace("2026-01-05", "2026-01-07"))
    assert counts(changed) == (0, 1, 3, 0, 0)
    assert stored(db)["T1"] == (0, True)
    # the rate arrives between the import and its undo
    set_rate("CHF", date(2026, 1, 1), "1.1")
    assert stored(db)["T1"] == (22_000, False)
    assert imports.undo(db, ruth, run_id=changed["run_id"], now=now).kept == ()
    assert stored(db)["T1"] == (11_001, False)


def test_an_undo_removes_what_waits(db: Session, bring: Bring, ruth: Actor, now: datetime) -> None:
    bring(ENTITIES)
    before = dump(db)
    run = bring(GIFTS)["run_id"]
    imports.undo(db, ruth, run_id=run, now=now)
    assert dump(db) == before
    assert gifts.awaiting_rate(db, ruth) == ()


def test_splits_of_an_imported_gift_follow_its_rate(
    db: Session, bring: Bring, set_rate: Callable[..., accounts.RateChanges]
) -> None:
    set_rate("CHF", date(2026, 1, 1), "1.1")
    bring(ENTITIES)
    bring(
        "gift,donor,amount,day,currency,split\n"
        "T1,E1,100,2026-01-05,CHF,Wells 33.33; School 33.33; Camp 33.34\n",
        kind="gifts",
        mapping={name: field for name, field in MAPPING.items() if name != "reverses"},
        source="entities",
    )
    splits = text("select base_minor from gift_line order by id")
    assert db.scalars(splits).all() == [3666, 3666, 3668]
    set_rate("CHF", date(2026, 1, 1), "0.01")
    assert db.scalars(splits).all() == [33, 33, 34]


def test_a_row_refused_for_its_rate_long_ago_keeps_its_sentence() -> None:
    problem = Problem("exchange_rate_missing", {"currency": "EUR", "day": "2026-01-05"})
    assert problem.sentence == "No exchange rate for EUR is known on 2026-01-05."
    assert problem.hint == "Ask an administrator to add the rate."
