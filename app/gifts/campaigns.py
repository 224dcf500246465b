"""Administration of campaigns: list, create, change, close, merge; the names for forms."""

from datetime import date
from typing import Any

from app.accounts import Actor, organisation
from app.db import Session
from app.db.models import Campaign, Fund
from app.db.purpose_lock import lock_purposes
from app.gifts import purposes, rules
from app.gifts.awaiting_rate import awaiting_rate_by
from app.gifts.queries import purposes as queries
from app.gifts.queries.awaiting_rate import GroupBy
from app.gifts.results import CampaignLine, CampaignName, MergeEffect
from app.kit.errors import InvalidError
from app.kit.money import Money


def campaigns(db: Session) -> list[CampaignName]:
    """Return every campaign, open campaigns first, then by name."""
    currency = organisation(db).currency
    return [
        CampaignName(
            campaign_id=row.id,
            name=row.name,
            open=row.status == "active",
            version=row.version,
            fund_id=row.fund_id,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            goal=None if row.goal_minor is None else Money(row.goal_minor, currency),
        )
        for row in queries.open_first(db)
    ]


def campaign_list(db: Session, actor: Actor) -> list[CampaignLine]:
    """Return every campaign with its goal and what was given to it, open campaigns first.

    Raises:
        NotAllowedError: the actor is neither an administrator nor in finance.
    """
    purposes.require_reader(actor)
    currency = organisation(db).currency
    awaiting = awaiting_rate_by(db, actor, GroupBy.CAMPAIGN)
    return [
        CampaignLine(
            campaign_id=row.id,
            version=row.version,
            name=row.name,
            open=row.status == "active",
            fund_id=row.fund_id,
            fund=row.fund,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            goal=None if row.goal_minor is None else Money(row.goal_minor, currency),
            gifts=row.gifts,
            total=Money(int(row.total), currency),
            last_gift_date=row.last_gift_date,
            awaiting_rate=awaiting.get(row.id, ()),
        )
        for row in queries.campaigns(db)
    ]


def create_campaign(
    db: Session,
    actor: Actor,
    *,
    name: str,
    fund_id: int | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    goal: Money | None = None,
) -> int:
    """Create a campaign and return its id; `goal` is in the organisation's currency.

    Administrators only.

    Raises:
        InvalidError: a field is invalid; the message says which.
    """
    purposes.require_editor(actor)
    values: dict[str, Any] = {
        "name": purposes.checked_name(db, Campaign, name),
        **_columns(db, None, fund_id, starts_on, ends_on, goal),
    }
    campaign_id = purposes.add(db, Campaign, **values)
    sentence = f"Created the campaign {values['name']}."
    after = _as_json(values)
    purposes.log_change(db, actor, Campaign, campaign_id, "created", sentence, after=after)
    return campaign_id


def change_campaign(
    db: Session,
    actor: Actor,
    *,
    campaign_id: int,
    version: int,
    name: str,
    fund_id: int | None,
    starts_on: date | None,
    ends_on: date | None,
    goal: Money | None,
    is_open: bool,
) -> None:
    """Change a campaign, close or reopen it. Administrators only.

    A closed campaign is no longer offered for gifts and pledges; those it has keep it.

    Raises:
        NotFoundError, ConflictError: it does not exist any more, or someone saved since.
        InvalidError: a field is invalid; the message says which.
    """
    purposes.require_editor(actor)
    campaign = purposes.lock(db, Campaign, campaign_id, version)
    new: dict[str, Any] = {
        "name": purposes.checked_name(db, Campaign, name, but=campaign_id),
        **_columns(db, campaign.fund_id, fund_id, starts_on, ends_on, goal),
        "status": rules.status(is_open=is_open),
    }
    old = {key: getattr(campaign, key) for key in new}
    if new == old:
        return
    purposes.change(db, Campaign, campaign_id, **new)
    verb = rules.verb(old["status"], new["status"])
    sentence = f"{verb.capitalize()} the campaign {new['name']}."
    before, after = _as_json(old), _as_json(new)
    purposes.log_change(
        db, actor, Campaign, campaign_id, verb, sentence, before=before, after=after
    )


def campaign_merge_effect(
    db: Session, actor: Actor, *, campaign_id: int, into_id: int
) -> MergeEffect:
    """Return what a merge of two campaigns would move.

    Raises:
        NotAllowedError: the actor is neither an administrator nor in finance.
        NotFoundError, InvalidError: one does not exist any more, or they are the same.
    """
    purposes.require_reader(actor)
    campaign, target = purposes.pair(db, Campaign, campaign_id, into_id)
    return MergeEffect(campaign.name, target.name, *queries.campaign_contents(db, campaign_id))


def merge_campaigns(
    db: Session, actor: Actor, *, campaign_id: int, into_id: int, version: int
) -> MergeEffect:
    """Move every gift and pledge of a campaign to another. Administrators only.

    Raises:
        NotFoundError, ConflictError: one does not exist any more, or someone saved since.
        InvalidError: both are the same campaign.
    """
    purposes.require_editor(actor)
    lock_purposes(db)
    campaign, target = purposes.lock_both(db, Campaign, campaign_id, into_id, version)
    effect = MergeEffect(campaign.name, target.name, *queries.campaign_contents(db, campaign_id))
    queries.move_campaign(db, campaign_id, into_id)
    purposes.log_change(
        db,
        actor,
        Campaign,
        campaign_id,
        "merged",
        f"Merged the campaign {effect.name} into {effect.into}: {effect}.",
        after={"into_id": into_id, "into": effect.into, "moved": str(effect)},
    )
    return effect


def _columns(
    db: Session,
    old_fund_id: int | None,
    fund_id: int | None,
    starts_on: date | None,
    ends_on: date | None,
    goal: Money | None,
) -> dict[str, Any]:
    """Return the checked columns of a campaign besides its name; an unchanged fund may be closed.

    Raises:
        InvalidError: a field is invalid; the message says which.
    """
    rules.check_campaign(starts_on, ends_on, goal, currency=organisation(db).currency)
    fund = None if fund_id is None else queries.find(db, Fund, fund_id)
    if fund_id not in {None, old_fund_id} and (fund is None or fund.status != "active"):
        msg = "This fund does not exist or is closed."
        raise InvalidError(msg)
    return {
        "fund_id": fund_id,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "goal_minor": None if goal is None else goal.minor,
    }


def _as_json(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }
