"""Defined custom fields: create, change, rename, close, reorder; the values of donors."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import donors
from app.accounts import Actor
from app.db.models import Activity
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from tests import factories as make


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, "admin")


def custom(db: Session) -> dict[str, dict[str, Any]]:
    rows = db.execute(text("select name, custom from donor order by name")).all()
    return {name: values for name, values in rows if values}


def lines(db: Session, actor: Actor) -> dict[str, int]:
    return {line.field.name: line.donors for line in donors.custom_field_list(db, actor)}


def log(db: Session) -> list[str]:
    statement = select(Activity.sentence).where(Activity.entity == "custom_field")
    return list(db.scalars(statement.order_by(Activity.id)))


def change(db: Session, actor: Actor, field_id: int, **changes: Any) -> int:
    field = next(each for each in donors.custom_fields(db) if each.field_id == field_id)
    values: dict[str, Any] = {
        "version": field.version,
        "name": field.name,
        "field_type": field.type,
        "choices": field.choices,
        "is_open": field.open,
    }
    return donors.change_custom_field(db, actor, field_id=field_id, **(values | changes))


def test_a_field_takes_over_the_free_values_of_its_name(db: Session, ada: Actor) -> None:
    make.donor(db, ada, "Mara Vogel", custom={"joined": "2024-03-01", "Church": "St Ann"})
    make.donor(db, ada, "Bo Ek", custom={"Joined": "2025-01-31"})
    make.donor(db, ada, "Ida Holm")
    donors.create_custom_field(db, ada, name=" Joined ", field_type="date")
    assert lines(db, ada) == {"Joined": 2}
    assert custom(db) == {
        "Bo Ek": {"Joined": "2025-01-31"},
        "Mara Vogel": {"Joined": "2024-03-01", "Church": "St Ann"},
    }
    assert log(db) == ["Created the custom field Joined (date). 1 donor changed."]


def test_values_that_do_not_fit_refuse_the_field(db: Session, ada: Actor) -> None:
    make.donor(db, ada, "Mara Vogel", custom={"Joined": "in spring"})
    make.donor(db, ada, "Bo Ek", custom={"Joined": "2025-01-31"})
    with pytest.raises(InvalidError, match=r"^1 donor has a value in the field Joined"):
        donors.create_custom_field(db, ada, name="Joined", field_type="date")
    field = donors.create_custom_field(db, ada, name="Joined", field_type="text")
    with pytest.raises(InvalidError, match=r"^1 donor has a value .* “in spring”"):
        change(db, ada, field, field_type="date")
    assert [each.type for each in donors.custom_fields(db)] == ["text"]
    db.execute(
        text("update donor set custom = '{\"Joined\": \"2024-03-01\"}' where name like 'M%'")
    )
    assert change(db, ada, field, field_type="date") == 0
    assert log(db)[-1] == "Custom field Joined: type changed from text to date."


def test_a_new_name_renames_the_field_of_each_donor(db: Session, ada: Actor, today: date) -> None:
    mara = make.donor(db, ada, "Mara Vogel", custom={"Shirt": "M", "Church": "St Ann"})
    make.donor(db, ada, "Bo Ek", custom={"Church": "St Ann"})
    field = donors.create_custom_field(
        db, ada, name="Shirt", field_type="choice", choices=["S", "M"]
    )
    version = donors.get(db, ada, mara, today=today).version
    assert change(db, ada, field, name="Shirt size") == 1
    assert custom(db)["Mara Vogel"] == {"Shirt size": "M", "Church": "St Ann"}
    # a form that was open meanwhile does not bring the old name back
    assert donors.get(db, ada, mara, today=today).version == version + 1
    assert change(db, ada, field, name="SHIRT size") == 1
    assert custom(db)["Mara Vogel"]["SHIRT size"] == "M"
    assert log(db)[1:] == [
        "Custom field Shirt: renamed to Shirt size. 1 donor changed.",
        "Custom field Shirt size: renamed to SHIRT size. 1 donor changed.",
    ]


def test_a_name_that_a_donor_has_beside_it_is_refused(db: Session, ada: Actor) -> None:
    make.donor(db, ada, "Mara Vogel", custom={"Shirt": "M", "size": "L"})
    field = donors.create_custom_field(db, ada, name="Shirt", field_type="text")
    with pytest.raises(
        InvalidError, match=r"1 donor has two fields that would both be named Size"
    ):
        change(db, ada, field, name="Size")
    assert custom(db) == {"Mara Vogel": {"Shirt": "M", "size": "L"}}


def test_choices_change_while_no_donor_has_them(db: Session, ada: Actor) -> None:
    make.donor(db, ada, "Mara Vogel", custom={"Shirt": "m"})
    field = donors.create_custom_field(
        db, ada, name="Shirt", field_type="choice", choices=["S", "M"]
    )
    assert custom(db) == {"Mara Vogel": {"Shirt": "M"}}
    with pytest.raises(InvalidError, match=r"1 donor has a value .* not one of S, L, such as “M”"):
        change(db, ada, field, choices=["S", "L"])
    assert change(db, ada, field, choices=["M", "L"]) == 0
    assert donors.custom_fields(db)[0].choices == ("M", "L")
    assert log(db)[-1] == "Custom field Shirt: choices changed."


def test_a_field_is_closed_and_reopened(db: Session, ada: Actor) -> None:
    make.donor(db, ada, "Mara Vogel", custom={"Shirt": "M"})
    field = donors.create_custom_field(db, ada, name="Shirt", field_type="text")
    change(db, ada, field, is_open=False)
    assert not donors.custom_fields(db)[0].open
    assert custom(db) == {"Mara Vogel": {"Shirt": "M"}}
    change(db, ada, field, is_open=True)
    # saving the same again is no change
    assert change(db, ada, field) == 0
    assert log(db)[1:] == ["Custom field Shirt: closed.", "Custom field Shirt: reopened."]


def test_fields_are_reordered(db: Session, ada: Actor) -> None:
    first, second = (
        donors.create_custom_field(db, ada, name=name, field_type="text") for name in ("A", "B")
    )
    donors.reorder_custom_fields(db, ada, field_ids=[second, first])
    donors.reorder_custom_fields(db, ada, field_ids=[second, first])
    assert [field.name for field in donors.custom_fields(db)] == ["B", "A"]
    assert log(db)[2:] == ["Changed the order of the custom fields."]
    for wrong in ([first], [first, first], [first, second, 99]):
        with pytest.raises(ConflictError, match=r"have changed meanwhile"):
            donors.reorder_custom_fields(db, ada, field_ids=wrong)


def test_a_taken_name_a_stale_version_and_a_missing_field_are_refused(
    db: Session, ada: Actor
) -> None:
    field = donors.create_custom_field(db, ada, name="Shirt", field_type="text")
    other = donors.create_custom_field(db, ada, name="Church", field_type="text")
    with pytest.raises(InvalidError, match=r"There is a field named “Shirt” already"):
        donors.create_custom_field(db, ada, name="SHIRT", field_type="text")
    with pytest.raises(InvalidError, match=r"There is a field named “Shirt” already"):
        change(db, ada, other, name="shirt")
    change(db, ada, field, is_open=False)
    with pytest.raises(ConflictError, match=r"Someone else changed this field"):
        change(db, ada, field, version=1, name="Blouse")
    with pytest.raises(NotFoundError, match=r"does not exist any more"):
        donors.change_custom_field(
            db, ada, field_id=field + other, version=1, name="X", field_type="text"
        )


def test_there_may_be_fifty_fields(db: Session, ada: Actor) -> None:
    for number in range(50):
        make.custom_field(db, f"Field {number}")
    with pytest.raises(InvalidError, match=r"50 custom fields at most"):
        donors.create_custom_field(db, ada, name="One more", field_type="text")


@pytest.mark.parametrize("role", ["fundraiser", "supervisor", "coach", "read_only", "finance"])
def test_only_administrators_change_fields(db: Session, ada: Actor, role: str) -> None:
    field = donors.create_custom_field(db, ada, name="Shirt", field_type="text")
    actor = make.person(db, role)
    with pytest.raises(NotAllowedError):
        donors.create_custom_field(db, actor, name="Church", field_type="text")
    with pytest.raises(NotAllowedError):
        change(db, actor, field, name="Church")
    with pytest.raises(NotAllowedError):
        donors.reorder_custom_fields(db, actor, field_ids=[field])
    assert [each.name for each in donors.custom_fields(db)] == ["Shirt"]
    if role == "finance":
        assert lines(db, actor) == {"Shirt": 0}
    else:
        with pytest.raises(NotAllowedError):
            donors.custom_field_list(db, actor)


def test_a_donors_values_are_checked_and_stored_in_one_form(
    db: Session, ada: Actor, today: date
) -> None:
    make.custom_field(db, "Shirt", "choice", "S", "M")
    make.custom_field(db, "Children", "number")
    make.custom_field(db, "Volunteer", "yes-no", is_open=False)
    more = "shirt: m\nChildren: 2.0\nVolunteer: Yes\nChurch: St Ann"
    donor = donors.create(db, ada, fields=donors.DonorFields(name="Mara Vogel", more=more))
    stored = {"Shirt": "M", "Children": "2", "Volunteer": "true", "Church": "St Ann"}
    assert custom(db) == {"Mara Vogel": stored}

    def save(more: str) -> None:
        view = donors.get(db, ada, donor, today=today)
        fields = donors.DonorFields(name="Mara Vogel", more=more, owner_id=view.fields.owner_id)
        donors.update(db, ada, donor_id=donor, version=view.version, fields=fields, today=today)

    with pytest.raises(InvalidError, match=r"Shirt: “XL” is not one of S, M."):
        save("Shirt: XL")
    with pytest.raises(InvalidError, match=r"Children: “two” is not a number"):
        donors.create(db, ada, fields=donors.DonorFields(name="Bo", more="Children: two"))
    assert custom(db) == {"Mara Vogel": stored}
    # what was stored before the field was defined is kept until it is changed
    db.execute(text('update donor set custom = \'{"Children": "some"}\''))
    save("Children: some\nShirt: S")
    assert custom(db) == {"Mara Vogel": {"Children": "some", "Shirt": "S"}}


def test_the_list_is_filtered_by_a_value(db: Session, ada: Actor, today: date) -> None:
    make.custom_field(db, "Church")
    make.custom_field(db, "Children", "number")
    make.donor(db, ada, "Mara Vogel", custom={"Church": "St. Ann", "Children": "2"})
    secret = make.donor(db, ada, "Bo Ek", custom={"Church": "St. Paul"}, anonymous=True)

    def named(actor: Actor, name: str, value: str | None = None) -> list[str]:
        chosen = donors.DonorFilter(custom_field=name, custom_value=value)
        lines = donors.page(db, actor, filter=chosen, today=today).lines
        assert len(donors.filtered_ids(db, actor, filter=chosen, today=today)) == len(lines)
        return [line.name for line in lines]

    assert named(ada, "Church") == ["Bo Ek", "Mara Vogel"]
    assert named(ada, "Church", "ann") == ["Mara Vogel"]
    assert named(ada, "Children", "2") == ["Mara Vogel"]
    assert named(ada, "Children", "") == ["Mara Vogel"]
    assert named(ada, "Children", "3") == []
    # who may not see the name of a donor does not find it by its fields
    reader = make.person(db, "read_only")
    assert named(reader, "Church") == ["Mara Vogel"]
    assert secret not in donors.filtered_ids(
        db,
        reader,
        filter=donors.DonorFilter(custom_field="Church", custom_value="paul"),
        today=today,
    )
