"""Administration of campaigns: dates, goal, progress, closing, merging; gifts and pledges."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import gifts, pledges
from app.accounts import Actor
from app.db.models import Activity, Gift, GiftLine, Pledge
from app.gifts import CampaignLine, GiftFilter, Part
from app.kit.errors import ConflictError, InvalidError, NotFoundError
from app.kit.money import Money
from tests import factories as make

MAY = {"starts_on": date(2026, 5, 1), "ends_on": date(2026, 5, 31)}


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


def lines(db: Session, actor: Actor) -> dict[str, CampaignLine]:
    return {line.name: line for line in gifts.campaign_list(db, actor)}


def test_progress_counts_gifts_and_parts_net_of_reversals(
    db: Session, ada: Actor, donor: int, when: dict[str, Any]
) -> None:
    wells = make.fund(db, "Wells")
    easter = gifts.create_campaign(db, ada, name="Easter", fund_id=wells, goal=usd("1000"), **MAY)
    values: dict[str, Any] = {"donor_id": donor, "on": date(2026, 5, 4), "campaign_id": easter}
    gifts.record(db, ada, amount=usd("200"), **values, **when)
    parts = (Part(usd("60"), wells), Part(usd("40")))
    split = gifts.record(db, ada, amount=usd("100"), splits=parts, **values, **when)
    reason: dict[str, Any] = {"reason": "Bounced", "on": date(2026, 5, 6)}
    gifts.reverse(db, ada, gift_id=split.gift_id, amount=usd("50"), **reason, **when)
    line = lines(db, ada)["Easter"]
    assert (line.gifts, line.total, line.goal) == (2, usd("250"), usd("1000"))
    assert line.progress == 0.25
    assert (line.fund, line.starts_on, line.ends_on) == ("Wells", *MAY.values())
    assert gifts.get(db, ada, split.gift_id).campaign == "Easter, Easter"
    page = gifts.page(db, ada, filter=GiftFilter(campaign_id=easter, fund_id=wells))
    # of both at once: the part that has both
    assert page.total == usd("30")
    assert gifts.page(db, ada, filter=GiftFilter(campaign_id=easter)).total == usd("250")
    assert gifts.page(db, ada, filter=GiftFilter(campaign_id=10**9)).gifts == 0


def test_without_a_goal_there_is_no_progress(db: Session, ada: Actor) -> None:
    gifts.create_campaign(db, ada, name="Easter")
    line = lines(db, ada)["Easter"]
    assert (line.goal, line.progress, line.total) == (None, None, usd("0"))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": ""}, "give the campaign a name"),
        ({"name": "x" * 300}, "120 characters at most"),
        ({"name": "EASTER"}, "There is a campaign named “Easter” already"),
        ({"starts_on": date(2026, 5, 2), "ends_on": date(2026, 5, 1)}, "ends before it begins"),
        ({"starts_on": date(26, 5, 2)}, "year 0026 cannot be right"),
        ({"ends_on": date(2999, 5, 2)}, "year 2999 cannot be right"),
        ({"goal": Money.of("0", "USD")}, "goal must be more than zero"),
        ({"goal": Money(-100, "USD")}, "goal must be more than zero"),
        ({"goal": Money(10**16, "USD")}, "goal is too large"),
        ({"goal": Money.of("5", "EUR")}, "organisation's currency, USD"),
        ({"fund_id": 10**9}, "fund does not exist or is closed"),
        ({"fund_id": "closed"}, "fund does not exist or is closed"),
    ],
)
def test_a_wrong_field_is_refused_and_nothing_is_saved(
    db: Session, ada: Actor, values: dict[str, Any], sentence: str
) -> None:
    gifts.create_campaign(db, ada, name="Easter")
    other = gifts.create_campaign(db, ada, name="Advent")
    if values.get("fund_id") == "closed":
        values = {"fund_id": make.fund(db, status="closed")}
    with pytest.raises(InvalidError, match=sentence):
        gifts.create_campaign(db, ada, **({"name": "New"} | values))
    empty: dict[str, Any] = {"fund_id": None, "starts_on": None, "ends_on": None, "goal": None}
    change = empty | {"name": "Advent", "is_open": True} | values
    with pytest.raises(InvalidError, match=sentence):
        gifts.change_campaign(db, ada, campaign_id=other, version=1, **change)
    assert set(lines(db, ada)) == {"Easter", "Advent"}
    assert lines(db, ada)["Advent"].version == 1


def test_changing_and_closing_is_in_the_audit_log(db: Session, ada: Actor) -> None:
    fund = make.fund(db, "Wells")
    key = gifts.create_campaign(db, ada, name="Easter", fund_id=fund)
    change: dict[str, Any] = {"campaign_id": key, "name": "Easter", "fund_id": fund, **MAY}
    gifts.change_campaign(db, ada, version=1, goal=usd("500"), is_open=True, **change)
    gifts.change_fund(db, ada, fund_id=fund, version=1, name="Wells", gl_code=None, is_open=False)
    # the fund that it has may be closed
    gifts.change_campaign(db, ada, version=2, goal=usd("500"), is_open=False, **change)
    gifts.change_campaign(db, ada, version=3, goal=usd("500"), is_open=False, **change)
    with pytest.raises(ConflictError, match="Someone else changed this campaign"):
        gifts.change_campaign(db, ada, version=1, goal=None, is_open=True, **change)
    rows = db.execute(
        select(Activity.action, Activity.after)
        .where(Activity.entity == "campaign")
        .order_by(Activity.id)
    ).all()
    assert [row.action for row in rows] == [
        "campaign.created",
        "campaign.changed",
        "campaign.closed",
    ]
    assert rows[1].after == {
        "starts_on": "2026-05-01",
        "ends_on": "2026-05-31",
        "goal_minor": 50_000,
    }
    assert [campaign.open for campaign in gifts.campaigns(db)] == [False]


def test_a_merge_moves_gifts_parts_and_pledges(
    db: Session, ada: Actor, donor: int, today: date
) -> None:
    old, new = make.campaign(db, "Easter 26"), make.campaign(db, "Easter 2026", goal="1000")
    fund = make.fund(db)
    make.gift(db, donor, "50", campaign_id=old)
    make.gift(db, donor, "100", parts=((fund, "60"), (None, "40")), campaigns=(old, None))
    make.pledge(db, donor, campaign_id=old)
    effect = gifts.campaign_merge_effect(db, ada, campaign_id=old, into_id=new)
    assert str(effect) == "2 gifts, 1 pledge"
    merged = gifts.merge_campaigns(db, ada, campaign_id=old, into_id=new, version=1)
    assert merged == effect
    assert set(lines(db, ada)) == {"Easter 2026"}
    assert lines(db, ada)["Easter 2026"].total == usd("110")
    for model in (Gift, GiftLine, Pledge):
        assert db.scalar(select(func.count()).where(model.campaign_id == old)) == 0
    statuses = pledges.pledge_statuses(
        db, ada, today=today, filter=pledges.PledgeFilter(campaign_id=old)
    )
    assert [line.campaign for line in statuses] == ["Easter 2026"]
    sentence = db.scalar(select(Activity.sentence).where(Activity.action == "campaign.merged"))
    assert sentence == "Merged the campaign Easter 26 into Easter 2026: 2 gifts, 1 pledge."
    with pytest.raises(InvalidError, match="cannot be merged into itself"):
        gifts.merge_campaigns(db, ada, campaign_id=new, into_id=new, version=1)
    with pytest.raises(NotFoundError):
        gifts.merge_campaigns(db, ada, campaign_id=new, into_id=old, version=1)
    with pytest.raises(InvalidError, match="was merged into “Easter 2026”"):
        gifts.create_campaign(db, ada, name="easter 26")


def test_a_closed_campaign_takes_no_new_gift_and_keeps_its_own(
    db: Session, ada: Actor, donor: int, when: dict[str, Any]
) -> None:
    key = make.campaign(db, "Easter")
    values: dict[str, Any] = {"on": date(2026, 11, 1), "campaign_id": key}
    recorded = gifts.record(db, ada, donor_id=donor, amount=usd("5"), **values, **when)
    new: dict[str, Any] = {
        "donor_id": donor,
        "amount": usd("5"),
        "frequency": "monthly",
        "start": date(2026, 1, 1),
        "campaign_id": key,
    }
    pledge = pledges.create(db, ada, **new)
    empty: dict[str, Any] = {"fund_id": None, "starts_on": None, "ends_on": None, "goal": None}
    change = empty | {"campaign_id": key, "name": "Easter", "is_open": False}
    gifts.change_campaign(db, ada, version=1, **change)
    with pytest.raises(InvalidError, match="campaign does not exist or is closed"):
        gifts.record(db, ada, donor_id=donor, amount=usd("5"), **values, **when)
    with pytest.raises(InvalidError, match="campaign does not exist or is closed"):
        pledges.create(db, ada, **new)
    terms: dict[str, Any] = {"pledge_id": pledge, "since": date(2026, 12, 1)}
    pledges.change_terms(
        db, ada, frequency="weekly", campaign_id=key, today=when["today"], **terms
    )
    view = pledges.get(db, ada, pledge, today=when["today"])
    assert (view.campaign_id, view.line.campaign) == (key, "Easter")
    correction: dict[str, Any] = {"fund_id": None, "method": None, "note": None, "pledge_id": None}
    gifts.correct(
        db,
        ada,
        gift_id=recorded.gift_id,
        version=1,
        amount=usd("6"),
        **values,
        **correction,
        **when,
    )
    assert gifts.get(db, ada, recorded.gift_id).campaign == "Easter"


def test_a_reversal_follows_the_gift_to_its_new_fund_and_campaign(
    db: Session, ada: Actor, donor: int, when: dict[str, Any]
) -> None:
    wells, easter = make.fund(db, "Wells"), make.campaign(db, "Easter")
    gift = make.gift(db, donor, "50")
    make.reversal(db, gift, "20")
    gifts.correct(
        db,
        ada,
        gift_id=gift,
        version=1,
        amount=usd("50"),
        on=date(2026, 11, 2),
        method=None,
        fund_id=wells,
        campaign_id=easter,
        pledge_id=None,
        note=None,
        **when,
    )
    assert lines(db, ada)["Easter"].total == usd("30")
    assert gifts.fund_list(db, ada)[0].total == usd("30")
