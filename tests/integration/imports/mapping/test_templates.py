"""Templates to fill in: what is entered comes in, and a forgotten example does not."""

import csv
import io
from datetime import date, datetime

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor, Role
from app.db.models import DonorExternalId
from app.imports.mapping import templates
from app.kit.errors import InvalidError
from tests import factories as make
from tests.integration.imports.test_service import ruth

__all__ = ["ruth"]
_DONOR = {"Donor id": "D-7", "E-mail": "ines@duarte.example"}
_USE = {"Primary": "no", "Do not use": "no"}
RELATED = {
    "campaigns": {
        "Campaign id": "C-7",
        "Name": "Advent",
        "Status": "active",
        "Fund id": "",
        "Fund": "",
        "Starts on": "2026-11-29",
        "Ends on": "2026-12-24",
        "Goal": "500",
        "Currency of the goal": "USD",
    },
    "tags": {**_DONOR, "Tag": "singer"},
    "emails": {
        "Id": "E-7",
        "Donor id": "D-7",
        "An e-mail of the donor known here": "ines@duarte.example",
        "E-mail": "work@duarte.example",
        "Type": "work",
        **_USE,
    },
    "phones": {"Id": "H-7", **_DONOR, "Phone": "+351 21 555 0199", "Type": "mobile", **_USE},
    "addresses": {
        "Id": "A-7",
        **_DONOR,
        "Street": "Rua Dois 2",
        "City": "Faro",
        "State": "Faro",
        "Postal code": "8000-001",
        "Country": "Portugal",
        "Type": "seasonal",
        **_USE,
        "Season from (month-day)": "06-01",
        "Season to (month-day)": "08-31",
        "Valid from": "2026-01-01",
        "Valid to": "2030-12-31",
    },
    "households": {
        "Household id": "HH-7",
        "Household": "The Duartes",
        **_DONOR,
        "Head of the household": "yes",
        "Salutation of the household": "Ines and Rui",
        "Envelope name of the household": "Ines and Rui Duarte",
    },
    "relations": {
        "Id": "R-7",
        **_DONOR,
        "Relation": "spouse",
        "Id of the other donor": "D-8",
        "E-mail of the other donor": "rui@duarte.example",
    },
    "soft-credits": {
        "Id": "S-7",
        "Gift id": "G-8",
        **_DONOR,
        "Kind of soft credit": "spouse",
        "Amount": "10",
        "Currency": "USD",
    },
    "pledge-pauses": {
        "Id": "PP-7",
        "Pledge id": "P-8",
        "Donor id": "D-8",
        "E-mail": "",
        "Paused from": "2026-07-01",
        "Paused to": "2026-08-31",
        "Reason": "Abroad",
    },
    "pledge-versions": {
        "Pledge id": "P-8",
        "Donor id": "D-8",
        "E-mail": "",
        "Since": "2026-01-01",
        "Amount": "50",
        "Currency": "USD",
        "Frequency": "monthly",
        "Day of the month": "1",
        "Days of grace": "",
        "Fund id": "",
        "Fund": "",
        "Changed by (e-mail)": "",
    },
}
# kind → label → cell of a row that fills every column
FILLED = {
    "donors": {
        "Donor id": "D-7",
        "Name": "Ines Duarte",
        "First name": "Ines",
        "Last name": "Duarte",
        "Spouse first name": "Rui",
        "Spouse last name": "Duarte",
        "E-mail": "ines@duarte.example",
        "Phone": "+351 21 555 0100",
        "Street": "Rua Um 1",
        "City": "Lisboa",
        "State": "Lisboa",
        "Postal code": "1000-001",
        "Country": "Portugal",
        "Kind of donor": "person",
        "Salutation": "Dear Ines",
        "Envelope name": "Ines & Rui Duarte",
        "Status": "active",
        "Fundraiser's e-mail": "",
        "Other e-mails": "office@duarte.example",
        "Other phones": "+351 21 555 0101",
        "No e-mail": "no",
        "No phone": "yes",
        "No post": "no",
        "Deceased": "no",
        "Day of death": "",
        "Preferred language": "Portuguese",
        "Preferred channel": "mail",
        "Gives anonymously": "no",
        "Notes": "Sings",
        "Tags": "choir",
    },
    "gifts": {
        "Amount": "75.50",
        "Currency": "USD",
        "Date": "2026-03-31",
        "Gift id": "G-7",
        "Donor id": "D-7",
        "Name": "Ines Duarte",
        "First name": "Ines",
        "Last name": "Duarte",
        "Spouse first name": "Rui",
        "Spouse last name": "Duarte",
        "E-mail": "ines@duarte.example",
        "Phone": "+351 21 555 0100",
        "Street": "Rua Um 1",
        "City": "Lisboa",
        "State": "Lisboa",
        "Postal code": "1000-001",
        "Country": "Portugal",
        "Gift or refund": "gift",
        "Method": "card",
        "Fund id": "",
        "Fund": "Choir",
        "Appeal or campaign": "Easter",
        "Pledge id": "",
        "Refund of gift id": "",
        "Split over funds": "",
        "Soft credit to": "",
        "Kind of soft credit": "",
        "Fee": "1.50",
        "Note": "For the choir",
        "Receipt wanted": "no",
        "Number of the cheque": "1042",
        "In honour or in memory": "in memory of",
        "In honour or memory of whom": "Edna Duarte",
        "Whom to notify of the tribute": "Bo Fir",
        "Address of whom to notify": "1 Quay, Hull",
    },
    "pledges": {
        "Amount": "20",
        "Currency": "USD",
        "Frequency": "monthly",
        "Start": "2026-01-01",
        "Pledge id": "P-7",
        "Donor id": "D-7",
        "Name": "Ines Duarte",
        "First name": "Ines",
        "Last name": "Duarte",
        "Spouse first name": "Rui",
        "Spouse last name": "Duarte",
        "E-mail": "ines@duarte.example",
        "Phone": "+351 21 555 0100",
        "Street": "Rua Um 1",
        "City": "Lisboa",
        "State": "Lisboa",
        "Postal code": "1000-001",
        "Country": "Portugal",
        "Status": "active",
        "End": "2028-12-31",
        "Day of the month": "5",
        "Number of instalments": "",
        "Total promised": "",
        "Days of grace": "10",
        "Fund id": "",
        "Fund": "Choir",
        "Appeal or campaign": "Easter",
        "Method": "card",
        "Note": "By standing order",
    },
    "funds": {"Fund id": "F-7", "Name": "Organ", "Status": "open", "GL code": "4010"},
    **RELATED,
}


def rows_of(kind: str) -> list[list[str]]:
    data = templates.template(kind)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def file_of(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def filled(kind: str, *, examples: bool = True) -> bytes:
    header, *rows = rows_of(kind)
    assert set(header) == set(FILLED[kind]), "every column has a value or is left blank on purpose"
    return file_of([header, *(rows if examples else []), [FILLED[kind][name] for name in header]])


@pytest.fixture
def ada(db: Session, ruth: Actor) -> Actor:
    """An administrator of an organisation with the donors, gifts and pledges of the templates."""
    ines = make.donor(db, ruth, "Ines", email="ines@duarte.example", external=("file", "D-7"))
    rui = make.donor(db, ruth, "Rui", email="rui@duarte.example", external=("file", "D-8"))
    for external_id, donor_id in (("Real-1", ines), ("Real-2", rui), ("1", ines), ("2", rui)):
        db.execute(
            insert(DonorExternalId).values(
                source="file", external_id=external_id, donor_id=donor_id
            )
        )
    for external_id, donor_id in (("G-1", ines), ("G-2", ines), ("G-8", rui)):
        make.gift(db, donor_id, source="file", external_id=external_id)
    for external_id, donor_id in (("P-1", ines), ("P-8", rui)):
        make.pledge(db, donor_id, source="file", external_id=external_id)
    # a household has two members at least
    household = make.household(db, make.donor(db, ruth), name="The Duartes")
    db.execute(
        insert(DonorExternalId).values(source="file", external_id="HH-7", donor_id=household)
    )
    return make.person(db, name="Ada", role=Role.ADMIN)


def plan(db: Session, actor: Actor, data: bytes, today: date) -> imports.Preview:
    return imports.preview(db, actor, imports.ImportRequest("t.csv", data), today=today)


@pytest.mark.parametrize("kind", imports.TEMPLATES)
def test_a_filled_template_is_recognised_and_its_examples_are_left_out(
    db: Session, ruth: Actor, today: date, kind: str, request: pytest.FixtureRequest
) -> None:
    ruth = request.getfixturevalue("ada") if kind in RELATED else ruth
    data = filled(kind)
    layout = imports.inspect_file(db, ruth, data=data)
    assert (layout.recognised, layout.kind) == ("DonorCRM template", kind)
    preview = plan(db, ruth, data, today)
    shown = imports.as_json(preview.plan)
    # the only version of a pledge is the pledge itself
    created = 0 if kind == "pledge-versions" else 1
    assert (shown["kind"], shown["rows"], shown["create"]) == (kind, 1, created)
    assert (shown["problems"], shown["notes"], shown["unused"]) == ([], [], [])
    assert preview.unknown == ()
    assert [(line["row"], line["reason"][:26]) for line in shown["left_out"]] == [
        (2, "An example of the template"),
        (3, "An example of the template"),
    ]


def test_the_values_of_a_filled_template_come_in(
    db: Session, ruth: Actor, today: date, now: datetime
) -> None:
    for kind in ("funds", "donors", "gifts", "pledges"):
        request = imports.ImportRequest(f"{kind}.csv", filled(kind))
        imports.import_file(db, ruth, request, today=today, now=now)
    ((donor_id, *donor),) = db.execute(
        text(
            "select d.id, d.name, d.salutation, d.envelope_name, d.no_phone, d.no_email, d.notes,"
            " (select string_agg(t.name, ',') from donor_tag dt join tag t on t.id = dt.tag_id"
            "  where dt.donor_id = d.id) from donor d"
        )
    ).all()
    assert donor == [
        "Ines Duarte",
        "Dear Ines",
        "Ines & Rui Duarte",
        True,
        False,
        "Sings",
        "choir",
    ]
    emails = db.scalars(text("select email from donor_email order by email"))
    assert list(emails) == ["ines@duarte.example", "office@duarte.example"]
    gifts = db.execute(
        text(
            "select g.donor_id, g.amount_minor, g.gift_date, g.method, g.external_id, f.name,"
            " g.note from gift g join fund f on f.id = g.fund_id"
        )
    ).all()
    assert [tuple(gift) for gift in gifts] == [
        (donor_id, 7550, date(2026, 3, 31), "card", "G-7", "Choir", "For the choir")
    ]
    pledges = db.execute(
        text("select donor_id, frequency, start_date, end_date, grace_days from pledge")
    ).all()
    assert [tuple(pledge) for pledge in pledges] == [
        (donor_id, "monthly", date(2026, 1, 1), date(2028, 12, 31), 10)
    ]
    assert list(db.scalars(text("select name from fund order by name"))) == ["Choir", "Organ"]


@pytest.mark.parametrize("kind", imports.TEMPLATES)
def test_a_template_without_rows_says_so(db: Session, ruth: Actor, today: date, kind: str) -> None:
    with pytest.raises(InvalidError, match="holds no rows yet: there are only the examples"):
        plan(db, ruth, templates.template(kind), today)
    with pytest.raises(InvalidError, match="a header but no rows under it"):
        plan(db, ruth, file_of(rows_of(kind)[:1]), today)


@pytest.mark.parametrize("kind", ["donors", "gifts", "pledges"])
def test_a_template_with_a_deleted_column_is_still_recognised(
    db: Session, ruth: Actor, today: date, kind: str
) -> None:
    rows = list(csv.reader(io.StringIO(filled(kind).decode("utf-8-sig"))))
    for index, label in enumerate(rows[0]):
        data = file_of([row[:index] + row[index + 1 :] for row in rows])
        if label in {"Amount", "Date", "Frequency", "Start"}:
            continue
        assert imports.inspect_file(db, ruth, data=data).recognised == "DonorCRM template", label
        preview = plan(db, ruth, data, today)
        assert (preview.plan.kind, preview.plan.main.rows) == (kind, 1), label


@pytest.mark.parametrize("kind", ["donors", "gifts", "pledges"])
def test_a_small_rest_of_a_template_is_mapped_by_its_labels(
    db: Session, ruth: Actor, today: date, kind: str
) -> None:
    rows = list(csv.reader(io.StringIO(filled(kind).decode("utf-8-sig"))))
    names = {field.label: field.name for field in templates.fields(kind)}
    needed = {name for group in imports.REQUIRED[kind] for name in group}
    keep = {index for index, label in enumerate(rows[0]) if names[label] in needed}
    for index, label in enumerate(rows[0]):
        places = sorted(keep | {index})
        data = file_of([[row[place] for place in places] for row in rows])
        layout = imports.inspect_file(db, ruth, data=data, kind=kind)
        assert layout.recognised is None, label
        assert layout.mapping == {rows[0][place]: names[rows[0][place]] for place in places}
        request = imports.ImportRequest("t.csv", data, kind=kind, mapping=layout.mapping)
        preview = imports.preview(db, ruth, request, today=today)
        assert (preview.plan.main.rows, len(preview.plan.left_out)) == (1, 2), label


@pytest.mark.parametrize(
    ("cells", "left_out"),
    [
        pytest.param({}, True, id="untouched"),
        pytest.param({"E-mail": "other@vogel.example"}, True, id="another cell changed"),
        pytest.param({"First name": "Mara"}, True, id="the name changed, not the id"),
        pytest.param({"Donor id": ""}, True, id="the id removed, not the name"),
        pytest.param({"Donor id": "7", "First name": "Mara"}, False, id="written over"),
        pytest.param({"Donor id": "SAMPLE-9", "First name": "Sample"}, False, id="like a mark"),
    ],
)
def test_a_row_is_an_example_while_it_has_a_marked_cell(
    db: Session, ruth: Actor, today: date, cells: dict[str, str], left_out: bool
) -> None:
    header, example, _ = rows_of("donors")
    row = [cells.get(label, cell) for label, cell in zip(header, example, strict=True)]
    last = [FILLED["donors"][label] for label in header]
    shown = imports.as_json(plan(db, ruth, file_of([header, row, last]), today).plan)
    assert (shown["create"], len(shown["left_out"])) == ((1, 1) if left_out else (2, 0))


@pytest.mark.parametrize("kind", imports.TEMPLATES)
def test_the_examples_would_be_right_rows_without_their_marks(
    db: Session, ruth: Actor, today: date, kind: str, request: pytest.FixtureRequest
) -> None:
    """A template whose own examples could not be imported would teach the wrong thing."""
    actor = request.getfixturevalue("ada") if kind in RELATED else ruth
    data = templates.template(kind).replace(templates.MARK.encode(), b"Real")
    shown = imports.as_json(plan(db, actor, data, today).plan)
    assert (shown["create"], shown["problems"], shown["notes"]) == (2, [], []), kind


def test_every_field_is_offered_but_the_named_ones() -> None:
    left_out = {
        field.name
        for kind, fields in imports.FIELDS.items()
        for field in fields
        if field not in templates.fields(kind)
    }
    assert left_out == {
        *("custom", "contact_details"),
        *("gift_status", "refunded_amount", "outgoing"),
    }
    for kind in imports.TEMPLATES:
        labels = [field.label for field in templates.fields(kind)]
        assert len(set(labels)) == len(labels), "the labels name the columns"
        needed = {name for group in imports.REQUIRED[kind] for name in group}
        assert needed <= {field.name for field in templates.fields(kind)}
