"""The gifts that the numbers of Today and the dashboard leave out for lack of a rate."""

from datetime import date, timedelta

from app import gifts
from app.accounts import Actor, organisation
from app.db import Session
from app.gifts import SumScope
from app.insights import rules
from app.insights.results import AwaitingRates, DashboardFilter
from app.kit.dates.days import Span, fiscal_to_date, months_back, trailing_year


def awaiting_rates(
    db: Session,
    actor: Actor,
    *,
    filter: DashboardFilter,  # noqa: A002
    today: date,
    months: int,
) -> AwaitingRates:
    """Return what each number leaves out, for an actor who is restricted to the filter's owners.

    `months` is how many the picture of the months shows, each beside the same month a year before.
    """
    start_month = organisation(db).fiscal_start_month
    before, now = rules.spans(filter.period, today, start_month)
    year = fiscal_to_date(today, start_month)
    last_year, support = year.year_before(), trailing_year(today)
    shown = Span(months_back(today, months + 12)[0], today + timedelta(days=1))
    sums = {
        "every": SumScope((support, year, last_year, before, now, shown)),
        "figures": SumScope((support, year, last_year, before, now)),
        # monthly support counts pledges instead of the gifts that pay them
        "support": SumScope((support,), recurring=False, living=True),
        "year": SumScope((year, last_year)),
        "income": SumScope((now,)),
        "compared": SumScope((before, now)),
        "months": SumScope((shown,)),
    }
    gift_filter = gifts.GiftFilter(fund_id=filter.fund_id)
    return AwaitingRates(**gifts.awaiting_rates(db, actor, sums=sums, filter=gift_filter))
