"""Names of households, and the words of relations between donors. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.kit import names

FEWEST_MEMBERS = 2
MOST_MEMBERS = 20
# what a donor's other is to the donor, and what the donor is to the other
INVERSE = {
    "employer": "employee",
    "spouse": "spouse",
    "parent": "child",
    "referrer": "referred by this donor",
}
# the kind of soft credit that a relation suggests for the other donor
CREDITS = {"employer": "employer match", "spouse": "spouse", "referrer": "solicitor"}


@dataclass(frozen=True, slots=True)
class Person:
    """The names of a member of a household; `name` is the whole one."""

    name: str
    first: str | None = None
    last: str | None = None


def household_name(members: Sequence[Person]) -> str:
    """Return the name of a household, its head first: "Tom and Ana Whitfield".

    From three members on, the family name of the head stands for all: "The Whitfield household".
    """
    head, *others = members
    if len(members) > FEWEST_MEMBERS and head.last:
        return f"The {head.last} household"
    if len(members) == FEWEST_MEMBERS and head.first and others[0].first:
        return names.couple(head.first, head.last, others[0].first, others[0].last)
    return _listed([member.name for member in members])


def salutation(members: Sequence[Person]) -> str:
    """Return the salutation of a letter to the living members, the head first: "Tom and Ana"."""
    return _listed([member.first or member.name for member in members])


def envelope_name(members: Sequence[Person]) -> str:
    """Return the name on an envelope to the living members: "Tom and Ana Whitfield"."""
    head, *others = members
    if len(members) == FEWEST_MEMBERS and head.first and others[0].first:
        return names.couple(head.first, head.last, others[0].first, others[0].last)
    same = {names.fold(member.last or "") for member in members} == {names.fold(head.last or "")}
    if others and head.last and same and all(member.first for member in members):
        return f"{_listed([str(member.first) for member in members])} {head.last}"
    return _listed([member.name for member in members])


def _listed(words: Sequence[str]) -> str:
    if len(words) < FEWEST_MEMBERS:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
