"""Gifts that wait for an exchange rate: what each sum leaves out, and that they are gifts."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import alerts, donors, gifts, pledges
from app.accounts import Actor
from app.db.models import Alert, Donor
from app.donors import DonorFilter
from app.gifts import AwaitingRate, GiftFilter, GroupBy, SumScope
from app.kit.dates.days import Span
from app.kit.money import Money
from tests import factories as make
from tests.values import present

JANUARY, MARCH = date(2026, 1, 5), date(2026, 3, 9)
FIRST_QUARTER = Span(date(2026, 1, 1), date(2026, 4, 1))
ONLY_MARCH = Span(date(2026, 3, 1), date(2026, 4, 1))


def waiting(db: Session, donor_id: int, amount: str, on: date, currency: str = "CHF") -> int:
    return make.gift(db, donor_id, amount, on, currency=currency, awaiting_rate=True)


def short(lines: tuple[AwaitingRate, ...]) -> list[tuple[int, str, str]]:
    return [(line.gifts, line.currency, str(line.amount)) for line in lines]


def test_each_of_several_sums_has_its_own_days(db: Session, ruth: Actor, donor: int) -> None:
    waiting(db, donor, "200", JANUARY)
    waiting(db, donor, "1500", MARCH, "SEK")
    make.gift(db, donor, "70", MARCH)
    sums = {
        "quarter": SumScope((FIRST_QUARTER,)),
        "march": SumScope((ONLY_MARCH,)),
        # two periods that share a day count its gifts once
        "both": SumScope((FIRST_QUARTER, ONLY_MARCH)),
        "later": SumScope((Span(date(2026, 4, 1), date(2026, 5, 1)),)),
        "pledged": SumScope(recurring=True),
    }
    found = gifts.awaiting_rates(db, ruth, sums=sums)
    everything = [(1, "CHF", "200.00"), (1, "SEK", "1500.00")]
    assert {name: short(lines) for name, lines in found.items()} == {
        "quarter": everything,
        "march": everything[1:],
        "both": everything,
        "later": [],
        "pledged": [],
    }


def test_the_gifts_of_donors_who_died_count_in_no_monthly_support(
    db: Session, ruth: Actor
) -> None:
    waiting(db, make.donor(db, ruth, deceased=True), "20", MARCH)
    sums = {"all": SumScope(), "living": SumScope(living=True)}
    found = gifts.awaiting_rates(db, ruth, sums=sums)
    assert (short(found["all"]), found["living"]) == ([(1, "CHF", "20.00")], ())


def test_only_the_part_for_the_fund_is_left_out_of_its_sum(
    db: Session, ruth: Actor, donor: int
) -> None:
    wells, school = make.fund(db, "Wells"), make.fund(db, "School")
    easter = make.campaign(db, "Easter")
    make.gift(
        db,
        donor,
        "100",
        MARCH,
        currency="CHF",
        parts=((wells, "70"), (school, "30")),
        campaigns=(easter,),
        awaiting_rate=True,
    )
    ada = make.person(db, "admin")
    assert short(gifts.awaiting_rate(db, ruth, filter=GiftFilter(fund_id=school))) == [
        (1, "CHF", "30.00")
    ]
    assert {line.name: short(line.awaiting_rate) for line in gifts.fund_list(db, ada)} == {
        "School": [(1, "CHF", "30.00")],
        "Wells": [(1, "CHF", "70.00")],
    }
    [campaign] = gifts.campaign_list(db, ada)
    assert (campaign.total.minor, short(campaign.awaiting_rate)) == (0, [(1, "CHF", "70.00")])


def test_by_donor_household_and_owner(db: Session, ruth: Actor, donor: int) -> None:
    spouse, other = make.donor(db, ruth, "Ana Reed"), make.donor(db, make.person(db))
    household = make.household(db, donor, spouse)
    waiting(db, donor, "10", MARCH)
    waiting(db, spouse, "5", MARCH)
    waiting(db, other, "7", MARCH)
    by_donor = gifts.awaiting_rate_by(db, ruth, GroupBy.DONOR)
    assert {key: short(lines) for key, lines in by_donor.items()} == {
        donor: [(1, "CHF", "10.00")],
        spouse: [(1, "CHF", "5.00")],
    }
    assert set(gifts.awaiting_rate_by(db, ruth, GroupBy.DONOR, ids=[spouse])) == {spouse}
    by_household = gifts.awaiting_rate_by(db, ruth, GroupBy.HOUSEHOLD, ids=[household])
    assert {key: short(lines) for key, lines in by_household.items()} == {
        household: [(2, "CHF", "15.00")]
    }
    ada = make.person(db, "admin")
    by_owner = gifts.awaiting_rate_by(db, ada, GroupBy.OWNER, scope=SumScope((ONLY_MARCH,)))
    assert short(by_owner[ruth.user_id]) == [(2, "CHF", "15.00")]
    assert len(by_owner) == 2


def test_reversals_reduce_what_waits(db: Session, ruth: Actor, donor: int) -> None:
    make.reversal(db, waiting(db, donor, "10", MARCH))
    make.reversal(db, waiting(db, donor, "80", MARCH), "30")
    [line] = gifts.awaiting_rate(db, ruth)
    assert (line.gifts, str(line.amount)) == (1, "50.00")


def test_a_coach_is_shown_nothing_and_an_administrator_may_add_the_rate(
    db: Session, ruth: Actor, donor: int
) -> None:
    waiting(db, donor, "10", MARCH)
    coach, ada = make.person(db, "coach"), make.person(db, "admin")
    make.looks_after(db, coach, ruth, kind="coach")
    assert gifts.awaiting_rate(db, coach) == ()
    assert gifts.awaiting_rate_by(db, coach, GroupBy.DONOR) == {}
    assert [gifts.may_add_rate(actor) for actor in (coach, ruth, ada)] == [False, False, True]


def test_the_note_adds_up_by_currency() -> None:
    def line(currency: str, number: int, minor: int) -> AwaitingRate:
        return AwaitingRate(currency, number, Money(minor, currency), MARCH, MARCH)

    assert gifts.awaiting_note((), locale="en_US") == ""
    assert gifts.awaiting_note([line("CHF", 1, 2_000)], locale="en_US") == (
        "1 gift (CHF20) waits for a rate and is not counted."
    )
    several = [line("SEK", 1, 150_000), line("CHF", 1, 15_000), line("CHF", 1, 5_000)]
    assert gifts.awaiting_note(several, locale="en_US") == (
        "3 gifts (CHF200, SEK1,500) wait for a rate and are not counted."
    )


# --- a gift without a rate is a gift: nobody is late, lapsed or at risk for want of a rate


def monthly(db: Session, donor_id: int, *, until: date, gifts_: int = 14) -> None:
    for number in range(gifts_):
        make.gift(db, donor_id, 50, until - timedelta(days=30 * number))


def test_a_donor_who_gave_without_a_rate_is_neither_at_risk_nor_lapsed(
    db: Session, ruth: Actor, today: date
) -> None:
    quiet, gave = (make.donor(db, ruth, name, status="donor") for name in ("Quiet", "Gave"))
    gone, back = (make.donor(db, ruth, name, status="donor") for name in ("Gone", "Back"))
    for donor_id, days in ((quiet, 70), (gave, 70), (gone, 300), (back, 300)):
        monthly(db, donor_id, until=today - timedelta(days=days))
    for donor_id in (gave, back):
        waiting(db, donor_id, "50", today - timedelta(days=6))
    donors.score(db, today=today)
    assert [row.donor_name for row in donors.at_risk(db, ruth, today=today)] == ["Quiet"]
    status = {row.name: row.status for row in db.execute(select(Donor.name, Donor.status))}
    assert status == {"Quiet": "donor", "Gave": "donor", "Gone": "lapsed", "Back": "donor"}
    view = donors.get(db, ruth, gave, today=today)
    assert view.last_gift_date == today - timedelta(days=6)
    assert present(view.rhythm).status == "on rhythm"


def test_a_gift_without_a_rate_answers_the_alert(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> None:
    monthly(db, donor, until=today - timedelta(days=70))
    donors.score(db, today=today)
    alerts.raise_at_risk(db, today=today, now=now)
    assert db.scalar(select(Alert.state)) == "open"
    recorded = gifts.record(
        db, ruth, donor_id=donor, amount=Money.of(5, "CHF"), on=today, today=today, now=now
    )
    assert (recorded.awaiting_rate, recorded.settled) == (True, 1)
    assert donors.at_risk(db, ruth, today=today) == []


def test_a_pledge_paid_without_a_rate_is_not_late(
    db: Session, ruth: Actor, today: date, now: datetime
) -> None:
    start = today - timedelta(days=100)
    paid, unpaid = make.donor(db, ruth, "Paid"), make.donor(db, ruth, "Unpaid")
    for donor_id in (paid, unpaid):
        make.pledge(db, donor_id, "50", start=start, currency="CHF")
    for days in (100, 69, 39, 9):
        on = today - timedelta(days=days)
        recorded = gifts.record(
            db, ruth, donor_id=paid, amount=Money.of(50, "CHF"), on=on, today=today, now=now
        )
        assert recorded.awaiting_rate
        assert recorded.pledge_id is not None
    assert [pledge.donor_name for pledge in pledges.late(db, ruth, today=today)] == ["Unpaid"]


def test_a_gift_without_a_rate_is_to_be_thanked_for(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    on = today - timedelta(days=2)
    for amount in (10, 20):
        make.gift(db, donor, amount, date(2020, 1, 1))
    gift = waiting(db, donor, "900", on)
    make.gift(db, donor, 30, on)
    queue = {line.gift_id: line for line in gifts.thank_queue(db, ruth, today=today)}
    assert queue[gift].amount == Money.of(900, "CHF")
    # whether 30 dollars are more than 900 francs is not known
    assert {line.why for line in queue.values()} == {""}


def test_a_donor_whose_only_gift_waits_has_given(db: Session, ruth: Actor, today: date) -> None:
    gave, never = make.donor(db, ruth, "Gave"), make.donor(db, ruth, "Never")
    waiting(db, gave, "200", today)
    lines = donors.page(db, ruth, filter=DonorFilter(), today=today).lines
    by_id = {line.donor_id: (line.giving, line.gifts, line.last_gift_date) for line in lines}
    assert by_id == {gave: ("not scored yet", 1, today), never: ("never gave", 0, None)}
    found = donors.page(db, ruth, filter=DonorFilter(giving=("never gave",)), today=today)
    assert [line.donor_id for line in found.lines] == [never]
    donors.score(db, today=today)
    [scored] = donors.page(db, ruth, filter=DonorFilter(query="Gave"), today=today).lines
    assert scored.giving == "second gift"
