"""Which state the data is in, so that an answer made from it can be known to be of now.

Every statement that changes what figures are made of leaves a row (a trigger); rows are only ever
folded into one with their sum. Commits come one after the other, and each adds to the sum: one
sum, one state. No row is ever waited for, as a counter's would be.
"""

from sqlalchemy import text

from app.db.session import Session

# a reader who has written sees what nobody else may ever see
NOW = """
select case when pg_current_xact_id_if_assigned() is null
            then concat_ws(':',
                (select oid from pg_database where datname = current_database()),
                current_user, wall_user(), (select sum(number) from data_change)) end
"""
FOLD = """
with gone as (delete from data_change returning number)
insert into data_change (number) select sum(number) from gone having count(*) > 0
"""


def state(db: Session) -> str | None:
    """Return what names the state this transaction reads, and for whom the walls let it read.

    None once it has written itself.

    To be asked before the data: what is then read is of this state or of a later one.
    """
    found: str | None = db.scalar(text(NOW))
    return found


def fold(db: Session) -> None:
    """Replace the rows by one with their sum, which names the same state."""
    db.execute(text(FOLD))
