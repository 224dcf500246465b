"""Pledges in the database: status, lateness, matching, and every operation."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app import pledges
from app.accounts import Actor
from app.db.models import Activity, ExchangeRate, Gift
from app.kit.dates.cadence import Frequency
from app.kit.dates.days import Span, month_of
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from app.kit.money import Money
from app.pledges import read_model
from app.pledges.queries import pledges as queries_pledges
from app.pledges.rules import lateness
from tests import factories as make
from tests.values import present

USD = "USD"


def paid(db: Session, donor: int, pledge: int, *days: date, amount: str = "50") -> None:
    for day in days:
        make.gift(db, donor, amount, day, pledge_id=pledge)


def test_late_pledges_are_sorted_by_days_late_and_give_the_reason(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    second_donor = make.donor(db, ruth, "Ana Sol")
    pledge = make.pledge(db, donor, start=date(2026, 1, 5))
    paid(db, donor, pledge, *(date(2026, month, 5) for month in range(1, 9)))
    make.pledge(db, second_donor, "100", "quarterly", date(2026, 1, 1))
    late = pledges.late(db, ruth, today=today)
    assert [
        (pledge_line.donor_name, pledge_line.days_late, pledge_line.missed) for pledge_line in late
    ] == [
        ("Ana Sol", 326, 4),
        ("Tom Reed", 79, 3),
    ]
    assert late[1].sentence == (
        "Promised $50 a month; 79 days late, 3 instalments open since 5 Sep, $150 behind. "
        "Last gift 5 Aug."
    )
    assert late[0].sentence.endswith("Nothing has come in yet.")


def test_an_unlinked_gift_does_not_make_a_pledge_less_late(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    make.pledge(db, donor, start=date(2026, 6, 1))
    make.gift(db, donor, "1", today)
    assert pledges.late(db, ruth, today=today)[0].days_late == 175


@settings(max_examples=60, deadline=None)
@given(
    frequency=st.sampled_from(list(Frequency)),
    start=st.dates(date(2024, 1, 1), date(2026, 11, 1)),
    gaps=st.lists(st.integers(1, 200), max_size=12),
    amounts=st.lists(st.integers(-60, 120).filter(bool), min_size=12, max_size=12),
    grace=st.none() | st.integers(0, 40),
    fixed=st.none() | st.integers(2, 12),
)
def test_shortcuts_agree_with_the_lateness_rule(
    frequency: Frequency,
    start: date,
    gaps: list[int],
    amounts: list[int],
    grace: int | None,
    fixed: int | None,
) -> None:
    """Sum and last day give the same status as all gifts; the SQL filter keeps all late ones."""
    today = date(2026, 11, 23)
    pledge = lateness.Pledge(50, frequency, start, grace=grace, instalments=fixed)
    day, gifts = start, []
    for gap, amount in zip(gaps, amounts, strict=False):
        day += timedelta(days=gap)
        gifts.append((day, amount))
    gifts = [gift for gift in gifts if gift[0] <= today]
    latest = max((day for day, amount in gifts if amount > 0), default=None)
    received = sum(amount for _, amount in gifts)
    status = lateness.assess(pledge, gifts, today)
    if latest is not None or not gifts:
        equivalent = read_model.equivalent_gifts(received, latest, today)
        assert lateness.assess(pledge, equivalent, today) == status
    if latest and not pledge.fixed and status.late:
        quiet_days = queries_pledges.HALF_GAP[frequency] + pledge.grace_days
        assert latest + timedelta(days=quiet_days) < today


def linked(db: Session, gift: int) -> int | None:
    return db.scalar(select(Gift.pledge_id).where(Gift.id == gift))


def test_match_leaves_ambiguous_gifts_unlinked(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    pledge = make.pledge(db, donor, start=date(2026, 1, 5))
    fitting = make.gift(db, donor, "50", date(2026, 1, 7))
    too_small = make.gift(db, donor, "3", date(2026, 2, 5))
    two_instalments = make.gift(db, donor, "100", date(2026, 3, 6))
    euro = make.gift(db, donor, "50", date(2026, 4, 5), currency="EUR", base="55")
    donor_of_two = make.donor(db, ruth)
    make.pledge(db, donor_of_two)
    make.pledge(db, donor_of_two)
    ambiguous = make.gift(db, donor_of_two, "50", date(2026, 2, 1))
    gifts = [fitting, too_small, two_instalments, euro, ambiguous]
    assert pledges.match(db, gift_ids=gifts, today=today) == 2
    assert [linked(db, gift) for gift in gifts] == [pledge, None, pledge, None, None]
    assert pledges.match(db, gift_ids=gifts, today=today) == 0


def test_match_distinguishes_pledges_by_fund(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    north, south = make.fund(db), make.fund(db)
    pledge = make.pledge(db, donor, fund_id=north)
    make.pledge(db, donor, fund_id=south)
    gift = make.gift(db, donor, "50", date(2026, 3, 1), fund_id=north)
    assert pledges.match(db, gift_ids=[gift], today=today) == 1
    assert linked(db, gift) == pledge


def test_match_links_all_gifts_of_an_import_run(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    pledge = make.pledge(db, donor, start=date(2026, 1, 5))
    run = make.import_run(db, ruth)
    for month in range(1, 7):
        make.gift(db, donor, "50", date(2026, month, 6), import_run_id=run)
    alone = make.gift(db, donor, "50", date(2026, 7, 6))
    assert pledges.match(db, import_run_id=run, today=today) == 6
    assert linked(db, alone) is None
    line = pledges.pledge_statuses(db, ruth, today=today)[0]
    assert (line.pledge_id, line.received) == (pledge, Money.of("300", USD))


def test_create_and_read(db: Session, ruth: Actor, donor: int, today: date) -> None:
    fund = make.fund(db, "Wells")
    pledge = pledges.create(
        db,
        ruth,
        donor_id=donor,
        amount=Money.of("60", USD),
        frequency="monthly",
        start=date(2026, 9, 1),
        fund_id=fund,
        method="check",
        note=" ",
    )
    view = pledges.get(db, ruth, pledge, today=today)
    assert (view.line.fund, view.line.state, view.line.days_late) == ("Wells", "late", 83)
    assert [instalment.state for instalment in view.calendar] == ["open"] * len(view.calendar)
    assert view.calendar[-1].due == date(2027, 5, 1)
    line = db.scalars(select(Activity)).one()
    assert (line.action, line.sentence) == ("pledge.created", "Promised $60 a month.")


def test_a_pledge_is_created_with_all_it_may_have(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    pledge = pledges.create(
        db,
        ruth,
        donor_id=donor,
        amount=Money.of("60", USD),
        frequency="semiannual",
        start=date(2026, 9, 1),
        anchor=15,
        instalments=4,
        campaign_id=make.campaign(db, "Easter"),
        grace=3,
    )
    line = pledges.get(db, ruth, pledge, today=today).line
    assert (line.anchor, line.grace, line.instalments, line.campaign) == (15, 3, 4, "Easter")
    # due on 15 September, with three days of grace instead of 21
    assert (line.state, line.days_late) == ("late", (today - date(2026, 9, 15)).days)


def test_the_details_of_a_pledge_are_changed(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    pledge = make.pledge(db, donor, start=date(2026, 9, 1))
    old = pledges.get(db, ruth, pledge, today=today).line
    assert (old.state, old.missed) == ("late", 3)
    change: Callable[..., None] = partial(
        pledges.change_details, db, ruth, pledge_id=pledge, version=old.version, today=today
    )
    values = {"end": date(2026, 9, 30), "instalments": 5, "method": "card", "note": "By phone"}
    change(**values, total=Money.of("100", USD))
    line = pledges.get(db, ruth, pledge, today=today).line
    assert {name: getattr(line, name) for name in values} == values
    # nothing is due after the new end
    assert (line.missed, line.total) == (1, Money.of("100", USD))
    entry = db.scalars(select(Activity).where(Activity.action == "pledge.details_changed")).one()
    after = present(entry.after)
    assert (after["method"], after["total_minor"]) == ("card", 10_000)
    # an erasure could not find the note there
    assert "By phone" not in str(after)
    with pytest.raises(ConflictError):
        change(**values, total=None)
    change = partial(change, version=line.version)
    for wrong, sentence in (
        ({}, "Nothing is different"),
        ({"end": date(2026, 8, 1)}, "end before it begins"),
        ({"instalments": 0}, "between 1 and 2,000"),
        ({"total": Money.of("1", USD)}, "smaller than one instalment"),
        ({"total": Money.of("100", "EUR")}, "same currency"),
        ({"method": "gold"}, "way of giving"),
    ):
        with pytest.raises(InvalidError, match=sentence):
            change(**{**values, "total": Money.of("100", USD), **wrong})
    pledges.end(db, ruth, pledge_id=pledge, on=today, today=today)
    with pytest.raises(InvalidError, match="cancelled already"):
        change(**values, total=None, version=None)


def test_changing_the_amount_keeps_history(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    pledge = make.pledge(db, donor, start=date(2026, 1, 1))
    change_amount = partial(pledges.change_amount, db, ruth, pledge_id=pledge, today=today)
    change_amount(amount=Money.of("75", USD), since=date(2026, 11, 1))
    change_amount(amount=Money.of("60", USD), since=date(2026, 12, 1))
    view = pledges.get(db, ruth, pledge, today=today)
    assert view.line.amount == Money.of("75", USD)
    assert [amount.minor for _, amount in view.amounts] == [7500, 6000]
    assert view.line.expected == Money.of("575", USD)
    sentences = db.scalars(select(Activity.sentence).order_by(Activity.id)).all()
    assert sentences == ["Upgrade to $75 from 1 Nov.", "Downgrade to $60 from 1 Dec."]


def test_pause_resume_skip_and_end(db: Session, ruth: Actor, donor: int, today: date) -> None:
    pledge = make.pledge(db, donor, start=date(2026, 1, 1))
    paid(db, donor, pledge, *(date(2026, month, 1) for month in range(1, 9)))

    def line() -> pledges.PledgeLine:
        return pledges.get(db, ruth, pledge, today=today).line

    pledges.skip(db, ruth, pledge_id=pledge, due=date(2026, 9, 1), reason="Told me", today=today)
    assert (line().oldest_due, line().missed) == (date(2026, 10, 1), 2)
    pledges.pause(db, ruth, pledge_id=pledge, start=date(2026, 10, 1), today=today)
    assert (line().state, line().late) == ("paused", False)
    pledges.resume(db, ruth, pledge_id=pledge, on=date(2026, 11, 1))
    assert line().oldest_due == date(2026, 11, 1)
    pledges.end(db, ruth, pledge_id=pledge, on=today, reason="Moved away", today=today)
    assert (line().state, line().late, line().received) == (
        "cancelled",
        False,
        Money.of("400", USD),
    )
    with pytest.raises(InvalidError, match="cancelled already"):
        pledges.pause(db, ruth, pledge_id=pledge, start=today, today=today)


def test_a_pledge_that_ends_on_a_later_day_goes_on_until_then(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    pledge = make.pledge(db, donor, "50", start=date(2026, 8, 31), anchor_day=31)
    paid(db, donor, pledge, date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31))
    december = Span(date(2026, 12, 1), date(2027, 3, 1))
    last = date(2026, 12, 31)
    pledges.end(db, ruth, pledge_id=pledge, on=last, completed=True, today=today)
    line = pledges.get(db, ruth, pledge, today=today).line
    assert (line.status, line.state, line.end) == ("active", "on track", last)
    assert pledges.monthly_equivalent(db, ruth, today=today) == Money.of("50", USD)
    assert pledges.expected(db, ruth, span=december) == Money.of("50", USD)
    late = pledges.late(db, ruth, today=last)
    assert [(row.oldest_due, row.days_late) for row in late] == [(date(2026, 11, 30), 31)]
    assert pledges.monthly_equivalent(db, ruth, today=date(2027, 1, 1)) == Money.of("0", USD)
    pledges.end(db, ruth, pledge_id=pledge, on=last, today=date(2027, 1, 2))
    assert pledges.late(db, ruth, today=date(2027, 1, 2)) == []


def test_a_stale_version_is_refused(db: Session, ruth: Actor, donor: int, today: date) -> None:
    pledge = make.pledge(db, donor)
    pledges.pause(db, ruth, pledge_id=pledge, start=today, today=today, version=1)
    with pytest.raises(ConflictError):
        pledges.end(db, ruth, pledge_id=pledge, on=today, version=1, today=today)


class PledgeValues(TypedDict, total=False):
    """What a test says of a pledge."""

    amount: Money
    frequency: str
    start: date
    end: date
    anchor: int
    instalments: int
    total: Money
    method: str
    fund_id: int


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"amount": Money(0, USD)}, "more than zero"),
        ({"frequency": "daily"}, "not a frequency"),
        ({"start": date(26, 1, 1)}, "year 0026"),
        ({"end": date(2025, 1, 1)}, "before it begins"),
        ({"anchor": 32}, "between 1 and 31"),
        ({"instalments": 0}, "number of instalments"),
        ({"total": Money(10, USD)}, "smaller than one"),
        ({"total": Money(10_000, "EUR")}, "same currency"),
        ({"method": "gold"}, "way of giving"),
        ({"fund_id": 10**9}, "fund"),
    ],
)
def test_invalid_pledges_are_refused(
    db: Session,
    ruth: Actor,
    donor: int,
    values: PledgeValues,
    sentence: str,
) -> None:
    create = partial(
        pledges.create,
        db,
        ruth,
        donor_id=donor,
        amount=Money(5000, USD),
        frequency="monthly",
        start=date(2026, 1, 1),
    )
    with pytest.raises(InvalidError, match=sentence):
        create(**values)


def test_invalid_changes_are_refused(db: Session, ruth: Actor, donor: int, today: date) -> None:
    pledge = make.pledge(db, donor, start=date(2026, 1, 1))
    for amount, since, sentence in (
        (Money(5000, USD), today, "already"),
        (Money(6000, "EUR"), today, "This pledge is in USD"),
        (Money(6000, USD), date(2025, 1, 1), "before the pledge"),
    ):
        with pytest.raises(InvalidError, match=sentence):
            pledges.change_amount(
                db, ruth, amount=amount, since=since, pledge_id=pledge, today=today
            )
    with pytest.raises(InvalidError, match="Nothing is due on 2 Sep"):
        pledges.skip(db, ruth, due=date(2026, 9, 2), pledge_id=pledge, today=today)
    with pytest.raises(InvalidError, match="end before it begins"):
        pledges.pause(db, ruth, start=today, end=date(2026, 1, 1), pledge_id=pledge, today=today)
    with pytest.raises(InvalidError, match="before it began"):
        pledges.end(db, ruth, pledge_id=pledge, on=date(2025, 1, 1), today=today)


def test_users_without_edit_rights_cannot_change_a_pledge(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    pledge = make.pledge(db, donor)
    finance, stranger = make.person(db, "finance"), make.person(db)
    with pytest.raises(NotAllowedError):
        pledges.end(db, finance, pledge_id=pledge, on=today, today=today)
    with pytest.raises(NotFoundError):
        pledges.end(db, stranger, pledge_id=pledge, on=today, today=today)
    with pytest.raises(NotAllowedError):
        pledges.create(
            db, finance, donor_id=donor, amount=Money(1, USD), frequency="once", start=today
        )


def test_monthly_equivalent_and_expected_sums(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    make.pledge(db, donor, "100", "monthly", date(2026, 1, 1))
    make.pledge(db, donor, "300", "quarterly", date(2026, 1, 1))
    upgraded = make.pledge(db, donor, "10", "weekly", date(2026, 1, 1))
    make.pledge_amount(db, upgraded, "12", date(2026, 6, 1))
    make.pause(db, make.pledge(db, donor), date(2026, 11, 1))
    make.pledge(db, donor, "500", start=date(2027, 1, 1))
    make.pledge(db, donor, status="cancelled")
    full = make.pledge(db, donor, "50", total="50")
    paid(db, donor, full, date(2026, 1, 1))
    assert pledges.monthly_equivalent(db, ruth, today=today) == Money.of("252", USD)
    december = month_of(date(2026, 12, 9))
    assert pledges.expected(db, ruth, span=december) == Money.of("160", USD)
    january = Span(date(2027, 1, 1), date(2027, 2, 1))
    assert pledges.expected(db, ruth, span=january) == Money.of("948", USD)


def test_filter_by_state(db: Session, ruth: Actor, donor: int, today: date) -> None:
    make.pledge(db, donor, start=date(2026, 11, 20))
    late = make.pledge(db, donor, start=date(2026, 1, 1))
    late_filter = pledges.PledgeFilter(states=("late",))
    lines = pledges.pledge_statuses(db, ruth, today=today, filter=late_filter)
    assert [line.pledge_id for line in lines] == [late]


def test_promised_by_month(db: Session, ruth: Actor, donor: int, today: date) -> None:
    make.pledge(db, donor, "100", "monthly", date(2026, 9, 1))
    make.pledge(db, donor, "300", "quarterly", date(2026, 8, 1), end_date=date(2026, 10, 1))
    promised = pledges.promised_by_month(
        db, ruth, donor_id=donor, since=date(2026, 8, 15), today=today
    )
    assert promised == {date(2026, month, 1): Money.of("100", USD) for month in (9, 10, 11)}


def chf_at(db: Session, rate: str, on: date = date(2026, 1, 1)) -> None:
    db.execute(insert(ExchangeRate).values(currency="CHF", on_date=on, rate=rate))


def test_a_pledge_in_a_currency_without_a_rate_is_refused(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    create = partial(
        pledges.create,
        db,
        ruth,
        donor_id=donor,
        amount=Money.of("50", "CHF"),
        frequency="monthly",
        start=date(2026, 1, 1),
    )
    with pytest.raises(InvalidError, match="No exchange rate from CHF to USD"):
        create()
    assert pledges.pledge_statuses(db, ruth, today=today) == []
    # a rate of any day suffices: sums are converted at the latest one
    chf_at(db, "1.1", today)
    assert create()
    assert pledges.monthly_support(db, ruth, today=today) == pledges.Converted(Money.of("55", USD))


def test_pledges_without_an_exchange_rate_are_named(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    make.pledge(db, donor, "20")
    for values in (
        {},
        {"frequency": "weekly"},
        {"status": "cancelled"},
        {"start": date(2027, 1, 1)},
        {"start": date(2025, 1, 1), "end_date": date(2026, 1, 1)},
    ):
        make.pledge(db, donor, "50", currency="CHF", **values)
    make.pause(db, make.pledge(db, donor, "50", currency="CHF"), date(2026, 11, 1))
    make.pledge(db, donor, "50", currency="EUR")
    make.pledge(db, make.donor(db, make.person(db)), "50", currency="SEK")
    support = pledges.monthly_support(db, ruth, today=today)
    assert (
        support.amount == pledges.monthly_equivalent(db, ruth, today=today) == Money.of("20", USD)
    )
    assert [str(group) for group in support.uncounted] == [
        (
            "2 pledges in CHF are not counted: no exchange rate for Tom Reed (CHF50 a month) and "
            "Tom Reed (CHF50 a week)"
        ),
        "1 pledge in EUR is not counted: no exchange rate for Tom Reed (€50 a month)",
    ]
    chf_at(db, "1")
    with_rate = pledges.monthly_support(db, ruth, today=today)
    assert [group.currency for group in with_rate.uncounted] == ["EUR"]
    coach = make.person(db, "coach")
    make.looks_after(db, coach, ruth, kind="coach")
    assert pledges.monthly_support(db, coach, today=today).uncounted == ()
