"""Update policies of stored gifts and pledges: columns of the file that must not change them.

Values that must not be applied are removed from the staged rows before they are compared, so that
the plan, its diff and the written data are consistent without further checks.
"""

from collections.abc import Mapping

from sqlalchemy import text

from app.db import Session
from app.imports.planning.update_policy import FILL, KEEP, Policy
from app.imports.queries import staging
from app.imports.queries.records import staged_records

# fields that may be empty in a stored row: the columns that are null where the file has no value
_NULLABLE: Mapping[str, tuple[str, ...]] = {
    "gift_fund": ("fund_id", "fund"),
    "gift_campaign": ("campaign_id", "campaign"),
    "gift_method": ("method",),
    "gift_note": ("note",),
    "pledge_status": ("status",),
    "pledge_start": ("start_date",),
    "pledge_end": ("end_date",),
    "pledge_fund": ("fund_id", "fund"),
    "pledge_campaign": ("campaign_id", "campaign"),
    "pledge_note": ("note",),
    "pledge_day": ("anchor_day",),
    "pledge_grace": ("grace_days",),
    "pledge_instalments": ("instalments",),
    "pledge_total": ("total_minor",),
    "pledge_method": ("method",),
}
# fields that every stored row has: setting the stored value again is no change
_NEVER_NULL: Mapping[str, tuple[str, ...]] = {
    "gift_amount": ("amount_minor", "currency", "base_minor", "awaiting_rate"),
    "gift_date": ("gift_date",),
    "pledge_amount": ("amount_minor",),
    "pledge_frequency": ("frequency",),
}
# staged column → the column of the stored row
_STORED = {"fund": "fund_id", "campaign": "campaign_id"}
_STAGED = {"gifts": "planned_gifts", "pledges": "import_pledges"}
_CURRENT = """
    coalesce((select a.amount_minor from pledge_amount a where a.pledge_id = k.id
              order by a.effective_from desc limit 1), k.amount_minor)
"""


def hold_gifts(db: Session, policy: Policy, *, changed: str) -> bool:
    """Remove from `planned_gifts` what must not change, and store the differences in `kept`.

    `changed` is the expression that names the differences between a row `s` and its gift `g`.
    Return whether anything was removed: `note_kept` must then be called once the rows are
    compared.
    """
    return _hold(db, policy, "gift g", "planned_gifts", changed)


def hold_pledges(db: Session, policy: Policy, *, changed: str) -> bool:
    """Do the same as `hold_gifts` for `import_pledges`; the stored pledge of a row is `p`."""
    return _hold(db, policy, "pledge p", "import_pledges", changed)


def note_kept(db: Session, kind: str) -> None:
    """Reduce `kept` of a kind's rows to the fields that the policy did not change."""
    db.execute(
        text(f"""
        update {_STAGED[kind]} s set kept = (
            select string_agg(k.name, ', ' order by k.place)
            from unnest(string_to_array(s.kept, ', ')) with ordinality as k(name, place)
            where s.action in ('skip', 'update')
                and k.name <> all(string_to_array(coalesce(s.field, ''), ', ')))
        where s.kept is not null
        """)
    )


def count_kept(db: Session, kind: str) -> dict[str, int]:
    """Return how many rows each column would have changed if the policy had allowed it."""
    if kind not in _STAGED and kind not in staged_records.RELATED:
        return {}
    staged = _STAGED.get(kind) or staging.table(kind)
    rows = db.execute(
        text(f"""
        select k.name, count(*)
        from {staged} s, unnest(string_to_array(s.kept, ', ')) as k(name)
        where s.kept is not null group by 1 order by 1
        """)
    )
    return dict(map(tuple, rows))


def _hold(db: Session, policy: Policy, stored: str, staged: str, changed: str) -> bool:
    """Hold back what the policy keeps; `stored` is the table of stored rows and its alias."""
    table, alias = stored.split()
    sets = _sets(policy, table)
    if sets:
        db.execute(
            text(f"""
            update {staged} s set kept = {changed} from {stored}
            where {alias}.id = s.target_id and s.action is null
            """)
        )
        _set_columns(db, sets, table, staged)
    return bool(sets)


def _set_columns(db: Session, sets: list[str], table: str, staged: str) -> None:
    db.execute(
        text(f"""
        update {staged} s set {", ".join(sets)} from {table} k
        where k.id = s.target_id and s.action is null
        """)
    )


def _sets(policy: Policy, table: str) -> list[str]:
    sets = []
    for name, choice in sorted(policy.fields.items()):
        if not name.startswith(f"{table}_") or choice not in {KEEP, FILL}:
            continue
        for column in _NULLABLE.get(name, ()):
            stored = f"k.{_STORED.get(column, column)}"
            fill = f"case when {stored} is null then s.{column} end"
            sets.append(f"{column} = {'null' if choice == KEEP else fill}")
        same = "{}" if name != "pledge_amount" else _CURRENT
        sets += [
            f"{column} = {same.format(f'k.{column}')}" for column in _NEVER_NULL.get(name, ())
        ]
    return sets
