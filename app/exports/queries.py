"""Exports as SQL: every column a re-import needs, ids that name this database."""

from typing import IO

from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from app.accounts import Actor, visible_donors
from app.db import Session
from app.db.copy import copy_out
from app.db.own_key import own_key
from app.kit.money import NO_DECIMALS, THREE_DECIMALS

# A text a spreadsheet would run gets a leading '; real numbers stay numbers (kit.cells).
_SAFE = (
    "case when {0} ~ '^''*[=+\\-@\\t\\r]' and {0} !~ '^[-+]?\\d+([.,]\\d+)*$'"
    " then '''' || {0} else {0} end"
)


def _safe(expression: str) -> str:
    return _SAFE.format(f"({expression})")


def _id(expression: str) -> str:
    return f"case when {expression} is not null then '{{key}}-' || {expression} end"


def _money(amount: str, currency: str) -> str:
    whole, three = (
        ", ".join(f"'{code}'" for code in codes.split()) for codes in (NO_DECIMALS, THREE_DECIMALS)
    )
    return (
        f"case when {currency} in ({whole}) then ({amount})::text"
        f" when {currency} in ({three}) then (({amount})::numeric / 1000)::numeric(20, 3)::text"
        f" else (({amount})::numeric / 100)::numeric(20, 2)::text end"
    )


def _yes(expression: str) -> str:
    return f"case when {expression} then 'yes' end"


def _joined(child: str, *, primary: bool) -> str:
    if primary:
        return (
            f"(select k.{child} from donor_{child} k where k.donor_id = donor.id and is_primary)"
        )
    return (
        f"(select string_agg(k.{child}, '; ' order by k.id) from donor_{child} k"
        f" where k.donor_id = donor.id and not k.is_primary)"
    )


_WHO = {
    "donor_id": _id("donor.id"),
    "donor_name": _safe("donor.name"),
    "donor_email": _safe(_joined("email", primary=True)),
}
_FUND = {"fund_id": _id("f.id"), "fund": _safe("f.name")}
COLUMNS: dict[str, dict[str, str]] = {
    "donors": {
        "id": _id("donor.id"),
        "kind": "donor.kind",
        **{
            name: _safe(f"donor.{name}")
            for name in ("name", "first_name", "last_name", "spouse_first_name",
                         "spouse_last_name", "salutation", "envelope_name")
        },
        "status": "donor.status",
        "owner_email": "u.email",
        "email": _safe(_joined("email", primary=True)),
        "other_emails": _safe(_joined("email", primary=False)),
        "phone": _safe(_joined("phone", primary=True)),
        "other_phones": _safe(_joined("phone", primary=False)),
        **{name: _safe(f"a.{name}") for name in ("street", "city", "state", "postal_code",
                                                 "country")},
        **{name: _yes(f"donor.{name}") for name in ("no_email", "no_phone", "no_mail",
                                                    "deceased")},
        "notes": _safe("donor.notes"),
        "tags": _safe(
            "(select string_agg(t.name, '; ' order by lower(t.name)) from donor_tag k"
            " join tag t on t.id = k.tag_id where k.donor_id = donor.id)"
        ),
        "first_gift": "s.first_gift_date",
        "last_gift": "s.last_gift_date",
        "gifts": "s.gifts",
    },
    "gifts": {
        "id": _id("g.id"),
        **_WHO,
        "gift_kind": "g.kind",
        "amount": _money("g.amount_minor", "g.currency"),
        "currency": "g.currency",
        "gift_date": "g.gift_date",
        "method": "g.method",
        **_FUND,
        "split": "(select string_agg(lf.name || ' ' || "
        + _money("l.amount_minor", "g.currency")
        + ", '; ' order by l.id) from gift_line l left join fund lf on lf.id = l.fund_id"
        " where l.gift_id = g.id)",
        "pledge_id": _id("g.pledge_id"),
        "reverses_id": _id("g.reverses_id"),
        "fee": _money("g.fee_minor", "g.currency"),
        "note": _safe("g.note"),
        "thanked_on": "g.thanked_at::date",
        "receipt_number": _safe("g.receipt_number"),
    },
    "pledges": {
        "id": _id("p.id"),
        **_WHO,
        "amount": _money(
            "coalesce((select v.amount_minor from pledge_amount v where v.pledge_id = p.id"
            " order by v.effective_from desc limit 1), p.amount_minor)",
            "p.currency",
        ),
        "currency": "p.currency",
        "frequency": "p.frequency",
        "status": "p.status",
        "start_date": "p.start_date",
        "end_date": "p.end_date",
        "anchor_day": "p.anchor_day",
        "instalments": "p.instalments",
        "total": _money("p.total_minor", "p.currency"),
        "grace_days": "p.grace_days",
        **_FUND,
        "method": "p.method",
        "note": _safe("p.note"),
    },
    "funds": {"id": _id("f.id"), "name": _safe("f.name"), "status": "f.status"},
}  # fmt: skip
_FROM = {
    "donors": "donor left join app_user u on u.id = donor.owner_id left join donor_address a"
    " on a.donor_id = donor.id and a.is_primary"
    " left join donor_summary s on s.donor_id = donor.id where {scope} order by donor.id",
    "gifts": "gift g join donor on donor.id = g.donor_id left join fund f on f.id = g.fund_id"
    " where {scope} order by g.id",
    "pledges": "pledge p join donor on donor.id = p.donor_id left join fund f on f.id = p.fund_id"
    " where {scope} order by p.id",
    "funds": "fund f order by f.id",
}


def write(db: Session, actor: Actor, kind: str, out: IO[bytes]) -> int:
    """Stream the rows in the actor's sight as CSV; return how many."""
    columns = ", ".join(f'{value} as "{name}"' for name, value in COLUMNS[kind].items())
    query = f"select {columns} from {_FROM[kind]}"
    db.execute(text("set local statement_timeout = 0"))
    query = query.replace("{key}", own_key(db)).replace("{scope}", _scope(actor))
    return copy_out(db, query, out)


def count_rows(db: Session, actor: Actor, kind: str) -> int:
    """Return how many rows the file would have."""
    source = _FROM[kind].split(" order by ")[0].replace("{scope}", _scope(actor))
    return int(db.execute(text(f"select count(*) from {source}")).scalar_one())


def _scope(actor: Actor) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    scope = visible_donors(actor).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return str(scope)
