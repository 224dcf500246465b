"""Export of every dashboard number by name, for files and other programs."""

from datetime import date
from typing import Any

from app import alerts, gifts, pledges, tasks
from app.accounts import Actor, organisation
from app.db import Session
from app.insights.results import (
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

MOST = 100_000


def figures(
    db: Session,
    actor: Actor,
    *,
    today: date,
    filter: DashboardFilter | None = None,  # noqa: A002
) -> dict[str, Any]:
    """Return every number of the dashboard; money as plain decimals, days as ISO 8601."""
    seen = dashboard(db, actor, filter=filter or DashboardFilter(), today=today)
    fresh = gifts.freshness(db, actor)
    return {
        "as": actor.email,
        "today": today.isoformat(),
        "currency": organisation(db).currency,
        "period": str(seen.filter.period),
        "period_from": seen.changes.span.start.isoformat(),
        "period_to": seen.changes.span.last.isoformat(),
        "last_gift_date": _day(fresh.last_gift_date),
        "imported_at": fresh.imported_at.isoformat() if fresh.imported_at else None,
        **_support(seen),
        **_year(seen.year),
        "received": str(seen.income.total),
        "recurring": str(seen.income.recurring),
        "one_time": str(seen.income.one_time),
        "gifts": seen.income.gifts,
        **_changes(seen.changes),
        **_waiting(db, actor, today),
        "months": [_month(one) for one in seen.months],
        "top_donors": [_donor(one) for one in seen.changes.top],
        "biggest_changes": [_donor(one) for one in seen.changes.moved],
    }


def _support(seen: Dashboard) -> dict[str, Any]:
    progress = seen.progress
    if progress is None:
        return {}
    return {
        "monthly_support": str(progress.support),
        "monthly_support_pledged": str(progress.pledged),
        "monthly_support_one_time": str(progress.one_time),
        "monthly_goal": str(progress.goal),
        "goal_share": progress.share,
        "goal_gap": str(progress.gap),
        **_left_out("pledges_not_counted", progress.uncounted),
    }


def _year(year: FiscalYear) -> dict[str, Any]:
    return {
        "fiscal_year_from": year.span.start.isoformat(),
        "given_this_fiscal_year": str(year.given),
        "given_last_fiscal_year_to_date": str(year.last_year),
        "fiscal_year_growth": year.growth,
        "expected_rest_of_fiscal_year": str(year.expected),
        "fiscal_year_outlook": str(year.outlook),
        **_left_out("pledges_not_expected", year.uncounted),
    }


def _left_out(name: str, found: tuple[pledges.Uncounted, ...]) -> dict[str, Any]:
    """Return how many pledges a number leaves out for lack of a rate, and the first of them."""
    return {
        name: sum(one.pledges for one in found),
        f"{name}_first": [
            {
                "pledge_id": pledge.pledge_id,
                "donor_id": pledge.donor_id,
                "name": pledge.donor_name,
                "amount": str(pledge.amount),
                "currency": pledge.amount.currency,
                "frequency": pledge.frequency,
            }
            for one in found
            for pledge in one.first
        ],
    }


def _changes(changes: Changes) -> dict[str, Any]:
    steps = {one.change: one for one in changes.steps}
    zero = Money(0, changes.now.currency)
    answer: dict[str, Any] = {
        "received_before": str(changes.before),
        "received_now": str(changes.now),
        "gains": str(changes.gains),
        "losses": str(changes.losses),
        "growth": changes.growth,
        "donors_before": changes.donors_before,
        "donors_now": changes.donors_now,
        "donors_kept": changes.donors_kept,
        "donor_retention": changes.retention,
        "gift_retention": changes.gift_retention,
        "new_donor_retention": changes.new_retention,
        "repeat_donor_retention": changes.repeat_retention,
    }
    for change in Change:
        word, step = str(change).replace(" ", "_"), steps.get(change)
        answer[f"change_{word}"] = str(step.amount if step else zero)
        answer[f"donors_{word}"] = step.donors if step else 0
    return answer


def _waiting(db: Session, actor: Actor, today: date) -> dict[str, Any]:
    late = alerts.late(db, actor, today=today)
    risky = alerts.at_risk(db, actor, today=today)
    behind: dict[str, Money] = {}
    for one in late:
        unit = one.behind.currency
        behind[unit] = behind.get(unit, Money(0, unit)) + one.behind
    return {
        "late_pledges": len(late),
        "late_pledges_behind": {unit: str(one) for unit, one in sorted(behind.items())},
        # those who have lapsed since their alert included, as in the list
        "at_risk_donors": sum(one.status != "slipping" for one in risky),
        "slipping_donors": sum(one.status == "slipping" for one in risky),
        "thank_yous_waiting": len(gifts.thank_queue(db, actor, today=today)),
        "tasks_due": len(tasks.due(db, actor, today=today, limit=MOST)),
    }


def _month(one: MonthIncome) -> dict[str, str]:
    return {
        "month": one.month.isoformat()[:7],
        "recurring": str(one.income.recurring),
        "one_time": str(one.income.one_time),
        "total": str(one.income.total),
        "last_year": str(one.last_year),
    }


def _donor(one: DonorChange) -> dict[str, Any]:
    return {
        "donor_id": one.donor_id,
        "name": one.donor_name,
        "before": str(one.before),
        "now": str(one.now),
        "change": str(one.change),
    }


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
