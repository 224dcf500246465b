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
    "pledge_fund": ("fund_id", "fund"), "pledge_note": ("note",),
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
    _leave(db, policy, "gift", "planned_gifts")


def pledges(db: Session, policy: Policy) -> None:
    """Take what stays as it is out of `import_pledges`."""
    _leave(db, policy, "pledge", "import_pledges")


def _leave(db: Session, policy: Policy, kept: str, staged: str) -> None:
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
    if sets:
        statement = f"""
            update {staged} s set {", ".join(sets)} from {kept} k
            where k.id = s.target_id and s.action is null
        """
        db.execute(text(statement))
