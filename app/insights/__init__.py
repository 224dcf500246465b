"""Insights: the dashboard's numbers, what changed, and the rows behind each number."""

from app.insights.answers import (
    Behind,
    Changes,
    ChangeStep,
    Dashboard,
    DashboardFilter,
    DonorChange,
    Few,
    FiscalYear,
    GiftBehind,
    Glance,
    MonthIncome,
    Waiting,
)
from app.insights.behind import donor_months, donors_behind, gifts_behind, span_of_month
from app.insights.figures import figures
from app.insights.glance import glance
from app.insights.rules import GAINS, LOSSES, Change, Period
from app.insights.service import (
    changes,
    dashboard,
    fiscal_year_so_far,
    income,
    kept_by_year,
    months,
)
from app.insights.waiting import waiting

__all__ = [
    "GAINS",
    "LOSSES",
    "Behind",
    "Change",
    "ChangeStep",
    "Changes",
    "Dashboard",
    "DashboardFilter",
    "DonorChange",
    "Few",
    "FiscalYear",
    "GiftBehind",
    "Glance",
    "MonthIncome",
    "Period",
    "Waiting",
    "changes",
    "dashboard",
    "donor_months",
    "donors_behind",
    "figures",
    "fiscal_year_so_far",
    "gifts_behind",
    "glance",
    "income",
    "kept_by_year",
    "months",
    "span_of_month",
    "waiting",
]
