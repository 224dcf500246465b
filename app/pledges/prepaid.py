"""How far pledges are prepaid: stored for the forecast, computed by a job."""

from app.db import Session
from app.pledges.queries import forecast as queries


def refresh_prepaid(db: Session) -> None:
    """Compute anew how far each pledge is prepaid whose gifts or terms have changed since.

    The forecast is exact before that, too: it adds up the gifts of these pledges.
    """
    queries.refresh_prepaid_for_system(db)
