"""Campaigns of a file's gifts and pledges: found by name, and created when a row needs one."""

from sqlalchemy import text

from app.db import Session

# the campaign that a staged row `s` names, or the one that it was merged into
ID = """
    case when s.campaign is not null then (
        select coalesce(c.merged_into_id, c.id) from campaign c
        where lower(c.name) = lower(s.campaign)) end
"""


def create(db: Session, table: str, *, run_id: int) -> None:
    """Create the campaigns that planned rows of a table name and that do not exist yet."""
    for statement in (_NEW, _IDS):
        db.execute(text(statement.format(table=table)), {"run": run_id})


def of_gift(alias: str) -> str:
    """Return SQL for the campaign of a stored gift; of a split gift, of all its parts."""
    return f"""
        coalesce({alias}.campaign_id, (
            select min(l.campaign_id) from gift_line l where l.gift_id = {alias}.id
            having count(distinct coalesce(l.campaign_id, 0)) = 1))
    """


def is_split(alias: str) -> str:
    """Return SQL for whether a stored gift is split."""
    return f"exists (select from gift_line l where l.gift_id = {alias}.id)"


_NEW = """
    insert into campaign (name, import_run_id)
    select distinct on (lower(campaign)) campaign, cast(:run as bigint) from {table}
    where action in ('create', 'update') and campaign_id is null and campaign is not null
    order by lower(campaign), row
    on conflict do nothing
"""
_IDS = """
    update {table} s set campaign_id = coalesce(c.merged_into_id, c.id) from campaign c
    where s.action in ('create', 'update') and s.campaign_id is null and s.campaign is not null
        and lower(c.name) = lower(s.campaign) and cast(:run as bigint) is not null
"""
