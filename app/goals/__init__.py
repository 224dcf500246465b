"""Goals: monthly goals, income, monthly support, and progress towards the goal."""

from app.accounts.users.monthly_goals import (
    GoalVersion,
    goal_by_month,
    goal_by_user,
    goal_history,
    own_goal,
    set_goal,
)
from app.goals.income import (
    NONE_KNOWN,
    Income,
    Incomes,
    income,
    income_by_month,
    incomes,
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
    "own_goal",
    "progress",
    "restricted_actor",
    "set_goal",
    "span_so_far",
    "support_by_month",
]
