"""Thanks and another fund for many gifts at once, their preview, and their undo."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from threading import Event, Thread

import pytest
from sqlalchemy import URL, select, update
from sqlalchemy.orm import Session

from app import gifts
from app.accounts import Actor
from app.db import aggregate_check, transaction, transaction_for_system
from app.db.models import Activity, Fund, Gift
from app.gifts import FundChange, GiftFilter, Outcome, Thanks
from app.gifts.bulk import changes
from app.kit.dates.days import Span
from app.kit.errors import InvalidError, NotAllowedError
from tests import factories as make


def funds_of(db: Session, ids: Sequence[int]) -> list[int | None]:
    rows = db.execute(select(Gift.id, Gift.fund_id).where(Gift.id.in_(ids)))
    by_id = {row[0]: row[1] for row in rows}
    return [by_id[gift_id] for gift_id in ids]


def fund_sums(db: Session, admin: Actor) -> dict[str, tuple[int, int]]:
    return {fund.name: (fund.gifts, fund.total.minor) for fund in gifts.fund_list(db, admin)}


def log(db: Session) -> list[tuple[str, str]]:
    rows = db.execute(select(Activity.action, Activity.sentence).order_by(Activity.id))
    return [(row[0], row[1]) for row in rows]


class Mixed:
    """Gifts of every kind: two that may be given another fund, and those that may not."""

    def __init__(self, db: Session, ruth: Actor, donor: int) -> None:
        self.wells, self.roof = make.fund(db, "Wells"), make.fund(db, "Roof")
        self.plain = make.gift(db, donor, "10", fund_id=self.wells)
        self.bare = make.gift(db, donor, "20")
        self.there = make.gift(db, donor, "30", fund_id=self.roof)
        self.split = make.gift(db, donor, "40", parts=((self.wells, "15"), (self.roof, "25")))
        self.partly = make.gift(db, donor, "50", fund_id=self.wells)
        self.back = make.reversal(db, self.partly, "5")
        self.wholly = make.gift(db, donor, "60", fund_id=self.wells)
        make.reversal(db, self.wholly)
        self.receipt = make.gift(db, donor, "70", fund_id=self.wells, receipt_number="R-1")
        self.foreign = make.gift(db, make.donor(db, make.person(db)), fund_id=self.wells)
        self.ids = [
            self.plain,
            self.bare,
            self.there,
            self.split,
            self.partly,
            self.back,
            self.wholly,
            self.receipt,
            self.foreign,
            99_999_999,
        ]


@pytest.fixture
def mixed(db: Session, ruth: Actor, donor: int) -> Mixed:
    return Mixed(db, ruth, donor)


def test_another_fund_leaves_aside_what_cannot_change_and_names_it(
    db: Session, ruth: Actor, mixed: Mixed, now: datetime
) -> None:
    admin = make.person(db, "admin")
    deed = FundChange(mixed.roof)
    before = funds_of(db, mixed.ids[:-1])
    preview = gifts.preview_many(db, ruth, gift_ids=mixed.ids, deed=deed)
    rest = (
        "2 are not yours to change, 1 is a reversal, 1 has this fund already, 2 were taken back,"
        " 1 is split over funds, 1 has a numbered receipt."
    )
    assert preview.preview() == f"2 of 10 gifts will change: {rest}"
    assert funds_of(db, mixed.ids[:-1]) == before
    assert log(db) == []
    sums = fund_sums(db, admin)
    done = gifts.change_many(db, ruth, gift_ids=mixed.ids, deed=deed, now=now)
    assert (done.changed, done.left) == (preview.changed, preview.left)
    assert done.changed == (mixed.plain, mixed.bare)
    assert done.sentence() == f"Changed the fund of 2 of 10 gifts: {rest}"
    after = funds_of(db, mixed.ids[:-1])
    assert after == [mixed.roof, mixed.roof, *before[2:]]
    assert fund_sums(db, admin) == {
        "Wells": (sums["Wells"][0] - 1, sums["Wells"][1] - 1000),
        "Roof": (sums["Roof"][0] + 2, sums["Roof"][1] + 3000),
    }
    assert db.scalar(select(Gift.version).where(Gift.id == mixed.plain)) == 2
    assert db.scalar(select(Gift.version).where(Gift.id == mixed.there)) == 1
    assert log(db) == [("gift.moved", "Changed the fund of 2 gifts to Roof.")]
    entry = db.execute(select(Activity.before, Activity.after)).one()
    assert entry.before == {"funds": {str(mixed.wells): [mixed.plain], "none": [mixed.bare]}}
    assert entry.after == {"fund_id": mixed.roof, "gift_ids": [mixed.plain, mixed.bare]}
    # the same again changes nothing
    again = gifts.change_many(db, ruth, gift_ids=done.changed, deed=deed, now=now)
    assert again.sentence() == "Changed the fund of 0 of 2 gifts: 2 have this fund already."
    undone = gifts.undo_many(db, ruth, outcome=done)
    assert undone.undone() == "Undone for 2 gifts."
    assert funds_of(db, mixed.ids[:-1]) == before
    assert fund_sums(db, admin) == sums
    assert log(db)[1:] == [("gift.unmoved", "Gave 2 gifts the fund from before.")]
    assert aggregate_check.differences(db) == {}


def test_gifts_can_lose_their_fund(db: Session, ruth: Actor, mixed: Mixed, now: datetime) -> None:
    ids = [mixed.plain, mixed.bare, mixed.there]
    done = gifts.change_many(db, ruth, gift_ids=ids, deed=FundChange(None), now=now)
    assert done.sentence() == "Changed the fund of 2 of 3 gifts: 1 has no fund already."
    assert log(db) == [("gift.moved", "Changed the fund of 2 gifts to no fund.")]
    assert gifts.undo_many(db, ruth, outcome=done).changed == (mixed.plain, mixed.there)
    assert funds_of(db, ids) == [mixed.wells, None, mixed.roof]


def test_the_undo_leaves_aside_what_was_changed_since(
    db: Session, ruth: Actor, donor: int, now: datetime
) -> None:
    admin = make.person(db, "admin")
    old, new, third = (make.fund(db, name) for name in ("Old", "New", "Third"))
    ids = [make.gift(db, donor, n, fund_id=old) for n in (1, 2, 3, 4)]
    done = gifts.change_many(db, ruth, gift_ids=ids, deed=FundChange(new), now=now)
    gifts.change_many(db, ruth, gift_ids=ids[:1], deed=FundChange(third), now=now)
    make.reversal(db, ids[1])
    # the funds themselves may be closed or merged since
    db.execute(update(Fund).where(Fund.id == old).values(status="closed"))
    gifts.merge_funds(db, admin, fund_id=new, into_id=third, version=1)
    undone = gifts.undo_many(db, ruth, outcome=done)
    # moved by hand to the fund that the other one was merged into: not to be told apart
    assert undone.undone() == "Undone for 3 of 4 gifts: 1 was taken back."
    assert funds_of(db, ids) == [old, third, old, old]


def test_a_fund_merged_since_is_restored_as_the_other_one(
    db: Session, ruth: Actor, donor: int, now: datetime
) -> None:
    admin = make.person(db, "admin")
    old, new, third = (make.fund(db, name) for name in ("Old", "New", "Third"))
    gift = make.gift(db, donor, fund_id=old)
    done = gifts.change_many(db, ruth, gift_ids=[gift], deed=FundChange(new), now=now)
    gifts.merge_funds(db, admin, fund_id=old, into_id=third, version=1)
    gifts.undo_many(db, ruth, outcome=done)
    assert funds_of(db, [gift]) == [third]


def test_a_fund_that_is_gone_is_not_restored(
    db: Session, ruth: Actor, donor: int, now: datetime
) -> None:
    old, new = make.fund(db, "Old"), make.fund(db, "New")
    gift = make.gift(db, donor, fund_id=old)
    done = gifts.change_many(db, ruth, gift_ids=[gift], deed=FundChange(new), now=now)
    db.delete(db.get_one(Fund, old))
    db.flush()
    undone = gifts.undo_many(db, ruth, outcome=done)
    assert undone.undone() == "Undone for 0 of 1 gift: 1 was changed since."
    assert funds_of(db, [gift]) == [new]


def test_thanks_for_many_and_their_undo(
    db: Session, ruth: Actor, mixed: Mixed, now: datetime
) -> None:
    gifts.thank(db, ruth, gift_id=mixed.bare, how="letter", now=now - timedelta(days=1))
    deed = Thanks("call")
    preview = gifts.preview_many(db, ruth, gift_ids=mixed.ids, deed=deed)
    done = gifts.change_many(db, ruth, gift_ids=mixed.ids, deed=deed, now=now)
    assert (done.changed, done.left) == (preview.changed, preview.left)
    assert done.sentence() == (
        "Thanked for 5 of 10 gifts: 2 are not yours to change, 1 is a reversal, 1 was thanked for"
        " before, 1 was taken back."
    )
    line = gifts.get(db, ruth, mixed.split)
    assert (line.thanked_at, line.thanked_how, line.version) == (now, "call", 1)
    assert db.scalar(select(Gift.thanked_by).where(Gift.id == mixed.split)) == ruth.user_id
    assert log(db)[1:] == [("gift.thanked", "Thanked for 5 gifts by call.")]
    entry = db.scalar(select(Activity.after).order_by(Activity.id.desc()).limit(1))
    assert entry == {"how": "call", "gift_ids": sorted(done.changed)}
    # thanked for again by hand since
    gifts.unthank(db, ruth, gift_id=mixed.there)
    gifts.thank(db, ruth, gift_id=mixed.there, how=None, now=now + timedelta(minutes=1))
    undone = gifts.undo_many(db, ruth, outcome=done)
    assert undone.undone() == "Undone for 4 of 5 gifts: 1 was changed since."
    waiting = gifts.page(db, ruth, filter=GiftFilter(thanked=False)).lines
    assert {line.gift_id for line in waiting} == set(undone.changed)
    assert gifts.get(db, ruth, mixed.bare).thanked_how == "letter"
    assert log(db)[-1] == ("gift.unthanked", "Put 4 gifts back into the thank-you queue.")
    assert aggregate_check.differences(db) == {}


def test_all_gifts_of_a_filter_up_to_a_number(
    db: Session,
    ruth: Actor,
    donor: int,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for day in (1, 2, 3, 4):
        make.gift(db, donor, day, date(2026, 1, day))
    monkeypatch.setattr(changes, "MOST_AT_ONCE", 3)
    some = GiftFilter(span=Span(date(2026, 1, 2), date(2026, 1, 5)))
    ids = gifts.ids_to_change(db, ruth, filter=some)
    done = gifts.change_many(db, ruth, gift_ids=ids, deed=Thanks(), now=now)
    assert done.sentence() == "Thanked for 3 gifts."
    with pytest.raises(InvalidError, match="At most 3 gifts are changed at once"):
        gifts.ids_to_change(db, ruth, filter=GiftFilter())
    for ask in (gifts.preview_many, gifts.change_many):
        when = {} if ask is gifts.preview_many else {"now": now}
        with pytest.raises(InvalidError, match="At most 3 gifts"):
            ask(db, ruth, gift_ids=(1, 2, 3, 4), deed=Thanks(), **when)


def test_who_may_change_none_is_refused_and_the_fund_must_be_open(
    db: Session, ruth: Actor, donor: int, now: datetime
) -> None:
    gift, closed = make.gift(db, donor), make.fund(db, "Closed", status="closed")
    for role in ("fundraiser", "read_only", "coach", "supervisor"):
        actor = make.person(db, role)
        make.looks_after(db, actor, ruth, kind="coach" if role == "coach" else "supervisor")
        with pytest.raises(NotAllowedError, match="none of these gifts"):
            gifts.change_many(db, actor, gift_ids=[gift], deed=Thanks(), now=now)
        with pytest.raises(NotAllowedError, match="none of these gifts"):
            gifts.preview_many(db, actor, gift_ids=[gift], deed=Thanks())
    for fund in (closed, 99_999_999):
        with pytest.raises(InvalidError, match="does not exist or is closed"):
            gifts.change_many(db, ruth, gift_ids=[gift], deed=FundChange(fund), now=now)
        with pytest.raises(InvalidError, match="does not exist or is closed"):
            gifts.preview_many(db, ruth, gift_ids=[gift], deed=FundChange(fund))
    nothing = gifts.change_many(db, ruth, gift_ids=[], deed=Thanks(), now=now)
    assert nothing == Outcome(Thanks(), (), {}, now, {})
    assert log(db) == []


def test_a_gift_that_is_split_meanwhile_is_left_aside(database: URL, now: datetime) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db)
        wells, roof = make.fund(db, "Wells"), make.fund(db, "Roof")
        first, second = (
            make.gift(db, make.donor(db, ruth), "10", fund_id=wells) for _ in range(2)
        )
    outcomes: list[Outcome] = []
    begun = Event()

    def move() -> None:
        begun.set()
        with transaction(ruth) as db:
            deed = FundChange(roof)
            outcomes.append(
                gifts.change_many(db, ruth, gift_ids=[first, second], deed=deed, now=now)
            )

    thread = Thread(target=move)
    with transaction(ruth) as db:
        line = gifts.get(db, ruth, second)
        half = line.amount
        gifts.correct(
            db,
            ruth,
            gift_id=second,
            version=line.version,
            amount=half + half,
            on=line.on,
            method=None,
            fund_id=None,
            campaign_id=None,
            pledge_id=None,
            note=None,
            splits=(gifts.Part(half, wells), gifts.Part(half, roof)),
            today=now.date(),
            now=now,
        )
        thread.start()
        assert begun.wait(10)
        # the other transaction waits for the row of this one, or has not come to it yet
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(20)
    assert outcomes[0].sentence() == "Changed the fund of 1 of 2 gifts: 1 is split over funds."
