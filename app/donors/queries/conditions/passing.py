"""SQL of conditions: which donors pass."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Numeric,
    Select,
    SQLColumnExpression,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    true,
)

from app.accounts import Actor, visible_donors
from app.db.models import (
    Campaign,
    Donor,
    DonorAddress,
    DonorEmail,
    DonorPhone,
    DonorSummary,
    DonorTag,
    DonorYear,
    Fund,
    Gift,
    GiftLine,
    Pledge,
    PledgePause,
    Tag,
)
from app.donors.anonymity import hidden
from app.donors.queries.conditions import compare
from app.donors.queries.conditions.checked import CheckedCondition, CheckedConditions
from app.donors.queries.conditions.compare import Build
from app.donors.queries.giving import gives_in_ways
from app.donors.queries.used_contacts import used_address, used_email, used_phone

_NUMERIC = r"^-?\d+(\.\d+)?$"
_ISO_DAY = r"^\d{4}-\d{2}-\d{2}$"


def pass_conditions(actor: Actor, conditions: CheckedConditions) -> ColumnElement[bool]:
    """Return a condition over `donor`: each rule holds, that is one of its groups as a whole."""
    return and_(
        true(),
        *(
            or_(
                false(),
                *(and_(*(_holds(actor, each, conditions) for each in group)) for group in rule),
            )
            for rule in conditions.rules
        ),
    )


def _holds(
    actor: Actor, condition: CheckedCondition, conditions: CheckedConditions
) -> ColumnElement[bool]:
    """Return the condition; what the actor may not read about a donor does not select it."""
    if condition.by_amount and not actor.sees_amounts:
        return false()
    if condition.custom:
        return and_(visible_donors(actor), ~hidden(actor), _custom(condition, conditions))
    holds = _BUILD[condition.field](condition, conditions)
    return and_(~hidden(actor), holds) if condition.field in _ABOUT_PERSON else holds


def _is_in(column: SQLColumnExpression[Any]) -> Build:
    def build(condition: CheckedCondition, _: CheckedConditions) -> ColumnElement[bool]:
        return compare.negated(condition, column.in_(compare.words(condition)))

    return build


def _giving(condition: CheckedCondition, _: CheckedConditions) -> ColumnElement[bool]:
    return compare.negated(condition, gives_in_ways(compare.words(condition)))


def _owner(condition: CheckedCondition, _: CheckedConditions) -> ColumnElement[bool]:
    ids = compare.ids(condition)
    owned = Donor.owner_id.in_([owner_id for owner_id in ids if owner_id])
    return compare.negated(condition, or_(owned, Donor.owner_id.is_(None)) if 0 in ids else owned)


def _language(condition: CheckedCondition, _: CheckedConditions) -> ColumnElement[bool]:
    """Return the condition that the language is one of those chosen, or a regional variant."""
    languages = compare.words(condition)
    language = func.split_part(Donor.preferred_language, "_", 1)
    return compare.negated(
        condition,
        func.coalesce(
            or_(language.in_(languages), Donor.preferred_language.in_(languages)), false()
        ),
    )


def _tag(condition: CheckedCondition, _: CheckedConditions) -> ColumnElement[bool]:
    tagged = exists().where(
        DonorTag.donor_id == Donor.id, DonorTag.tag_id.in_(_now(Tag, compare.ids(condition)))
    )
    return compare.negated(condition, tagged.correlate(Donor))


def _now(model: type[Tag | Fund | Campaign], ids: list[int]) -> Select[int]:
    """Return a select of the ids that records have now, those they were merged into included."""
    return select(func.coalesce(model.merged_into_id, model.id)).where(model.id.in_(ids))


def _purpose(model: type[Fund | Campaign], column: str) -> Build:
    """Return what builds: a gift that counts, a line of one, or a pledge is for one of them."""

    def build(condition: CheckedCondition, _: CheckedConditions) -> ColumnElement[bool]:
        now = _now(model, compare.ids(condition))
        whole = exists().where(
            Gift.donor_id == Donor.id, Gift.effective, getattr(Gift, column).in_(now)
        )
        part = exists().where(
            GiftLine.donor_id == Donor.id,
            GiftLine.gift_id == Gift.id,
            Gift.effective,
            getattr(GiftLine, column).in_(now),
        )
        promised = exists().where(
            Pledge.donor_id == Donor.id,
            Pledge.status != "cancelled",
            getattr(Pledge, column).in_(now),
        )
        either = (each.correlate(Donor) for each in (whole, part, promised))
        return compare.negated(condition, or_(*either))

    return build


def _sum(column: SQLColumnExpression[Any], model: type[DonorSummary | DonorYear]) -> Build:
    """Return what builds a comparison of a number; a donor without a row has zero."""

    def build(condition: CheckedCondition, conditions: CheckedConditions) -> ColumnElement[bool]:
        row = model.donor_id == Donor.id
        if model is DonorYear:
            last = condition.field == "last year"
            row = and_(row, DonorYear.fiscal_year == conditions.fiscal_year - last)
        value = condition.value
        if condition.operator == "at most":
            return ~exists().where(row, column > value).correlate(Donor)
        found = exists().where(row, column >= value).correlate(Donor)
        # zero or less is reached without a gift as well
        return found if isinstance(value, int) and value > 0 else _sum_reached(row, column, value)

    return build


def _sum_reached(
    row: ColumnElement[bool], column: SQLColumnExpression[Any], value: object
) -> ColumnElement[bool]:
    return ~exists().where(row, column < value).correlate(Donor)


def _last_year_not_this(
    condition: CheckedCondition, conditions: CheckedConditions
) -> ColumnElement[bool]:
    def gave(year: int) -> ColumnElement[bool]:
        of_year = and_(DonorYear.donor_id == Donor.id, DonorYear.fiscal_year == year)
        return exists().where(of_year, DonorYear.gifts > 0).correlate(Donor)

    year = conditions.fiscal_year
    return compare.yes_no(condition, and_(gave(year - 1), ~gave(year)))


def _whether(holds: ColumnElement[bool]) -> Build:
    return lambda condition, _: compare.yes_no(condition, holds)


def _gift_day(column: SQLColumnExpression[Any]) -> Build:
    def build(condition: CheckedCondition, conditions: CheckedConditions) -> ColumnElement[bool]:
        def some(holds: ColumnElement[bool]) -> ColumnElement[bool]:
            return exists().where(DonorSummary.donor_id == Donor.id, holds).correlate(Donor)

        return compare.day(column, condition, conditions.today, some)

    return build


def _pledge(condition: CheckedCondition, conditions: CheckedConditions) -> ColumnElement[bool]:
    today = conditions.today
    paused = exists().where(
        PledgePause.pledge_id == Pledge.id,
        PledgePause.starts_on <= today,
        or_(PledgePause.ends_on.is_(None), PledgePause.ends_on >= today),
    )
    running = exists().where(
        Pledge.donor_id == Donor.id,
        Pledge.status == "active",
        Pledge.start_date <= today,
        or_(Pledge.end_date.is_(None), Pledge.end_date >= today),
        ~paused.correlate(Pledge),
    )
    return compare.yes_no(condition, running.correlate(Donor))


def _has(model: type[DonorEmail | DonorPhone | DonorAddress]) -> ColumnElement[bool]:
    return exists().where(model.donor_id == Donor.id).correlate(Donor)


def _may_mail(condition: CheckedCondition, conditions: CheckedConditions) -> ColumnElement[bool]:
    today: ColumnElement[date] = cast(conditions.today, DonorAddress.valid_from.type)
    used = used_address(Donor.id.expression, today, DonorAddress.id).correlate(Donor)
    return compare.yes_no(condition, and_(~Donor.no_mail, ~Donor.deceased, used.exists()))


def _place(column: SQLColumnExpression[Any]) -> Build:
    def build(condition: CheckedCondition, _: CheckedConditions) -> ColumnElement[bool]:
        of_donor = DonorAddress.donor_id == Donor.id
        if condition.operator == "is empty":
            return ~exists().where(of_donor, column.is_not(None)).correlate(Donor)
        return exists().where(of_donor, compare.text(column, condition)).correlate(Donor)

    return build


def _custom(condition: CheckedCondition, conditions: CheckedConditions) -> ColumnElement[bool]:
    stored = Donor.custom[condition.field].astext
    kind, value = condition.kind, condition.value
    if kind == "choice":
        return compare.negated(condition, stored.in_(compare.words(condition)))
    if kind == "yes-no":
        # no answer is not "no"
        return compare.negated(condition, stored.in_(("true" if value else "false",)))
    if kind == "text":
        same: ColumnElement[bool] = compare.text(stored, condition)
        return stored.is_(None) if condition.operator == "is empty" else and_(same.is_(True))
    if kind == "day":
        day = case((stored.regexp_match(_ISO_DAY), func.to_date(stored, "YYYY-MM-DD")))
        return compare.own_day(day)(condition, conditions)
    number = case((stored.regexp_match(_NUMERIC), cast(stored, Numeric)))
    holds: ColumnElement[bool] = (
        number <= value if condition.operator == "at most" else number >= value
    )
    return func.coalesce(holds, false())


_BUILD: Mapping[str, Build] = {
    "giving": _giving,
    "status": _is_in(Donor.status),
    "kind": _is_in(Donor.kind),
    "owner": _owner,
    "tag": _tag,
    "fund": _purpose(Fund, "fund_id"),
    "campaign": _purpose(Campaign, "campaign_id"),
    "language": _language,
    "channel": _is_in(Donor.preferred_channel),
    "gifts": _sum(DonorSummary.gifts, DonorSummary),
    "last gift": _gift_day(DonorSummary.last_gift_date),
    "first gift": _gift_day(DonorSummary.first_gift_date),
    "lifetime": _sum(DonorSummary.total_minor, DonorSummary),
    "this year": _sum(DonorYear.total_minor, DonorYear),
    "last year": _sum(DonorYear.total_minor, DonorYear),
    "largest": _sum(DonorSummary.largest_minor, DonorSummary),
    "last year not this": _last_year_not_this,
    "pledge": _pledge,
    "last contact": compare.own_day(Donor.last_contacted_on),
    "household": _whether(or_(Donor.household_id.is_not(None), Donor.kind == "household")),
    "anonymous": _whether(Donor.anonymous.expression),
    "deceased": _whether(Donor.deceased.expression),
    "email": _whether(_has(DonorEmail)),
    "phone": _whether(_has(DonorPhone)),
    "address": _whether(_has(DonorAddress)),
    "may email": _whether(
        and_(~Donor.no_email, ~Donor.deceased, used_email(Donor.id).is_not(None))
    ),
    "may phone": _whether(
        and_(~Donor.no_phone, ~Donor.deceased, used_phone(Donor.id).is_not(None))
    ),
    "may mail": _may_mail,
    "city": _place(DonorAddress.city),
    "state": _place(DonorAddress.state),
    "postal code": _place(DonorAddress.postal_code),
    "country": _place(DonorAddress.country),
}
# of a donor whose name is hidden these are hidden too
_ABOUT_PERSON = frozenset(
    {
        *("language", "channel", "email", "phone", "address", "household"),
        *("may email", "may phone", "may mail", "city", "state", "postal code", "country"),
    }
)
