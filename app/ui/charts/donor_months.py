"""Data of a donor's chart: gifts and pledged amounts by month."""

from datetime import date

from app import donors, pledges
from app.accounts import Actor, organisation
from app.db import Session
from app.kit.dates.days import months_back
from app.kit.money import Money
from app.ui.charts.plots import MonthBar

MONTHS = 24


def notes(db: Session, actor: Actor, donor_id: int, *, today: date) -> tuple[str, ...]:
    """Return notes on pledges that the pledged amounts leave out, if any."""
    since = months_back(today, MONTHS)[0]
    return pledges.notes(
        pledges.not_in_promised(db, actor, donor_id=donor_id, since=since, today=today)
    )


def months(db: Session, actor: Actor, donor_id: int, *, today: date) -> list[MonthBar]:
    """Return the last 24 months of a donor, including months without gifts."""
    firsts = months_back(today, MONTHS)
    nothing = Money(0, organisation(db).currency)
    gifts_by_month = {
        month.month: month for month in donors.months(db, actor, donor_id, since=firsts[0])
    }
    promised = pledges.promised_by_month(
        db, actor, donor_id=donor_id, since=firsts[0], today=today
    )
    return [
        MonthBar(
            month=first,
            pledged=gifts_by_month[first].pledged if first in gifts_by_month else nothing,
            one_time=gifts_by_month[first].one_time if first in gifts_by_month else nothing,
            promised=promised.get(first, nothing) if promised else None,
        )
        for first in firsts
    ]
