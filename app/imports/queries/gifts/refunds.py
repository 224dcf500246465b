"""Refunds of a file and the gifts that they may reverse."""

from collections.abc import Sequence

from sqlalchemy import text

from app.db import Session
from app.imports.planning.refunds import Original, Refund, RefundMatch
from app.imports.queries.problems import problem_sql


def refunds(db: Session) -> list[Refund]:
    """Return the staged refunds, which must still be matched with the gift they reverse."""
    rows = db.execute(
        text(f"""
        select row, {_DONOR_KEY}, -amount_minor, currency, gift_date, reverses_ext, reverses_own
        from planned_gifts where action = 'create' and amount_minor < 0 order by gift_date, row
        """)
    )
    return [Refund(*row) for row in rows]


_DONOR_KEY = "coalesce('d' || donor_id, 'r' || donor_row)"


def originals(db: Session, *, source: str) -> list[Original]:
    """Return the gifts, stored or staged, that the staged refunds may reverse."""
    staged_key = _DONOR_KEY.replace("donor_", "s.donor_")
    rows = db.execute(
        text(f"""
        with refund as (
            select distinct {_DONOR_KEY} as who, donor_id, -amount_minor as amount, currency,
                reverses_ext, reverses_own
            from planned_gifts where action = 'create' and amount_minor < 0
        )
        select distinct g.id, null::bigint, 'd' || g.donor_id, g.amount_minor, g.currency,
            g.gift_date, case when g.source = :source then g.external_id end,
            (g.amount_minor + coalesce((select sum(v.amount_minor) from gift v
                                        where v.reverses_id = g.id), 0))::bigint
        from gift g join refund r on r.donor_id = g.donor_id and g.currency = r.currency
            and (g.amount_minor = r.amount or g.id = r.reverses_own
                 or (g.source = :source and g.external_id = r.reverses_ext))
        where g.kind = 'gift'
        union all
        select distinct null::bigint, s.row, {staged_key}, s.amount_minor,
            s.currency, s.gift_date, s.ext_id, s.amount_minor
        from planned_gifts s join refund r
            on r.who = {staged_key} and s.currency = r.currency
            and (s.amount_minor = r.amount or s.ext_id = r.reverses_ext)
        where s.action = 'create' and s.amount_minor > 0
        """),
        {"source": source},
    )
    return [Original(*row) for row in rows]


def store_matches(db: Session, matches: Sequence[RefundMatch], unmatched: Sequence[int]) -> None:
    """Store which gift each refund reverses; refunds without a match become errors."""
    if matches:
        db.execute(
            text("""
            update planned_gifts s set reverses_id = k.id, reverses_row = k.other
            from unnest(cast(:rows as bigint[]), cast(:ids as bigint[]), cast(:others as bigint[]))
                as k(row, id, other)
            where s.row = k.row
            """),
            {
                "rows": [match.row for match in matches],
                "ids": [match.gift_id for match in matches],
                "others": [match.gift_row for match in matches],
            },
        )
    if unmatched:
        db.execute(
            text(f"""
            update planned_gifts set action = 'error', field = 'amount',
                reason = {problem_sql("refund_without_gift")}
            where row = any(:rows)
            """),
            {"rows": list(unmatched)},
        )
