"""The fields of conditions: what a donor can be chosen by, and how each is compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from app.accounts import Actor
from app.db import Session
from app.donors.contacts.languages import languages
from app.donors.custom_fields.definitions import custom_fields
from app.donors.queries import search
from app.donors.queries.conditions import choices as queries
from app.donors.results import GIVING, CustomField
from app.donors.rules import CHANNELS, KINDS, STATUSES

# the key of a custom field is its name after this
CUSTOM = "custom:"
NOBODY = "0"


class Kind(StrEnum):
    """What the values of a field are."""

    CHOICE = "choice"
    MONEY = "money"
    NUMBER = "number"
    DAY = "day"
    TEXT = "text"
    YES_NO = "yes-no"


OPERATORS: Mapping[Kind, tuple[str, ...]] = {
    Kind.CHOICE: ("is", "is not"),
    Kind.MONEY: ("at least", "at most"),
    Kind.NUMBER: ("at least", "at most"),
    Kind.DAY: ("since", "before", "in the last", "not in the last", "never"),
    Kind.TEXT: ("is", "starts with", "contains", "is empty"),
    Kind.YES_NO: ("is",),
}
# these need no value
WITHOUT_VALUE = frozenset({"never", "is empty"})
# the value of these is a number of days
IN_DAYS = frozenset({"in the last", "not in the last"})


@dataclass(frozen=True, slots=True)
class ConditionField:
    """A field: its key in conditions, label, kind, and of a choice the label of each value."""

    key: str
    label: str
    kind: Kind
    choices: Mapping[str, str] = field(default_factory=dict)
    # values of before a merge → the choice that has taken them over
    merged: Mapping[str, str] = field(default_factory=dict)
    # amounts, which a coach may not see
    by_amount: bool = False

    def present(self, values: Iterable[str]) -> tuple[str, ...]:
        """Return values of a choice as they are now, sorted, each once."""
        return tuple(sorted({self.merged.get(value, value) for value in values}))


_PLAIN = (
    ConditionField("gifts", "Number of gifts", Kind.NUMBER),
    ConditionField("last gift", "Last gift", Kind.DAY),
    ConditionField("first gift", "First gift", Kind.DAY),
    ConditionField("lifetime", "Lifetime giving", Kind.MONEY, by_amount=True),
    ConditionField("this year", "Giving this fiscal year", Kind.MONEY, by_amount=True),
    ConditionField("last year", "Giving last fiscal year", Kind.MONEY, by_amount=True),
    ConditionField("largest", "Largest gift", Kind.MONEY, by_amount=True),
    ConditionField("last year not this", "Gave last fiscal year, not this one", Kind.YES_NO),
    ConditionField("pledge", "Has an active pledge", Kind.YES_NO),
    ConditionField("last contact", "Last contact", Kind.DAY),
    ConditionField("household", "In a household", Kind.YES_NO),
    ConditionField("anonymous", "Anonymous", Kind.YES_NO),
    ConditionField("deceased", "Deceased", Kind.YES_NO),
    ConditionField("email", "Has an e-mail address", Kind.YES_NO),
    ConditionField("phone", "Has a phone number", Kind.YES_NO),
    ConditionField("address", "Has a postal address", Kind.YES_NO),
    ConditionField("may email", "May be e-mailed", Kind.YES_NO),
    ConditionField("may phone", "May be called", Kind.YES_NO),
    ConditionField("may mail", "May be written to by post", Kind.YES_NO),
    ConditionField("city", "City", Kind.TEXT),
    ConditionField("state", "State", Kind.TEXT),
    ConditionField("postal code", "Postal code", Kind.TEXT),
    ConditionField("country", "Country", Kind.TEXT),
)
_CUSTOM_KINDS = {
    "text": Kind.TEXT,
    "number": Kind.NUMBER,
    "date": Kind.DAY,
    "choice": Kind.CHOICE,
    "yes-no": Kind.YES_NO,
}
# of the free text of a custom field a coach may see nothing that can hold an amount
_MAY_HOLD_AMOUNTS = frozenset({"text", "number"})


def condition_fields(db: Session, actor: Actor) -> list[ConditionField]:
    """Return the fields that the actor may choose donors by, with the present choices."""
    found = [*_chosen(db, actor), *_PLAIN, *map(_custom, custom_fields(db))]
    return [each for each in found if actor.sees_amounts or not each.by_amount]


def _chosen(db: Session, actor: Actor) -> list[ConditionField]:
    found = queries.choices(db)
    owners = {NOBODY: "Nobody"} | {str(row.id): row.name for row in search.owners(db, actor)}
    return [
        _words("giving", "Giving", GIVING),
        _words("status", "Status", STATUSES),
        _words("kind", "Kind", KINDS),
        ConditionField("owner", "Owner", Kind.CHOICE, owners),
        _records("tag", "Tag", found),
        _records("fund", "Gave or pledged to the fund", found),
        _records("campaign", "Gave or pledged to the campaign", found),
        ConditionField("language", "Language", Kind.CHOICE, languages()),
        ConditionField("channel", "Prefers to be reached by", Kind.CHOICE, CHANNELS),
    ]


def _records(key: str, label: str, found: Mapping[str, queries.Choices]) -> ConditionField:
    return ConditionField(key, label, Kind.CHOICE, found[key].names, found[key].merged)


def _words(key: str, label: str, values: Sequence[str]) -> ConditionField:
    return ConditionField(key, label, Kind.CHOICE, {each: each.capitalize() for each in values})


def _custom(defined: CustomField) -> ConditionField:
    return ConditionField(
        CUSTOM + defined.name,
        defined.name,
        _CUSTOM_KINDS[defined.type],
        dict(zip(defined.choices, defined.choices, strict=True)),
        by_amount=defined.type in _MAY_HOLD_AMOUNTS,
    )
