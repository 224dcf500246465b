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


def adopt_donors(db: Session, *, source: str) -> None:
    """Give each staged refund that names its gift the donor of that gift.

    Some systems name the organisation as the sender of a refund. Call it before gifts are planned.
    """
    staged = text("select exists (select from import_gifts where reverses_ext is not null)")
    if not db.scalar(staged):
        return
    db.execute(text(_DONOR_IN_FILE))
    db.execute(text(_DONOR_STORED), {"source": source})


_DONOR_IN_FILE = """
    update import_gifts s set donor_ext = o.donor_ext, donor_own = o.donor_own,
        email = o.email, donor_row = o.donor_row
    from import_gifts o
    where s.amount_minor < 0 and s.reverses_ext = o.ext_id and o.amount_minor > 0
"""
# the actor's scope is checked where the donor is found
_DONOR_STORED = """
    update import_gifts s set donor_ext = null, donor_own = g.donor_id, email = null,
        donor_row = null
    from gift g
    where s.amount_minor < 0 and g.source = :source and g.external_id = s.reverses_ext
        and g.kind = 'gift'
        and not exists (select from import_gifts o
                        where o.ext_id = s.reverses_ext and o.amount_minor > 0)
"""


def store_matches(
    db: Session, matches: Sequence[RefundMatch], unmatched: Sequence[int], *, source: str
) -> None:
    """Store which gift each refund reverses; refunds without a match become errors.

    A payment that had come back as a whole when the file was made, and was never here as a gift,
    is skipped.
    """
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
            update planned_gifts s set
                action = case when {_NEVER_HERE} then 'skip' else 'error' end,
                field = 'amount',
                reason = case when {_NEVER_HERE} then {problem_sql("refunded_before_import")}
                         else {problem_sql("refund_without_gift")} end
            where row = any(:rows)
            """),
            {"rows": list(unmatched), "source": source},
        )


_NEVER_HERE = """
    s.ext_id = s.reverses_ext || '-refunded' and not exists (
        select from gift g where g.source = :source and g.external_id = s.reverses_ext)
"""
