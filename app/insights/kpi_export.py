"""Export of every dashboard number by name, for files and other programs."""

from datetime import date
from typing import Any

from app import alerts, gifts, pledges, tasks
from app.accounts import Actor, organisation
from app.db import Session
from app.donors import Credit
from app.insights.results import (
    AwaitingRates,
    Changes,
    Dashboard,
    DashboardFilter,
    DonorChange,
    FiscalYear,
    MonthIncome,
)
from app.insights.rules import Change
from app.insights.service import dashboard
from app.kit.money import Money

MAX_TASKS = 100_000


def figures(
    db: Session,
    actor: Actor,
    *,
    today: date,
    filter: DashboardFilter | None = None,  # noqa: A002
) -> dict[str, Any]:
    """Return every number of the dashboard; money as plain decimals, days as ISO 8601.

    The filter's unit and credit change the donors and what each of them gives, never the income:
    with soft credits the sums of the comparison are "counted" instead of "received".
    """
    numbers = dashboard(db, actor, filter=filter or DashboardFilter(), today=today)
    freshness = gifts.freshness(db, actor)
    return {
        "as": actor.email,
        "today": today.isoformat(),
        "currency": organisation(db).currency,
        "period": str(numbers.filter.period),
        "unit": str(numbers.filter.unit),
        "credit": str(numbers.filter.credit),
        "period_from": numbers.changes.span.start.isoformat(),
        "period_to": numbers.changes.span.last.isoformat(),
        "last_gift_date": _day(freshness.last_gift_date),
        "imported_at": freshness.imported_at.isoformat() if freshness.imported_at else None,
        **_support(numbers),
        **_year(numbers.year),
        "received": str(numbers.income.total),
        "recurring": str(numbers.income.recurring),
        "one_time": str(numbers.income.one_time),
        "gifts": numbers.income.gifts,
        **_awaiting_rate(numbers.awaiting_rate),
        **_changes(numbers.changes, numbers.filter.credit),
        **_work_lists(db, actor, today),
        "months": [_month(month) for month in numbers.months],
        "top_donors": [_donor(donor) for donor in numbers.changes.top],
        "biggest_changes": [_donor(donor) for donor in numbers.changes.moved],
    }


def _awaiting_rate(awaiting: AwaitingRates) -> dict[str, Any]:
    """Return how many gifts the numbers leave out for lack of a rate, and the sums of all."""
    left_out = {
        "gifts_waiting_for_rate": awaiting.every,
        "monthly_support_waiting_for_rate": awaiting.support,
        "fiscal_year_waiting_for_rate": awaiting.year,
        "received_waiting_for_rate": awaiting.income,
        "compared_waiting_for_rate": awaiting.compared,
    }
    return {
        **{name: sum(line.gifts for line in lines) for name, lines in left_out.items()},
        "gifts_waiting_for_rate_amounts": {
            line.currency: str(line.amount) for line in awaiting.every
        },
    }


def _support(numbers: Dashboard) -> dict[str, Any]:
    progress = numbers.progress
    if progress is None:
        return {}
    return {
        "monthly_support": str(progress.support),
        "monthly_support_pledged": str(progress.pledged),
        "monthly_support_one_time": str(progress.one_time),
        "monthly_goal": str(progress.goal),
        "goal_share": progress.share,
        "goal_gap": str(progress.gap),
        **_uncounted("pledges_not_counted", progress.uncounted),
    }


def _year(year: FiscalYear) -> dict[str, Any]:
    return {
        "fiscal_year_from": year.span.start.isoformat(),
        "given_this_fiscal_year": str(year.given),
        "given_last_fiscal_year_to_date": str(year.last_year),
        "fiscal_year_growth": year.growth,
        "expected_rest_of_fiscal_year": str(year.expected),
        "fiscal_year_outlook": str(year.outlook),
        **_uncounted("pledges_not_expected", year.uncounted),
    }


def _uncounted(name: str, uncounted: tuple[pledges.Uncounted, ...]) -> dict[str, Any]:
    """Return how many pledges a number leaves out for lack of a rate, and the first of them."""
    return {
        name: sum(currency.pledges for currency in uncounted),
        f"{name}_first": [
            {
                "pledge_id": pledge.pledge_id,
                "donor_id": pledge.donor_id,
                "name": pledge.donor_name,
                "amount": str(pledge.amount),
                "currency": pledge.amount.currency,
                "frequency": pledge.frequency,
            }
            for currency in uncounted
            for pledge in currency.first
        ],
    }


def _changes(changes: Changes, credit: Credit) -> dict[str, Any]:
    steps = {step.change: step for step in changes.steps}
    zero = Money(0, changes.now.currency)
    # soft credits are not income
    name = "received" if credit == Credit.HARD else "counted"
    figures: dict[str, Any] = {
        f"{name}_before": str(changes.before),
        f"{name}_now": str(changes.now),
        "gains": str(changes.gains),
        "losses": str(changes.losses),
        "growth": changes.growth,
        "donors_before": changes.donors_before,
        "donors_now": changes.donors_now,
        "donors_kept": changes.donors_kept,
        "average_per_donor": None if changes.average is None else str(changes.average),
        "donor_retention": changes.retention,
        "gift_retention": changes.gift_retention,
        "new_donor_retention": changes.new_retention,
        "repeat_donor_retention": changes.repeat_retention,
    }
    for change in Change:
        key, step = str(change).replace(" ", "_"), steps.get(change)
        figures[f"change_{key}"] = str(step.amount if step else zero)
        figures[f"donors_{key}"] = step.donors if step else 0
    return figures


def _work_lists(db: Session, actor: Actor, today: date) -> dict[str, Any]:
    late = alerts.late(db, actor, today=today)
    risky = alerts.at_risk(db, actor, today=today)
    behind: dict[str, Money] = {}
    for pledge in late:
        currency = pledge.behind.currency
        behind[currency] = behind.get(currency, Money(0, currency)) + pledge.behind
    return {
        "late_pledges": len(late),
        "late_pledges_behind": {
            currency: str(amount) for currency, amount in sorted(behind.items())
        },
        # those who have lapsed since their alert included, as in the list
        "at_risk_donors": sum(donor.status != "slipping" for donor in risky),
        "slipping_donors": sum(donor.status == "slipping" for donor in risky),
        "thank_yous_waiting": len(gifts.thank_queue(db, actor, today=today)),
        "tasks_due": len(tasks.due(db, actor, today=today, limit=MAX_TASKS)),
    }


def _month(month: MonthIncome) -> dict[str, str]:
    return {
        "month": month.month.isoformat()[:7],
        "recurring": str(month.income.recurring),
        "one_time": str(month.income.one_time),
        "total": str(month.income.total),
        "last_year": str(month.last_year),
        **({} if month.goal is None else {"goal": str(month.goal)}),
    }


def _donor(donor: DonorChange) -> dict[str, Any]:
    return {
        "donor_id": donor.donor_id,
        "name": donor.donor_name,
        "before": str(donor.before),
        "now": str(donor.now),
        "change": str(donor.change),
    }


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
