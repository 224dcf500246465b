"""Read access to a donor's household; nothing here writes."""

from collections.abc import Sequence
from datetime import date

from app.accounts import Actor, organisation
from app.db import Session
from app.donors import require_visible
from app.donors.masking import amount
from app.households import rules
from app.households.queries import members as queries
from app.households.results import Household, Member
from app.kit.dates.days import fiscal_year


def household(db: Session, actor: Actor, donor_id: int, *, today: date) -> Household | None:
    """Return the household of a member, or the household itself; None when there is none.

    Raises:
        NotFoundError: the donor does not exist or is not visible to the actor.
    """
    require_visible(db, actor, donor_id)
    row = queries.household_of(db, actor, donor_id)
    if row is None:
        return None
    household_id, version, name, salutation, envelope_name, editable = row
    facts = organisation(db)
    year, currency = fiscal_year(today, facts.fiscal_start_month), facts.currency
    rows = queries.members(db, actor, household_id, fiscal_year=year)
    gifts, total, this_year = queries.own_giving(db, household_id, fiscal_year=year)
    people = persons([member for member in rows if not member.deceased] or rows)
    return Household(
        donor_id=household_id,
        name=name,
        version=version,
        salutation=salutation or (rules.salutation(people) if people else name),
        envelope_name=envelope_name or (rules.envelope_name(people) if people else name),
        members=tuple(
            Member(
                row.id,
                row.name,
                row.household_head,
                row.deceased,
                row.gifts,
                amount(actor, row.total_minor, currency),
                amount(actor, row.year_minor, currency),
            )
            for row in rows
        ),
        gifts=gifts + sum(row.gifts for row in rows),
        lifetime=amount(actor, total + sum(row.total_minor for row in rows), currency),
        this_year=amount(actor, this_year + sum(row.year_minor for row in rows), currency),
        editable=editable,
    )


def persons(rows: Sequence[queries.MemberRow]) -> list[rules.Person]:
    """Return the names of members as the actor may see them."""
    return [
        rules.Person(row.name)
        if row.name_hidden
        else rules.Person(row.name, row.first_name, row.last_name)
        for row in rows
    ]
