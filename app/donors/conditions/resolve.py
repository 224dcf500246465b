"""Check the conditions of a filter: which fields and values exist, and what they mean today."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from app.accounts import Actor, organisation
from app.db import Session
from app.donors.conditions.fields import (
    CUSTOM,
    IN_DAYS,
    OPERATORS,
    WITHOUT_VALUE,
    ConditionField,
    Kind,
    condition_fields,
)
from app.donors.conditions.rules import Condition, Rule, parse_rule
from app.donors.queries.conditions import segments as segment_queries
from app.donors.queries.conditions.checked import CheckedCondition, CheckedConditions, CheckedRule
from app.donors.results import DonorFilter
from app.kit import text
from app.kit.dates import days
from app.kit.errors import InvalidError, NotFoundError
from app.kit.money import Money

GONE = "This segment does not exist any more, or is not shared with you."
MOST_DAYS = 36_500
MOST_NUMBER = Decimal(10) ** 12


def resolve(
    db: Session, actor: Actor, donor_filter: DonorFilter, *, today: date
) -> CheckedConditions | None:
    """Return the conditions of a filter, its fund and its segment as of a day; None without any.

    Raises:
        InvalidError: a condition cannot be read, or asks for what does not exist any more or the
            actor may not see.
        NotFoundError: the segment was deleted, or is not shared with the actor.
    """
    rules = [parse_rule(donor_filter.where)]
    if donor_filter.segment_id is not None:
        row = segment_queries.visible(db, actor, donor_filter.segment_id)
        if row is None:
            raise NotFoundError(GONE)
        rules.append(parse_rule(row.rule))
    if donor_filter.fund_id is not None:
        rules.append(((Condition("fund", "is", (str(donor_filter.fund_id),)),),))
    if not any(rules):
        return None
    facts = organisation(db)
    fields = {field.key: field for field in condition_fields(db, actor)}
    return CheckedConditions(
        tuple(checked_rule(rule, fields, currency=facts.currency) for rule in rules if rule),
        today,
        days.fiscal_year(today, facts.fiscal_start_month),
    )


def checked_rule(
    rule: Rule, fields: Mapping[str, ConditionField], *, currency: str
) -> CheckedRule:
    """Return groups of conditions with typed values; amounts are in `currency`.

    Raises:
        InvalidError: a field or a value does not exist; the sentence names it.
    """
    return tuple(
        tuple(_checked(condition, fields, currency) for condition in group) for group in rule
    )


def _checked(
    condition: Condition, fields: Mapping[str, ConditionField], currency: str
) -> CheckedCondition:
    field = fields.get(condition.field)
    if field is None:
        name = condition.field.removeprefix(CUSTOM)
        msg = f"You cannot choose donors by “{name}”: there is no such field. Remove it."
        raise InvalidError(msg)
    if condition.operator not in OPERATORS[field.kind]:
        msg = f"{field.label} cannot be compared by “{condition.operator}”."
        raise InvalidError(msg)
    return CheckedCondition(
        condition.field.removeprefix(CUSTOM),
        field.kind,
        condition.operator,
        _value(condition, field, currency),
        custom=condition.field.startswith(CUSTOM),
        by_amount=field.by_amount,
    )


def _value(
    condition: Condition, field: ConditionField, currency: str
) -> tuple[str, ...] | str | int | Decimal | date | bool | None:
    values = condition.values
    if condition.operator in WITHOUT_VALUE:
        return None
    if not values or not all(value.strip() for value in values):
        msg = f"{field.label}: choose a value, or remove the condition."
        raise InvalidError(msg)
    if field.kind == Kind.CHOICE:
        return _choices(values, field)
    if len(values) > 1:
        msg = f"{field.label} is compared with one value."
        raise InvalidError(msg)
    return _single(values[0], condition, field, currency)


def _choices(values: tuple[str, ...], field: ConditionField) -> tuple[str, ...]:
    present = field.present(values)
    if set(present) - set(field.choices):
        msg = f"{field.label}: a choice does not exist any more. Choose again."
        raise InvalidError(msg)
    return present


def _single(
    value: str, condition: Condition, field: ConditionField, currency: str
) -> str | int | Decimal | date | bool:
    if field.kind == Kind.YES_NO:
        if value not in {"yes", "no"}:
            msg = f"{field.label}: choose yes or no."
            raise InvalidError(msg)
        return value == "yes"
    if field.kind == Kind.MONEY:
        return _minor(value, field, currency)
    if field.kind == Kind.DAY:
        return _days(value, field) if condition.operator in IN_DAYS else _day(value, field)
    if field.kind == Kind.NUMBER:
        number = _number(value, field)
        return number if condition.field.startswith(CUSTOM) else int(number)
    return text.line(value, field.label)


def _minor(value: str, field: ConditionField, currency: str) -> int:
    minor = Money.of(value, currency).minor
    if minor < 0:
        msg = f"{field.label}: give an amount of zero or more."
        raise InvalidError(msg)
    return minor


def _days(value: str, field: ConditionField) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:10]) <= MOST_DAYS):
        msg = f"{field.label}: give a number of days from 1 to {MOST_DAYS}."
        raise InvalidError(msg)
    return int(value)


def _day(value: str, field: ConditionField) -> date:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        msg = f"{field.label}: give a day, such as 2026-11-23."
        raise InvalidError(msg) from None
    days.check_day(day)
    return day


def _number(value: str, field: ConditionField) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    whole = field.key.startswith(CUSTOM) or number == number.to_integral_value()
    if not number.is_finite() or abs(number) > MOST_NUMBER or not whole:
        msg = f"{field.label}: give a number."
        raise InvalidError(msg)
    return number
