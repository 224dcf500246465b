"""Promises: what was promised, what has come in, what is late."""

from app.pledges.answers import (
    STATES,
    Instalment,
    LatePledge,
    PledgeFilter,
    PledgeLine,
    PledgeView,
)
from app.pledges.excuses import skip, unskip
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
)
from app.pledges.terms import change_terms
from app.pledges.uncounted import MonthlySupport, Uncounted, monthly_support

__all__ = [
    "STATES",
    "Instalment",
    "LatePledge",
    "MonthlySupport",
    "PledgeFilter",
    "PledgeLine",
    "PledgeView",
    "Uncounted",
    "change_amount",
    "change_terms",
    "changed",
    "create",
    "end",
    "expected",
    "get",
    "late",
    "match",
    "monthly_equivalent",
    "monthly_support",
    "page",
    "pause",
    "possible",
    "promised_by_month",
    "resume",
    "skip",
    "standings",
    "unskip",
]
