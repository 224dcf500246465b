"""SQL of the choices of conditions."""

from collections.abc import Mapping

from sqlalchemy import func, literal, select, union_all

from app.db import Session
from app.db.models import Campaign, Fund, Tag

_MODELS: Mapping[str, type[Tag | Fund | Campaign]] = {
    "tag": Tag,
    "fund": Fund,
    "campaign": Campaign,
}


def names(db: Session) -> dict[str, dict[str, str]]:
    """Return the tags, funds and campaigns, closed ones included: kind → id as text → name."""
    parts = [
        select(literal(kind).label("kind"), model.id, model.name).where(
            model.merged_into_id.is_(None)
        )
        for kind, model in _MODELS.items()
    ]
    rows = union_all(*parts).subquery()
    found: dict[str, dict[str, str]] = {kind: {} for kind in _MODELS}
    for kind, row_id, name in db.execute(select(rows).order_by(func.lower(rows.c.name))):
        found[kind][str(row_id)] = name
    return found
