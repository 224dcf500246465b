"""The public functions of the at-risk assessment, which import numpy and pandas when called.

Most processes and commands use donors without their scores.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING

# the package has the name of a function: imported later, it would take the function's place
import app.donors.at_risk  # noqa: F401
from app.accounts import Actor
from app.db import Session
from app.donors.results import AtRisk

if TYPE_CHECKING:
    from app.donors.at_risk.backtest import Reliability
    from app.donors.at_risk.nightly import PaidUp, Scored


def score(db: Session, *, today: date, paid_up: Collection[int] = ()) -> int:
    """Score every donor's rhythm; see `at_risk.nightly.score`."""
    from app.donors.at_risk import nightly  # noqa: PLC0415 - see above

    return nightly.score(db, today=today, paid_up=paid_up)


def score_due(db: Session, *, today: date, paid_up: "PaidUp" = lambda _: ()) -> "Scored":
    """Score the donors whose verdict may have changed; see `at_risk.nightly.score_due`."""
    from app.donors.at_risk import nightly  # noqa: PLC0415 - see above

    return nightly.score_due(db, today=today, paid_up=paid_up)


def measure_reliability(db: Session, *, today: date) -> "Reliability":
    """Run the backtest and store its report; see `at_risk.scoring.measure_reliability`."""
    from app.donors.at_risk import scoring  # noqa: PLC0415 - see above

    return scoring.measure_reliability(db, today=today)


def reliability_report(db: Session) -> "Reliability | None":
    """Return the newest report; see `at_risk.scoring.reliability_report`."""
    from app.donors.at_risk import scoring  # noqa: PLC0415 - see above

    return scoring.reliability_report(db)


def at_risk(
    db: Session,
    actor: Actor,
    *,
    today: date,
    limit: int | None = None,
    owner_id: int | None = None,
    donor_ids: Sequence[int] | None = None,
) -> list[AtRisk]:
    """Return the donors who may be stopping; see `at_risk.scoring.at_risk`."""
    from app.donors.at_risk import scoring  # noqa: PLC0415 - see above

    return scoring.at_risk(
        db, actor, today=today, limit=limit, owner_id=owner_id, donor_ids=donor_ids
    )
