"""Changes of what a pledge's schedule and amount leave open: its end, its method, its note."""

from datetime import date

from app.accounts import Actor
from app.db import Session
from app.db.models import Pledge
from app.kit import text
from app.kit.errors import InvalidError
from app.kit.money import Money
from app.pledges import service
from app.pledges.queries import write as write_queries
from app.pledges.rules import validation

UNCHANGED = "Nothing is different from what was saved before."


def change_details(
    db: Session,
    actor: Actor,
    *,
    pledge_id: int,
    end: date | None,
    instalments: int | None,
    total: Money | None,
    method: str | None,
    note: str | None,
    today: date,
    version: int | None = None,
) -> None:
    """Set when a pledge ends (by a day, a number of instalments, a sum), its method and its note.

    Raises:
        NotFoundError, NotAllowedError, ConflictError: not visible, not editable, stale version.
        InvalidError: nothing changes, a field is invalid, or the pledge is over.
    """
    pledge = service.lock(db, actor, pledge_id, version, today)
    validation.still_running(pledge.status)
    amount = Money(pledge.amount_minor, pledge.currency)
    validation.term(amount, pledge.start_date, end, instalments, total, method)
    old = _current(pledge)
    new: dict[str, object] = {
        "end_date": end,
        "instalments": instalments,
        "total_minor": total.minor if total else None,
        "method": method,
        "note": text.note(note),
    }
    if new == old:
        raise InvalidError(UNCHANGED)
    write_queries.touch(db, pledge_id, **new)
    # an erasure could not find the free text in the audit log
    before, after = (service.as_json(values | {"note": None}) for values in (old, new))
    sentence, donor_id = "Changed the details of the pledge.", pledge.donor_id
    service.log_change(db, actor, pledge_id, donor_id, "details_changed", sentence, before, after)
    service.changed.send(db, pledge_id, donor_id, today)


def _current(pledge: Pledge) -> dict[str, object]:
    """Return the columns as they are now."""
    return {
        "end_date": pledge.end_date,
        "instalments": pledge.instalments,
        "total_minor": pledge.total_minor,
        "method": pledge.method,
        "note": pledge.note,
    }
