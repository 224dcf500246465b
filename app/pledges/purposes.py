"""The check that the fund and campaign of a pledge are open."""

from app.db import Session, purpose_lock
from app.db.models import Campaign, Fund
from app.kit.errors import InvalidError
from app.pledges.queries import write as write_queries

NO_FUND = "This fund does not exist or is closed."
NO_CAMPAIGN = "This campaign does not exist or is closed."


def check(db: Session, fund_id: int | None, campaign_id: int | None) -> None:
    """Raise an error for a fund or campaign that is closed or does not exist.

    Raises:
        InvalidError: the fund or the campaign accepts no pledges.
    """
    purpose_lock.hold_purposes(db)
    if fund_id is not None and not write_queries.is_open(db, Fund, fund_id):
        raise InvalidError(NO_FUND)
    if campaign_id is not None and not write_queries.is_open(db, Campaign, campaign_id):
        raise InvalidError(NO_CAMPAIGN)
