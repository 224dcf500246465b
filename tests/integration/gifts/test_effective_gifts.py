"""Reversed gifts do not count for lateness, alerts, summaries, thanks and donor status."""

import io
from datetime import date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import alerts, donors, exports, gifts, goals, imports, insights, pledges
from app.accounts import Actor
from app.db.models import Alert, Donor, DonorSummary, Gift, Task
from app.insights import DashboardFilter
from app.kit.dates.days import Span
from tests import factories as make
from tests.values import Clock, present, usd

YEAR = Span(date(2026, 1, 1), date(2027, 1, 1))


@pytest.fixture
def donor(db: Session, ruth: Actor) -> int:
    return make.donor(db, ruth, "Tom Reed", phone="555 0100", status="donor")


def monthly(db: Session, donor: int, *, bounced: int) -> int:
    """A monthly pledge of 100 paid from July 2025 to November 2026, some of it bounced."""
    pledge = make.pledge(db, donor, "100", start=date(2025, 7, 5))
    for number in range(17):
        year, month = divmod(2025 * 12 + 6 + number, 12)
        gift = make.gift(db, donor, "100", date(year, month + 1, 5), pledge_id=pledge)
        if number >= 17 - bounced:
            make.reversal(db, gift, on=date(year, month + 1, 9))
    return pledge


def test_bounced_gifts_count_as_missed_instalments(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> None:
    monthly(db, donor, bounced=5)
    line = pledges.pledge_statuses(db, ruth, today=today, donor_id=donor)[0]
    assert (line.state, line.days_late, line.missed) == ("late", 141, 5)
    assert (line.oldest_due, line.last_gift_date) == (date(2026, 7, 5), date(2026, 6, 5))
    summary = db.get(DonorSummary, donor, populate_existing=True)
    assert (present(summary).last_gift_date, present(summary).gifts) == (date(2026, 6, 5), 12)
    assert alerts.raise_late_pledges(db, today=today, now=now).raised == 1
    donors.score(db, today=today)
    assert donors.get(db, ruth, donor, today=today).last_gift_date == date(2026, 6, 5)


def at_risk_filter(db: Session, actor: Actor, today: date) -> dict[str, str]:
    """Return the names found by the filter "At risk", after checking that all views agree."""
    chosen = donors.DonorFilter(giving=("at risk",))
    page = donors.page(db, actor, filter=chosen, today=today)
    ids = donors.filtered_ids(db, actor, filter=chosen, today=today)
    assert sorted(ids) == sorted(line.donor_id for line in page.lines)
    assert page.total == len(page.lines)
    file = io.BytesIO()
    chosen_rows = exports.ExportQuery(filter=chosen)
    exports.write(db, actor, kind="donors", out=file, query=chosen_rows, today=today)
    assert len(file.getvalue().splitlines()) == 1 + page.total
    return {line.name: line.giving for line in page.lines}


def test_a_late_donor_who_stopped_giving_is_found_as_at_risk_and_marked_as_late(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> None:
    monthly(db, donor, bounced=5)
    active = make.donor(db, ruth, "Ana Sol", status="donor")
    make.pledge(db, active, "80", "quarterly", date(2026, 1, 5))
    for month in range(1, 12):
        make.gift(db, active, "20", date(2026, month, 20))
    never = make.donor(db, ruth, "Ivy Low")
    make.pledge(db, never, "50", start=date(2026, 9, 5))
    # before the daily check its rhythm alone decides
    donors.score(db, today=today)
    alerts.raise_late_pledges(db, today=today, now=now)
    assert at_risk_filter(db, ruth, today) == {"Tom Reed": "pledge late"}
    donors.score(db, today=today)
    alerts.raise_at_risk(db, today=today, now=now)
    assert at_risk_filter(db, ruth, today) == {"Tom Reed": "pledge late"}
    late = donors.page(db, ruth, filter=donors.DonorFilter(giving=("pledge late",)), today=today)
    assert {line.name for line in late.lines} == {"Tom Reed", "Ana Sol", "Ivy Low"}
    # the work list names each of them once, as late
    assert alerts.at_risk(db, ruth, today=today) == []
    assert len(alerts.late(db, ruth, today=today)) == 3


def test_a_quarterly_pledge_whose_april_gift_bounced_is_late_since_april(
    db: Session, ruth: Actor, donor: int
) -> None:
    pledge = make.pledge(db, donor, "300", "quarterly", date(2026, 1, 5))
    make.gift(db, donor, "300", date(2026, 1, 5), pledge_id=pledge)
    april = make.gift(db, donor, "300", date(2026, 4, 5), pledge_id=pledge)
    make.reversal(db, april, on=date(2026, 4, 12))
    late_rows = pledges.late(db, ruth, today=date(2026, 5, 10))
    assert [(pledge_row.oldest_due, pledge_row.days_late) for pledge_row in late_rows] == [
        (date(2026, 4, 5), 35)
    ]


def test_a_partly_reversed_gift_counts_with_its_remaining_amount(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> None:
    pledge = make.pledge(db, donor, "100", start=date(2026, 10, 5))
    make.gift(db, donor, "100", date(2026, 10, 5), pledge_id=pledge)
    november = make.gift(db, donor, "100", date(2026, 11, 5), pledge_id=pledge)
    gifts.reverse(
        db, ruth, gift_id=november, amount=usd("40"), on=date(2026, 11, 20), today=today, now=now
    )
    line = pledges.pledge_statuses(db, ruth, today=today, donor_id=donor)[0]
    assert (line.last_gift_date, line.received) == (date(2026, 11, 5), usd("160"))
    queue = gifts.thank_queue(db, ruth, today=today)
    assert [row.amount for row in queue] == [usd("60"), usd("100")]
    summary = db.get(DonorSummary, donor, populate_existing=True)
    assert (present(summary).gifts, present(summary).largest_minor) == (2, 10000)


def test_first_last_largest_and_count_exclude_reversed_gifts(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> None:
    first = make.gift(db, donor, "900", date(2026, 1, 10))
    make.gift(db, donor, "50", date(2026, 9, 1))
    last = make.gift(db, donor, "60", date(2026, 11, 1))
    for gift in (first, last):
        gifts.reverse(db, ruth, gift_id=gift, on=today, today=today, now=now)
    view = donors.get(db, ruth, donor, today=today)
    assert (view.first_gift_date, view.last_gift_date) == (date(2026, 9, 1), date(2026, 9, 1))
    assert (view.gifts, view.largest) == (1, usd("50"))
    income = goals.income(db, ruth, span=YEAR)
    assert (income.gifts, income.total) == (1, usd("50"))
    page = gifts.page(db, ruth, filter=gifts.GiftFilter(span=YEAR))
    assert (page.gifts, page.total) == (1, usd("50"))


def test_the_next_gift_after_a_reversed_first_one_is_the_first_gift(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> None:
    bounced = make.gift(db, donor, "50", date(2025, 11, 1))
    gifts.reverse(db, ruth, gift_id=bounced, on=date(2025, 11, 9), today=today, now=now)
    gifts.record(db, ruth, donor_id=donor, amount=usd("50"), on=today, today=today, now=now)
    queue = gifts.thank_queue(db, ruth, today=today)
    assert [(row.on, row.why) for row in queue] == [(today, "First gift")]
    changes = insights.changes(db, ruth, filter=DashboardFilter(), today=today)
    assert [(row.change.value, row.donors) for row in changes.steps] == [("new", 1)]


def test_a_tie_is_not_the_largest_gift_so_far(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    for day in (date(2026, 3, 1), date(2026, 5, 1), date(2026, 9, 1)):
        make.gift(db, donor, "50", day)
    make.gift(db, donor, "50", date(2026, 11, 1))
    assert {row.why for row in gifts.thank_queue(db, ruth, today=today)} == {""}
    make.gift(db, donor, "51", date(2026, 11, 2))
    assert gifts.thank_queue(db, ruth, today=today)[0].why == "Largest gift so far"


def status(db: Session, donor: int) -> str | None:
    return db.scalar(select(Donor.status).where(Donor.id == donor))


def test_a_donor_whose_only_gift_is_reversed_is_a_prospect_again(
    db: Session, ruth: Actor, today: date, now: datetime
) -> None:
    donor = make.donor(db, ruth, status="prospect")
    clock = Clock(today=today, now=now)
    recorded = gifts.record(db, ruth, donor_id=donor, amount=usd("50"), on=today, **clock)
    assert status(db, donor) == "donor"
    gifts.reverse(db, ruth, gift_id=recorded.gift_id, amount=usd("20"), on=today, **clock)
    assert status(db, donor) == "donor"
    gifts.reverse(db, ruth, gift_id=recorded.gift_id, on=today, **clock)
    assert status(db, donor) == "prospect"


def states(db: Session) -> list[tuple[str, str]]:
    rows = db.execute(select(Alert.kind, Alert.state).order_by(Alert.id))
    return [(row.kind, row.state) for row in rows]


def test_reversing_the_gift_reopens_the_late_pledge_alert(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> None:
    make.pledge(db, donor, "100", start=date(2026, 9, 5))
    alerts.raise_late_pledges(db, today=today, now=now)
    clock = Clock(today=today, now=now)
    recorded = gifts.record(db, ruth, donor_id=donor, amount=usd("300"), on=today, **clock)
    assert states(db) == [("late_pledge", "resolved")]
    gifts.reverse(db, ruth, gift_id=recorded.gift_id, on=today, **clock)
    assert states(db) == [("late_pledge", "open")]
    assert db.scalars(select(Task.title).where(Task.done_at.is_(None))).all() == [
        "Call Tom Reed about the pledge"
    ]


def test_a_reversal_that_makes_a_pledge_late_raises_its_alert_at_once(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> None:
    monthly(db, donor, bounced=4)
    july = db.scalar(select(Gift.id).where(Gift.gift_date == date(2026, 7, 5)))
    assert states(db) == []
    gifts.reverse(db, ruth, gift_id=present(july), on=today, today=today, now=now)
    assert states(db) == [("late_pledge", "open")]
    assert db.scalar(select(Alert.since)) == date(2026, 7, 5)


def test_reversing_the_gift_reopens_the_at_risk_alert(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> None:
    for month in range(1, 9):
        make.gift(db, donor, "50", date(2026, month, 3))
    db.execute(
        text(
            "insert into alert (key, kind, donor_id, reason, since, raised_on)"
            " values ('at_risk:x:2026-08-03', 'at_risk', :donor, 'Gives monthly.',"
            " '2026-08-03', '2026-10-01')"
        ),
        {"donor": donor},
    )
    clock = Clock(today=today, now=now)
    recorded = gifts.record(db, ruth, donor_id=donor, amount=usd("50"), on=today, **clock)
    assert states(db) == [("at_risk", "resolved")]
    gifts.reverse(db, ruth, gift_id=recorded.gift_id, on=today, **clock)
    assert states(db) == [("at_risk", "open")]


def test_the_view_and_the_model_agree_on_effective_gifts(db: Session, donor: int) -> None:
    for amount, reversed_amount in (("50", None), ("50", "50"), ("50", "20")):
        gift = make.gift(db, donor, amount)
        if reversed_amount:
            make.reversal(db, gift, reversed_amount)
    by_model = db.execute(
        select(Gift.id, Gift.left_minor, Gift.left_base_minor).where(Gift.effective)
    ).all()
    by_view = db.execute(text("select id, amount_minor, base_minor from effective_gift")).all()
    assert sorted(map(tuple, by_model)) == sorted(map(tuple, by_view))
    assert len(by_view) == 2


PEOPLE = "entity_id,name,email,phone,address,entity_type\nE1,Hanna Vogel,,,,individual\n"
REFUNDS = """transaction_id,entity_id,amount,posted_date
T1,E1,100.00,2026-09-05
T2,E1,100.00,2026-10-05
T3,E1,100.00,2026-11-05
T4,E1,-100.00,2026-11-09
T5,E1,-100.00,2026-11-10
"""


def test_an_imported_reversal_equals_a_manual_one(
    db: Session, ruth: Actor, today: date, now: datetime
) -> None:
    when = Clock(today=today, now=now)
    imports.import_file(db, ruth, imports.ImportRequest("people.csv", PEOPLE.encode()), **when)
    donor = db.scalar(select(Donor.id))
    make.pledge(db, present(donor), "100", start=date(2026, 10, 5))
    before = dump(db)
    preview = imports.import_file(
        db, ruth, imports.ImportRequest("gifts.csv", REFUNDS.encode()), **when
    )
    assert (preview.plan.main.create, preview.plan.main.error) == (5, 0)
    summary = db.get(DonorSummary, donor, populate_existing=True)
    assert (present(summary).gifts, present(summary).last_gift_date) == (1, date(2026, 9, 5))
    assert states(db) == [("late_pledge", "open")]
    imports.undo(db, ruth, run_id=preview.run_id, now=now)
    assert dump(db) == before


def test_undoing_imported_reversals_settles_the_alert_they_reopened(
    db: Session, ruth: Actor, today: date, now: datetime
) -> None:
    when = Clock(today=today, now=now)
    imports.import_file(db, ruth, imports.ImportRequest("people.csv", PEOPLE.encode()), **when)
    donor = db.execute(select(Donor.id)).scalar_one()
    make.pledge(db, donor, "100", start=date(2026, 9, 5))
    alerts.raise_late_pledges(db, **when)
    paid, reversed_ = REFUNDS.split("T4")
    imports.import_file(db, ruth, imports.ImportRequest("gifts.csv", paid.encode()), **when)
    assert (states(db), open_calls(db)) == ([("late_pledge", "resolved")], 0)
    rows = "transaction_id,entity_id,amount,posted_date\nT4" + reversed_
    preview = imports.import_file(db, ruth, imports.ImportRequest("r.csv", rows.encode()), **when)
    # the oldest open instalment is another one now
    assert states(db) == [("late_pledge", "resolved"), ("late_pledge", "open")]
    third = "transaction_id,entity_id,amount,posted_date\nT6,E1,-100.00,2026-11-11\n"
    last = imports.import_file(db, ruth, imports.ImportRequest("s.csv", third.encode()), **when)
    assert (states(db)[0], open_calls(db)) == (("late_pledge", "open"), 1)
    imports.undo(db, ruth, run_id=last.run_id, now=now)
    imports.undo(db, ruth, run_id=preview.run_id, now=now)
    assert (states(db), open_calls(db)) == ([("late_pledge", "resolved")], 0)


def open_calls(db: Session) -> int:
    return len(db.scalars(select(Task.id).where(Task.done_at.is_(None))).all())


def dump(db: Session) -> dict[str, object]:
    return {
        table: db.scalars(text(f"select to_jsonb(t) - 'updated_at' from {table} t")).all()
        for table in ("donor", "gift", "alert", "task", "donor_summary")
    }
