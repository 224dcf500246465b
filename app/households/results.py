"""Result types of the households package."""

from dataclasses import dataclass

from app.kit.money import Money


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a household, with what this member alone has given in all."""

    donor_id: int
    name: str
    head: bool
    deceased: bool
    gifts: int
    lifetime: Money
    this_year: Money


@dataclass(frozen=True, slots=True)
class Household:
    """A household as the actor sees it: its members, and what all of them give together.

    Gifts recorded for the household itself count with those of its members.
    """

    donor_id: int
    name: str
    version: int
    salutation: str
    envelope_name: str
    members: tuple[Member, ...]
    gifts: int
    lifetime: Money
    this_year: Money
    # whether the actor may change who belongs to it
    editable: bool


@dataclass(frozen=True, slots=True)
class SuggestedCredit:
    """A donor who may deserve a soft credit for the gifts of another; `label` is its kind."""

    donor_id: int
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation of a donor to another one, as read from this donor's page."""

    relation_id: int
    # what the other donor is to this one: "employer", "child" …
    label: str
    donor_id: int
    name: str
