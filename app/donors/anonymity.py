"""Visibility of the names of anonymous donors: one rule, in Python and as SQL.

The donor's owner, finance and administrators see the name, marked as anonymous. Every other role
that may read the donor (a supervisor, a coach) sees "Anonymous" and no address, phone number or
note, and cannot find the donor by searching for the name.
"""

from dataclasses import replace
from typing import TypeVar

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, false, func, literal, null

from app.accounts import Actor, Role
from app.db.models import Donor
from app.donors.contacts.details import ContactDetails
from app.donors.results import DonorFields, DonorView

_Text = TypeVar("_Text", str, str | None)

ANONYMOUS = "Anonymous"
SEES_NAMES = frozenset({Role.FINANCE, Role.ADMIN, Role.SYSTEM})


def sees_name(actor: Actor, *, owner_id: int | None, anonymous: bool) -> bool:
    """Return whether the actor may see a donor's name, also when restricted to one owner."""
    reader = actor.reader or actor
    is_owner = owner_id is not None and owner_id == reader.user_id
    return not anonymous or is_owner or reader.role in SEES_NAMES


def hidden(actor: Actor, donor: type[Donor] = Donor) -> ColumnElement[bool]:
    """Return the inverse of `sees_name` as an SQL condition over `donor`: true if hidden.

    `donor` is the table or an alias of it.
    """
    if _sees_all(actor):
        return false()
    reader = actor.reader or actor
    return and_(donor.anonymous, donor.owner_id.is_distinct_from(reader.user_id))


def shown_name(actor: Actor, donor: type[Donor] = Donor) -> ColumnElement[str]:
    """Return an SQL expression for the name of `donor` as the actor may see it."""
    if _sees_all(actor):
        return donor.name.expression
    return case((hidden(actor, donor), literal(ANONYMOUS)), else_=donor.name)


def shown(
    actor: Actor, column: ColumnElement[str]
) -> ColumnElement[str] | ColumnElement[str | None]:
    """Return an identifying column of `donor`, or null where the name is hidden."""
    return column if _sees_all(actor) else case((hidden(actor), null()), else_=column)


def marked_anonymous(actor: Actor) -> ColumnElement[bool]:
    """Return an SQL condition: the donor is anonymous and the actor sees the name."""
    return and_(Donor.anonymous, ~hidden(actor))


def without_name(actor: Actor, column: SQLColumnExpression[_Text]) -> SQLColumnExpression[_Text]:
    """Return a text column about `donor` with the name replaced where it is hidden."""
    if _sees_all(actor):
        return column
    return case((hidden(actor), func.replace(column, Donor.name, ANONYMOUS)), else_=column)


def _sees_all(actor: Actor) -> bool:
    """Return whether no visible donor is hidden; fundraisers only see their own donors."""
    reader = actor.reader or actor
    return reader.role in SEES_NAMES or (actor.reader is None and reader.role == Role.FUNDRAISER)


def masked_view(actor: Actor, view: DonorView) -> DonorView:
    """Return a donor's view without identifying data if the actor may not see the name."""
    original = view.fields
    if sees_name(actor, owner_id=original.owner_id, anonymous=original.anonymous):
        return view
    fields = DonorFields(
        name=ANONYMOUS,
        kind=original.kind,
        status=original.status,
        owner_id=original.owner_id,
        no_email=original.no_email,
        no_phone=original.no_phone,
        no_mail=original.no_mail,
        deceased=original.deceased,
        anonymous=original.anonymous,
    )
    return replace(
        view,
        fields=fields,
        salutation=f"Dear {ANONYMOUS.lower()} donor",
        household_id=None,
        emails=(),
        phones=(),
        addresses=(),
        contact=ContactDetails(),
        external_ids=(),
    )
