"""Goals: monthly goals, income, monthly support, and progress towards the goal."""

from app.accounts.users.monthly_goals import (
    GoalVersion,
    goal_by_month,
    goal_by_user,
    goal_history,
    own_goal,
    set_goal,
)
from app.goals.by_owner import progress_by_owner, support_by_month_by_owner
from app.goals.income import (
    NONE_KNOWN,
    Income,
    Incomes,
    income,
    income_by_month,
    incomes,
    incomes_by_owner,
    span_so_far,
)
from app.goals.service import (
    Progress,
    progress,
    restricted_actor,
    support_by_month,
)

__all__ = [
    "NONE_KNOWN",
    "GoalVersion",
    "Income",
    "Incomes",
    "Progress",
    "goal_by_month",
    "goal_by_user",
    "goal_history",
    "income",
    "income_by_month",
    "incomes",
    "incomes_by_owner",
    "own_goal",
    "progress",
    "progress_by_owner",
    "restricted_actor",
    "set_goal",
    "span_so_far",
    "support_by_month",
    "support_by_month_by_owner",
]
