"""Goals: income, monthly support, and progress towards the monthly goal."""

from app.goals.service import (
    Income,
    Progress,
    income,
    income_by_month,
    progress,
    restricted_actor,
    support_by_month,
)

__all__ = [
    "Income",
    "Progress",
    "income",
    "income_by_month",
    "progress",
    "restricted_actor",
    "support_by_month",
]
