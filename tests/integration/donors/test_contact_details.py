"""Several e-mails, phones and addresses of a donor: add, change, remove, and which one is used."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Date, cast, delete, insert, literal, select, text
from sqlalchemy.orm import Session

from app import donors
from app.accounts import Actor
from app.db.models import Activity, DonorAddress, DonorEmail, DonorPhone
from app.donors import Address, AddressDetail, EmailDetail, PhoneDetail
from app.donors.contacts.rules import used_contact
from app.donors.queries.used_contacts import TODAY as TODAY_SQL
from app.donors.queries.used_contacts import used_address, used_email, used_phone
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from tests import factories as make
from tests.values import present

TODAY = date(2026, 1, 15)
HOME = AddressDetail(Address(street="1 Elm St", city="York"), "home")
WINTER = AddressDetail(Address(city="Naples"), "seasonal", "11-01", "03-31")


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, name="Ruth")


@pytest.fixture
def mara(db: Session, ruth: Actor) -> int:
    return make.donor(db, ruth, "Mara Vogel", email="mara@example.org", phone="555 0100")


def view(db: Session, actor: Actor, donor_id: int) -> donors.DonorView:
    return donors.get(db, actor, donor_id, today=TODAY)


def add(db: Session, actor: Actor, donor_id: int, detail: donors.ContactDetail) -> int:
    version = view(db, actor, donor_id).version
    return donors.add_contact_detail(
        db, actor, donor_id=donor_id, version=version, detail=detail, today=TODAY
    )


def change(db: Session, actor: Actor, donor_id: int, detail: donors.ContactDetail) -> None:
    version = view(db, actor, donor_id).version
    donors.change_contact_detail(
        db, actor, donor_id=donor_id, version=version, detail=detail, today=TODAY
    )


def remove(
    db: Session, actor: Actor, donor_id: int, kind: type[donors.ContactDetail], detail_id: int
) -> donors.ContactDetail:
    version = view(db, actor, donor_id).version
    return donors.remove_contact_detail(
        db,
        actor,
        donor_id=donor_id,
        version=version,
        kind=kind,
        detail_id=detail_id,
        today=TODAY,
    )


def last_change(db: Session) -> Activity:
    return present(db.scalar(select(Activity).order_by(Activity.id.desc()).limit(1)))


def test_add_several(db: Session, ruth: Actor, mara: int) -> None:
    work = add(db, ruth, mara, EmailDetail(" mara@work.example ", "work"))
    home = add(db, ruth, mara, HOME)
    winter = add(db, ruth, mara, WINTER)
    mobile = add(db, ruth, mara, PhoneDetail("+1 555 0101", "mobile", is_primary=True))
    contact = view(db, ruth, mara).contact
    assert [str(email) for email in contact.emails] == ["mara@example.org", "mara@work.example"]
    assert contact.emails[1] == EmailDetail("mara@work.example", "work", id=work)
    assert contact.addresses == (
        replace(HOME, is_primary=True, id=home),
        replace(WINTER, id=winter),
    )
    assert contact.phones[0] == PhoneDetail("+1 555 0101", "mobile", is_primary=True, id=mobile)
    assert [phone.is_primary for phone in contact.phones] == [True, False]
    assert view(db, ruth, mara).fields.phone == "+1 555 0101"
    entry = last_change(db)
    assert (entry.action, entry.sentence, entry.donor_id) == (
        "donor.contact_detail_added",
        "Added a mobile phone number.",
        mara,
    )
    assert entry.after == {"phone": "+1 555 0101", "type": "mobile", "is_primary": True}


def test_change(db: Session, ruth: Actor, mara: int) -> None:
    email = view(db, ruth, mara).contact.emails[0]
    change(db, ruth, mara, replace(email, email="mara@new.example", do_not_use=True))
    assert view(db, ruth, mara).contact.emails == (
        replace(email, email="mara@new.example", do_not_use=True),
    )
    entry = last_change(db)
    assert entry.sentence == "Changed an e-mail."
    assert entry.before == {"email": "mara@example.org"}
    assert entry.after == {"email": "mara@new.example", "do_not_use": True}
    version = view(db, ruth, mara).version
    change(db, ruth, mara, replace(email, email="mara@new.example", do_not_use=True))
    assert view(db, ruth, mara).version == version


def test_the_primary_one_stays_primary_until_another_is(
    db: Session, ruth: Actor, mara: int
) -> None:
    first = view(db, ruth, mara).contact.emails[0]
    change(db, ruth, mara, replace(first, is_primary=False, type="home"))
    assert view(db, ruth, mara).contact.emails[0].is_primary
    second = add(db, ruth, mara, EmailDetail("mara@work.example"))
    donors.make_primary_contact_detail(
        db,
        ruth,
        donor_id=mara,
        version=view(db, ruth, mara).version,
        kind=EmailDetail,
        detail_id=second,
        today=TODAY,
    )
    assert [email.is_primary for email in view(db, ruth, mara).contact.emails] == [True, False]
    assert view(db, ruth, mara).fields.email == "mara@work.example"
    assert last_change(db).sentence == "Made an e-mail the primary one."
    version = view(db, ruth, mara).version
    donors.make_primary_contact_detail(
        db,
        ruth,
        donor_id=mara,
        version=version,
        kind=EmailDetail,
        detail_id=second,
        today=TODAY,
    )
    assert view(db, ruth, mara).version == version


def test_remove_and_undo(db: Session, ruth: Actor, mara: int) -> None:
    add(db, ruth, mara, EmailDetail("mara@work.example", "work"))
    before = view(db, ruth, mara).contact.emails
    removed = remove(db, ruth, mara, EmailDetail, present(before[0].id))
    assert removed == before[0]
    assert [str(email) for email in view(db, ruth, mara).contact.emails] == ["mara@work.example"]
    assert view(db, ruth, mara).contact.emails[0].is_primary
    assert last_change(db).sentence == "Removed an e-mail."
    assert last_change(db).before == {"email": "mara@example.org", "is_primary": True}
    add(db, ruth, mara, removed)
    emails = view(db, ruth, mara).contact.emails
    assert [replace(email, id=None) for email in emails] == [
        replace(email, id=None) for email in before
    ]


def test_a_found_by_search_stays_found_by_every_email(db: Session, ruth: Actor, mara: int) -> None:
    detail = EmailDetail("second@search.example", do_not_use=True)
    added = add(db, ruth, mara, detail)
    assert [m.donor_id for m in donors.search(db, ruth, query="second@search")] == [mara]
    remove(db, ruth, mara, EmailDetail, added)
    assert donors.search(db, ruth, query="second@search") == []


def test_what_is_refused(db: Session, ruth: Actor, mara: int) -> None:
    with pytest.raises(InvalidError, match="This donor has this e-mail already"):
        add(db, ruth, mara, EmailDetail("MARA@example.org"))
    with pytest.raises(InvalidError, match="is not an e-mail address"):
        add(db, ruth, mara, EmailDetail("nonsense"))
    second = add(db, ruth, mara, EmailDetail("b@example.org"))
    with pytest.raises(InvalidError, match="This donor has this e-mail already"):
        change(db, ruth, mara, EmailDetail("mara@example.org", id=second))
    with pytest.raises(NotFoundError, match="This phone number is no longer there"):
        change(db, ruth, mara, PhoneDetail("555 0199", id=10**9))
    other = make.donor(db, ruth, "Other")
    with pytest.raises(NotFoundError, match="This e-mail is no longer there"):
        remove(db, ruth, other, EmailDetail, second)
    for number in range(19):
        add(db, ruth, mara, PhoneDetail(f"555 02{number:02}"))
    with pytest.raises(InvalidError, match="A donor can have 20 of these"):
        add(db, ruth, mara, PhoneDetail("555 0300"))


def test_a_concurrent_change_is_refused(db: Session, ruth: Actor, mara: int) -> None:
    stale = view(db, ruth, mara).version
    add(db, ruth, mara, EmailDetail("b@example.org"))
    with pytest.raises(ConflictError, match="Someone else changed this donor meanwhile"):
        donors.add_contact_detail(
            db,
            ruth,
            donor_id=mara,
            version=stale,
            detail=EmailDetail("c@example.org"),
            today=TODAY,
        )
    assert len(view(db, ruth, mara).emails) == 2


def test_only_whoever_may_edit_the_donor(db: Session, ruth: Actor, mara: int) -> None:
    with pytest.raises(NotAllowedError):
        add(db, make.person(db, "finance"), mara, EmailDetail("b@example.org"))
    with pytest.raises(NotFoundError):
        donors.add_contact_detail(
            db,
            make.person(db),
            donor_id=mara,
            version=1,
            detail=EmailDetail("b@example.org"),
            today=TODAY,
        )


def test_an_anonymous_donor_has_no_contact_details_for_others(db: Session, ruth: Actor) -> None:
    lead = make.person(db, "supervisor")
    make.looks_after(db, lead, ruth)
    donor = make.donor(db, ruth, "Hidden", email="h@example.org", anonymous=True)
    assert view(db, lead, donor).contact == donors.ContactDetails()
    assert view(db, ruth, donor).contact.emails


month_days = st.dates(date(2000, 1, 1), date(2000, 12, 31)).map(lambda day: f"{day:%m-%d}")
dates = st.dates(date(2024, 1, 1), date(2027, 12, 31))


@st.composite
def address_rows(draw: st.DrawFn) -> dict[str, object]:
    """Draw the columns of an address."""
    seasonal, days = draw(st.booleans()), sorted((draw(dates), draw(dates)))
    return {
        "street": draw(st.sampled_from("abc")),
        "type": "seasonal" if seasonal else "home",
        "season_from": draw(month_days) if seasonal else None,
        "season_to": draw(month_days) if seasonal else None,
        "valid_from": draw(st.sampled_from([None, days[0]])),
        "valid_to": draw(st.sampled_from([None, days[1]])),
        "do_not_use": draw(st.booleans()),
    }


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(address_rows(), max_size=5),
    st.lists(st.booleans(), max_size=3),
    st.integers(0, 4),
    dates,
)
def test_the_rule_in_sql_is_the_rule_in_python(
    db: Session,
    ruth: Actor,
    mara: int,
    addresses: list[dict[str, object]],
    unusable: list[bool],
    primary: int,
    on: date,
) -> None:
    for model in (DonorAddress, DonorEmail, DonorPhone):
        db.execute(delete(model).where(model.donor_id == mara))
    for index, row in enumerate(addresses):
        db.execute(insert(DonorAddress).values(donor_id=mara, is_primary=index == primary, **row))
    for index, do_not_use in enumerate(unusable):
        values = {"donor_id": mara, "do_not_use": do_not_use, "is_primary": index == primary}
        db.execute(insert(DonorEmail).values(email=f"{index}@example.org", **values))
        db.execute(insert(DonorPhone).values(phone=f"555 010{index}", **values))
    contact = view(db, ruth, mara).contact
    statement = used_address(literal(mara), cast(literal(on), Date), DonorAddress.id)
    used = used_contact(contact.addresses, on)
    assert db.scalar(statement) == (used and used.id)
    email, phone = db.execute(select(used_email(literal(mara)), used_phone(literal(mara)))).one()
    used_mail, used_call = used_contact(contact.emails, on), used_contact(contact.phones, on)
    assert email == (used_mail and used_mail.email)
    assert phone == (used_call and used_call.phone)


def test_the_day_of_files_is_the_organisations(db: Session, ruth: Actor) -> None:
    zone = db.scalar(text("select time_zone from organisation"))
    expected = db.scalar(text("select (now() at time zone :zone)::date"), {"zone": zone})
    assert db.scalar(select(TODAY_SQL)) == expected
