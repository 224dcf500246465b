"""Preview, make and undo a change of many gifts, each in one statement of SQL."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from app import audit
from app.accounts import Actor, require_own
from app.db import Session
from app.db.purpose_lock import hold_purposes
from app.gifts.bulk.deeds import MOST_AT_ONCE, FundChange, Outcome, Thanks
from app.gifts.queries import bulk as queries
from app.gifts.queries import lists
from app.gifts.results import GiftFilter
from app.kit import text
from app.kit.errors import InvalidError, NotAllowedError
from app.kit.formatting import count


def ids_to_change(
    db: Session,
    actor: Actor,
    *,
    filter: GiftFilter,  # noqa: A002
) -> tuple[int, ...]:
    """Return the ids of every gift and reversal that passes the filter.

    Raises:
        InvalidError: there are more than MOST_AT_ONCE.
    """
    text.search(filter.query)
    return _checked(actor, lists.ids(db, actor, filter, limit=MOST_AT_ONCE + 1))


def preview_many(
    db: Session, actor: Actor, *, gift_ids: Collection[int], deed: Thanks | FundChange
) -> Outcome:
    """Return what `change_many` would change and leave aside; it changes nothing.

    Raises:
        NotAllowedError: the actor may change none of the gifts.
        InvalidError: the fund is closed or missing, or these are more gifts than MOST_AT_ONCE.
    """
    ids = _checked(actor, gift_ids)
    _require_some(db, actor, ids)
    _fund_name(db, deed)
    reason = _reason(actor, deed)
    left = queries.left_aside(db, actor, ids, reason)
    return Outcome(deed, queries.to_change(db, actor, ids, reason), left)


def change_many(
    db: Session,
    actor: Actor,
    *,
    gift_ids: Collection[int],
    deed: Thanks | FundChange,
    now: datetime,
) -> Outcome:
    """Thank for gifts, or give them another fund; return the gifts changed and those left aside.

    Left aside are gifts that the actor may not change, reversals, and gifts that are so already.
    For another fund also gifts that are split, were taken back in part, or have a receipt with a
    number; for thanks those that were taken back wholly. `undo_many` undoes the result.

    Raises:
        NotAllowedError: the actor may change none of the gifts.
        InvalidError: the fund is closed or missing, or these are more gifts than MOST_AT_ONCE.
    """
    require_own(actor)
    ids = _checked(actor, gift_ids)
    _require_some(db, actor, ids)
    # before the rows are locked, as a merge of funds does
    hold_purposes(db)
    name = _fund_name(db, deed)
    queries.lock(db, actor, ids)
    reason = _reason(actor, deed)
    left = queries.left_aside(db, actor, ids, reason)
    if isinstance(deed, Thanks):
        how = text.line(deed.how or "", "How") or None
        funds = queries.thank(db, actor, ids, reason, how=how, at=now)
        after: Mapping[str, Any] = {"how": how}
        end = f" by {how}." if how else "."
    else:
        funds = queries.move(db, actor, ids, reason, fund_id=deed.fund_id)
        after, end = {"fund_id": deed.fund_id}, f" to {name or 'no fund'}."
    outcome = Outcome(deed, tuple(sorted(funds)), left, now, funds)
    _log(db, actor, outcome, f"{deed.done} {count(len(funds), 'gift')}{end}", after)
    return outcome


def undo_many(db: Session, actor: Actor, *, outcome: Outcome) -> Outcome:
    """Undo a result of `change_many`; gifts that were changed since are left aside.

    A gift gets the fund that it had before, also if that is closed since, or the fund that it was
    merged into.

    Raises:
        NotAllowedError: the actor may change none of the gifts.
    """
    require_own(actor)
    ids = _checked(actor, outcome.changed)
    _require_some(db, actor, ids)
    hold_purposes(db)
    queries.lock(db, actor, ids)
    deed = outcome.deed
    if isinstance(deed, Thanks):
        reason = queries.why_not_unthank(actor, outcome.at)
        left = queries.left_aside(db, actor, ids, reason)
        funds = queries.thank(db, actor, ids, reason, how=None, at=None)
        sentence = f"Put {count(len(funds), 'gift')} back into the thank-you queue."
    else:
        reason = queries.why_not_restore(actor, deed.fund_id)
        left = queries.left_aside(db, actor, ids, reason)
        funds = queries.restore(db, actor, outcome.funds, reason)
        sentence = f"Gave {count(len(funds), 'gift')} the fund from before."
    rest = len(ids) - len(funds) - sum(left.values())
    if rest:
        # the fund from before is gone
        left = left | {"changed": left.get("changed", 0) + rest}
    undone = Outcome(deed, tuple(sorted(funds)), left, funds=funds)
    _log(db, actor, undone, sentence, {}, undo=True)
    return undone


def _checked(actor: Actor, gift_ids: Collection[int]) -> tuple[int, ...]:
    ids = tuple(sorted(set(gift_ids)))
    if len(ids) > MOST_AT_ONCE:
        most = count(MOST_AT_ONCE, "gift", locale=actor.locale)
        msg = f"At most {most} are changed at once. Choose a shorter period or another filter."
        raise InvalidError(msg)
    return ids


def _require_some(db: Session, actor: Actor, ids: tuple[int, ...]) -> None:
    if ids and not queries.any_giftable(db, actor, ids):
        msg = "You may change none of these gifts. Ask finance or an administrator."
        raise NotAllowedError(msg)


def _fund_name(db: Session, deed: Thanks | FundChange) -> str | None:
    """Return the name of the fund that a change gives, None if it gives none."""
    if isinstance(deed, Thanks) or deed.fund_id is None:
        return None
    name = queries.open_fund_name(db, deed.fund_id)
    if name is None:
        msg = "This fund does not exist or is closed."
        raise InvalidError(msg)
    return name


def _reason(actor: Actor, deed: Thanks | FundChange) -> queries.Reason:
    if isinstance(deed, Thanks):
        return queries.why_not_thank(actor)
    return queries.why_not_move(actor, deed.fund_id)


def _log(
    db: Session,
    actor: Actor,
    outcome: Outcome,
    sentence: str,
    after: Mapping[str, Any],
    *,
    undo: bool = False,
) -> None:
    """Write one entry of the audit log about all gifts of a change."""
    if not outcome.changed:
        return
    before: dict[str, list[int]] = {}
    if isinstance(outcome.deed, FundChange):
        for gift_id, fund_id in sorted(outcome.funds.items()):
            before.setdefault(str(fund_id or "none"), []).append(gift_id)
    verb = "thanked" if isinstance(outcome.deed, Thanks) else "moved"
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"gift.un{verb}" if undo else f"gift.{verb}",
        entity="gift",
        sentence=sentence,
        before={"funds": before} if before else None,
        after={**after, "gift_ids": list(outcome.changed)},
    )
