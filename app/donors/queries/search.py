"""SQL of the donor search: search text, filters, capped counts."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    Subquery,
    Text,
    and_,
    exists,
    func,
    literal,
    select,
    text,
)

from app.accounts import Actor, rows_of_import, visible_donors
from app.db import Session
from app.db.models import (
    Donor,
    DonorAccess,
    DonorAddress,
    DonorEmail,
    DonorSearch,
    DonorSummary,
    DonorTag,
    Tag,
    User,
)
from app.donors.anonymity import hidden
from app.donors.queries.conditions.checked import CheckedConditions
from app.donors.queries.conditions.passing import pass_conditions
from app.donors.queries.custom_fields import has_custom_value
from app.donors.queries.giving import gives_in_ways
from app.donors.queries.units import giving_units, unit_states
from app.donors.results import DonorFilter, Unit

COUNT_LIMIT = 10_001
# the most hits that are sorted while the user is typing
MOST_HITS = 200
# minimum word similarity of a misspelled name; "Whitfeild" against "Whitfield" is 0.5
MIN_SIMILARITY = 0.4
PHONE = re.compile(r"[\d\s()+./-]{5,}")


def search_terms(query: str) -> list[str]:
    """Split the query into words that must all occur; a phone number is one word."""
    if PHONE.fullmatch(query.strip()):
        return [re.sub(r"\D", "", query)]
    return [word for word in re.split(r"[\s,;]+", query) if word][:8]


def _matches_terms(query: str) -> ColumnElement[bool]:
    # literal || normalise(...) folds to a constant, so the planner can estimate its selectivity
    conditions = [
        DonorSearch.text.like(literal("%") + _normalised(_escape_like(word)) + "%", escape="\\")
        for word in search_terms(query)
    ]
    return and_(*conditions)


def _normalised(value: str) -> ColumnElement[str]:
    return func.normalise(value, type_=Text)


def _escape_like(word: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", word)


def _is_similar(query: str) -> ColumnElement[bool]:
    return _normalised(query).bool_op("<%")(DonorSearch.text)


def lower_similarity_threshold(db: Session) -> None:
    """Lower the threshold of `<%` for misspelled names for the rest of the transaction."""
    db.execute(text(f"set local pg_trgm.word_similarity_threshold = {MIN_SIMILARITY}"))


def search(
    db: Session, actor: Actor, query: str, *, limit: int, similar: bool
) -> Sequence[Row[int, str, str, str, str | None, str | None, date | None]]:
    """Return the donors that match the query, with details to tell them apart.

    At most 200 hits are sorted, because a user who gets that many continues typing.
    """
    similarity = func.word_similarity(_normalised(query), DonorSearch.text)
    rank: Any = similarity if similar else literal(0)
    hits = (
        select(Donor.id, Donor.name, Donor.kind, Donor.status, rank.label("rank"))
        .join(DonorSearch, DonorSearch.donor_id == Donor.id)
        .where(visible_donors(actor), ~hidden(actor))
        .where(_is_similar(query) if similar else _matches_terms(query))
        .limit(MOST_HITS)
        .cte("hits")
        .prefix_with("materialized", dialect="postgresql")
    )
    order: list[Any] = [func.lower(hits.c.name), hits.c.id]
    starts = func.lower(hits.c.name).startswith(_normalised(query), autoescape=False)
    order.insert(0, hits.c.rank.desc() if similar else starts.desc())
    position = func.row_number().over(order_by=order).label("position")
    best = (
        select(hits.c.id, hits.c.name, hits.c.kind, hits.c.status, position)
        .order_by(*order)
        .limit(limit)
        .subquery("best")
    )
    return db.execute(_with_details(best)).all()


def opened_lately(
    db: Session, actor: Actor, *, user_id: int, limit: int
) -> Sequence[Row[int, str, str, str, str | None, str | None, date | None]]:
    """Return the donors that a user opened last, with details to tell them apart."""
    latest = (
        select(DonorAccess.donor_id, func.max(DonorAccess.at).label("at"))
        .where(DonorAccess.user_id == user_id, DonorAccess.how == "page")
        .group_by(DonorAccess.donor_id)
        .subquery("latest")
    )
    position = func.row_number().over(order_by=latest.c.at.desc()).label("position")
    best = (
        select(Donor.id, Donor.name, Donor.kind, Donor.status, position)
        .join(latest, latest.c.donor_id == Donor.id)
        .where(visible_donors(actor), ~hidden(actor))
        .order_by(latest.c.at.desc())
        .limit(limit)
        .subquery("best")
    )
    return db.execute(_with_details(best)).all()


def _with_details(
    best: Subquery,
) -> Select[int, str, str, str, str | None, str | None, date | None]:
    """Return a select of chosen donors, in their order, with details to tell them apart."""
    email = _primary(DonorEmail.email, DonorEmail, best.c.id)
    city = _primary(DonorAddress.city, DonorAddress, best.c.id)
    details = select(best.c.id, best.c.name, best.c.kind, best.c.status, email, city)
    return (
        details.add_columns(DonorSummary.last_gift_date)
        .outerjoin(DonorSummary, DonorSummary.donor_id == best.c.id)
        .order_by(best.c.position)
    )


def _primary(
    column: SQLColumnExpression[str | None],
    model: type[DonorEmail | DonorAddress],
    donor_id: ColumnElement[int],
) -> ScalarSelect[str | None]:
    return (
        select(column)
        .where(model.donor_id == donor_id)
        .order_by(model.is_primary.desc(), model.id)
        .limit(1)
        .scalar_subquery()
    )


def in_scope(
    statement: Select[Any],
    actor: Actor,
    donor_filter: DonorFilter,
    *,
    similar: bool,
    conditions: CheckedConditions | None = None,
) -> Select[Any]:
    """Restrict a select over `donor` to the actor's donors that pass the filter.

    `conditions` are those of the filter and its segment, resolved. By household, a household
    passes if it or one of its members does; its status and how it gives are those of the whole
    household.
    """
    statement = statement.where(visible_donors(actor))
    if donor_filter.unit == Unit.PERSON:
        return _filtered(statement, actor, donor_filter, similar, conditions)
    of_anybody = replace(donor_filter, statuses=(), giving=())
    persons = _filtered(select(Donor.id), actor, of_anybody, similar, conditions)
    persons = persons.where(visible_donors(actor))
    if donor_filter.statuses:
        statement = statement.where(unit_states.unit_status(actor).in_(donor_filter.statuses))
    if donor_filter.giving:
        statement = statement.where(unit_states.unit_gives_in_ways(actor, donor_filter.giving))
    return statement.where(Donor.id.in_(giving_units.unit_ids(actor, persons)))


def _has_tag(name: str) -> ColumnElement[bool]:
    # a filter saved before a merge selects the donors of the other tag
    tag_id = select(func.coalesce(Tag.merged_into_id, Tag.id)).where(Tag.name == name)
    tagged = select(DonorTag.tag_id).where(DonorTag.donor_id == Donor.id)
    return exists(tagged.where(DonorTag.tag_id.in_(tag_id)))


def _filtered(
    statement: Select[Any],
    actor: Actor,
    donor_filter: DonorFilter,
    similar: bool,  # noqa: FBT001
    conditions: CheckedConditions | None,
) -> Select[Any]:
    if conditions is not None:
        statement = statement.where(pass_conditions(actor, conditions))
    return _of_record(_found(statement, actor, donor_filter, similar), actor, donor_filter)


def _found(
    statement: Select[Any],
    actor: Actor,
    donor_filter: DonorFilter,
    similar: bool,  # noqa: FBT001
) -> Select[Any]:
    """Restrict to the donors that the search text and the giving of the filter find."""
    if donor_filter.giving:
        statement = statement.where(gives_in_ways(donor_filter.giving))
    if donor_filter.query.strip():
        hits = select(DonorSearch.donor_id).where(
            _is_similar(donor_filter.query) if similar else _matches_terms(donor_filter.query)
        )
        is_match = Donor.id.in_(select(hits.cte("hits").c.donor_id))
        # a donor whose name is hidden must not be found by it
        statement = statement.where(is_match, ~hidden(actor))
    return statement


def _of_record(statement: Select[Any], actor: Actor, donor_filter: DonorFilter) -> Select[Any]:
    """Restrict to the donors whose record has the values of the filter."""
    if donor_filter.statuses:
        statement = statement.where(Donor.status.in_(donor_filter.statuses))
    if donor_filter.kinds:
        statement = statement.where(Donor.kind.in_(donor_filter.kinds))
    if donor_filter.owner_id is not None:
        statement = statement.where(Donor.owner_id == (donor_filter.owner_id or None))
    if donor_filter.tag:
        statement = statement.where(_has_tag(donor_filter.tag))
    if donor_filter.anonymous is not None:
        statement = statement.where(Donor.anonymous == donor_filter.anonymous)
    if donor_filter.import_id is not None:
        statement = statement.where(
            rows_of_import(actor, Donor, donor_filter.import_id, rows=donor_filter.import_rows)
        )
    if donor_filter.custom_field:
        statement = statement.where(has_custom_value(actor, donor_filter))
    return statement


def count(
    db: Session,
    actor: Actor,
    donor_filter: DonorFilter,
    *,
    similar: bool,
    conditions: CheckedConditions | None,
) -> int:
    """Count the donors of a filter, up to 10,001."""
    rows = in_scope(
        select(literal(1)).select_from(Donor),
        actor,
        donor_filter,
        similar=similar,
        conditions=conditions,
    )
    capped = rows.limit(COUNT_LIMIT).subquery()
    return db.scalar(select(func.count()).select_from(capped)) or 0


def ids(
    db: Session,
    actor: Actor,
    donor_filter: DonorFilter,
    *,
    similar: bool,
    conditions: CheckedConditions | None,
) -> tuple[int, ...]:
    """Return the ids of every donor that passes the filter."""
    rows = in_scope(select(Donor.id), actor, donor_filter, similar=similar, conditions=conditions)
    return tuple(db.scalars(rows))


def owners(db: Session, actor: Actor) -> Sequence[Row[int, str]]:
    """Return (id, name) of every owner of a donor visible to the actor."""
    owner_ids = select(Donor.owner_id).where(visible_donors(actor))
    statement = select(User.id, User.name).where(User.id.in_(owner_ids))
    return db.execute(statement.order_by(User.name, User.id)).all()


def visible(db: Session, actor: Actor, donor_id: int) -> bool:
    """Return whether the actor may see this donor."""
    statement = select(Donor.id).where(Donor.id == donor_id, visible_donors(actor))
    return db.scalar(statement) is not None
