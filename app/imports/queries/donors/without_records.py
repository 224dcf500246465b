"""New donors of a file whose gifts or pledges are all refused."""

from sqlalchemy import text

from app.db import Session
from app.imports.queries import staging
from app.imports.queries.problems import problem_sql


def refuse_without_records(db: Session, kind: str) -> None:
    """Refuse new donors none of whose gifts or pledges is imported: a refused gift makes no donor.

    Call it for files in which each row is a gift or pledge, and none describes only a donor.
    """
    table = staging.table(kind)
    some = text(f"select exists (select from {table} where action in ('error', 'conflict'))")
    refunds = text("select exists (select from import_gifts where reverses_ext is not null)")
    if not (db.scalar(some) or (kind == "gifts" and db.scalar(refunds))):
        return
    rows = f"select distinct donor_row as row from {table} where donor_row is not null"
    db.execute(
        text(f"""
        with used as ({rows} and action in ('create', 'update', 'skip')
                      and (action <> 'skip' or reason is null)),
            kept as (select row from used union select r.same_as
                     from import_donors r join used on used.row = r.row)
        update import_donors s set action = 'error', field = null,
            reason = {problem_sql("donor_without_record")}
        where s.action = 'create' and not exists (select from kept where kept.row = s.row)
        """)
    )
