"""Linking gifts to pledges by hand, unlinking, and suggestions for unlinked gifts."""

from collections.abc import Sequence
from datetime import date, datetime

from app import pledges
from app.accounts import Actor, Role, require_own
from app.db import Session
from app.gifts import checks, service
from app.gifts.queries import suggestions as queries
from app.gifts.queries import write as write_queries
from app.gifts.queries.rows import UnlinkedGift
from app.gifts.results import Suggestion
from app.kit.dates.days import months_after
from app.kit.errors import InvalidError
from app.kit.money import Money

BY_HAND = "by hand"
# older gifts are only suggested on the donor's, the pledge's and the import's page
RECENT_MONTHS = 12
READERS = frozenset({Role.READ_ONLY, Role.COACH})
# maximum of gifts suggested and linked at once; the next follow after these
MOST_OFFERED = 200


def link(
    db: Session, actor: Actor, *, gift_id: int, pledge_id: int, today: date, now: datetime
) -> None:
    """Link a gift to a pledge of the donor or of the household.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change the gift.
        InvalidError: the pledge is another household's or in another currency.
    """
    gift = service.lock(db, actor, gift_id)
    checks.check_pledge(db, gift.donor_id, gift.currency, pledge_id)
    _set_pledge(db, actor, gift_id, gift.donor_id, gift.pledge_id, pledge_id, today=today, now=now)


def unlink(db: Session, actor: Actor, *, gift_id: int, today: date, now: datetime) -> None:
    """Unlink a gift from its pledge; no import will link the two again.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change the gift.
        InvalidError: the gift is not linked.
    """
    gift = service.lock(db, actor, gift_id)
    if gift.pledge_id is None:
        msg = "This gift is not linked to a pledge."
        raise InvalidError(msg)
    _store_refusal(db, actor, gift_id, gift.donor_id, (gift.pledge_id,))
    _set_pledge(db, actor, gift_id, gift.donor_id, gift.pledge_id, None, today=today, now=now)


def refuse(db: Session, actor: Actor, *, gift_id: int, pledge_ids: Sequence[int]) -> None:
    """Store that a gift does not pay these pledges; they are not suggested again.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change the gift.
        InvalidError: a pledge is another household's or in another currency.
    """
    gift = service.lock(db, actor, gift_id)
    for pledge_id in pledge_ids:
        checks.check_pledge(db, gift.donor_id, gift.currency, pledge_id)
    _store_refusal(db, actor, gift_id, gift.donor_id, pledge_ids)


def suggestions(
    db: Session,
    actor: Actor,
    *,
    today: date,
    donor_id: int | None = None,
    pledge_id: int | None = None,
    import_run_id: int | None = None,
    owner_id: int | None = None,
) -> list[Suggestion]:
    """Return the unlinked gifts that may pay a pledge, newest first, each with its pledges.

    Only gifts the actor may link, at most MOST_OFFERED. For a donor, pledge or import gifts of
    any day, otherwise those of the last twelve months.
    """
    if actor.role in READERS:
        return []
    is_filtered = donor_id is not None or pledge_id is not None or import_run_id is not None
    since = None if is_filtered else months_after(today, -RECENT_MONTHS)
    rows = queries.unlinked(
        db,
        actor,
        donor_id=donor_id,
        pledge_id=pledge_id,
        import_run_id=import_run_id,
        owner_id=owner_id,
        since=since,
        limit=MOST_OFFERED,
    )
    gifts = {row.id: row for row in rows}
    if not gifts:
        return []
    donor_ids = sorted({row.donor_id for row in rows})
    candidates_by_gift = pledges.possible_links(db, donor_ids, today=today, gift_ids=sorted(gifts))
    return [
        _suggestion(gifts[gift_id], candidates)
        for gift_id, candidates in candidates_by_gift
        if pledge_id is None or pledge_id in candidates
    ]


def _suggestion(gift: UnlinkedGift, pledge_ids: tuple[int, ...]) -> Suggestion:
    return Suggestion(
        gift_id=gift.id,
        donor_id=gift.donor_id,
        donor_name=gift.donor_name,
        amount=Money(gift.left_minor, gift.currency),
        on=gift.gift_date,
        pledge_ids=pledge_ids,
    )


def link_all(
    db: Session,
    actor: Actor,
    *,
    today: date,
    now: datetime,
    donor_id: int | None = None,
    pledge_id: int | None = None,
    import_run_id: int | None = None,
) -> int:
    """Link every suggestion with exactly one pledge; return how many, MOST_OFFERED at most.

    Raises:
        NotAllowedError: the actor is impersonating another user ("View as").
    """
    require_own(actor)
    unlinked = suggestions(
        db,
        actor,
        today=today,
        donor_id=donor_id,
        pledge_id=pledge_id,
        import_run_id=import_run_id,
    )
    unambiguous = [
        (suggestion.gift_id, suggestion.pledge_ids[0])
        for suggestion in unlinked
        if len(suggestion.pledge_ids) == 1
    ]
    for gift_id, single_pledge_id in unambiguous:
        link(db, actor, gift_id=gift_id, pledge_id=single_pledge_id, today=today, now=now)
    return len(unambiguous)


def _store_refusal(
    db: Session, actor: Actor, gift_id: int, donor_id: int, pledge_ids: Sequence[int]
) -> None:
    write_queries.refuse(
        db, gift_id=gift_id, donor_id=donor_id, pledge_ids=pledge_ids, by=actor.user_id
    )
    service.log_change(db, actor, "not linked", gift_id, donor_id, "Kept a gift off a pledge.")


def _set_pledge(
    db: Session,
    actor: Actor,
    gift_id: int,
    donor_id: int,
    old: int | None,
    new: int | None,
    *,
    today: date,
    now: datetime,
) -> None:
    reason = None if new is None else BY_HAND
    write_queries.change(db, gift_id, pledge_id=new, pledge_reason=reason)
    write_queries.move_reversals(db, gift_id, pledge_id=new)
    sentence = "Linked a gift to a pledge." if new else "Unlinked a gift from its pledge."
    before, after = {"pledge_id": old}, {"pledge_id": new}
    verb = "linked" if new else "unlinked"
    service.log_change(db, actor, verb, gift_id, donor_id, sentence, before, after)
    service.review_alerts(db, donor_id, old, new, today=today, now=now)
