"""Households: who belongs together, and the relations between donors."""

from app.households.read_model import household
from app.households.relations import add_relation, relations, remove_relation, suggested_credits
from app.households.results import Household, Member, Relation, SuggestedCredit
from app.households.rules import INVERSE
from app.households.service import dissolve, forget_member, join, leave, make, set_head

RELATIONS = tuple(INVERSE)

__all__ = [
    "RELATIONS",
    "Household",
    "Member",
    "Relation",
    "SuggestedCredit",
    "add_relation",
    "dissolve",
    "forget_member",
    "household",
    "join",
    "leave",
    "make",
    "relations",
    "remove_relation",
    "set_head",
    "suggested_credits",
]
