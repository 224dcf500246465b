"""Logged contacts: corrected, deleted and restored, and the day of the last contact."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import alerts, donors, privacy
from app.accounts import Actor
from app.db.models import Activity, Alert, ContactLog, Donor
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from tests import factories as make

NEW, OLD = datetime(2026, 11, 20, 9, tzinfo=UTC), datetime(2026, 10, 1, 9, tzinfo=UTC)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, name="Ruth")


@pytest.fixture
def tom(db: Session, ruth: Actor) -> int:
    return make.donor(db, ruth, "Tom Reed")


@pytest.fixture
def call(db: Session, ruth: Actor, tom: int) -> donors.Contact:
    """A call of 20 November, after a letter of 1 October."""
    donors.log_contact(db, ruth, donor_id=tom, kind="letter", text="", at=OLD)
    call = donors.log_contact(db, ruth, donor_id=tom, kind="call", text="Spoke", at=NEW)
    return donors.contact(db, ruth, contact_id=call)


def last_contact(db: Session, donor_id: int) -> date | None:
    return db.scalar(select(Donor.last_contacted_on).where(Donor.id == donor_id))


def change(db: Session, actor: Actor, contact: donors.Contact, **values: Any) -> None:
    old = {"kind": contact.kind, "text": contact.text, "at": contact.at}
    chosen = {"version": contact.version} | old | values
    donors.change_contact(db, actor, contact_id=contact.contact_id, **chosen)


def last_event(db: Session) -> Activity:
    return db.scalars(select(Activity).order_by(Activity.id.desc()).limit(1)).one()


@pytest.mark.parametrize(
    ("values", "day"),
    [
        pytest.param({"at": NEW - timedelta(days=90)}, date(2026, 10, 1), id="before the letter"),
        pytest.param({"at": NEW - timedelta(days=3)}, date(2026, 11, 17), id="an earlier day"),
        pytest.param({"kind": "note"}, date(2026, 10, 1), id="a note is no contact"),
        pytest.param({"text": "Wrote"}, date(2026, 11, 20), id="only the text"),
    ],
)
def test_a_change_moves_the_last_contact(
    db: Session,
    ruth: Actor,
    tom: int,
    call: donors.Contact,
    values: dict[str, Any],
    day: date,
) -> None:
    change(db, ruth, call, **values)
    assert last_contact(db, tom) == day


def test_a_change_is_recorded_with_both_values(
    db: Session, ruth: Actor, tom: int, call: donors.Contact
) -> None:
    change(db, ruth, call, kind="meeting", text=" Met ")
    event = last_event(db)
    assert (event.action, event.donor_id) == ("donor.contact_changed", tom)
    assert event.before == {"kind": "call", "text": "Spoke"}
    assert event.after == {"kind": "meeting", "text": "Met"}
    saved = donors.contact(db, ruth, contact_id=call.contact_id)
    assert (saved.kind, saved.text, saved.at) == ("meeting", "Met", NEW)


def test_nothing_is_recorded_without_a_difference(
    db: Session, ruth: Actor, call: donors.Contact
) -> None:
    before = last_event(db).id
    change(db, ruth, call)
    assert last_event(db).id == before


def test_an_old_version_is_refused(db: Session, ruth: Actor, call: donors.Contact) -> None:
    change(db, ruth, call, text="First")
    with pytest.raises(ConflictError, match="Somebody else changed this contact"):
        change(db, ruth, call, text="Second")
    with pytest.raises(ConflictError):
        donors.remove_contact(db, ruth, contact_id=call.contact_id, version=call.version)
    assert donors.contact(db, ruth, contact_id=call.contact_id).text == "First"


def test_an_invalid_change_is_refused(db: Session, ruth: Actor, call: donors.Contact) -> None:
    for values in (
        {"kind": "dream"},
        {"text": "x" * 4_001},
        {"at": datetime(1, 1, 2, tzinfo=UTC)},
    ):
        with pytest.raises(InvalidError):
            change(db, ruth, call, **values)


def test_a_deleted_contact_comes_back_as_it_was(
    db: Session, ruth: Actor, tom: int, call: donors.Contact
) -> None:
    ada = make.person(db, "admin")
    of = ContactLog.id == call.contact_id
    columns = (ContactLog.kind, ContactLog.text, ContactLog.at, ContactLog.by_id)
    before = db.execute(select(*columns).where(of)).one()
    donors.remove_contact(db, ruth, contact_id=call.contact_id, version=call.version)
    assert last_contact(db, tom) == date(2026, 10, 1)
    donors.restore_contact(db, ada, contact_id=call.contact_id)
    assert db.execute(select(*columns).where(of)).one() == before
    assert last_contact(db, tom) == date(2026, 11, 20)
    assert last_event(db).action == "donor.contact_restored"
    with pytest.raises(ConflictError, match="there again already"):
        donors.restore_contact(db, ada, contact_id=call.contact_id)
    assert db.scalar(select(func.count()).select_from(ContactLog).where(of)) == 1


def test_a_contact_that_a_file_brought_again_is_not_restored(
    db: Session, ruth: Actor, tom: int, call: donors.Contact
) -> None:
    numbered = {"import_source": "crm", "external_id": "7"}
    of = ContactLog.id == call.contact_id
    db.execute(update(ContactLog).where(of).values(**numbered))
    donors.remove_contact(db, ruth, contact_id=call.contact_id)
    make.contact(db, tom, **numbered)
    with pytest.raises(ConflictError):
        donors.restore_contact(db, ruth, contact_id=call.contact_id)


def test_an_erased_contact_does_not_come_back(
    db: Session, ruth: Actor, tom: int, call: donors.Contact
) -> None:
    ada = make.person(db, "admin")
    donors.remove_contact(db, ruth, contact_id=call.contact_id)
    privacy.erase(db, ada, donor_id=tom, name="Tom Reed", now=NEW)
    with pytest.raises(NotAllowedError, match="asked to be erased"):
        donors.restore_contact(db, ada, contact_id=call.contact_id)
    assert not db.scalars(
        select(Activity.id).where(Activity.before["text"].astext == "Spoke")
    ).all()


def test_what_was_never_deleted_is_not_restored(
    db: Session, ruth: Actor, call: donors.Contact
) -> None:
    with pytest.raises(NotFoundError):
        donors.restore_contact(db, ruth, contact_id=call.contact_id)


def test_only_those_who_may_change_the_donor_do(
    db: Session, ruth: Actor, call: donors.Contact
) -> None:
    grace, stranger = make.person(db, "supervisor"), make.person(db)
    make.looks_after(db, grace, ruth)
    for actor, error in ((grace, NotAllowedError), (stranger, NotFoundError)):
        with pytest.raises(error):
            change(db, actor, call, text="Mine")
        with pytest.raises(error):
            donors.contact(db, actor, contact_id=call.contact_id)
        with pytest.raises(error):
            donors.remove_contact(db, actor, contact_id=call.contact_id)
    donors.remove_contact(db, ruth, contact_id=call.contact_id)
    for actor, error in ((grace, NotAllowedError), (stranger, NotFoundError)):
        with pytest.raises(error):
            donors.restore_contact(db, actor, contact_id=call.contact_id)


def test_a_note_that_was_a_call_hides_the_alert(db: Session, ruth: Actor, tom: int) -> None:
    make.pledge(db, tom, "20", start=date(2026, 1, 1))
    alerts.raise_late_pledges(db, today=NEW.date(), now=NEW)
    note = donors.log_contact(db, ruth, donor_id=tom, kind="note", text="Spoke", at=NEW)
    states = select(Alert.state).where(Alert.donor_id == tom)
    assert db.scalars(states).all() == ["open"]
    change(db, ruth, donors.contact(db, ruth, contact_id=note), kind="call")
    assert db.scalars(states).all() == ["snoozed"]
