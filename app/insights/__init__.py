"""Insights: the dashboard's numbers, what changed, and the rows behind each number."""

from app.insights.drilldown import donor_months, drilldown_donors, drilldown_gifts, span_of_month
from app.insights.income import fiscal_year_so_far, income, months
from app.insights.kpi_export import figures
from app.insights.results import (
    AwaitingRates,
    Changes,
    ChangeStep,
    Dashboard,
    DashboardFilter,
    DonorChange,
    DrilldownGift,
    DrilldownRows,
    FirstRows,
    FiscalYear,
    MonthIncome,
    Team,
    TeamGiving,
    TeamLine,
    TodaySummary,
    Unthanked,
    WorkLists,
)
from app.insights.rules import GAINS, LOSSES, Change, Period
from app.insights.service import changes, dashboard, retention_by_year
from app.insights.stored_periods import move_stored_periods
from app.insights.team import team
from app.insights.today_summary import load_today_summary, load_unthanked
from app.insights.work_lists import load_work_lists

__all__ = [
    "GAINS",
    "LOSSES",
    "AwaitingRates",
    "Change",
    "ChangeStep",
    "Changes",
    "Dashboard",
    "DashboardFilter",
    "DonorChange",
    "DrilldownGift",
    "DrilldownRows",
    "FirstRows",
    "FiscalYear",
    "MonthIncome",
    "Period",
    "Team",
    "TeamGiving",
    "TeamLine",
    "TodaySummary",
    "Unthanked",
    "WorkLists",
    "changes",
    "dashboard",
    "donor_months",
    "drilldown_donors",
    "drilldown_gifts",
    "figures",
    "fiscal_year_so_far",
    "income",
    "load_today_summary",
    "load_unthanked",
    "load_work_lists",
    "months",
    "move_stored_periods",
    "retention_by_year",
    "span_of_month",
    "team",
]
