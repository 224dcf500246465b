"""Saved segments: conditions of the donor list under a name, own or shared with others."""

from dataclasses import dataclass
from datetime import date

from app import audit
from app.accounts import Actor, Role, organisation, require_own
from app.db import Session
from app.db.models import DonorSegment
from app.donors.conditions import sentences
from app.donors.conditions.fields import ConditionField, condition_fields
from app.donors.conditions.resolve import GONE, checked_rule
from app.donors.conditions.rules import encode_rule, parse_rule
from app.donors.queries.conditions import segments as queries
from app.kit import text
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError

SHARED_WITH = ("nobody", "team", "organisation")
MOST_SEGMENTS = 200


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """A segment as it is listed; `where` is its conditions as text, `sentence` says them.

    `problem` says why it finds nobody at present: a tag it asks for was deleted, for example.
    """

    segment_id: int
    version: int
    name: str
    where: str
    sentence: str
    shared_with: str
    owner_name: str
    changeable: bool
    problem: str | None = None


def segments(db: Session, actor: Actor, *, today: date) -> list[SegmentLine]:
    """Return the segments that the actor may use, by name.

    A segment that asks for amounts is not listed for an actor who may not see any.
    """
    rows = queries.segments(db, actor)
    if not rows:
        return []
    fields = {field.key: field for field in condition_fields(db, actor)}
    currency = organisation(db).currency
    lines = [_line(actor, row[0], row[1] or "", fields, currency, today) for row in rows]
    return [line for line in lines if actor.sees_amounts or not line.problem]


def _line(
    actor: Actor,
    row: DonorSegment,
    owner_name: str,
    fields: dict[str, ConditionField],
    currency: str,
    today: date,
) -> SegmentLine:
    rule = parse_rule(row.rule)
    problem = None
    try:
        checked_rule(rule, fields, currency=currency)
    except InvalidError as error:
        sentence, problem = "", str(error)
    else:
        sentence = sentences.rule_sentence(
            rule, fields, currency=currency, today=today, locale=actor.locale
        )
    return SegmentLine(
        row.id,
        row.version,
        row.name,
        row.rule,
        sentence,
        row.shared_with,
        owner_name,
        _may_change(actor, row),
        problem,
    )


def _may_change(actor: Actor, row: DonorSegment) -> bool:
    own = row.user_id == actor.user_id
    return (own or actor.role == Role.ADMIN) and not actor.looking


def save_segment(
    db: Session, actor: Actor, *, name: str, where: str, shared_with: str = "nobody"
) -> int:
    """Save conditions under a name and return the segment's id.

    Raises:
        InvalidError: no name or a taken one, no condition or one that does not exist.
        NotAllowedError: the actor looks through another user's eyes.
    """
    require_own(actor)
    if queries.count_own(db, actor) >= MOST_SEGMENTS:
        msg = f"You have {MOST_SEGMENTS} segments. Delete one that you do not need."
        raise InvalidError(msg)
    values = _checked(db, actor, name, where, shared_with)
    segment_id = queries.add(db, user_id=actor.user_id, **values)
    _log_change(db, actor, segment_id, "saved", f"Saved the segment {values['name']}.")
    return segment_id


def change_segment(
    db: Session,
    actor: Actor,
    *,
    segment_id: int,
    version: int,
    name: str,
    where: str,
    shared_with: str,
) -> None:
    """Change the name, the conditions and the sharing of a segment.

    Its owner and administrators may.

    Raises:
        InvalidError: as `save_segment`.
        NotFoundError, NotAllowedError: it is not there, or another user's.
        ConflictError: somebody else changed it since `version`.
    """
    row = _changeable(db, actor, segment_id, version)
    values = _checked(db, actor, name, where, shared_with, but=row.id)
    queries.change(db, segment_id, **values)
    _log_change(db, actor, segment_id, "changed", f"Changed the segment {values['name']}.")


def delete_segment(db: Session, actor: Actor, *, segment_id: int, version: int) -> None:
    """Delete a segment.

    Raises:
        NotFoundError, NotAllowedError, ConflictError: as `change_segment`.
    """
    row = _changeable(db, actor, segment_id, version)
    name = row.name
    queries.remove(db, segment_id)
    _log_change(db, actor, segment_id, "deleted", f"Deleted the segment {name}.")


def _changeable(db: Session, actor: Actor, segment_id: int, version: int) -> DonorSegment:
    require_own(actor)
    row = queries.locked(db, actor, segment_id)
    if row is None:
        raise NotFoundError(GONE)
    if not _may_change(actor, row):
        msg = "This segment is another user's. Save your own under another name."
        raise NotAllowedError(msg)
    if row.version != version:
        msg = "Someone else changed this segment while you were looking. Nothing was saved."
        raise ConflictError(msg)
    return row


def _checked(
    db: Session,
    actor: Actor,
    name: str,
    where: str,
    shared_with: str,
    *,
    but: int | None = None,
) -> dict[str, str]:
    cleaned = text.name(name, "The name of the segment")
    if not cleaned:
        msg = "Please give the segment a name."
        raise InvalidError(msg)
    if shared_with not in SHARED_WITH:
        msg = f"A segment is shared with one of {', '.join(SHARED_WITH)}."
        raise InvalidError(msg)
    if queries.same_name(db, actor, cleaned, but=but):
        msg = f"You have a segment named “{cleaned}” already. Choose another name."
        raise InvalidError(msg)
    rule = parse_rule(where)
    if not rule:
        msg = "A segment needs at least one condition."
        raise InvalidError(msg)
    fields = {field.key: field for field in condition_fields(db, actor)}
    checked_rule(rule, fields, currency=organisation(db).currency)
    return {"name": cleaned, "rule": encode_rule(rule), "shared_with": shared_with}


def where_sentence(db: Session, actor: Actor, where: str, *, today: date) -> str:
    """Return the sentence of conditions, "" without any.

    Raises:
        InvalidError: they cannot be read, or ask for what does not exist.
    """
    rule = parse_rule(where)
    fields = {field.key: field for field in condition_fields(db, actor)}
    currency = organisation(db).currency
    checked_rule(rule, fields, currency=currency)
    return sentences.rule_sentence(
        rule, fields, currency=currency, today=today, locale=actor.locale
    )


def _log_change(db: Session, actor: Actor, segment_id: int, verb: str, sentence: str) -> None:
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"segment.{verb}",
        entity="segment",
        entity_id=segment_id,
        sentence=sentence,
    )
