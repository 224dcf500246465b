"""Promises: what was promised, what has come in, what is late."""

from app.pledges.answers import (
    STATES,
    Instalment,
    LatePledge,
    PledgeFilter,
    PledgeLine,
    PledgeView,
)
from app.pledges.forecast import expected, monthly_equivalent, promised_by_month
from app.pledges.linking import match, possible
from app.pledges.paging import page
from app.pledges.reading import get, late, standings
from app.pledges.service import (
    change_amount,
    changed,
    create,
    end,
    pause,
    resume,
    skip,
)

__all__ = [
    "STATES",
    "Instalment",
    "LatePledge",
    "PledgeFilter",
    "PledgeLine",
    "PledgeView",
    "change_amount",
    "changed",
    "create",
    "end",
    "expected",
    "get",
    "late",
    "match",
    "monthly_equivalent",
    "page",
    "pause",
    "possible",
    "promised_by_month",
    "resume",
    "skip",
    "standings",
]
