"""Administration of funds: sums, names, closing, merging; what is refused; the audit log."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import gifts, pledges
from app.accounts import Actor
from app.db.aggregate_check import differences
from app.db.models import Activity, Campaign, Fund, Gift, GiftLine, ImportChange, Pledge
from app.gifts import FundLine, GiftFilter, purposes
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from app.kit.money import Money
from tests import factories as make


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, "admin")


@pytest.fixture
def donor(db: Session, ada: Actor) -> int:
    return make.donor(db, ada, "Tom Reed")


@pytest.fixture
def when(today: date, now: datetime) -> dict[str, Any]:
    return {"today": today, "now": now}


def lines(db: Session, actor: Actor) -> dict[str, FundLine]:
    return {line.name: line for line in gifts.fund_list(db, actor)}


def test_sums_are_net_of_reversals_and_by_the_parts_of_split_gifts(
    db: Session, ada: Actor, donor: int
) -> None:
    wells, roof = make.fund(db, "Wells"), make.fund(db, "Roof", status="closed")
    make.gift(db, donor, "50", date(2026, 3, 1), fund_id=wells)
    bounced = make.gift(db, donor, "30", date(2026, 5, 1), fund_id=wells)
    make.reversal(db, bounced)
    make.gift(db, donor, "100", date(2026, 4, 1), parts=((wells, "60"), (roof, "40")))
    make.gift(db, donor, "7", date(2026, 6, 1))
    funds = lines(db, ada)
    assert list(funds) == ["Wells", "Roof"]
    assert (funds["Wells"].gifts, funds["Wells"].total) == (2, usd("110"))
    assert funds["Wells"].last_gift_date == date(2026, 4, 1)
    assert (funds["Roof"].gifts, funds["Roof"].total, funds["Roof"].open) == (1, usd("40"), False)
    page = gifts.page(db, ada, filter=GiftFilter(fund_id=wells))
    assert (page.gifts, page.total) == (2, usd("110"))


def test_creating_and_changing_a_fund_is_in_the_audit_log(db: Session, ada: Actor) -> None:
    fund_id = gifts.create_fund(db, ada, name="  Wells  ", gl_code=" 4010 ")
    line = lines(db, ada)["Wells"]
    assert (line.fund_id, line.gl_code, line.open, line.version) == (fund_id, "4010", True, 1)
    change: dict[str, Any] = {"fund_id": fund_id, "gl_code": "4010"}
    gifts.change_fund(db, ada, version=1, name="Wells and pumps", is_open=True, **change)
    gifts.change_fund(db, ada, version=2, name="Wells and pumps", is_open=False, **change)
    gifts.change_fund(db, ada, version=3, name="Wells and pumps", is_open=True, **change)
    # nothing changes, and nothing is logged
    gifts.change_fund(db, ada, version=4, name="Wells and pumps", is_open=True, **change)
    rows = db.execute(
        select(Activity.action, Activity.before, Activity.after)
        .where(Activity.entity == "fund", Activity.entity_id == fund_id)
        .order_by(Activity.id)
    ).all()
    assert [row.action for row in rows] == [
        "fund.created",
        "fund.changed",
        "fund.closed",
        "fund.reopened",
    ]
    assert rows[1].before == {"name": "Wells"}
    assert rows[1].after == {"name": "Wells and pumps"}
    assert rows[2].after == {"status": "closed"}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": ""}, "give the fund a name"),
        ({"name": " \u200b "}, "give the fund a name"),
        ({"name": "x" * 300}, "120 characters at most"),
        ({"name": "wELLS"}, "There is a fund named “Wells” already"),
        ({"name": "Pumps", "gl_code": "4" * 51}, "GL code may have 50 characters at most"),
        ({"name": "a\0b"}, "cannot be saved"),
    ],
)
def test_a_wrong_field_is_refused_and_nothing_is_saved(
    db: Session, ada: Actor, values: dict[str, str], sentence: str
) -> None:
    gifts.create_fund(db, ada, name="Wells")
    other = gifts.create_fund(db, ada, name="Roof")
    with pytest.raises(InvalidError, match=sentence):
        gifts.create_fund(db, ada, **values)
    change: dict[str, Any] = {"name": "Roof", "gl_code": None, "is_open": True} | values
    with pytest.raises(InvalidError, match=sentence):
        gifts.change_fund(db, ada, fund_id=other, version=1, **change)
    assert [line.name for line in gifts.fund_list(db, ada)] == ["Roof", "Wells"]
    assert db.scalar(select(func.count()).where(Activity.entity == "fund")) == 2


def test_a_fund_may_be_renamed_to_its_own_name_in_another_case(db: Session, ada: Actor) -> None:
    fund_id = gifts.create_fund(db, ada, name="wells")
    gifts.change_fund(
        db, ada, fund_id=fund_id, version=1, name="Wells", gl_code=None, is_open=True
    )
    assert list(lines(db, ada)) == ["Wells"]


def test_of_two_who_edit_at_once_the_second_is_told(db: Session, ada: Actor) -> None:
    fund_id = gifts.create_fund(db, ada, name="Wells")
    other = gifts.create_fund(db, ada, name="Roof")
    change: dict[str, Any] = {"fund_id": fund_id, "gl_code": None, "is_open": True}
    gifts.change_fund(db, ada, version=1, name="Pumps", **change)
    with pytest.raises(ConflictError, match="Someone else changed this fund"):
        gifts.change_fund(db, ada, version=1, name="Wells 2", **change)
    with pytest.raises(ConflictError, match="Someone else changed this fund"):
        gifts.merge_funds(db, ada, fund_id=fund_id, into_id=other, version=1)
    assert set(lines(db, ada)) == {"Pumps", "Roof"}


def test_a_name_that_is_taken_after_the_check_is_refused(db: Session, ada: Actor) -> None:
    gifts.create_fund(db, ada, name="Wells")
    other = gifts.create_fund(db, ada, name="Roof")
    with pytest.raises(InvalidError, match="named “WELLS” already"):
        purposes.add(db, Fund, name="WELLS")
    with pytest.raises(InvalidError, match="named “WELLS” already"):
        purposes.change(db, Fund, other, name="WELLS")
    assert list(lines(db, ada)) == ["Roof", "Wells"]


def test_a_merge_says_what_it_moves_and_moves_all_of_it(
    db: Session, ada: Actor, donor: int, today: date
) -> None:
    old, new = make.fund(db, "Well"), make.fund(db, "Wells", gl_code="4010")
    other = make.fund(db, "Roof")
    make.gift(db, donor, "50", fund_id=old)
    make.reversal(db, make.gift(db, donor, "20", fund_id=old), "5")
    make.gift(db, donor, "100", parts=((old, "60"), (other, "40")))
    make.gift(db, donor, "8", fund_id=new)
    pledge = make.pledge(db, donor, fund_id=old)
    make.pledge_terms(db, pledge, date(2026, 5, 1), fund_id=old)
    make.campaign(db, "Easter", fund_id=old)
    kept = {name: line.total for name, line in lines(db, ada).items()}
    effect = gifts.fund_merge_effect(db, ada, fund_id=old, into_id=new)
    assert (effect.name, effect.into, str(effect)) == (
        "Well",
        "Wells",
        "3 gifts, 1 pledge, 1 campaign",
    )
    assert gifts.merge_funds(db, ada, fund_id=old, into_id=new, version=1) == effect
    after = lines(db, ada)
    assert set(after) == {"Wells", "Roof"}
    assert after["Wells"].total == kept["Well"] + kept["Wells"] == usd("133")
    assert after["Roof"].total == kept["Roof"]
    assert differences(db) == {}
    for model in (Gift, GiftLine, Pledge, Campaign):
        assert db.scalar(select(func.count()).where(model.fund_id == old)) == 0
    row = db.execute(select(Activity).where(Activity.action == "fund.merged")).scalar_one()
    assert row.sentence == "Merged the fund Well into Wells: 3 gifts, 1 pledge, 1 campaign."
    assert row.entity_id == old
    # a filter saved before the merge shows what is in the other fund now
    assert gifts.page(db, ada, filter=GiftFilter(fund_id=old)).total == usd("133")
    statuses = pledges.pledge_statuses(
        db, ada, today=today, filter=pledges.PledgeFilter(fund_id=old)
    )
    assert [line.fund for line in statuses] == ["Wells"]
    assert [fund.name for fund in gifts.funds(db)] == ["Roof", "Wells"]


def test_an_empty_fund_moves_nothing(db: Session, ada: Actor) -> None:
    old, new = make.fund(db), make.fund(db)
    assert str(gifts.merge_funds(db, ada, fund_id=old, into_id=new, version=1)) == "nothing"


def test_merges_may_follow_each_other(db: Session, ada: Actor, donor: int) -> None:
    first, second, third = (make.fund(db, name) for name in ("One", "Two", "Three"))
    make.gift(db, donor, "50", fund_id=first)
    gifts.merge_funds(db, ada, fund_id=first, into_id=second, version=1)
    gifts.merge_funds(db, ada, fund_id=second, into_id=third, version=1)
    targets = db.scalars(select(Fund.merged_into_id).where(Fund.id.in_([first, second])))
    assert list(targets) == [third, third]
    assert lines(db, ada)["Three"].total == usd("50")


@pytest.mark.parametrize("target", ["itself", "missing", "merged"])
def test_a_wrong_merge_is_refused(db: Session, ada: Actor, target: str) -> None:
    old, new, merged = make.fund(db), make.fund(db), make.fund(db)
    gifts.merge_funds(db, ada, fund_id=merged, into_id=new, version=1)
    into = {"itself": old, "missing": 10**9, "merged": merged}[target]
    error = InvalidError if target == "itself" else NotFoundError
    with pytest.raises(error, match="into itself" if target == "itself" else "any more"):
        gifts.fund_merge_effect(db, ada, fund_id=old, into_id=into)
    with pytest.raises(error):
        gifts.merge_funds(db, ada, fund_id=old, into_id=into, version=1)
    with pytest.raises(NotFoundError):
        gifts.merge_funds(db, ada, fund_id=merged, into_id=old, version=2)


def test_the_name_of_a_merged_fund_stays_taken(db: Session, ada: Actor) -> None:
    old, new = make.fund(db, "Well"), make.fund(db, "Wells")
    gifts.merge_funds(db, ada, fund_id=old, into_id=new, version=1)
    with pytest.raises(InvalidError, match="“Well” was merged into “Wells”"):
        gifts.create_fund(db, ada, name="WELL")


def test_what_an_import_has_changed_comes_back_with_the_fund_of_now(
    db: Session, ada: Actor, donor: int
) -> None:
    old, new = make.fund(db), make.fund(db)
    gift = make.gift(db, donor, fund_id=new)
    run = make.import_run(db, ada)
    db.add(
        ImportChange(run_id=run, table_name="gift", row_id=gift, before={"fund_id": old}, after={})
    )
    db.flush()
    gifts.merge_funds(db, ada, fund_id=old, into_id=new, version=1)
    before = db.scalar(select(ImportChange.before).where(ImportChange.run_id == run))
    assert before == {"fund_id": new}


def test_a_closed_fund_takes_no_new_gift_and_keeps_its_own(
    db: Session, ada: Actor, donor: int, when: dict[str, Any]
) -> None:
    fund_id = make.fund(db, "Wells")
    values: dict[str, Any] = {"amount": usd("5"), "on": date(2026, 11, 1), "fund_id": fund_id}
    recorded = gifts.record(db, ada, donor_id=donor, **values, **when)
    gifts.change_fund(
        db, ada, fund_id=fund_id, version=1, name="Wells", gl_code=None, is_open=False
    )
    with pytest.raises(InvalidError, match="fund does not exist or is closed"):
        gifts.record(db, ada, donor_id=donor, **values, **when)
    with pytest.raises(InvalidError, match="fund does not exist or is closed"):
        pledges.create(
            db,
            ada,
            donor_id=donor,
            amount=usd("5"),
            frequency="monthly",
            start=date(2026, 1, 1),
            fund_id=fund_id,
        )
    correction = values | {"amount": usd("6"), "method": None, "note": None}
    gifts.correct(
        db,
        ada,
        gift_id=recorded.gift_id,
        version=1,
        campaign_id=None,
        pledge_id=None,
        **correction,
        **when,
    )
    assert lines(db, ada)["Wells"].total == usd("6")


@pytest.mark.parametrize("role", ["fundraiser", "supervisor", "coach", "finance", "read_only"])
def test_only_administrators_change_funds_and_finance_reads_them(db: Session, role: str) -> None:
    make.organisation(db)
    actor, fund_id = make.person(db, role), make.fund(db, "Wells")
    with pytest.raises(NotAllowedError):
        gifts.create_fund(db, actor, name="Roof")
    with pytest.raises(NotAllowedError):
        gifts.merge_funds(db, actor, fund_id=fund_id, into_id=make.fund(db), version=1)
    if role == "finance":
        assert "Wells" in lines(db, actor)
    else:
        with pytest.raises(NotAllowedError):
            gifts.fund_list(db, actor)
