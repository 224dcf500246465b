"""The e-mail addresses of chosen donors: who is left out and why, rights, and what is recorded."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import exports
from app.accounts import Actor
from app.db.models import Activity, DonorAccess, DonorEmail
from app.kit.errors import ConfirmFirstError, InvalidError, NotAllowedError
from tests import factories as make

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, name="Ruth")


@pytest.fixture
def chosen(db: Session, ruth: Actor) -> list[int]:
    shared = "Family@example.org"
    ids = [
        make.donor(db, ruth, "Zoe", email="zoe@example.org"),
        make.donor(db, ruth, "ann", email=shared),
        make.donor(db, ruth, "Bo", email="family@example.org"),
        make.donor(db, ruth, "Cy", email="cy@example.org", no_email=True),
        make.donor(db, ruth, "Di", email="di@example.org", deceased=True),
        make.donor(db, ruth, "Ed"),
        make.donor(db, ruth, "Flo", email="flo@example.org"),
        make.donor(db, make.person(db), "Stranger", email="stranger@example.org"),
    ]
    db.query(DonorEmail).where(DonorEmail.email == "flo@example.org").update({"do_not_use": True})
    return [*ids, 99_999]


def test_each_address_once_and_who_is_left_out_is_counted(
    db: Session, ruth: Actor, chosen: list[int]
) -> None:
    found = exports.copy_emails(db, ruth, donor_ids=chosen, now=NOW)
    assert found.emails == ("Family@example.org", "zoe@example.org")
    assert found.sentence() == (
        "2 addresses. Left out: 1 does not want e-mail, 2 have no e-mail address, 1 is deceased."
    )
    logged = db.scalars(select(DonorAccess.donor_id).where(DonorAccess.how == "export"))
    assert set(logged) == set(chosen[:3])
    assert db.scalars(select(Activity.sentence).where(Activity.entity == "export")).all() == [
        "Exported the e-mail addresses of 3 donors."
    ]


def test_nothing_found_is_no_export(db: Session, ruth: Actor, chosen: list[int]) -> None:
    found = exports.copy_emails(db, ruth, donor_ids=chosen[3:], now=NOW)
    assert found.emails == ()
    assert db.scalars(select(Activity.id).where(Activity.entity == "export")).all() == []
    with pytest.raises(InvalidError, match="at most 5,000 donors"):
        exports.copy_emails(db, ruth, donor_ids=range(5_001), now=NOW)


def test_who_may_not_see_a_name_gets_no_address(db: Session, ruth: Actor) -> None:
    sam = make.person(db, "supervisor")
    make.looks_after(db, sam, ruth)
    secret = make.donor(db, ruth, "Secret", email="secret@example.org", anonymous=True)
    assert exports.copy_emails(db, ruth, donor_ids=[secret]).emails == ("secret@example.org",)
    found = exports.copy_emails(db, sam, donor_ids=[secret])
    assert (found.emails, found.left) == ((), {"hidden": 1})


def test_a_coach_copies_nothing_and_most_donors_need_a_confirmation(
    db: Session, ruth: Actor, chosen: list[int]
) -> None:
    with pytest.raises(NotAllowedError):
        exports.copy_emails(db, make.person(db, "coach"), donor_ids=chosen)
    ada = replace(make.person(db, "admin"), session_id="of a screen")
    many = [make.donor(db, ruth, email=f"d{number}@example.org") for number in range(20)]
    with pytest.raises(ConfirmFirstError):
        exports.copy_emails(db, ada, donor_ids=many, now=NOW)
    assert len(exports.copy_emails(db, ada, donor_ids=many[:3], now=NOW).emails) == 3
