"""The list of donors: gifts that its sums leave out for lack of an exchange rate."""

from collections.abc import Mapping

from app import gifts
from app.accounts import Actor
from app.db import Session
from app.donors import Credit, DonorFilter, DonorLine, DonorPage, Unit
from app.gifts import AwaitingRate
from app.ui.base.formats import money
from app.ui.widgets import rate_filter, tables

Waiting = Mapping[int, tuple[AwaitingRate, ...]]


def of_page(db: Session, actor: Actor, page: DonorPage, donor_filter: DonorFilter) -> Waiting:
    """Return the waiting gifts of the donors or households of a page, by id."""
    if not page.lines or donor_filter.credit == Credit.SOFT:
        return {}
    by_household = donor_filter.unit == Unit.HOUSEHOLD
    by = gifts.GroupBy.HOUSEHOLD if by_household else gifts.GroupBy.DONOR
    return gifts.awaiting_rate_by(db, actor, by, ids=[line.donor_id for line in page.lines])


def columns(waiting: Waiting) -> list[tables.Column]:
    """Return the column of the amounts that wait; none if no donor of the page has any."""
    if not waiting:
        return []

    def amounts(line: DonorLine) -> str:
        return ", ".join(money(each.amount) for each in waiting.get(line.donor_id, ()))

    return [tables.text("Needs a rate", amounts)]


def show(waiting: Waiting) -> None:
    """Say what the sums of the page leave out, if anything."""
    rate_filter.show_waiting([line for lines in waiting.values() for line in lines])
