"""A donor as first imagined, before the database gives it a number."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.demo.profiles import Story


@dataclass(slots=True)
class Promise:
    """A promise in minor units; `row` holds the columns of its table."""

    row: dict[str, Any]
    changes: list[tuple[date, int, str]] = field(default_factory=list)
    pauses: list[tuple[date, date | None, str]] = field(default_factory=list)
    skips: list[date] = field(default_factory=list)

    def amount_on(self, due: date) -> int:
        """Return the minor units in force on a due date."""
        amount: int = self.row["amount_minor"]
        for since, changed, _ in self.changes:
            amount = changed if since <= due else amount
        return amount


@dataclass(slots=True)
class Donation:
    """One gift in minor units; `campaign` says it answered the appeal."""

    on: date
    minor: int
    promised: bool = False
    campaign: bool = False
    note: str | None = None


@dataclass(slots=True)
class Friend:
    """A donor with everything that hangs on one; `owner` is a fundraiser's place in the team."""

    story: Story
    owner: int
    row: dict[str, Any]
    email: str | None
    phone: str | None
    address: dict[str, Any] | None
    fund: str = "General"
    method: str = "bank transfer"
    tags: list[str] = field(default_factory=list)
    promise: Promise | None = None
    gifts: list[Donation] = field(default_factory=list)
