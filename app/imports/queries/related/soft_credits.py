"""Soft credits of gifts, which name the gift by its id."""

from app.imports.queries.problems import problem_sql
from app.imports.queries.related.kind import Change, RelatedKind, plain_change, refuse

_GIFT_UNKNOWN = problem_sql("gift_unknown", gift="coalesce(s.gift_ext, '?')")


def _gift(condition: str) -> str:
    """Return a statement that finds the gift of each row among those the actor may change."""
    return f"""
        update {{table}} s set gift_id = g.id, giver_id = g.donor_id, gift_kind = g.kind,
            gift_minor = g.amount_minor, gift_currency = g.currency
        from gift g join donor on donor.id = g.donor_id and {{gifts}}
        where s.gift_id is null and {condition}
    """


SOFT_CREDITS = RelatedKind(
    table="soft_credit",
    shape={
        "gift_ext": "text",
        "gift_own": "bigint",
        "credit_type": "text",
        "amount_minor": "bigint",
        "currency": "text",
        "gift_id": "bigint",
        "giver_id": "bigint",
        "gift_kind": "text",
        "gift_minor": "bigint",
        "gift_currency": "text",
    },
    values={
        "gift_id": "s.gift_id",
        "type": "s.credit_type",
        "amount_minor": "coalesce(s.amount_minor, s.gift_minor)",
    },
    same="k.gift_id = s.gift_id and k.donor_id = s.donor_id and k.type = s.credit_type",
    key="s.gift_id, s.donor_id",
    shown={
        "type": ("s.credit_type", "k.type"),
        "amount_minor": ("coalesce(s.amount_minor, s.gift_minor)", "k.amount_minor"),
        "currency": ("s.gift_currency", "s.gift_currency"),
    },
    changes={
        "type": Change("s.credit_type", "k.type", "false", {"type": "s.credit_type"}),
        "amount": Change(
            "s.amount_minor", "k.amount_minor", "false", plain_change("amount_minor").sets
        ),
    },
    finds=(
        _gift("g.source = :source and g.external_id = s.gift_ext"),
        _gift("g.id = s.gift_own"),
        refuse("s.gift_id is null", "gift", _GIFT_UNKNOWN),
        refuse("s.gift_kind <> 'gift'", "gift", problem_sql("credit_of_reversal")),
        refuse("s.giver_id = s.donor_id", "donor", problem_sql("credit_of_giver")),
        refuse(
            "s.amount_minor is not null and s.currency <> s.gift_currency",
            "currency",
            problem_sql("credit_in_other_currency", currency="s.gift_currency"),
        ),
    ),
    checks=(
        # a stored credit may be larger than a gift that was corrected since
        f"""
        update {{table}} s set action = 'error', field = 'amount',
            reason = {problem_sql("credit_too_large")}
        where (s.action is null or s.action = 'update') and s.amount_minor > s.gift_minor
        """,
        f"""
        update {{table}} s set action = 'conflict', field = 'donor',
            reason = {problem_sql("credited_already")}
        from soft_credit k where s.action is null and k.gift_id = s.gift_id
            and k.donor_id = s.donor_id
        """,
    ),
    elsewhere="(s.donor_id, s.gift_id) is distinct from (k.donor_id, k.gift_id)",
    giftable=True,
    dated=True,
)
