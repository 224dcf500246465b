"""SQL of funds and campaigns: lists with sums, changes, and what a merge moves."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol, TypeVar

from sqlalchemy import Select, column, func, insert, select, table, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from app.db import Session
from app.db.models import Campaign, Fund

Model = type[Fund] | type[Campaign]
P = TypeVar("P", Fund, Campaign)
_PART = table(
    "gift_part",
    *map(column, ("gift_id", "fund_id", "campaign_id", "gift_date", "base_minor", "effective")),
)


class FundRow(Protocol):
    """A fund with the sums of its gifts; amounts are minor units of the base currency."""

    id: int
    version: int
    name: str
    status: str
    gl_code: str | None
    gifts: int
    total: int
    last_gift_date: date | None


class CampaignRow(Protocol):
    """A campaign with the sums of its gifts; amounts are minor units of the base currency."""

    id: int
    version: int
    name: str
    status: str
    fund_id: int | None
    fund: str | None
    starts_on: date | None
    ends_on: date | None
    goal_minor: int | None
    gifts: int
    total: int
    last_gift_date: date | None


def funds(db: Session) -> Sequence[FundRow]:
    """Return every fund with its sums, open funds first, then by name."""
    statement = _with_sums(Fund, Fund.gl_code)
    rows: Sequence[FundRow] = db.execute(statement).all()
    return rows


def campaigns(db: Session) -> Sequence[CampaignRow]:
    """Return every campaign with its sums, open campaigns first, then by name."""
    own_fund = aliased(Fund)
    name = select(own_fund.name).where(own_fund.id == Campaign.fund_id).scalar_subquery()
    statement = _with_sums(
        Campaign,
        Campaign.fund_id,
        name.label("fund"),
        Campaign.starts_on,
        Campaign.ends_on,
        Campaign.goal_minor,
    )
    rows: Sequence[CampaignRow] = db.execute(statement).all()
    return rows


def _with_sums(model: Model, *more: Any) -> Select[Any]:
    key = _PART.c.fund_id if model is Fund else _PART.c.campaign_id
    effective = _PART.c.effective
    sums = (
        select(
            key.label("purpose_id"),
            func.count(_PART.c.gift_id.distinct()).filter(effective).label("gifts"),
            func.sum(_PART.c.base_minor).label("total"),
            func.max(_PART.c.gift_date).filter(effective).label("last_gift_date"),
        )
        .where(key.is_not(None))
        .group_by(key)
        .subquery("sums")
    )
    return (
        select(
            model.id,
            model.version,
            model.name,
            model.status,
            *more,
            func.coalesce(sums.c.gifts, 0).label("gifts"),
            func.coalesce(sums.c.total, 0).label("total"),
            sums.c.last_gift_date,
        )
        .outerjoin(sums, sums.c.purpose_id == model.id)
        .where(model.merged_into_id.is_(None))
        .order_by((model.status == "active").desc(), func.lower(model.name), model.id)
    )


def open_first(db: Session) -> Sequence[Campaign]:
    """Return every campaign, open campaigns first, then by name."""
    return db.scalars(
        select(Campaign)
        .where(Campaign.merged_into_id.is_(None))
        .order_by((Campaign.status == "active").desc(), func.lower(Campaign.name), Campaign.id)
    ).all()


def locked(db: Session, model: type[P], ids: Sequence[int]) -> Mapping[int, P]:
    """Lock funds or campaigns, in the order of their ids, and return those that exist by id."""
    rows = db.scalars(
        select(model)
        .where(model.id.in_(ids), model.merged_into_id.is_(None))
        .order_by(model.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def find(db: Session, model: type[P], purpose_id: int) -> P | None:
    """Return a fund or campaign that is not merged into another."""
    return db.scalar(select(model).where(model.id == purpose_id, model.merged_into_id.is_(None)))


def same_name(db: Session, model: type[P], name: str, *, but: int | None) -> P | None:
    """Return the fund or campaign that has this name in any case, other than the one `but`."""
    statement = select(model).where(func.lower(model.name) == func.lower(name))
    return db.scalar(statement if but is None else statement.where(model.id != but))


def add(db: Session, model: Model, **values: object) -> int | None:
    """Insert a fund or campaign and return its id; None if the name was taken meanwhile."""
    statement = insert(model).values(**values).returning(model.id)
    try:
        with db.begin_nested():
            return db.execute(statement).scalar_one()
    except IntegrityError:
        return None


def change(db: Session, model: Model, purpose_id: int, **values: object) -> bool:
    """Update columns and increment the version; return False if the name was taken meanwhile."""
    row = update(model).where(model.id == purpose_id)
    try:
        with db.begin_nested():
            db.execute(row.values(version=model.version + 1, **values))
    except IntegrityError:
        return False
    return True


def fund_contents(db: Session, fund_id: int) -> tuple[int, int, int]:
    """Return the number of gifts, pledges and campaigns of a fund."""
    row = db.execute(text(_COUNT_OF_FUND), {"id": fund_id}).one()
    return int(row[0]), int(row[1]), int(row[2])


def campaign_contents(db: Session, campaign_id: int) -> tuple[int, int]:
    """Return the number of gifts and pledges of a campaign."""
    row = db.execute(text(_COUNT_OF_CAMPAIGN), {"id": campaign_id}).one()
    return int(row[0]), int(row[1])


def move_fund(db: Session, fund_id: int, into_id: int) -> None:
    """Move everything of a fund to another, and mark the fund as merged."""
    _move(db, "fund", _MOVE_FUND, fund_id, into_id)


def move_campaign(db: Session, campaign_id: int, into_id: int) -> None:
    """Move everything of a campaign to another, and mark the campaign as merged."""
    _move(db, "campaign", _MOVE_CAMPAIGN, campaign_id, into_id)


def _move(
    db: Session, table_name: str, statements: Sequence[str], purpose_id: int, into_id: int
) -> None:
    for statement in (*statements, *_MERGED):
        sql = statement.replace("{table}", table_name)
        db.execute(text(sql), {"id": purpose_id, "into": into_id})


# a gift in several parts counts once
_COUNT_OF_FUND = """
    select (select count(*) from gift g where g.kind = 'gift' and (g.fund_id = :id or exists (
                select from gift_line l where l.gift_id = g.id and l.fund_id = :id))),
           (select count(*) from pledge where fund_id = :id),
           (select count(*) from campaign where fund_id = :id and merged_into_id is null)
"""
_COUNT_OF_CAMPAIGN = """
    select (select count(*) from gift g where g.kind = 'gift' and (g.campaign_id = :id or exists (
                select from gift_line l where l.gift_id = g.id and l.campaign_id = :id))),
           (select count(*) from pledge where campaign_id = :id)
"""


def _in_before_images(name: str, tables: str) -> str:
    """Return SQL for the rows that imports have changed: undoing one later brings them back."""
    return f"""
        update import_change
        set before = before || jsonb_build_object('{name}', cast(:into as bigint))
        where table_name in ({tables}) and before -> '{name}' = to_jsonb(cast(:id as bigint))
    """


_MOVE_FUND = (
    "update gift set fund_id = :into where fund_id = :id",
    "update gift_line set fund_id = :into where fund_id = :id",
    "update pledge set fund_id = :into where fund_id = :id",
    "update pledge_terms set fund_id = :into where fund_id = :id",
    "update campaign set fund_id = :into where fund_id = :id",
    _in_before_images("fund_id", "'gift', 'pledge', 'pledge_terms'"),
)
_MOVE_CAMPAIGN = (
    "update gift set campaign_id = :into where campaign_id = :id",
    "update gift_line set campaign_id = :into where campaign_id = :id",
    "update pledge set campaign_id = :into where campaign_id = :id",
    _in_before_images("campaign_id", "'gift', 'pledge'"),
)
_MERGED = (
    "update {table} set merged_into_id = :into where merged_into_id = :id",
    """
    update {table} set merged_into_id = :into, status = 'closed', version = version + 1,
        updated_at = now() where id = :id
    """,
)
