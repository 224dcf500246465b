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
from app.pledges.uncounted import (
    Converted,
    LeftOut,
    Uncounted,
    behind,
    monthly_support,
    not_in_promised,
    notes,
    still_expected,
)

__all__ = [
    "STATES",
    "Converted",
    "Instalment",
    "LatePledge",
    "LeftOut",
    "PledgeFilter",
    "PledgeLine",
    "PledgeView",
    "Uncounted",
    "behind",
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
    "not_in_promised",
    "notes",
    "page",
    "pause",
    "possible",
    "promised_by_month",
    "resume",
    "skip",
    "standings",
    "still_expected",
    "unskip",
]
