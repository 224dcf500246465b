"""Gifts and pledges that are here already: columns of the file that must not change them.

What a person wants left is taken out of the staged rows before they are compared, so that the
plan, its row by row and what is written agree without knowing of it.
"""

from collections.abc import Mapping

from sqlalchemy import text

from app.db import Session
from app.imports.policy import FILL, KEEP, Policy

# of what a kept row may lack: the column a file leaves empty when it says nothing
_MAY_LACK: Mapping[str, tuple[str, ...]] = {
    "gift_fund": ("fund_id", "fund"), "gift_method": ("method",), "gift_note": ("note",),
    "pledge_status": ("status",), "pledge_start": ("start_date",), "pledge_end": ("end_date",),
    "pledge_fund": ("fund_id", "fund"), "pledge_note": ("note",), "pledge_day": ("anchor_day",),
    "pledge_grace": ("grace_days",), "pledge_instalments": ("instalments",),
    "pledge_total": ("total_minor",), "pledge_method": ("method",),
}  # fmt: skip
# of what every row has: the same again is no change
_ALWAYS: Mapping[str, tuple[str, ...]] = {
    "gift_amount": ("amount_minor", "currency", "base_minor"), "gift_date": ("gift_date",),
    "pledge_amount": ("amount_minor",), "pledge_frequency": ("frequency",),
}  # fmt: skip
_CURRENT = """
    coalesce((select a.amount_minor from pledge_amount a where a.pledge_id = k.id
              order by a.effective_from desc limit 1), k.amount_minor)
"""


def gifts(db: Session, policy: Policy) -> None:
    """Take what stays as it is out of `planned_gifts`."""
    sets = _sets(policy, "gift")
    if sets:
        _leave(db, sets, "gift", "planned_gifts")


def pledges(db: Session, policy: Policy, *, changed: str) -> None:
    """Take what stays as it is out of `import_pledges`, and note in `kept` what the file said.

    `changed` is the expression that names what differs between a row `s` and its pledge `p`.
    """
    sets = _sets(policy, "pledge")
    if sets:
        db.execute(
            text(f"""
            update import_pledges s set kept = {changed} from pledge p
            where p.id = s.target_id and s.action is null
            """)
        )
        _leave(db, sets, "pledge", "import_pledges")


def note_kept(db: Session) -> None:
    """Leave in `kept` of `import_pledges` only the names that the policy held back."""
    db.execute(
        text("""
        update import_pledges s set kept = (
            select string_agg(k.name, ', ' order by k.place)
            from unnest(string_to_array(s.kept, ', ')) with ordinality as k(name, place)
            where s.action in ('skip', 'update')
                and k.name <> all(string_to_array(coalesce(s.field, ''), ', ')))
        where s.kept is not null
        """)
    )


def kept(db: Session, kind: str) -> dict[str, int]:
    """Return how many rows each column would have changed, had the policy let it."""
    if kind != "pledges":
        return {}
    rows = db.execute(
        text("""
        select k.name, count(*)
        from import_pledges s, unnest(string_to_array(s.kept, ', ')) as k(name)
        group by 1 order by 1
        """)
    )
    return dict(map(tuple, rows))


def _leave(db: Session, sets: list[str], kept: str, staged: str) -> None:
    db.execute(
        text(f"""
        update {staged} s set {", ".join(sets)} from {kept} k
        where k.id = s.target_id and s.action is null
        """)
    )


def _sets(policy: Policy, kept: str) -> list[str]:
    sets = []
    for name, way in sorted(policy.fields.items()):
        if not name.startswith(f"{kept}_") or way not in {KEEP, FILL}:
            continue
        for column in _MAY_LACK.get(name, ()):
            here = "k.fund_id" if column == "fund" else f"k.{column}"
            left = "null" if way == KEEP else f"case when {here} is null then s.{column} end"
            sets.append(f"{column} = {left}")
        same = "{}" if name != "pledge_amount" else _CURRENT
        sets += [f"{column} = {same.format(f'k.{column}')}" for column in _ALWAYS.get(name, ())]
    return sets
