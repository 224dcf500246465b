"""Relations between donors: employer, spouse, parent, referrer."""

from datetime import date

from app import audit
from app.accounts import Actor, require_own
from app.db import Session
from app.donors import require_visible
from app.donors.service import lock
from app.households import read_model, rules
from app.households.queries import relations as queries
from app.households.results import Relation, SuggestedCredit
from app.kit.errors import InvalidError, NotFoundError


def relations(db: Session, actor: Actor, donor_id: int) -> list[Relation]:
    """Return the relations of a donor, also those stated on the other donor's page.

    Raises:
        NotFoundError: the donor does not exist or is not visible to the actor.
    """
    require_visible(db, actor, donor_id)
    return [
        Relation(relation_id, kind if stated else rules.INVERSE[kind], other_id, name)
        for relation_id, kind, stated, other_id, name in queries.of_donor(db, actor, donor_id)
    ]


def suggested_credits(
    db: Session, actor: Actor, donor_id: int, *, today: date
) -> list[SuggestedCredit]:
    """Return who may deserve a soft credit for a gift of this donor, each donor once.

    They are the other living members of the household, the employer, the spouse and the referrer.

    Raises:
        NotFoundError: the donor does not exist or is not visible to the actor.
    """
    suggested = {}
    household = read_model.household(db, actor, donor_id, today=today)
    for member in household.members if household else ():
        if member.donor_id != donor_id and not member.deceased:
            suggested[member.donor_id] = SuggestedCredit(member.donor_id, member.name, "spouse")
    for relation in relations(db, actor, donor_id):
        kind = rules.CREDITS.get(relation.label)
        if kind is not None:
            suggestion = SuggestedCredit(relation.donor_id, relation.name, kind)
            suggested.setdefault(relation.donor_id, suggestion)
    return list(suggested.values())


def add_relation(
    db: Session,
    actor: Actor,
    *,
    donor_id: int,
    other_id: int,
    type: str,  # noqa: A002
) -> int:
    """State that `other_id` is the employer, spouse, parent or referrer of `donor_id`.

    Raises:
        NotFoundError, NotAllowedError: the actor may not change the donor or see the other one.
        InvalidError: an unknown type, both are the same donor, or it is stated already.
    """
    require_own(actor)
    if type not in rules.INVERSE:
        msg = f"“{type}” is not a relation. Choose one from the list."
        raise InvalidError(msg)
    if donor_id == other_id:
        msg = "A donor cannot be related to itself. Choose another donor."
        raise InvalidError(msg)
    lock(db, actor, donor_id)
    require_visible(db, actor, other_id)
    stated = type == "spouse" and queries.exists(
        db, donor_id=other_id, other_id=donor_id, type=type
    )
    relation_id = (
        None if stated else queries.add(db, donor_id=donor_id, other_id=other_id, type=type)
    )
    if relation_id is None:
        msg = "This relation is stated already."
        raise InvalidError(msg)
    _record(db, actor, donor_id, f"Added a relation: {type}.", after={type: other_id})
    return relation_id


def remove_relation(db: Session, actor: Actor, *, relation_id: int) -> None:
    """Delete a relation; whoever may change the donor may do so.

    Raises:
        NotFoundError, NotAllowedError: there is none, or the actor may not change the donor.
    """
    require_own(actor)
    row = queries.find(db, actor, relation_id)
    if row is None:
        msg = "This relation does not exist any more, or is not yours to see."
        raise NotFoundError(msg)
    lock(db, actor, row.donor_id)
    kind, donor_id, other_id = row.type, row.donor_id, row.other_id
    queries.remove(db, relation_id)
    _record(db, actor, donor_id, f"Removed a relation: {kind}.", before={kind: other_id})


def _record(
    db: Session,
    actor: Actor,
    donor_id: int,
    sentence: str,
    *,
    before: dict[str, int] | None = None,
    after: dict[str, int] | None = None,
) -> None:
    audit.record(
        db,
        actor_id=actor.user_id,
        action="donor.related",
        entity="donor",
        entity_id=donor_id,
        donor_id=donor_id,
        sentence=sentence,
        before=before,
        after=after,
    )
