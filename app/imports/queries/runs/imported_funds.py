"""Query of the funds that import runs created or changed."""

from collections.abc import Sequence

from sqlalchemy import Row, func, literal, select, union_all

from app.accounts import Actor, visible_imports
from app.db import Session
from app.db.models import Fund, ImportChange, ImportRun


def funds_of_runs(
    db: Session, actor: Actor, run_ids: Sequence[int]
) -> Sequence[Row[int, bool, str]]:
    """Return (run, whether it created the fund, name), by name; of the runs the actor may see."""
    visible = select(ImportRun.id).where(ImportRun.id.in_(run_ids), visible_imports(actor))
    created = select(Fund.import_run_id.label("run_id"), literal(True).label("new"), Fund.name)
    changed = (
        select(ImportChange.run_id, literal(False), Fund.name)
        .join(Fund, Fund.id == ImportChange.row_id)
        .where(ImportChange.table_name == "fund", ImportChange.run_id.in_(visible))
    )
    funds = union_all(created.where(Fund.import_run_id.in_(visible)), changed).subquery()
    statement = select(funds.c.run_id, funds.c.new, funds.c.name)
    return db.execute(statement.order_by(func.lower(funds.c.name))).all()
