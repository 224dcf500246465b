"""The stored aggregates always equal aggregates recomputed from the gifts."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import gifts, insights, pledges
from app.accounts import Actor
from app.kit.money import Money
from tests import factories as make
from tests.values import Clock

TABLES = ("donor_summary", "donor_year", "owner_month", "soft_credit", "pledge_summary")
# the summary of a changed pledge is computed later
KNOWN = {"pledge_summary": "where pledge_id not in (select pledge_id from pledge_change)"}
# what a soft credit stores of its gift
COLUMNS = {"soft_credit": "id, giver_id, gift_date, base_minor, gift_base_minor"}
RETURNED = """
select g.id, g.returned_minor, g.returned_base_minor from gift g
where g.returned_minor + coalesce(
        (select sum(r.amount_minor) from gift r where r.reverses_id = g.id), 0) <> 0
    or g.returned_base_minor + coalesce(
        (select sum(r.base_minor) from gift r where r.reverses_id = g.id), 0) <> 0
"""


def differences(db: Session) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows in which stored and recomputed aggregates differ, by table."""
    rows_by_table = {}
    for table in TABLES:
        columns, where = COLUMNS.get(table, "*"), KNOWN.get(table, "")
        stored = f"select {columns} from {table} {where}"
        recomputed = f"select * from {table}_fresh {where}"
        statement = f"({stored} except {recomputed}) union all ({recomputed} except {stored})"
        rows_by_table[table] = [tuple(row) for row in db.execute(text(statement))]
    rows_by_table["gift"] = [tuple(row) for row in db.execute(text(RETURNED))]
    return rows_by_table


def assert_exact(db: Session) -> None:
    assert differences(db) == {table: [] for table in (*TABLES, "gift")}


@pytest.fixture
def sample_data(db: Session) -> tuple[Actor, Actor, list[int], int]:
    """Two owners, five donors (one without owner), pledges, gifts over two fiscal years.

    The stored periods are those of a day between.
    """
    make.organisation(db, fiscal_start_month=7)
    ruth, sam = make.person(db), make.person(db)
    donors = [make.donor(db, owner) for owner in (ruth, ruth, sam, sam, None)]
    pledge = make.pledge(db, donors[0], start=date(2025, 1, 1))
    for donor, frequency in zip(
        donors, ("weekly", "quarterly", "once", "semimonthly"), strict=False
    ):
        make.pledge(db, donor, 9, frequency, date(2025, 1, 31))
    for number, donor in enumerate(donors[:4]):
        for month in range(number, 14):
            day = date(2025, 1, 15) + timedelta(days=30 * month)
            make.gift(
                db, donor, 10 + number, day, pledge_id=None if number or month % 2 else pledge
            )
    insights.move_stored_periods(db, today=date(2025, 12, 10))
    pledges.refresh_prepaid(db)
    return ruth, sam, donors, pledge


ALONE = "not exists (select 1 from gift r where r.reverses_id = g.id)"
CHANGES = {
    "insert in bulk": """
        insert into gift (donor_id, amount_minor, currency, base_minor, gift_date)
        select d.id, 100 * n, 'USD', 100 * n, date '2024-06-20' + n
        from donor d, generate_series(1, 40) n""",
    "edit the amount": """
        update gift set amount_minor = 777, base_minor = 777 where kind = 'gift' and id % 3 = 0""",
    "edit the day": "update gift set gift_date = gift_date + 200 where id % 2 = 0",
    "move gifts to another donor": """
        update gift set donor_id = (select max(id) from donor), pledge_id = null
        where id % 5 = 0""",
    "note and thank": "update gift set note = 'Thanked', thanked_at = now()",
    "reverse": """
        insert into gift (donor_id, kind, amount_minor, currency, base_minor, gift_date,
                          reverses_id, pledge_id)
        select donor_id, 'reversal', -amount_minor, 'USD', -base_minor, gift_date + 3, id,
               pledge_id from gift where kind = 'gift' and id % 4 = 0""",
    "reverse in part": """
        insert into gift (donor_id, kind, amount_minor, currency, base_minor, gift_date,
                          reverses_id, pledge_id)
        select donor_id, 'reversal', -5, 'USD', -5, gift_date + 30, id, pledge_id
        from gift where kind = 'gift' and id % 3 = 0""",
    "edit what was reversed": """
        update gift set amount_minor = -1, base_minor = -1 where kind = 'reversal'""",
    "reverse another gift instead": """
        update gift set reverses_id = (select min(id) from gift where kind = 'gift')
        where kind = 'reversal'""",
    "delete some": f"delete from gift g where id % 3 = 1 and {ALONE}",
    "delete every reversal": "delete from gift where kind = 'reversal'",
    "delete all": "delete from gift",
    "link to a pledge": """
        update gift set pledge_id = p.id from pledge p
        where p.donor_id = gift.donor_id and gift.pledge_id is null""",
    "unlink from a pledge": "update gift set pledge_id = null",
    "make the pledge one for a single gift": "update pledge set frequency = 'once'",
    "make it monthly": "update pledge set frequency = 'monthly'",
    "raise pledges": "update pledge set amount_minor = amount_minor * 3 where id % 2 = 0",
    "end pledges": "update pledge set end_date = start_date + 100",
    "let pledges go on": "update pledge set end_date = null, status = 'active'",
    "begin pledges later": "update pledge set start_date = start_date + 45, end_date = null",
    "expect them on another day": "update pledge set anchor_day = 31 where id % 2 = 1",
    "expect them more often": "update pledge set frequency = 'weekly' where id % 3 = 0",
    "cancel pledges": "update pledge set status = 'cancelled', note = 'Ended'",
    "pause pledges": """
        insert into pledge_pause (pledge_id, donor_id, starts_on)
        select id, donor_id, start_date + 50 from pledge""",
    "move pledges to another donor": """
        update pledge set donor_id = (select min(id) from donor) where id % 2 = 0""",
    "link all to one pledge": "update gift set pledge_id = (select max(id) from pledge)",
    "new pledges": """
        insert into pledge (donor_id, amount_minor, currency, frequency, start_date)
        select id, 700, 'USD', 'annual', '2024-02-29' from donor""",
    "correct a rate": """
        update gift set base_minor = base_minor * 2, currency = 'EUR' where id % 2 = 1""",
    "delete the pledge": "delete from pledge",
    "hand donors over": "update donor set owner_id = (select max(id) from app_user)",
    "take donors from everybody": "update donor set owner_id = null where id % 2 = 0",
    "rename donors": "update donor set name = name || ' again'",
    "new donors": "insert into donor (name) select 'New ' || n from generate_series(1, 5) n",
    "delete donors without gifts": """
        delete from donor d where not exists (select 1 from gift where donor_id = d.id)
        and not exists (select 1 from pledge where donor_id = d.id)""",
    "credit other donors": """
        insert into soft_credit (gift_id, donor_id, type, amount_minor)
        select g.id, d.id, 'spouse', 1 + g.amount_minor * (1 + d.id % 2) / 2
        from gift g, donor d where g.kind = 'gift' and g.id % 3 = d.id % 3
            and d.id <> g.donor_id""",
    "credit less": "update soft_credit set amount_minor = (amount_minor + 1) / 2",
    "take credits back": "delete from soft_credit where id % 2 = 0",
    "begin the fiscal year elsewhen": "update organisation set fiscal_start_month = 1",
}
# the day that the stored periods are moved to
REFRESH = "compute changed pledges anew"
MOVES = {f"move the periods to {day}": day for day in (date(2025, 3, 1), date(2026, 2, 28))}
EVERY_CHANGE = [*CHANGES, *MOVES, REFRESH]


def make_change(db: Session, change: str) -> None:
    if change == REFRESH:
        pledges.refresh_prepaid(db)
        assert db.scalar(text("select count(*) from pledge_change")) == 0
    elif change in MOVES:
        insights.move_stored_periods(db, today=MOVES[change])
    else:
        db.execute(text(CHANGES[change]))


@pytest.mark.parametrize("change", EVERY_CHANGE)
def test_aggregates_after_each_kind_of_change(
    db: Session, sample_data: tuple[Actor, Actor, list[int], int], change: str
) -> None:
    assert_exact(db)
    make_change(db, change)
    assert_exact(db)
    make_change(db, REFRESH)
    assert_exact(db)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=st.lists(st.sampled_from(EVERY_CHANGE), min_size=2, max_size=6))
def test_aggregates_after_changes_in_any_order(
    db: Session, sample_data: tuple[Actor, Actor, list[int], int], changes: list[str]
) -> None:
    with db.begin_nested() as attempt:
        for change in changes:
            make_change(db, change)
            assert_exact(db)
        attempt.rollback()


def test_aggregates_after_operations_of_users(
    db: Session, sample_data: tuple[Actor, Actor, list[int], int], today: date, now: datetime
) -> None:
    ruth, _, donors, _ = sample_data
    clock = Clock(today=today, now=now)

    def usd(amount: str) -> Money:
        return Money.of(amount, "USD")

    recorded = gifts.record(db, ruth, donor_id=donors[0], amount=usd("50"), on=today, **clock)
    assert_exact(db)
    gifts.correct(
        db,
        ruth,
        gift_id=recorded.gift_id,
        version=1,
        amount=usd("500"),
        on=date(2026, 6, 30),
        method=None,
        fund_id=None,
        campaign_id=None,
        pledge_id=None,
        note=None,
        **clock,
    )
    assert_exact(db)
    gifts.reverse(db, ruth, gift_id=recorded.gift_id, amount=usd("20"), on=today, **clock)
    gifts.reverse(db, ruth, gift_id=recorded.gift_id, on=today, **clock)
    assert_exact(db)
    make.pledge(db, donors[1], "11", start=date(2025, 1, 15))
    everything = list(db.scalars(text("select id from gift")))
    assert pledges.match(db, gift_ids=everything, today=today) > 0
    assert_exact(db)


def test_rebuilding_changes_nothing(
    db: Session, sample_data: tuple[Actor, Actor, list[int], int]
) -> None:
    def everything() -> dict[str, object]:
        return {
            table: db.execute(text(f"select * from {table} order by 1, 2")).all()
            for table in TABLES
        }

    before = everything()
    db.execute(text("select rebuild_summaries()"))
    assert everything() == before
