"""Administration of funds: list, create, change, close, merge."""

from app.accounts import Actor, organisation
from app.db import Session
from app.db.models import Fund
from app.db.purpose_lock import lock_purposes
from app.gifts import purposes, rules
from app.gifts.awaiting_rate import awaiting_rate_by
from app.gifts.queries import purposes as queries
from app.gifts.queries.awaiting_rate import GroupBy
from app.gifts.results import FundLine, MergeEffect
from app.kit.money import Money


def fund_list(db: Session, actor: Actor) -> list[FundLine]:
    """Return every fund with what was given to it, open funds first.

    Raises:
        NotAllowedError: the actor is neither an administrator nor in finance.
    """
    purposes.require_reader(actor)
    currency = organisation(db).currency
    awaiting = awaiting_rate_by(db, actor, GroupBy.FUND)
    return [
        FundLine(
            fund_id=row.id,
            version=row.version,
            name=row.name,
            open=row.status == "active",
            gl_code=row.gl_code,
            gifts=row.gifts,
            total=Money(int(row.total), currency),
            last_gift_date=row.last_gift_date,
            awaiting_rate=awaiting.get(row.id, ()),
        )
        for row in queries.funds(db)
    ]


def create_fund(db: Session, actor: Actor, *, name: str, gl_code: str | None = None) -> int:
    """Create a fund and return its id. Administrators only.

    Raises:
        InvalidError: the name is empty, too long or taken, or the code is too long.
    """
    purposes.require_editor(actor)
    values = {"name": purposes.checked_name(db, Fund, name), "gl_code": rules.gl_code(gl_code)}
    fund_id = purposes.add(db, Fund, **values)
    sentence = f"Created the fund {values['name']}."
    purposes.log_change(db, actor, Fund, fund_id, "created", sentence, after=values)
    return fund_id


def change_fund(
    db: Session,
    actor: Actor,
    *,
    fund_id: int,
    version: int,
    name: str,
    gl_code: str | None,
    is_open: bool,
) -> None:
    """Rename a fund, set its code, close or reopen it. Administrators only.

    A closed fund is no longer offered for gifts and pledges; those it has keep it.

    Raises:
        NotFoundError, ConflictError: it does not exist any more, or someone saved since.
        InvalidError: the name is empty, too long or taken, or the code is too long.
    """
    purposes.require_editor(actor)
    fund = purposes.lock(db, Fund, fund_id, version)
    new = {
        "name": purposes.checked_name(db, Fund, name, but=fund_id),
        "gl_code": rules.gl_code(gl_code),
        "status": rules.status(is_open=is_open),
    }
    old = {key: getattr(fund, key) for key in new}
    if new == old:
        return
    purposes.change(db, Fund, fund_id, **new)
    verb = rules.verb(str(old["status"]), str(new["status"]))
    sentence = f"{verb.capitalize()} the fund {new['name']}."
    purposes.log_change(db, actor, Fund, fund_id, verb, sentence, before=old, after=new)


def fund_merge_effect(db: Session, actor: Actor, *, fund_id: int, into_id: int) -> MergeEffect:
    """Return what a merge of two funds would move.

    Raises:
        NotAllowedError: the actor is neither an administrator nor in finance.
        NotFoundError, InvalidError: one does not exist any more, or they are the same.
    """
    purposes.require_reader(actor)
    fund, target = purposes.pair(db, Fund, fund_id, into_id)
    return MergeEffect(fund.name, target.name, *queries.fund_contents(db, fund_id))


def merge_funds(
    db: Session, actor: Actor, *, fund_id: int, into_id: int, version: int
) -> MergeEffect:
    """Move every gift, pledge and campaign of a fund to another. Administrators only.

    The merged fund is no longer listed; a later file that names it is imported for the other.

    Raises:
        NotFoundError, ConflictError: one does not exist any more, or someone saved since.
        InvalidError: both are the same fund.
    """
    purposes.require_editor(actor)
    lock_purposes(db)
    fund, target = purposes.lock_both(db, Fund, fund_id, into_id, version)
    effect = MergeEffect(fund.name, target.name, *queries.fund_contents(db, fund_id))
    queries.move_fund(db, fund_id, into_id)
    purposes.log_change(
        db,
        actor,
        Fund,
        fund_id,
        "merged",
        f"Merged the fund {effect.name} into {effect.into}: {effect}.",
        after={"into_id": into_id, "into": effect.into, "moved": str(effect)},
    )
    return effect
