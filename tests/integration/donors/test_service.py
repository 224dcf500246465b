"""Search, create and update donors; their giving rhythm; donors at risk."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import donors
from app.accounts import Actor
from app.db.models import Activity, Donor
from app.donors import Address, DonorFields, DonorFilter
from app.kit.errors import InvalidError, NotAllowedError, NotFoundError
from app.kit.money import Money
from tests import factories as make
from tests.values import present


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, name="Ruth")


def names(rows: Sequence[donors.DonorMatch | donors.DonorLine]) -> list[str]:
    return [row.name for row in rows]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("zoe", ["Zoë Whitfield"], id="without accents"),
        pytest.param("WHITF", ["Zoë Whitfield"], id="part of a name, any case"),
        pytest.param("whitfield zoe", ["Zoë Whitfield"], id="words in any order"),
        pytest.param("z@example", ["Zoë Whitfield"], id="e-mail"),
        pytest.param("555 12-34", ["Zoë Whitfield"], id="phone in another format"),
        pytest.param("A-771", ["Zoë Whitfield"], id="id in another system"),
        pytest.param("whitfeild", ["Zoë Whitfield"], id="misspelled"),
        pytest.param("100%", [], id="a wildcard is escaped"),
        pytest.param("q", [], id="one character"),
        pytest.param("   ", [], id="blank"),
    ],
)
def test_search(db: Session, ruth: Actor, query: str, expected: list[str]) -> None:
    make.donor(
        db,
        ruth,
        "Zoë Whitfield",
        email="z@example.org",
        phone="(555) 1234",
        external=("sheet", "A-771"),
    )
    make.donor(db, ruth, "Marta Quill")
    make.donor(db, make.person(db), "Zoë Whitfield of somebody else")
    assert names(donors.search(db, ruth, query=query)) == expected


@pytest.mark.parametrize("sort", donors.SORTS)
def test_pages_contain_every_donor_once(db: Session, ruth: Actor, today: date, sort: str) -> None:
    for number in range(23):
        contacted = date(2026, 1 + number % 5, 1) if number % 2 else None
        donor = make.donor(db, ruth, f"Donor {number % 4}", last_contacted_on=contacted)
        for gift in range(number % 3):
            make.gift(db, donor, 10 + number % 5, date(2026 - gift, 3, 1 + number % 7))
    lines, after = [], None
    while True:
        page = donors.page(
            db, ruth, filter=DonorFilter(), sort=sort, today=today, page_size=5, after=after
        )
        lines += page.lines
        assert page.total == 23
        if page.next is None:
            break
        after = page.next
    assert len({line.donor_id for line in lines}) == len(lines) == 23
    keys: dict[str, Callable[[donors.DonorLine], str | date | int | None]] = {
        "name": lambda line: line.name.lower(),
        "last gift": lambda line: line.last_gift_date,
        "this year": lambda line: line.this_year.minor or None,
        "lifetime": lambda line: line.lifetime.minor,
        "last contact": lambda line: line.last_contacted_on,
    }
    values = [keys[sort](line) for line in lines]
    filled = [value for value in values if value is not None]
    assert values[: len(filled)] == filled == sorted(filled, reverse=sort != "name")


def test_filters(db: Session, ruth: Actor, today: date) -> None:
    give = make.donor(db, ruth, "Gives", status="donor", tag="church", kind="organisation")
    make.gift(db, give, 100)
    make.donor(db, ruth, "Never")

    def find(donor_filter: DonorFilter) -> list[str]:
        return names(donors.page(db, ruth, filter=donor_filter, today=today).lines)

    assert find(DonorFilter(statuses=("donor",))) == ["Gives"]
    assert find(DonorFilter(kinds=("person",))) == ["Never"]
    assert find(DonorFilter(tag="church")) == ["Gives"]
    assert find(DonorFilter(giving=("never gave",))) == ["Never"]
    assert find(DonorFilter(owner_id=ruth.user_id, query="giv")) == ["Gives"]
    assert find(DonorFilter(owner_id=0)) == []
    assert find(DonorFilter(giving=("pledge late",))) == []
    make.alert(db, give)
    line = donors.page(db, ruth, filter=DonorFilter(giving=("pledge late",)), today=today).lines[0]
    assert (line.name, line.giving) == ("Gives", "pledge late")
    similar = donors.page(db, ruth, filter=DonorFilter(query="givse"), today=today)
    assert (similar.similar, similar.total) == (True, 1)


def test_donor_view(db: Session, ruth: Actor, today: date) -> None:
    donor = make.donor(
        db,
        ruth,
        "Tom and Ana Reed",
        first_name="Tom",
        spouse_first_name="Ana",
        kind="household",
        email="t@example.org",
        phone="12345",
        address={"city": "Hull", "street": "1 Quay"},
        tag="choir",
    )
    make.gift(db, donor, "20", date(2025, 5, 5))
    make.gift(db, donor, "35", date(2026, 5, 5))
    view = donors.get(db, ruth, donor, today=today)
    assert (view.lifetime, view.this_year, view.last_year) == tuple(
        Money.of(amount, "USD") for amount in ("55", "35", "20")
    )
    assert view.salutation == "Tom and Ana"
    assert str(view.addresses[0]) == "1 Quay, Hull"
    assert (view.fields.email, view.tags, view.editable) == ("t@example.org", ("choir",), True)
    assert view.largest == Money.of("35", "USD")
    assert donors.months(db, ruth, donor, since=date(2026, 1, 9)) == [
        donors.DonorMonth(date(2026, 5, 1), Money(0, "USD"), Money.of("35", "USD"))
    ]


def test_create_and_change(db: Session, ruth: Actor, today: date) -> None:
    fields = DonorFields(
        first_name=" Tom ",
        last_name="Reed",
        email="tom@example.org",
        phone="555 12345",
        address=Address(city="Hull"),
        notes="Met at the fair.",
    )
    donor = donors.create(db, ruth, fields=fields)
    view = donors.get(db, ruth, donor, today=today)
    assert (view.name, view.fields.owner_id) == ("Tom Reed", ruth.user_id)
    changed = replace(view.fields, email="new@example.org", address=Address(city="York"))
    after = donors.update(
        db, ruth, donor_id=donor, version=view.version, fields=changed, today=today
    )
    assert after.emails == ("new@example.org", "tom@example.org")
    assert (after.addresses, after.version) == ((Address(city="York"),), 2)
    line = db.scalars(select(Activity).order_by(Activity.id.desc())).first()
    assert (present(line).action, present(line).sentence) == (
        "donor.changed",
        "Changed the e-mail and the address.",
    )
    assert (present(present(line).before)["email"], present(present(line).after)["email"]) == (
        "tom@example.org",
        "new@example.org",
    )


def test_a_stale_form_is_rejected_with_both_values(db: Session, ruth: Actor, today: date) -> None:
    donor = make.donor(db, ruth, "Tom")
    view = donors.get(db, ruth, donor, today=today)
    first, second = replace(view.fields, name="Thomas"), replace(view.fields, name="Tommy")
    donors.update(db, ruth, donor_id=donor, version=view.version, fields=first, today=today)
    with pytest.raises(donors.StaleDonorError) as caught:
        donors.update(db, ruth, donor_id=donor, version=view.version, fields=second, today=today)
    assert caught.value.theirs == {"name": ("Thomas", "Tommy")}
    assert donors.get(db, ruth, donor, today=today).name == "Thomas"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (DonorFields(), "fill in a name"),
        (DonorFields(kind="organisation", first_name="Tom"), "organisation's name"),
        (DonorFields(name="Tom", email="tom at home"), "not an e-mail"),
        (DonorFields(name="Tom", phone="12"), "not a phone"),
        (DonorFields(name="T" * 301), "may have 120 characters"),
        (DonorFields(name="Tom", status="friend"), "from the lists"),
    ],
)
def test_invalid_details_are_rejected(
    db: Session, ruth: Actor, fields: DonorFields, sentence: str
) -> None:
    with pytest.raises(InvalidError, match=sentence):
        donors.create(db, ruth, fields=fields)


def test_only_an_administrator_changes_the_owner(db: Session, ruth: Actor, today: date) -> None:
    sam, admin = make.person(db), make.person(db, "admin")
    with pytest.raises(NotAllowedError):
        donors.create(db, ruth, fields=DonorFields(name="X", owner_id=sam.user_id))
    donor = donors.create(db, admin, fields=DonorFields(name="X", owner_id=sam.user_id))
    with pytest.raises(NotFoundError):
        donors.get(db, ruth, donor, today=today)
    with pytest.raises(NotAllowedError):
        donors.create(db, make.person(db, "read_only"), fields=DonorFields(name="X"))
    with pytest.raises(InvalidError, match="no longer active"):
        donors.create(db, admin, fields=DonorFields(name="X", owner_id=10**9))


def test_an_older_contact_does_not_change_the_last_contact(
    db: Session, ruth: Actor, today: date
) -> None:
    donor = make.donor(db, ruth)
    new, old = datetime(2026, 11, 20, 9, tzinfo=UTC), datetime(2026, 10, 1, 9, tzinfo=UTC)
    donors.log_contact(db, ruth, donor_id=donor, kind="call", text=" Spoke. ", at=new)
    donors.log_contact(db, ruth, donor_id=donor, kind="letter", text="", at=old)
    assert donors.get(db, ruth, donor, today=today).last_contacted_on == date(2026, 11, 20)
    with pytest.raises(InvalidError):
        donors.log_contact(db, ruth, donor_id=donor, kind="dream", text="", at=new)
    assert [(line.sentence, line.detail) for line in donors.timeline(db, ruth, donor).lines] == [
        ("Call", "Spoke."),
        ("Letter", None),
    ]


def test_timeline_contains_every_event_once(db: Session, ruth: Actor) -> None:
    donor = donors.create(db, ruth, fields=DonorFields(name="Tom"))
    pledge = make.pledge(db, donor, start=date(2026, 1, 1))
    gift = make.gift(db, donor, on=date(2026, 2, 1), method="check", pledge_id=pledge)
    make.reversal(db, gift, on=date(2026, 2, 9))
    make.task(db, ruth, "Call Tom", donor_id=donor, due_on=date(2026, 3, 1))
    kinds = [line.kind for line in donors.timeline(db, ruth, donor).lines]
    assert sorted(kinds) == ["change", "gift", "pledge", "reversal", "task"]


def monthly(db: Session, donor: int, *, until: date, gifts: int = 14) -> None:
    for number in range(gifts):
        make.gift(db, donor, 50, until - timedelta(days=30 * number))


def test_score_finds_donors_who_left_their_rhythm(db: Session, ruth: Actor, today: date) -> None:
    steady, stopped, lapsed, once = (
        make.donor(db, ruth, name, status="donor")
        for name in ("Steady", "Stopped", "Gone", "Once")
    )
    monthly(db, steady, until=today - timedelta(days=9))
    monthly(db, stopped, until=today - timedelta(days=70))
    monthly(db, lapsed, until=today - timedelta(days=300))
    make.gift(db, once, 50, today - timedelta(days=5))
    assert donors.score(db, today=today) == 4
    at_risk = donors.at_risk(db, ruth, today=today)
    assert [(row.donor_name, row.status) for row in at_risk] == [("Stopped", "at risk")]
    assert at_risk[0].sentence.startswith("Gives about every 30 days (14 gifts, very regular).")
    assert db.scalar(select(Donor.status).where(Donor.id == lapsed)) == "lapsed"
    make.gift(db, lapsed, 50, today)
    donors.score(db, today=today)
    assert db.scalar(select(Donor.status).where(Donor.id == lapsed)) == "donor"
    assert present(donors.get(db, ruth, once, today=today).rhythm).sentence.startswith(
        "Gave once, 5 days"
    )


def test_at_risk_excludes_deceased_unreachable_and_paused_donors(
    db: Session, ruth: Actor, today: date
) -> None:
    def stopped(donor: int | None = None) -> int:
        donor = make.donor(db, ruth) if donor is None else donor
        monthly(db, donor, until=today - timedelta(days=70))
        return donor

    stopped(make.donor(db, ruth, deceased=True))
    stopped(make.donor(db, ruth, no_email=True, no_phone=True, no_mail=True))
    make.alert(db, stopped())
    make.pause(db, make.pledge(db, stopped()), date(2026, 11, 1))
    expected_donor = stopped()
    donors.score(db, today=today)
    assert [row.donor_id for row in donors.at_risk(db, ruth, today=today)] == [expected_donor]
    make.gift(db, expected_donor, 50, today)
    assert donors.at_risk(db, ruth, today=today) == []


def test_score_excludes_reversals_and_pledges_with_alerts(
    db: Session, ruth: Actor, today: date
) -> None:
    donor = make.donor(db, ruth, status="donor")
    pledge = make.pledge(db, donor)
    make.reversal(db, make.gift(db, donor, 10, date(2026, 1, 1)))
    make.gift(db, donor, 10, date(2026, 2, 1), pledge_id=pledge)
    assert donors.score(db, today=today) == 1
    make.alert(db, donor, pledge_id=pledge)
    assert donors.score(db, today=today) == 0
    assert db.scalar(text("select count(*) from donor_rhythm")) == 0
