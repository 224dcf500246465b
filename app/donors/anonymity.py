"""Visibility of the names of anonymous donors: one rule, in Python and as SQL.

The donor's owner, finance and administrators see the name, marked as anonymous. Every other role
that may read the donor (a supervisor, a coach) sees "Anonymous" and no address, phone number or
note, and cannot find the donor by searching for the name.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, literal, null

from app.accounts import Actor, Role
from app.db.models import Donor
from app.donors.results import DonorFields, DonorView, TimelineLine

ANONYMOUS = "Anonymous"
SEES_NAMES = frozenset({Role.FINANCE, Role.ADMIN, Role.SYSTEM})
# the free text of these events may contain the donor's name
_WRITTEN = {"task": "A task", "change": "A change"}


def sees_name(actor: Actor, *, owner_id: int | None, anonymous: bool) -> bool:
    """Return whether the actor may see a donor's name, also when restricted to one owner."""
    who = actor.reader or actor
    mine = owner_id is not None and owner_id == who.user_id
    return not anonymous or mine or who.role in SEES_NAMES


def hidden(actor: Actor) -> ColumnElement[bool]:
    """Return the inverse of `sees_name` as an SQL condition over `donor`: true if hidden."""
    if _sees_all(actor):
        return false()
    who = actor.reader or actor
    return and_(Donor.anonymous, Donor.owner_id.is_distinct_from(who.user_id))


def shown_name(actor: Actor) -> ColumnElement[str]:
    """Return an SQL expression for the name of `donor` as the actor may see it."""
    if _sees_all(actor):
        return Donor.name.expression
    return case((hidden(actor), literal(ANONYMOUS)), else_=Donor.name)


def shown(actor: Actor, column: Any) -> Any:
    """Return an identifying column of `donor`, or null where the name is hidden."""
    return column if _sees_all(actor) else case((hidden(actor), null()), else_=column)


def signed(actor: Actor) -> ColumnElement[bool]:
    """Return an SQL condition: the donor is anonymous and the actor sees the name."""
    return and_(Donor.anonymous, ~hidden(actor))


def without_name(actor: Actor, column: Any) -> Any:
    """Return a text column about `donor` with the name replaced where it is hidden."""
    if _sees_all(actor):
        return column
    return case((hidden(actor), func.replace(column, Donor.name, ANONYMOUS)), else_=column)


def _sees_all(actor: Actor) -> bool:
    """Return whether no visible donor is hidden; fundraisers only see their own donors."""
    who = actor.reader or actor
    return who.role in SEES_NAMES or (actor.reader is None and who.role == Role.FUNDRAISER)


def as_seen(actor: Actor, view: DonorView) -> DonorView:
    """Return a donor's view without identifying data if the actor may not see the name."""
    told = view.fields
    if sees_name(actor, owner_id=told.owner_id, anonymous=told.anonymous):
        return view
    fields = DonorFields(
        name=ANONYMOUS,
        kind=told.kind,
        status=told.status,
        owner_id=told.owner_id,
        no_email=told.no_email,
        no_phone=told.no_phone,
        no_mail=told.no_mail,
        deceased=told.deceased,
        anonymous=told.anonymous,
    )
    return replace(
        view,
        fields=fields,
        salutation=f"Dear {ANONYMOUS.lower()} donor",
        household_id=None,
        emails=(),
        phones=(),
        addresses=(),
        external_ids=(),
    )


def masked_line(line: TimelineLine) -> TimelineLine:
    """Return a timeline line without free text, which could name the donor."""
    return replace(line, sentence=_WRITTEN.get(line.kind, line.sentence), detail=None)
