"""Donors known by an e-mail alone: their name is the address or what stands before its @."""

from sqlalchemy import text

from app.db import Session
from app.imports.planning.update_policy import KEEP, Policy
from app.imports.queries.problems import problem_sql
from app.imports.queries.staging import add_notes


def is_email(name: str, email: str) -> str:
    """Return SQL for whether a name is nothing but the e-mail, or its part before the @."""
    return f"lower({name}) in (lower({email}), lower(split_part({email}, '@', 1)))"


_IS_EMAIL = f"""
    (position(' ' in donor.name) = 0 and exists (
        select from donor_email e where e.donor_id = donor.id
            and {is_email("donor.name", "e.email")}))
"""


def mark(db: Session) -> None:
    """Mark the staged rows whose name is nothing but their e-mail."""
    db.execute(text(_MARK))


def take_names(db: Session, policy: Policy) -> None:
    """Give donors known by their e-mail alone the name of their row, and never the reverse."""
    db.execute(text(_KEEP_NAMES))
    if policy.of("name") != KEEP:
        db.execute(text(_RENAME))
        add_notes(db, _NOTES)


_MARK = f"""
    update import_donors set nameless = true
    where email <> '' and position(' ' in name) = 0 and {is_email("name", "email")}
"""
_KEEP_NAMES = """
    update import_donors s set kind = donor.kind, name = donor.name,
        first_name = donor.first_name, last_name = donor.last_name
    from donor where donor.id = s.target_id and s.nameless and s.action is null
"""
_RENAME = f"""
    update import_donors s set renames = true from donor
    where donor.id = s.target_id and s.action is null and s.nameless is null
        and s.name <> '' and lower(s.name) <> lower(donor.name) and {_IS_EMAIL}
"""
_NOTES = f"""
    select s.row, 'name', {problem_sql("name_for_email", text="donor.name")}
    from import_donors s join donor on donor.id = s.target_id where s.renames
"""
