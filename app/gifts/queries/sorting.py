"""SQL of the orders of the list of gifts, and of the rows after a cursor."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    SQLColumnExpression,
    Text,
    and_,
    cast,
    func,
    or_,
)
from sqlalchemy.types import TypeEngine

from app.accounts import Actor
from app.db.models import Gift
from app.donors.anonymity import shown_name
from app.gifts.results import Cursor


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort key, never null, the type its cursor value is cast to, and both directions.

    The id decides between equal values.
    """

    column: SQLColumnExpression[Any]
    type: TypeEngine[Any] | type[TypeEngine[Any]]
    descending: bool = True
    newest_id_first: bool = True


def sorted_page(
    statement: Select[Any], actor: Actor, *, sort: str, after: Cursor | None, limit: int
) -> Select[Any]:
    """Return a select over gift and donor as one sorted page, with its `sort_value` as text.

    By day, an index gives the page; by donor, the index of names with the few gifts of each; by
    amount, the database keeps no more than the page of what passes the filter.
    """
    key = _sorts(actor)[sort]
    statement = statement.add_columns(cast(key.column, Text).label("sort_value"))
    if after is not None:
        statement = statement.where(_after_cursor(key, after))
    return statement.order_by(
        key.column.desc() if key.descending else key.column.asc(),
        Gift.id.desc() if key.newest_id_first else Gift.id.asc(),
    ).limit(limit)


def _sorts(actor: Actor) -> dict[str, Sort]:
    return {
        "newest": Sort(Gift.gift_date, Date),
        "oldest": Sort(Gift.gift_date, Date, descending=False, newest_id_first=False),
        "largest": Sort(Gift.base_minor, Gift.base_minor.type),
        "donor": Sort(func.lower(shown_name(actor)), Text, descending=False),
    }


def _after_cursor(key: Sort, after: Cursor) -> ColumnElement[bool]:
    value = cast(after.value, key.type)
    past = key.column < value if key.descending else key.column > value
    next_id = Gift.id < after.gift_id if key.newest_id_first else Gift.id > after.gift_id
    # this condition lets PostgreSQL start from an index
    from_cursor = key.column <= value if key.descending else key.column >= value
    return and_(from_cursor, or_(past, next_id))
