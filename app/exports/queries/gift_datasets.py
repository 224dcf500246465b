"""Export files around gifts: the funds, the campaigns and the soft credits."""

from app.exports.columns import Column, day, ident, money, typed
from app.exports.queries.dataset_kind import DONOR_COLUMNS, FUND_COLUMNS, HOME_CURRENCY, Kind

FUNDS = Kind(
    "funds",
    "fund",
    "What gifts are for.",
    "savings",
    {
        "id": ident("f.id"),
        "name": typed("f.name"),
        "status": Column("f.status"),
        "gl_code": typed("f.gl_code"),
    },
    "fund f where f.merged_into_id is null",
    "f.id",
    finance=True,
)
CAMPAIGNS = Kind(
    "campaigns",
    "campaign",
    "Appeals with their dates, their goals and their funds.",
    "campaign",
    {
        "id": ident("c.id"),
        "name": typed("c.name"),
        "status": Column("c.status"),
        **FUND_COLUMNS,
        "starts_on": day("c.starts_on"),
        "ends_on": day("c.ends_on"),
        "goal": money("c.goal_minor", HOME_CURRENCY),
        "goal_currency": Column(f"case when c.goal_minor is not null then {HOME_CURRENCY} end"),
    },
    "campaign c left join fund f on f.id = c.fund_id where c.merged_into_id is null",
    "c.id",
    finance=True,
)
# the donor is the one who is credited; the gift is named by its id
SOFT_CREDITS = Kind(
    "soft-credits",
    "soft credit",
    "Who is credited for a gift of somebody else, how and with how much.",
    "handshake",
    {
        "id": ident("s.id"),
        "gift_id": ident("g.id"),
        **DONOR_COLUMNS,
        "credit_type": Column("s.type"),
        "amount": money("s.amount_minor", "g.currency"),
        "currency": Column("g.currency"),
        "gift_date": day("g.gift_date"),
    },
    "soft_credit s join gift g on g.id = s.gift_id join donor on donor.id = s.donor_id"
    " where {scope} and g.donor_id in (select donor.id from donor where {scope})",
    "s.id",
    finance=True,
)
