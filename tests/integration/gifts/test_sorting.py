"""Orders of the list of gifts over the whole set, and the totals of its filter."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app import exports, gifts
from app.accounts import Actor
from app.gifts import GiftFilter, GiftLine
from app.kit.dates.days import Span
from app.kit.errors import InvalidError
from app.kit.money import Money
from tests import factories as make

KEYS: dict[str, Callable[[GiftLine], tuple[object, ...]]] = {
    "newest": lambda line: (-line.on.toordinal(), -line.gift_id),
    "oldest": lambda line: (line.on.toordinal(), line.gift_id),
    "largest": lambda line: (-line.base.minor, -line.gift_id),
    "donor": lambda line: (line.donor_name.lower(), -line.gift_id),
}


def pages(db: Session, actor: Actor, sort: str, size: int) -> list[GiftLine]:
    """Return the lines of all pages, each after the cursor of the one before."""
    collected: list[GiftLine] = []
    after = None
    while True:
        page = gifts.page(db, actor, filter=GiftFilter(), sort=sort, page_size=size, after=after)
        collected += page.lines
        after = page.next
        skipped = gifts.cursor_at(db, actor, filter=GiftFilter(), sort=sort, skip=len(collected))
        assert skipped == after
        if after is None:
            return collected


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["5", "20"]), st.integers(1, 3)),
        max_size=14,
    ),
    reversed_rows=st.sets(st.integers(0, 13), max_size=3),
    size=st.integers(1, 6),
)
def test_the_pages_of_each_order_are_the_whole_list(
    db: Session,
    ruth: Actor,
    rows: list[tuple[int, str, int]],
    reversed_rows: set[int],
    size: int,
) -> None:
    save = db.begin_nested()
    # two donors of one name, also in another case
    donors = [make.donor(db, ruth, name) for name in ("Tom", "tom", "Ana")]
    for number, (donor, amount, day) in enumerate(rows):
        gift = make.gift(db, donors[donor], amount, date(2026, 1, day))
        if number in reversed_rows:
            make.reversal(db, gift, "2")
    for sort in gifts.SORTS:
        whole = gifts.page(db, ruth, filter=GiftFilter(), sort=sort, page_size=100).lines
        assert whole == sorted(whole, key=KEYS[sort])
        assert len(whole) == len(rows) + len([n for n in reversed_rows if n < len(rows)])
        assert pages(db, ruth, sort, size) == whole
    save.rollback()


def test_the_largest_is_the_one_of_most_worth(db: Session, ruth: Actor, donor: int) -> None:
    yen = make.gift(db, donor, "9000", currency="JPY", base="60")
    waits = make.gift(db, donor, "99999", currency="CHF", awaiting_rate=True)
    dollars = make.gift(db, donor, "70")
    back = make.reversal(db, dollars, "5")
    lines, _ = gifts.lines(db, ruth, filter=GiftFilter(), sort="largest")
    assert [line.gift_id for line in lines] == [dollars, yen, waits, back]


def test_an_unknown_order_and_one_by_hidden_amounts_are_refused(
    db: Session, ruth: Actor, donor: int
) -> None:
    make.gift(db, donor)
    coach = make.person(db, "coach")
    for actor, sort in ((ruth, "amount"), (coach, "largest")):
        with pytest.raises(InvalidError, match=f"cannot be sorted by {sort}"):
            gifts.page(db, actor, filter=GiftFilter(), sort=sort)
        with pytest.raises(InvalidError, match=f"cannot be sorted by {sort}"):
            gifts.cursor_at(db, actor, filter=GiftFilter(), sort=sort)
    assert gifts.page(db, coach, filter=GiftFilter(), sort="donor").lines == []


def test_a_hidden_name_does_not_decide_the_place(db: Session, ruth: Actor) -> None:
    lead = make.person(db, "supervisor")
    make.looks_after(db, lead, ruth)
    for name, anonymous in (("Zoe", True), ("Ben", False), ("Abe", False)):
        make.gift(db, make.donor(db, ruth, name, anonymous=anonymous))
    lines, _ = gifts.lines(db, lead, filter=GiftFilter(), sort="donor")
    assert [line.donor_name for line in lines] == ["Abe", "Anonymous", "Ben"]
    own, _ = gifts.lines(db, ruth, filter=GiftFilter(), sort="donor")
    assert [line.donor_name for line in own] == ["Abe", "Ben", "Zoe"]


def file_rows(
    db: Session, actor: Actor, gift_filter: GiftFilter, today: date
) -> list[dict[str, str]]:
    out = io.BytesIO()
    query = exports.ExportQuery(filter=gift_filter)
    exports.write(db, actor, kind="gifts", out=out, query=query, today=today)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig"))))


def file_total(rows: list[dict[str, str]], fund: str | None) -> Decimal:
    """Add up the amounts of a file; of a split gift only the parts of the fund."""
    total = Decimal(0)
    for row in rows:
        if fund is None or not row["split"]:
            total += Decimal(row["amount"])
            continue
        parts = (part.rsplit(" ", 1) for part in row["split"].split("; "))
        total += sum((Decimal(amount) for name, amount in parts if name == fund), Decimal(0))
    return total


def test_the_totals_are_those_of_the_exported_file(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> None:
    wells, roof, easter = make.fund(db, "Wells"), make.fund(db, "Roof"), make.campaign(db)
    other, foreign = make.donor(db, ruth, "Zoe"), make.donor(db, make.person(db), "Zoe Far")
    for number in range(1, 8):
        make.gift(db, donor, number, date(2026, number, 1), fund_id=wells, method="cash")
        make.gift(db, other, number * 10, date(2026, 1, number), campaign_id=easter)
    make.gift(db, other, "50", date(2026, 2, 2), parts=((wells, "20"), (roof, "30")))
    make.gift(db, donor, "33", date(2026, 2, 3), fund_id=roof, thanked_at=now)
    make.reversal(db, make.gift(db, donor, "8", date(2026, 2, 4), fund_id=wells), "8")
    make.reversal(db, make.gift(db, donor, "9", date(2026, 2, 5), fund_id=roof), "4")
    make.gift(db, foreign, "1000", date(2026, 2, 6), fund_id=wells)
    filters = (
        (GiftFilter(), None),
        (GiftFilter(fund_id=wells), "Wells"),
        (GiftFilter(fund_id=roof, span=Span(date(2026, 2, 1), date(2026, 3, 1))), "Roof"),
        (GiftFilter(campaign_id=easter), None),
        (GiftFilter(method="cash"), None),
        (GiftFilter(thanked=True), None),
        (GiftFilter(query="zoe"), None),
    )
    for gift_filter, fund in filters:
        rows = file_rows(db, ruth, gift_filter, today)
        back = {row["reverses_id"] for row in rows if row["amount"] == "-8.00"}
        effective = [row for row in rows if row["gift_kind"] == "gift" and row["id"] not in back]
        assert len(effective) > 0
        for sort in gifts.SORTS:
            page = gifts.page(db, ruth, filter=gift_filter, sort=sort, page_size=1)
            assert page.total == Money.of(str(file_total(rows, fund)), "USD")
            assert page.gifts == len(effective)
            assert page.donors == len({row["donor_id"] for row in rows})
