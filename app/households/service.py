"""Make, join, leave and dissolve households."""

from collections.abc import Collection, Sequence

from app import audit
from app.accounts import Actor, require_own
from app.db import Session
from app.db.models import Donor
from app.donors import require_visible
from app.households import rules
from app.households.queries import members as queries
from app.kit import names, text
from app.kit.errors import InvalidError, NotAllowedError, NotFoundError

ALONE = (
    "A household has two members at least. Choose another donor, or dissolve the"
    " household instead."
)


def make(
    db: Session,
    actor: Actor,
    *,
    head_id: int,
    member_ids: Collection[int],
    name: str | None = None,
) -> int:
    """Make a household of a head and other donors, and return its id.

    Without a name it gets the one built from its members.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change one of the donors.
        InvalidError: there are fewer than two members or more than twenty; one is an
            organisation, a household, another owner's, or in a household already.
    """
    require_own(actor)
    others = [member for member in dict.fromkeys(member_ids) if member != head_id]
    if not others:
        raise InvalidError(ALONE)
    donors = _locked(db, actor, [head_id, *others])
    _check_members(donors, owner_id=donors[0].owner_id, others=0)
    people = [rules.Person(donor.name, donor.first_name, donor.last_name) for donor in donors]
    given = text.name(names.fold(name), "The name of the household") if name else ""
    full_name = given or rules.household_name(people)
    household_id = queries.add(db, name=full_name, owner_id=donors[0].owner_id)
    queries.join(db, household_id, [head_id, *others])
    queries.set_head(db, household_id, head_id)
    _record(db, actor, household_id, "household_made", "Made this household.")
    for donor in donors:
        _record(db, actor, donor.id, "joined", "Joined a household.", household_id)
    return household_id


def join(db: Session, actor: Actor, *, household_id: int, donor_id: int) -> None:
    """Add a donor to a household; the first member becomes its head.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change one of them.
        InvalidError: the donor cannot be a member of it, or it has twenty members.
    """
    require_own(actor)
    household = _locked_household(db, actor, household_id)
    donors = _locked(db, actor, [donor_id])
    before = queries.member_ids(db, household_id)
    _check_members(donors, owner_id=household.owner_id, others=len(before))
    queries.join(db, household_id, [donor_id])
    if not before:
        queries.set_head(db, household_id, donor_id)
    _record(db, actor, donor_id, "joined", "Joined a household.", household_id)


def leave(db: Session, actor: Actor, *, donor_id: int) -> None:
    """Take a donor out of the household; if it was the head, the next member becomes it.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change one of them.
        InvalidError: the donor is in no household, or only one member would be left.
    """
    require_own(actor)
    require_visible(db, actor, donor_id)
    household_id = queries.household_id_of(db, donor_id)
    if household_id is not None:
        # the household before its members, as all that changes it
        _locked_household(db, actor, household_id)
    donor = _locked(db, actor, [donor_id])[0]
    if household_id is None or donor.household_id != household_id:
        msg = "This donor is not in a household."
        raise InvalidError(msg)
    rest = [member for member in queries.member_ids(db, household_id) if member != donor_id]
    if len(rest) < rules.FEWEST_MEMBERS:
        raise InvalidError(ALONE)
    was_head = donor.household_head
    queries.leave(db, [donor_id])
    if was_head:
        queries.set_head(db, household_id, rest[0])
    _record(db, actor, donor_id, "left", "Left a household.", household_id)


def set_head(db: Session, actor: Actor, *, household_id: int, donor_id: int) -> None:
    """Make another member the head of the household.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change the household.
        InvalidError: the donor is not a member.
    """
    require_own(actor)
    _locked_household(db, actor, household_id)
    if donor_id not in queries.member_ids(db, household_id):
        msg = "This donor is not in the household."
        raise InvalidError(msg)
    donor = _locked(db, actor, [donor_id])[0]
    if donor.household_head:
        return
    queries.set_head(db, household_id, donor_id)
    _record(db, actor, household_id, "household_head", "Another member is the head now.", donor_id)


def dissolve(db: Session, actor: Actor, *, household_id: int) -> None:
    """Take every member out of a household; its own record stays, with its gifts.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change the household or a member.
        InvalidError: it has no members.
    """
    require_own(actor)
    _locked_household(db, actor, household_id)
    members = queries.member_ids(db, household_id)
    if not members:
        msg = "This household has no members."
        raise InvalidError(msg)
    _locked(db, actor, members)
    queries.leave(db, members)
    _record(db, actor, household_id, "household_dissolved", "Dissolved this household.")
    for member in members:
        _record(db, actor, member, "left", "Left a household that was dissolved.", household_id)


def forget_member(db: Session, *, donor_id: int) -> None:
    """Take a donor who is being erased out of the household, whose name may contain the donor's.

    For the privacy package, which has checked that an administrator erases the donor.
    """
    household_id = queries.household_id_of(db, donor_id)
    if household_id is None:
        queries.leave(db, queries.member_ids(db, donor_id))
        return
    queries.leave(db, [donor_id])
    rest = queries.persons(db, household_id)
    people = [rules.Person(row.name, row.first_name, row.last_name) for row in rest]
    name = rules.household_name(people) if people else "A household"
    queries.rename(db, household_id, name=name)
    if rest:
        queries.set_head(db, household_id, rest[0].id)


def _locked(db: Session, actor: Actor, donor_ids: Sequence[int]) -> list[Donor]:
    """Lock donors for a change, and return them in the given order."""
    found = queries.locked(db, actor, donor_ids)
    for donor_id in donor_ids:
        if donor_id not in found:
            require_visible(db, actor, donor_id)
            msg = "You can see this donor but not change it. Ask its owner or an administrator."
            raise NotAllowedError(msg)
    return [found[donor_id] for donor_id in donor_ids]


def _locked_household(db: Session, actor: Actor, household_id: int) -> Donor:
    household = _locked(db, actor, [household_id])[0]
    if household.kind != "household":
        msg = "There is no such household, or it is not yours to see."
        raise NotFoundError(msg)
    return household


def _check_members(new: Sequence[Donor], *, owner_id: int | None, others: int) -> None:
    if len(new) + others > rules.MOST_MEMBERS:
        msg = f"A household has {rules.MOST_MEMBERS} members at most."
        raise InvalidError(msg)
    for donor in new:
        if donor.kind != "person":
            msg = f"{donor.name} is not a person: only persons can be members of a household."
            raise InvalidError(msg)
        if donor.household_id is not None:
            msg = f"{donor.name} is in a household already. Take the donor out of it first."
            raise InvalidError(msg)
        if donor.owner_id != owner_id:
            msg = (
                f"{donor.name} belongs to another fundraiser. Members of a household have the "
                "same owner: change the owner first."
            )
            raise InvalidError(msg)


def _record(
    db: Session,
    actor: Actor,
    donor_id: int,
    verb: str,
    sentence: str,
    other_id: int | None = None,
) -> None:
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"donor.{verb}",
        entity="donor",
        entity_id=donor_id,
        donor_id=donor_id,
        sentence=sentence,
        after=None if other_id is None else {"other_id": other_id},
    )
