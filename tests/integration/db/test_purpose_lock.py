"""The lock between choosing a fund or campaign and merging one."""

from datetime import date, datetime

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError

from app import gifts
from app.db import transaction, transaction_for_system
from app.db.purpose_lock import hold_purposes, lock_purposes
from app.kit.money import Money
from tests import factories as make


def test_those_who_choose_do_not_wait_for_each_other(database: URL) -> None:
    with transaction_for_system() as one, transaction_for_system() as two:
        hold_purposes(one)
        hold_purposes(two)
        two.execute(text("set local lock_timeout = '100ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            lock_purposes(two)


def test_a_merge_waits_until_a_gift_of_the_fund_is_saved(
    database: URL, today: date, now: datetime
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ada = make.person(db, "admin")
        donor, old, new = make.donor(db, ada), make.fund(db), make.fund(db)
    merge = {"fund_id": old, "into_id": new, "version": 1}
    with transaction(ada) as saving:
        gifts.record(
            saving,
            ada,
            donor_id=donor,
            amount=Money(500, "USD"),
            on=date(2026, 11, 2),
            fund_id=old,
            today=today,
            now=now,
        )
        with transaction(ada) as merging, merging.begin_nested() as attempt:
            merging.execute(text("set local lock_timeout = '100ms'"))
            with pytest.raises(DBAPIError, match="lock timeout"):
                gifts.merge_funds(merging, ada, **merge)
            attempt.rollback()
    with transaction(ada) as db:
        assert gifts.merge_funds(db, ada, **merge).gifts == 1
