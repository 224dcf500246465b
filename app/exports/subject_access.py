"""Subject access request: all data held about one donor in one file."""

import csv
import io
import json
import zipfile
from typing import IO, Any

from app import audit, donors
from app.accounts import Actor, Role, require
from app.db import Session
from app.exports.queries import subject_access as subject_access_queries
from app.kit.security.csv_injection import safe


def write_subject(db: Session, actor: Actor, *, donor_id: int, out: IO[bytes]) -> int:
    """Write a zip with all data as one JSON file and one CSV per part; return the row count.

    Raises:
        NotAllowedError: the actor is not an administrator.
        NotFoundError: there is no such donor.
    """
    require(actor, Role.ADMIN)
    donors.require_visible(db, actor, donor_id)
    parts: dict[str, list[dict[str, Any]]] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for part in subject_access_queries.PARTS:
            columns, parts[part] = subject_access_queries.rows(db, part, donor_id=donor_id)
            file.writestr(f"{part}.csv", _table(columns, parts[part]))
        file.writestr("everything.json", json.dumps(parts, ensure_ascii=False, indent=2))
    audit.record(
        db,
        actor_id=actor.user_id,
        action="donor.exported",
        entity="donor",
        entity_id=donor_id,
        donor_id=donor_id,
        sentence="Took away everything held about this donor.",
    )
    return sum(len(rows) for rows in parts.values())


def _table(columns: list[str], rows: list[dict[str, Any]]) -> str:
    text_file = io.StringIO()
    file = csv.writer(text_file)
    file.writerow(map(safe, columns))
    file.writerows([_cell(row[column]) for column in columns] for row in rows)
    return text_file.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    return safe(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
