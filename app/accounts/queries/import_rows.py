"""The WHERE clause of the rows that an import created or changed."""

from typing import TypeAlias

from sqlalchemy import ColumnElement, CompoundSelect, except_, exists, func, select, union_all
from sqlalchemy.orm import aliased

from app.accounts.authorization import Actor, visible_imports
from app.db.models import Donor, Gift, ImportChange, ImportRun, Pledge
from app.kit.errors import InvalidError

# the tables whose rows name their import; each query restricts them to the donors of its actor
Imported: TypeAlias = type[Donor] | type[Gift] | type[Pledge]
# which rows of an import: those it created, or those it changed
IMPORT_ROWS = ("new", "changed")


def rows_of_import(
    actor: Actor, model: Imported, import_id: int, *, rows: str | None = None
) -> ColumnElement[bool]:
    """Restrict a select over `model` to the rows that an import created or changed.

    Nothing passes if the actor may not see the import. `rows` is one of `IMPORT_ROWS`, or None
    for both. The query restricts the rows to the actor's donors itself.

    Raises:
        InvalidError: `rows` is something else.
    """
    if rows is not None and rows not in IMPORT_ROWS:
        msg = f"The rows of an import are one of {' and '.join(IMPORT_ROWS)}."
        raise InvalidError(msg)
    visible = exists().where(ImportRun.id == import_id, visible_imports(actor))
    if rows == "new":
        return visible & (model.import_run_id == import_id)
    changed_ids = select(ImportChange.row_id).where(
        ImportChange.run_id == import_id, ImportChange.table_name == model.__tablename__
    )
    other = aliased(model)
    created_ids = select(other.id).where(other.import_run_id == import_id)
    if rows == "changed":
        # a row that the import created and then changed is a new one
        return visible & _is_one_of(model, except_(changed_ids, created_ids))
    return visible & _is_one_of(model, union_all(created_ids, changed_ids))


def _is_one_of(model: Imported, ids: CompoundSelect[int]) -> ColumnElement[bool]:
    """Return the condition that a row's id is in a subquery, read by the index of the ids.

    With `in` PostgreSQL reads the whole table for a small import, as it does not know how few
    ids the subquery returns.
    """
    return model.id == func.any(func.array(ids.scalar_subquery()))
