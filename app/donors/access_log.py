"""The access log of personal data: who opened or exported which donor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.accounts import Actor, Role, require
from app.db import Session
from app.donors.queries import access_log as access_log_queries

MOST_ENTRIES = 50
# exports of these kinds contain no donor names
NAMELESS = frozenset({"funds", "campaigns", "goals"})


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One entry of the access log: when, by whom, and how ("page", "export", "api")."""

    at: datetime
    user_name: str
    how: str


def log_view(
    db: Session, actor: Actor, *, donor_id: int, how: Literal["page", "api"] = "page"
) -> None:
    """Log that the acting user opened a donor; repeats within 15 minutes are logged once.

    The caller has checked that the donor is visible. During impersonation ("View as") the entry
    names the viewer, not the user whose view is shown.
    """
    if actor.user_id:
        user_id = actor.viewer_id or actor.user_id
        access_log_queries.add_view(db, user_id=user_id, donor_id=donor_id, how=how)


def named_in_export(
    db: Session, actor: Actor, *, kind: str, ids: Sequence[int] | None = None
) -> list[int]:
    """Return the ids of the donors that an export names: none by funds, campaigns and goals.

    `ids` are the ids of the exported donors, gifts or pledges when a filter selected only some.
    """
    if kind in NAMELESS:
        return []
    return access_log_queries.named_in_export(db, actor, kind=kind, ids=ids)


def log_export(db: Session, actor: Actor, *, donor_ids: Sequence[int]) -> None:
    """Log that these donors were exported; those that were deleted meanwhile are skipped."""
    if donor_ids:
        access_log_queries.add_export(db, user_id=actor.user_id or None, donor_ids=donor_ids)


def accesses(db: Session, actor: Actor, donor_id: int) -> list[AccessLine]:
    """Return the latest access-log entries of a donor, at most 50.

    Raises:
        NotAllowedError: the actor is not an administrator.
    """
    require(actor, Role.ADMIN)
    rows = access_log_queries.newest(db, donor_id=donor_id, most=MOST_ENTRIES)
    return [AccessLine(row.at, row.name or "DonorCRM", row.how) for row in rows]


def purge_access_log(db: Session, *, before: datetime) -> int:
    """Delete the access-log entries older than `before` and return how many."""
    return access_log_queries.purge(db, before=before)
