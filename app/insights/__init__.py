"""Insights: the dashboard's numbers, what changed, and the rows behind each number."""

from app.insights.drilldown import donor_months, donors_behind, gifts_behind, span_of_month
from app.insights.kpi_export import figures
from app.insights.results import (
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
from app.insights.rules import GAINS, LOSSES, Change, Period
from app.insights.service import (
    changes,
    dashboard,
    fiscal_year_so_far,
    income,
    kept_by_year,
    months,
)
from app.insights.today_summary import glance
from app.insights.work_lists import waiting

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
