"""Pure rules of pledges: lateness, schedules and matching gifts to instalments."""

from app.pledges.rules.lateness import assess

__all__ = ["assess"]
