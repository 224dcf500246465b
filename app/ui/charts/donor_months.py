"""Data of a donor's chart: gifts and pledged amounts by month."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from app import donors, pledges
from app.accounts import Actor, organisation
from app.db import Session
from app.kit.dates.days import months_back
from app.kit.money import Money
from app.ui.charts.plots import MonthBar

MONTHS = 24
# states of an instalment that is not paid
OPEN = frozenset({"open", "part-paid"})


def notes(db: Session, actor: Actor, donor_id: int, *, today: date) -> tuple[str, ...]:
    """Return notes on pledges that the pledged amounts leave out, if any."""
    since = months_back(today, MONTHS)[0]
    return pledges.notes(
        pledges.not_in_promised(db, actor, donor_id=donor_id, since=since, today=today)
    )


def missed(
    db: Session, actor: Actor, late: Sequence[pledges.LatePledge], *, today: date
) -> Counter[date]:
    """Return how many instalments of late pledges were missed, by the first day of the month."""
    counted: Counter[date] = Counter()
    for pledge in late:
        calendar = pledges.get(db, actor, pledge.pledge_id, today=today).calendar
        due = [instalment.due for instalment in calendar if instalment.state in OPEN]
        since = [day for day in due if day >= pledge.oldest_due]
        counted.update(day.replace(day=1) for day in since[: pledge.missed])
    return counted


def months(
    db: Session,
    actor: Actor,
    donor_id: int,
    *,
    late: Sequence[pledges.LatePledge] = (),
    today: date,
) -> list[MonthBar]:
    """Return the last 24 months of a donor, including months without gifts.

    `late` are the donor's late pledges, whose missed instalments are counted.
    """
    firsts = months_back(today, MONTHS)
    nothing = Money(0, organisation(db).currency)
    gifts_by_month = {
        month.month: month for month in donors.months(db, actor, donor_id, since=firsts[0])
    }
    promised = pledges.promised_by_month(
        db, actor, donor_id=donor_id, since=firsts[0], today=today
    )
    of_month = missed(db, actor, late, today=today)
    return [
        MonthBar(
            month=first,
            pledged=gifts_by_month[first].pledged if first in gifts_by_month else nothing,
            one_time=gifts_by_month[first].one_time if first in gifts_by_month else nothing,
            promised=promised.get(first, nothing) if promised else None,
            missed=of_month[first],
        )
        for first in firsts
    ]
