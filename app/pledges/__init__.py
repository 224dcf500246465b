"""Pledges: what was promised, what was received, and what is late."""

from app.pledges.details import change_details
from app.pledges.excuses import skip, unskip
from app.pledges.forecast import (
    expected,
    monthly_equivalent,
    monthly_equivalent_by_owner,
    promised_by_month,
)
from app.pledges.linking import match, possible_links
from app.pledges.missing_rates import (
    Converted,
    Uncounted,
    UncountedPledge,
    behind,
    monthly_support,
    monthly_support_by_owner,
    not_in_promised,
    notes,
    still_expected,
)
from app.pledges.pagination import page
from app.pledges.prepaid import refresh_prepaid
from app.pledges.read_model import get, late, paid_up, pledge_statuses
from app.pledges.results import (
    STATES,
    Instalment,
    LatePledge,
    PledgeFilter,
    PledgeLine,
    PledgeView,
)
from app.pledges.service import (
    change_amount,
    changed,
    create,
    end,
    pause,
    resume,
)
from app.pledges.terms import change_terms

__all__ = [
    "STATES",
    "Converted",
    "Instalment",
    "LatePledge",
    "PledgeFilter",
    "PledgeLine",
    "PledgeView",
    "Uncounted",
    "UncountedPledge",
    "behind",
    "change_amount",
    "change_details",
    "change_terms",
    "changed",
    "create",
    "end",
    "expected",
    "get",
    "late",
    "match",
    "monthly_equivalent",
    "monthly_equivalent_by_owner",
    "monthly_support",
    "monthly_support_by_owner",
    "not_in_promised",
    "notes",
    "page",
    "paid_up",
    "pause",
    "pledge_statuses",
    "possible_links",
    "promised_by_month",
    "refresh_prepaid",
    "resume",
    "skip",
    "still_expected",
    "unskip",
]
