"""Who sees the name of a donor who gives anonymously: one rule, in Python and as SQL.

The donor's owner, finance and administrators see it, with a sign. Everybody else to whom the donor
is listed (a supervisor, a coach, who may only read) reads "Anonymous" and no address, number or
note; whom they do not see by name they do not find by typing either.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, literal, null

from app.accounts import Actor, Role
from app.db.models import Donor
from app.donors.results import DonorFields, DonorView, TimelineLine

ANONYMOUS = "Anonymous"
SEES_NAMES = frozenset({Role.FINANCE, Role.ADMIN, Role.SYSTEM})
# words of these events may name the donor
_WRITTEN = {"task": "A task", "change": "A change"}


def sees_name(actor: Actor, *, owner_id: int | None, anonymous: bool) -> bool:
    """Whether the actor may see a donor's name, whoever's donors are looked at."""
    who = actor.reader or actor
    mine = owner_id is not None and owner_id == who.user_id
    return not anonymous or mine or who.role in SEES_NAMES


def hidden(actor: Actor) -> ColumnElement[bool]:
    """Return the same as a condition over `donor`: true where the name is not to be seen."""
    if _sees_all(actor):
        return false()
    who = actor.reader or actor
    return and_(Donor.anonymous, Donor.owner_id.is_distinct_from(who.user_id))


def shown_name(actor: Actor) -> ColumnElement[str]:
    """Return the name of `donor` as the actor may see it."""
    if _sees_all(actor):
        return Donor.name.expression
    return case((hidden(actor), literal(ANONYMOUS)), else_=Donor.name)


def shown(actor: Actor, column: Any) -> Any:
    """Return a column that says who a donor is, or null where the name is not to be seen."""
    return column if _sees_all(actor) else case((hidden(actor), null()), else_=column)


def signed(actor: Actor) -> ColumnElement[bool]:
    """Return whether the actor sees the name of somebody who gives anonymously."""
    return and_(Donor.anonymous, ~hidden(actor))


def without_name(actor: Actor, column: Any) -> Any:
    """Return a text about `donor` with the name taken out where it is not to be seen."""
    if _sees_all(actor):
        return column
    return case((hidden(actor), func.replace(column, Donor.name, ANONYMOUS)), else_=column)


def _sees_all(actor: Actor) -> bool:
    """Whether no donor in sight is hidden: a fundraiser is listed the own donors only."""
    who = actor.reader or actor
    return who.role in SEES_NAMES or (actor.reader is None and who.role == Role.FUNDRAISER)


def as_seen(actor: Actor, view: DonorView) -> DonorView:
    """Return a donor's page without all that says who it is, where the actor may not see it."""
    told = view.fields
    if sees_name(actor, owner_id=told.owner_id, anonymous=told.anonymous):
        return view
    fields = DonorFields(
        name=ANONYMOUS, kind=told.kind, status=told.status, owner_id=told.owner_id,
        no_email=told.no_email, no_phone=told.no_phone, no_mail=told.no_mail,
        deceased=told.deceased, anonymous=told.anonymous,
    )  # fmt: skip
    return replace(
        view, fields=fields, salutation=f"Dear {ANONYMOUS.lower()} donor", household_id=None,
        emails=(), phones=(), addresses=(), external_ids=(),
    )  # fmt: skip


def covered_line(line: TimelineLine) -> TimelineLine:
    """Take out of a donor's history what somebody wrote."""
    return replace(line, sentence=_WRITTEN.get(line.kind, line.sentence), detail=None)
