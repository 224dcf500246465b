"""SQL of the choices of conditions."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, literal, select, union_all

from app.db import Session
from app.db.models import Campaign, Fund, Tag

_MODELS: Mapping[str, type[Tag | Fund | Campaign]] = {
    "tag": Tag,
    "fund": Fund,
    "campaign": Campaign,
}


@dataclass(frozen=True, slots=True)
class Choices:
    """The names of records by their id as text, and the ids of those merged into them."""

    names: dict[str, str] = field(default_factory=dict)
    # the id of a merged record → the id of the one that has taken over its donors or gifts
    merged: dict[str, str] = field(default_factory=dict)


def choices(db: Session) -> dict[str, Choices]:
    """Return the tags, funds and campaigns, closed ones included, each kind by name."""
    parts = [
        select(literal(kind).label("kind"), model.id, model.name, model.merged_into_id)
        for kind, model in _MODELS.items()
    ]
    rows = union_all(*parts).subquery()
    found = {kind: Choices() for kind in _MODELS}
    for kind, row_id, name, into_id in db.execute(
        select(rows).order_by(func.lower(rows.c.name), rows.c.id)
    ):
        if into_id is None:
            found[kind].names[str(row_id)] = name
        else:
            found[kind].merged[str(row_id)] = str(into_id)
    return found
