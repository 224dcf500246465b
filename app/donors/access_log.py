"""The log of who looked at a donor's personal data: noted cheaply, read by administrators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.accounts import Actor, Role, require
from app.db import Session
from app.donors.queries import access_log as access_log_queries

SHOWN = 50
# files in which no donor is named
NAMELESS = frozenset({"funds"})


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a donor: when, by whom, and how ("page", "export", "api")."""

    at: datetime
    who: str
    how: str


def note_look(
    db: Session, actor: Actor, *, donor_id: int, how: Literal["page", "api"] = "page"
) -> None:
    """Note that somebody opened a donor whom they may see; again within 15 minutes is one look.

    Who looks through another person's eyes is noted, not that person.
    """
    if actor.user_id:
        who = actor.viewer_id or actor.user_id
        access_log_queries.note(db, user_id=who, donor_id=donor_id, how=how)


def note_export(db: Session, actor: Actor, *, kind: str, ids: Sequence[int] | None = None) -> None:
    """Note that somebody took away a file that names donors; funds name nobody.

    `ids` are the rows of donors, gifts or pledges in it, where a filter left only some.
    """
    if kind not in NAMELESS:
        access_log_queries.note_export(db, actor, kind=kind, ids=ids)


def looks(db: Session, actor: Actor, donor_id: int) -> list[Look]:
    """Return the latest looks at a donor.

    Raises:
        NotAllowedError: the actor is not an administrator.
    """
    require(actor, Role.ADMIN)
    rows = access_log_queries.looks(db, donor_id=donor_id, most=SHOWN)
    return [Look(row.at, row.name or "DonorCRM", row.how) for row in rows]


def forget_looks(db: Session, *, before: datetime) -> int:
    """Forget the looks before a moment and return how many."""
    return access_log_queries.forget(db, before=before)
