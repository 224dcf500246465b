"""Record, correct, reverse and thank; lists and totals."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import TypedDict, Unpack

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app import gifts
from app.accounts import Actor
from app.db.models import Activity, Donor, ExchangeRate, Gift
from app.gifts import Cursor, GiftFilter, Part
from app.gifts.rules import share_out
from app.kit.dates.days import Span, month_of
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from app.kit.money import Money
from tests import factories as make
from tests.values import usd


class GiftValues(TypedDict, total=False):
    """What a test may say of a gift."""

    donor_id: int
    method: str | None
    fund_id: int | None
    pledge_id: int | None
    note: str | None
    splits: Sequence[Part]


@pytest.fixture
def give(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> Callable[..., gifts.RecordedGift]:
    def give(
        amount: str | Money = "50",
        on: date = date(2026, 11, 2),
        actor: Actor = ruth,
        **values: Unpack[GiftValues],
    ) -> gifts.RecordedGift:
        values.setdefault("donor_id", donor)
        money = amount if isinstance(amount, Money) else usd(amount)
        return gifts.record(db, actor, amount=money, on=on, today=today, now=now, **values)

    return give


def test_recording_a_gift_makes_a_prospect_a_donor(
    db: Session, ruth: Actor, donor: int, give: Callable[..., gifts.RecordedGift]
) -> None:
    recorded = give("12.50", method="check", note=" thanks ")
    assert recorded.sentence == "Recorded $12.50 from Tom Reed."
    line = gifts.get(db, ruth, recorded.gift_id)
    assert (line.amount, line.method, line.note, line.pledge_id) == (
        usd("12.50"),
        "check",
        "thanks",
        None,
    )
    assert db.scalar(select(Donor.status).where(Donor.id == donor)) == "donor"
    sentence = db.scalars(
        select(Activity.sentence).where(Activity.action == "gift.recorded")
    ).one()
    assert sentence == "Recorded a gift of $12.50 on 2 Nov."


def test_a_gift_is_linked_to_the_fitting_or_the_given_pledge(
    db: Session, ruth: Actor, donor: int, give: Callable[..., gifts.RecordedGift]
) -> None:
    pledge = make.pledge(db, donor, start=date(2026, 1, 1))
    assert give("50").pledge_id == pledge
    assert give("50").sentence.endswith("towards the pledge.")
    assert give("7").pledge_id is None
    assert give("7", pledge_id=pledge).pledge_id == pledge


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"amount": Money(0, "USD")}, "more than zero"),
        ({"amount": Money(100, "XXQ")}, "XXQ is not a currency we know"),
        ({"on": date(2026, 11, 24)}, "2026-11-24 is in the future"),
        ({"on": date(26, 1, 1)}, "year 0026"),
        ({"method": "gold"}, "way of giving"),
        ({"fund_id": 10**9}, "fund does not exist"),
        ({"pledge_id": 10**9}, "not one of this donor's"),
        ({"note": "n" * 4001}, "4,000 characters"),
        ({"splits": (Part(Money(100, "USD")),)}, "The parts come to 1.00, the gift to 50.00"),
        ({"splits": (Part(Money(-1, "USD")), Part(Money(5001, "USD")))}, "Each part"),
        ({"splits": (Part(Money(5000, "USD"), campaign_id=10**9),)}, "campaign"),
    ],
)
def test_invalid_gifts_are_rejected(
    db: Session, give: Callable[..., gifts.RecordedGift], values: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InvalidError, match=sentence):
        give(**values)
    assert db.scalar(text("select count(*) from gift")) == 0


def test_foreign_currency_is_converted_at_the_days_rate(
    db: Session, ruth: Actor, give: Callable[..., gifts.RecordedGift]
) -> None:
    for day, rate in ((date(2026, 1, 1), 1.25), (date(2026, 11, 3), 2.0)):
        db.execute(insert(ExchangeRate).values(currency="EUR", on_date=day, rate=rate))
    line = gifts.get(db, ruth, give(Money.of("10.01", "EUR")).gift_id)
    assert (line.amount, line.base) == (Money.of("10.01", "EUR"), usd("12.51"))
    assert line.base == usd("12.51")


def test_a_pledge_in_another_currency_is_rejected(
    db: Session, donor: int, give: Callable[..., gifts.RecordedGift]
) -> None:
    pledge = make.pledge(db, donor, currency="EUR")
    with pytest.raises(InvalidError, match="This pledge is in EUR"):
        give(pledge_id=pledge)


def test_split_gift_counts_each_fund_once(
    db: Session, ruth: Actor, give: Callable[..., gifts.RecordedGift]
) -> None:
    wells, roof = make.fund(db, "Wells"), make.fund(db, "Roof")
    recorded = give("100", splits=(Part(usd("70"), wells), Part(usd("30"), roof)))
    db.execute(text("set constraints all immediate"))
    page = gifts.page(db, ruth, filter=GiftFilter(fund_id=wells))
    assert (page.total, page.gifts, page.lines[0].fund) == (usd("70"), 1, "Wells, Roof")
    assert gifts.received(db, ruth, span=month_of(date(2026, 11, 1))) == usd("100")
    assert gifts.get(db, ruth, recorded.gift_id).amount == usd("100")


def test_reverse_in_part_and_in_full(
    db: Session, ruth: Actor, give: Callable[..., gifts.RecordedGift], today: date, now: datetime
) -> None:
    wells = make.fund(db, "Wells")
    gift = give("100", splits=(Part(usd("70"), wells), Part(usd("30")))).gift_id
    reverse = partial(
        gifts.reverse, db, ruth, gift_id=gift, on=date(2026, 11, 9), today=today, now=now
    )
    reverse(amount=usd("10"), reason="Bounced")
    assert gifts.get(db, ruth, gift).taken_back == usd("10")
    with pytest.raises(InvalidError, match=r"Only 90\.00 of this gift"):
        reverse(amount=usd("91"))
    last_reversal = reverse()
    db.execute(text("set constraints all immediate"))
    assert gifts.received(db, ruth, span=month_of(date(2026, 11, 1))) == usd("0")
    assert gifts.received(db, ruth, span=month_of(today), fund_id=wells) == usd("0")
    with pytest.raises(InvalidError, match="taken back already"):
        reverse()
    with pytest.raises(InvalidError, match="itself a reversal"):
        reverse(gift_id=last_reversal)


def test_a_reversal_keeps_the_pledge_and_needs_a_valid_day(
    db: Session,
    ruth: Actor,
    donor: int,
    give: Callable[..., gifts.RecordedGift],
    today: date,
    now: datetime,
) -> None:
    pledge = make.pledge(db, donor, start=date(2026, 1, 1))
    gift = give("50").gift_id
    reverse = partial(gifts.reverse, db, ruth, gift_id=gift, today=today, now=now)
    for on, sentence in ((date(2026, 11, 1), "before it was given"), (date(2027, 1, 1), "future")):
        with pytest.raises(InvalidError, match=sentence):
            reverse(on=on)
    with pytest.raises(InvalidError, match="given in USD"):
        reverse(amount=Money(1, "EUR"), on=today)
    with pytest.raises(InvalidError, match="more than zero"):
        reverse(amount=usd("-1"), on=today)
    reversal = reverse(on=today)
    assert db.scalar(select(Gift.pledge_id).where(Gift.id == reversal)) == pledge


def test_correct_a_gift(
    db: Session, ruth: Actor, give: Callable[..., gifts.RecordedGift], today: date, now: datetime
) -> None:
    gift = give("50").gift_id
    correct = partial(
        gifts.correct,
        db,
        ruth,
        gift_id=gift,
        on=date(2026, 10, 2),
        method="cash",
        fund_id=None,
        campaign_id=None,
        pledge_id=None,
        note=None,
        today=today,
        now=now,
    )
    correct(version=1, amount=usd("55"))
    assert gifts.get(db, ruth, gift).amount == usd("55")
    with pytest.raises(ConflictError):
        correct(version=1, amount=usd("56"))
    gifts.reverse(db, ruth, gift_id=gift, on=today, amount=usd("5"), today=today, now=now)
    with pytest.raises(InvalidError, match="keeps its amount"):
        correct(version=2, amount=usd("57"))
    split = give("100", splits=(Part(usd("70"), make.fund(db)), Part(usd("30")))).gift_id
    with pytest.raises(InvalidError, match="split between funds"):
        correct(version=1, amount=usd("57"), gift_id=split)


def test_thank_once_and_undo(
    db: Session, ruth: Actor, give: Callable[..., gifts.RecordedGift], now: datetime, today: date
) -> None:
    gift = give().gift_id
    assert [row.gift_id for row in gifts.thank_queue(db, ruth, today=today)] == [gift]
    assert gifts.thank(db, ruth, gift_id=gift, how="letter", now=now) is True
    assert gifts.thank(db, ruth, gift_id=gift, how="call", now=now) is False
    assert gifts.get(db, ruth, gift).thanked_how == "letter"
    assert gifts.thank_queue(db, ruth, today=today) == []
    assert gifts.unthank(db, ruth, gift_id=gift) is True
    assert gifts.unthank(db, ruth, gift_id=gift) is False


def test_thank_queue_marks_first_and_largest_gifts(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> None:
    new, late = make.donor(db, ruth, "New"), make.donor(db, ruth, "Late", deceased=True)
    make.gift(db, new, 10, date(2026, 11, 20))
    make.gift(db, late, 10, date(2026, 11, 20))
    for day in (1, 2):
        make.gift(db, donor, 10, date(2026, 1, day))
    make.gift(db, donor, 500, date(2026, 11, 5))
    make.gift(db, donor, 5, date(2026, 11, 4))
    make.reversal(db, make.gift(db, donor, 6, date(2026, 11, 6)))
    queue = gifts.thank_queue(db, ruth, today=today)
    assert [(row.donor_name, row.why, row.days) for row in queue] == [
        ("New", "First gift", 3),
        ("Tom Reed", "Largest gift so far", 18),
        ("Tom Reed", "", 19),
    ]
    assert len(gifts.thank_queue(db, ruth, today=today, limit=1)) == 1


def test_pages_contain_every_gift_once_with_the_filters_totals(
    db: Session, ruth: Actor, donor: int
) -> None:
    for number in range(23):
        make.gift(db, donor, 10, date(2026, 1, 1 + number % 4))
    lines, after = [], None
    while True:
        page = gifts.page(db, ruth, filter=GiftFilter(), page_size=5, after=after)
        assert (page.gifts, page.donors, page.total) == (23, 1, usd("230"))
        lines += page.lines
        after = page.next
        if after is None:
            break
    order = [(line.on, line.gift_id) for line in lines]
    assert len(set(order)) == 23
    assert order == sorted(order, reverse=True)
    assert isinstance(lines[0].on, date)
    assert Cursor(str(order[0][0]), order[0][1]).gift_id == lines[0].gift_id


def test_filters(db: Session, ruth: Actor, donor: int, now: datetime) -> None:
    other = make.donor(db, ruth, "Zoë 50%")
    pledge = make.pledge(db, donor)
    first_gift = make.gift(db, donor, 10, date(2026, 1, 1), method="cash", pledge_id=pledge)
    second_gift = make.gift(db, other, 20, date(2026, 2, 1), thanked_at=now)

    def find(gift_filter: GiftFilter) -> list[int]:
        return [line.gift_id for line in gifts.page(db, ruth, filter=gift_filter).lines]

    assert find(GiftFilter(query="zoe 50%")) == [second_gift]
    assert find(GiftFilter(query="nobody")) == []
    assert (
        find(GiftFilter(method="cash"))
        == find(GiftFilter(thanked=False))
        == find(GiftFilter(recurring=True))
        == [first_gift]
    )
    assert (
        find(GiftFilter(thanked=True))
        == find(GiftFilter(donor_id=other))
        == find(GiftFilter(recurring=False))
        == [second_gift]
    )
    assert find(GiftFilter(span=Span(date(2026, 1, 1), date(2026, 2, 1)))) == [first_gift]
    assert find(GiftFilter(owner_id=ruth.user_id)) == [second_gift, first_gift]
    assert [line.gift_id for line in gifts.recent(db, ruth, limit=1)] == [second_gift]


def test_permissions(
    db: Session,
    ruth: Actor,
    donor: int,
    give: Callable[..., gifts.RecordedGift],
    today: date,
    now: datetime,
) -> None:
    finance, reader, stranger = (
        make.person(db, r) for r in ("finance", "read_only", "fundraiser")
    )
    gift = give(actor=finance).gift_id
    with pytest.raises(NotAllowedError):
        give(actor=reader)
    with pytest.raises(NotAllowedError):
        gifts.thank(db, reader, gift_id=gift, how=None, now=now)
    with pytest.raises(NotFoundError) as hidden:
        give(actor=stranger)
    with pytest.raises(NotFoundError) as missing:
        give(actor=stranger, donor_id=10**9)
    assert str(hidden.value) == str(missing.value)
    with pytest.raises(NotFoundError):
        gifts.reverse(db, stranger, gift_id=gift, on=today, today=today, now=now)


def test_funds_and_freshness(db: Session, ruth: Actor, donor: int, now: datetime) -> None:
    make.fund(db, "Old", status="closed")
    make.fund(db, "New")
    assert [(fund.name, fund.open) for fund in gifts.funds(db)] == [("New", True), ("Old", False)]
    assert gifts.freshness(db, ruth) == gifts.Freshness(None, None, None)
    make.gift(db, donor, on=date(2026, 11, 2))
    make.import_run(db, ruth, committed_at=now)
    assert gifts.freshness(db, ruth) == gifts.Freshness(date(2026, 11, 2), now, ruth.name)


@pytest.mark.parametrize(
    ("amount", "weights", "shares"),
    [(100, [1, 1, 1], [34, 33, 33]), (10, [7000, 3000], [7, 3]), (1, [1, 2], [0, 1])],
)
def test_share_out_adds_up(amount: int, weights: list[int], shares: list[int]) -> None:
    assert share_out(amount, weights) == shares


def test_reversals_follow_a_corrected_gift_to_its_pledge(
    db: Session,
    ruth: Actor,
    donor: int,
    give: Callable[..., gifts.RecordedGift],
    today: date,
    now: datetime,
) -> None:
    gift = give("70").gift_id
    pledge = make.pledge(db, donor, start=date(2026, 1, 5))
    gifts.reverse(db, ruth, gift_id=gift, amount=usd("20"), on=today, today=today, now=now)
    gifts.correct(
        db,
        ruth,
        gift_id=gift,
        version=1,
        amount=usd("70"),
        on=date(2026, 11, 2),
        method=None,
        fund_id=None,
        campaign_id=None,
        pledge_id=pledge,
        note=None,
        today=today,
        now=now,
    )
    paid = "select sum(amount_minor) from gift where pledge_id = :pledge"
    assert db.scalar(text(paid), {"pledge": pledge}) == 5000
