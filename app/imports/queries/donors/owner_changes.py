"""Open tasks of donors whose owner was changed by a file."""

from sqlalchemy import text

from app.db import Session


def reassign_tasks(db: Session, *, run_id: int) -> int:
    """Assign the old owners' open tasks to the new owners, storing before-images; return how many.

    The run's before-image of a donor holds the old owner. As when one donor is edited on screen,
    tasks of deactivated users are reassigned, too; without a new owner no task is reassigned.
    """
    for statement in (_REMEMBER, _REASSIGN):
        reassigned = db.execute(text(statement), {"run": run_id})
    return len(reassigned.all())


_MOVED = """
    from import_change c join donor d on d.id = c.row_id
    where c.run_id = :run and c.table_name = 'donor' and t.donor_id = d.id
        and jsonb_exists(c.before, 'owner_id') and d.owner_id is not null
        and (c.before ->> 'owner_id')::bigint is distinct from d.owner_id
        and t.done_at is null and t.assignee_id <> d.owner_id
        and (t.assignee_id = (c.before ->> 'owner_id')::bigint
             or exists (select from app_user u where u.id = t.assignee_id and not u.active))
"""
_REMEMBER = f"""
    insert into import_change (run_id, table_name, row_id, before, after)
    select :run, 'task', t.id, to_jsonb(t), '{{}}' from task t where exists (select {_MOVED})
    on conflict do nothing
"""
_REASSIGN = f"""
    update task t set assignee_id = d.owner_id, version = t.version + 1, updated_at = now()
    {_MOVED}
    returning t.id
"""
