"""Goals: what came in, what is promised a month, and how far to the goal."""

from app.goals.service import Income, Progress, history, income, income_by_month, progress

__all__ = ["Income", "Progress", "history", "income", "income_by_month", "progress"]
