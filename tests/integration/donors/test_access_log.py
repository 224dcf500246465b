"""The access log: views, exports, permissions and purging."""

import io
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from app import donors, exports
from app.accounts import Actor
from app.db.models import DonorAddress, DonorEmail, DonorPhone, DonorRelation
from app.kit.errors import NotAllowedError
from tests import factories as make


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, "admin", name="Ada")


@pytest.fixture
def ruth(db: Session, ada: Actor) -> Actor:
    return make.person(db, name="Ruth")


def log_entries(db: Session, ada: Actor, donor_id: int) -> list[tuple[str, str]]:
    return [(entry.user_name, entry.how) for entry in donors.accesses(db, ada, donor_id)]


def test_a_view_is_logged_once_in_fifteen_minutes(db: Session, ada: Actor, ruth: Actor) -> None:
    tom = make.donor(db, ruth)
    for actor in (ruth, ruth, ada):
        donors.log_view(db, actor, donor_id=tom)
    donors.log_view(db, ruth, donor_id=tom, how="api")
    assert log_entries(db, ada, tom) == [("Ruth", "api"), ("Ada", "page"), ("Ruth", "page")]
    db.execute(text("update donor_access set at = at - interval '16 minutes'"))
    donors.log_view(db, ruth, donor_id=tom)
    assert len(log_entries(db, ada, tom)) == 4


def test_an_export_is_logged_for_every_donor_in_it(
    db: Session, ada: Actor, ruth: Actor, today: date
) -> None:
    tom, ann, other = make.donor(db, ruth), make.donor(db, ruth), make.donor(db, ada)
    make.gift(db, tom)
    make.gift(db, other)
    for kind in exports.KINDS:
        exports.write(db, ruth, kind=kind, out=io.BytesIO(), today=today)
    assert log_entries(db, ada, tom) == [("Ruth", "export")] * 2
    assert log_entries(db, ada, ann) == [("Ruth", "export")]
    assert log_entries(db, ada, other) == []
    make.contact(db, ann)
    make.consent(db, ann)
    make.tag(db, ann, "choir")
    make.soft_credit(db, make.gift(db, tom), ann)
    make.pause(db, make.pledge(db, ann), date(2026, 1, 1))
    db.execute(insert(DonorEmail).values(donor_id=ann, email="ann@x.example"))
    db.execute(insert(DonorPhone).values(donor_id=ann, phone="555-0123"))
    db.execute(insert(DonorAddress).values(donor_id=ann, city="York"))
    db.execute(insert(DonorRelation).values(donor_id=ann, other_id=tom, type="spouse"))
    others = ("emails", "phones", "addresses", "campaigns")
    for kind in ("contacts", "consents", "tags", "soft-credits", "pledge-pauses", *others):
        exports.write(db, ruth, kind=kind, out=io.BytesIO(), today=today)
    assert log_entries(db, ada, ann) == [("Ruth", "export")] * 9
    assert log_entries(db, ada, tom) == [("Ruth", "export")] * 2
    # a relation names both donors
    exports.write(db, ruth, kind="relations", out=io.BytesIO(), today=today)
    assert log_entries(db, ada, ann) == [("Ruth", "export")] * 10
    assert log_entries(db, ada, tom) == [("Ruth", "export")] * 3


def test_only_administrators_read_it(db: Session, ruth: Actor) -> None:
    tom = make.donor(db, ruth)
    with pytest.raises(NotAllowedError):
        donors.accesses(db, ruth, tom)


def test_old_entries_are_purged(db: Session, ada: Actor, ruth: Actor, now: datetime) -> None:
    tom = make.donor(db, ruth)
    donors.log_view(db, ruth, donor_id=tom)
    db.execute(text("update donor_access set at = :at"), {"at": now - timedelta(days=2)})
    assert donors.purge_access_log(db, before=now - timedelta(days=3)) == 0
    assert donors.purge_access_log(db, before=now - timedelta(days=1)) == 1
    assert log_entries(db, ada, tom) == []
