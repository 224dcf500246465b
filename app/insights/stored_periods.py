"""The periods whose sums are stored for each donor: moved to a new day by a job."""

from datetime import date

from app.accounts import organisation
from app.db import Session
from app.insights import rules
from app.insights.queries import stored_periods as queries
from app.insights.rules import Period


def move_stored_periods(db: Session, *, today: date) -> bool:
    """Store the sums of the last twelve months and of those before; return whether they moved.

    Only the sums of donors who gave on the days between change. While gifts are being written, as
    by an import, nothing moves: readers correct the sums, and the next call moves them.
    """
    start = organisation(db).fiscal_start_month
    before, now = rules.spans(Period.TWELVE_MONTHS, today, start)
    return queries.move_for_system(db, before, now)
