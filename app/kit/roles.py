"""Roles of users (fundraiser, supervisor, coach, finance, read-only, administrator)."""

from enum import StrEnum


class Role(StrEnum):
    """The role of a user."""

    FUNDRAISER = "fundraiser"
    SUPERVISOR = "supervisor"
    COACH = "coach"
    FINANCE = "finance"
    READ_ONLY = "read_only"
    ADMIN = "admin"
    # the scheduler, which acts for no user
    SYSTEM = "system"


# the values of the roles that a user can have
USER_ROLES = tuple(role.value for role in Role if role is not Role.SYSTEM)
