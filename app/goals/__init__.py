"""Goals: monthly goals, income, monthly support, and progress towards the goal."""

from app.accounts.users.monthly_goals import (
    GoalVersion,
    goal_by_month,
    goal_by_user,
    goal_history,
    own_goal,
    set_goal,
)
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
    "GoalVersion",
    "Income",
    "Progress",
    "goal_by_month",
    "goal_by_user",
    "goal_history",
    "income",
    "income_by_month",
    "own_goal",
    "progress",
    "restricted_actor",
    "set_goal",
    "support_by_month",
]
