"""Conditions as a sentence, in the user's locale. Pure functions."""

from collections.abc import Mapping
from datetime import date

from app.donors.conditions.fields import IN_DAYS, WITHOUT_VALUE, ConditionField, Kind
from app.donors.conditions.rules import Condition, Rule
from app.kit import formatting
from app.kit.money import Money


def rule_sentence(
    rule: Rule,
    fields: Mapping[str, ConditionField],
    *,
    currency: str,
    today: date,
    locale: str,
) -> str:
    """Return checked groups of conditions as a sentence without a full stop, "" without any.

    "Lifetime giving at least $1,000 and Tag is Church, or Status is Prospect".
    """

    def part(condition: Condition) -> str:
        field = fields[condition.field]
        value = _value(condition, field, currency=currency, today=today, locale=locale)
        return f"{field.label} {condition.operator} {value}".strip()

    return ", or ".join(" and ".join(map(part, group)) for group in rule)


def _value(
    condition: Condition, field: ConditionField, *, currency: str, today: date, locale: str
) -> str:
    if condition.operator in WITHOUT_VALUE:
        return ""
    value = condition.values[0]
    if field.kind == Kind.CHOICE:
        names = [field.choices[each] for each in field.present(condition.values)]
        return " or ".join(names)
    if field.kind == Kind.MONEY:
        return formatting.money(Money.of(value, currency), locale=locale)
    if condition.operator in IN_DAYS:
        return formatting.count(int(value), "day", locale=locale)
    if field.kind == Kind.DAY:
        return formatting.day(date.fromisoformat(value), today=today, locale=locale)
    return f"“{value}”" if field.kind == Kind.TEXT else value
