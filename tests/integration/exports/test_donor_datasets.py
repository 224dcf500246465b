"""Files of contacts, consents, tags and tasks: their cells, whose rows they hold."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from app import exports
from app.accounts import Actor, Role
from app.exports.queries import donor_datasets
from tests import factories as make
from tests.integration.exports.test_service import export

KINDS = ("contacts", "consents", "tags")


def rows_of(db: Session, actor: Actor, kind: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(export(db, actor, kind).decode())))


def add_rows(db: Session, owner: Actor, name: str) -> int:
    donor = make.donor(db, owner, name, email=f"{len(name)}@vogel.example")
    make.contact(
        db,
        donor,
        "meeting",
        at=datetime(2026, 3, 29, 1, 30, 5, tzinfo=UTC),
        by_id=owner.user_id,
        text="=two\nlines",
    )
    make.consent(db, donor, granted=False, recorded_by=owner.user_id, source="@card")
    make.tag(db, donor, f"+choir {name}")
    return donor


def test_the_cells_of_each_file(db: Session) -> None:
    ruth = make.person(db)
    add_rows(db, ruth, "=Hanna")
    donor = {"donor_name": "'=Hanna", "donor_email": "6@vogel.example"}
    [contact] = rows_of(db, ruth, "contacts")
    assert contact.items() >= donor.items()
    assert contact["donor_id"] == rows_of(db, ruth, "donors")[0]["id"]
    assert (contact["contact_kind"], contact["contacted_at"], contact["logged_by"]) == (
        "meeting",
        "2026-03-29T01:30:05Z",
        ruth.email,
    )
    assert contact["contact_text"] == "'=two\nlines"
    [consent] = rows_of(db, ruth, "consents")
    assert (
        consent.items()
        >= (
            donor
            | {
                "channel": "email",
                "purpose": "news",
                "granted": "no",
                "consent_source": "'@card",
                "given_on": "2026-01-05",
                "recorded_by": ruth.email,
            }
        ).items()
    )
    [tag] = rows_of(db, ruth, "tags")
    assert tag.items() >= (donor | {"tag": "'+choir =Hanna"}).items()


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_those_in_the_actors_scope(db: Session, kind: str) -> None:
    ruth, sam, ada = make.person(db), make.person(db), make.person(db, role=Role.ADMIN)
    add_rows(db, ruth, "Hanna Vogel")
    add_rows(db, sam, "Otto Fir")
    assert [row["donor_name"] for row in rows_of(db, ruth, kind)] == ["Hanna Vogel"]
    assert [row["donor_name"] for row in rows_of(db, sam, kind)] == ["Otto Fir"]
    assert len(rows_of(db, ada, kind)) == 2
    assert (exports.counts(db, sam)[kind], exports.counts(db, ada)[kind]) == (1, 2)
    assert export(db, ada, kind, "xlsx").startswith(b"PK")


def test_membership_of_households_names_both_ids(db: Session) -> None:
    ruth = make.person(db)
    household = make.donor(db, ruth, "The Vogels", kind="household")
    make.donor(db, ruth, "Hanna Vogel", household_id=household)
    ids = {row["name"]: row["id"] for row in rows_of(db, ruth, "donors")}
    [member] = rows_of(db, ruth, "households")
    assert (member["household_id"], member["donor_id"]) == (ids["The Vogels"], ids["Hanna Vogel"])
    assert member["household_name"] == "The Vogels"


def test_a_task_without_a_note_or_a_donor_has_empty_cells(db: Session) -> None:
    ruth = make.person(db)
    make.task(db, ruth, "Dentist", due_on=date(2026, 5, 1))
    [task] = rows_of(db, ruth, "tasks")
    names = ("donor_id", "donor_name", "note", "due_at", "done_on")
    assert [task[name] for name in names] == [""] * 5
    assert set(task) == set(donor_datasets.TASKS.columns)
