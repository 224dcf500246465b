"""Templates to fill in: what is entered comes in, and a forgotten example does not."""

import csv
import io
from datetime import date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor
from app.imports.mapping import templates
from app.kit.errors import InvalidError
from tests.integration.imports.test_service import ruth

__all__ = ["ruth"]
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
        "Pledge id": "",
        "Refund of gift id": "",
        "Split over funds": "",
        "Soft credit to": "",
        "Kind of soft credit": "",
        "Fee": "1.50",
        "Note": "For the choir",
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
        "Method": "card",
        "Note": "By standing order",
    },
    "funds": {"Fund id": "F-7", "Name": "Organ", "Status": "open"},
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


def plan(db: Session, actor: Actor, data: bytes, today: date) -> imports.Preview:
    return imports.preview(db, actor, imports.ImportRequest("t.csv", data), today=today)


@pytest.mark.parametrize("kind", imports.KINDS)
def test_a_filled_template_is_recognised_and_its_examples_are_left_out(
    db: Session, ruth: Actor, today: date, kind: str
) -> None:
    data = filled(kind)
    layout = imports.inspect_file(db, ruth, data=data)
    assert (layout.recognised, layout.kind) == ("DonorCRM template", kind)
    preview = plan(db, ruth, data, today)
    shown = imports.as_json(preview.plan)
    assert (shown["kind"], shown["rows"], shown["create"]) == (kind, 1, 1)
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


@pytest.mark.parametrize("kind", imports.KINDS)
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


def test_the_examples_would_be_right_rows_without_their_marks(
    db: Session, ruth: Actor, today: date
) -> None:
    """A template whose own examples could not be imported would teach the wrong thing."""
    for kind in imports.KINDS:
        data = templates.template(kind).replace(templates.MARK.encode(), b"Real")
        shown = imports.as_json(plan(db, ruth, data, today).plan)
        assert (shown["create"], shown["problems"], shown["notes"]) == (2, [], []), kind


def test_every_field_is_offered_but_the_named_ones() -> None:
    left_out = {
        field.name
        for kind, fields in imports.FIELDS.items()
        for field in fields
        if field not in templates.fields(kind)
    }
    assert left_out == {"custom", "gift_status", "refunded_amount", "outgoing"}
    for kind in imports.KINDS:
        labels = [field.label for field in templates.fields(kind)]
        assert len(set(labels)) == len(labels), "the labels name the columns"
        needed = {name for group in imports.REQUIRED[kind] for name in group}
        assert needed <= {field.name for field in templates.fields(kind)}
