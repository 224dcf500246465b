"""Check of the stored aggregates against the gifts."""

from sqlalchemy import text

from app.db.session import Session
from app.db.statements import timeouts

MAINTAINED_TABLES = (
    "donor_summary",
    "donor_year",
    "owner_month",
    "soft_credit",
    "pledge_summary",
)
# rows that a job computes anew later, and nobody relies on until then
OUTDATED = {"pledge_summary": "where pledge_id not in (select pledge_id from pledge_change)"}
# the amount reversed of each gift is stored in the row of the gift
RETURNED = """
select count(*) from gift g join gift_returned_fresh f on f.id = g.id
where (g.returned_minor, g.returned_base_minor)
    is distinct from (f.returned_minor, f.returned_base_minor)
"""


def differences(db: Session) -> dict[str, int]:
    """Return the number of rows that differ from a fresh aggregate, by table; {} when none does.

    Both are read in one snapshot, so that gifts recorded meanwhile do not count as differences.
    """
    timeouts.allow(db, timeouts.JOB)
    counts = {}
    for table in MAINTAINED_TABLES:
        columns = ", ".join(
            db.scalars(
                text(
                    "select column_name from information_schema.columns where table_name = :view"
                    " and table_schema = current_schema() order by ordinal_position"
                ),
                {"view": f"{table}_fresh"},
            )
        )
        # a backup of an older schema is checked before it is migrated
        if not columns:
            continue
        where = OUTDATED.get(table, "")
        stored = f"select {columns} from {table} {where}"
        fresh = f"select {columns} from {table}_fresh {where}"
        counts[table] = db.execute(
            text(f"""
            select count(*) from (
                ({stored} except {fresh}) union all ({fresh} except {stored})
            ) as different
            """)
        ).scalar_one()
    if db.scalar(text("select to_regclass('gift_returned_fresh')")) is not None:
        counts["gift"] = db.execute(text(RETURNED)).scalar_one()
    return {table: count for table, count in counts.items() if count}
