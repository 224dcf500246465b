"""Drafts of a donor with pledge and gifts, before they have ids."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.demo.donors.profiles import Profile


@dataclass(slots=True)
class PledgeDraft:
    """A pledge in minor units; `row` holds the columns of its table."""

    row: dict[str, Any]
    changes: list[tuple[date, int, str]] = field(default_factory=list)
    pauses: list[tuple[date, date | None, str]] = field(default_factory=list)
    skips: list[date] = field(default_factory=list)

    def amount_on(self, due: date) -> int:
        """Return the amount in minor units that applies on a due date."""
        amount: int = self.row["amount_minor"]
        for since, changed, _ in self.changes:
            amount = changed if since <= due else amount
        return amount


@dataclass(slots=True)
class GiftDraft:
    """A gift in minor units; `campaign` says whether it belongs to the appeal."""

    on: date
    minor: int
    promised: bool = False
    campaign: bool = False
    note: str | None = None


@dataclass(slots=True)
class DonorDraft:
    """A donor with pledge and gifts; `owner` is the index of the fundraiser in the team."""

    profile: Profile
    owner: int
    row: dict[str, Any]
    email: str | None
    phone: str | None
    address: dict[str, Any] | None
    fund: str = "General"
    method: str = "bank transfer"
    tags: list[str] = field(default_factory=list)
    promise: PledgeDraft | None = None
    gifts: list[GiftDraft] = field(default_factory=list)
