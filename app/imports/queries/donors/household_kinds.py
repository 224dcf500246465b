"""Kinds of donors in households: a file does not change them while the household stands."""

from sqlalchemy import text

from app.db import Session
from app.imports.planning.update_policy import OVERWRITE, Policy
from app.imports.queries.problems import problem_sql
from app.imports.queries.staging import add_notes


def keep(db: Session, policy: Policy) -> None:
    """Keep the kind of members and of households with members, and add notes about it.

    The policy may let the file change kinds, and so may a row that gives a donor another name.
    """
    changes = "true" if policy.of("kind") == OVERWRITE else "s.renames"
    add_notes(db, _NOTES.format(changes=changes))
    db.execute(text(_KEEP))


_IN_HOUSEHOLD = """
    from donor where donor.id = s.target_id and s.action is null and s.kind <> donor.kind
        and (donor.household_id is not null
             or exists (select from donor m where m.household_id = donor.id))
"""
_NOTES = f"""
    select s.row, 'kind', {problem_sql("kind_in_household", kind="donor.kind")}
    from import_donors s, lateral (select donor.kind {_IN_HOUSEHOLD}) donor where {{changes}}
"""
_KEEP = f"update import_donors s set kind = donor.kind {_IN_HOUSEHOLD}"
