"""Importing an export changes nothing, whatever its cells contain."""

import csv
import io
import re
import tempfile
import zipfile
from datetime import date, datetime, time
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

import app.imports.planning.plan
from app import exports, gifts, imports, insights
from app.accounts import Actor, Role
from app.db.models import Donor, DonorRelation
from app.file_reader.presets import own
from app.file_reader.workbook import as_csv
from app.gifts import Part
from app.kit.errors import InvalidError, NotAllowedError
from app.kit.money import Money
from app.kit.names import fold
from tests import factories

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20
)
TODAY = date(2026, 11, 23)
AT = time(14, 30)
LINES = st.lists(
    st.sampled_from(
        ["=1+1", "'-x", "'=x", '="y"', "_x0041_", 'a, "b"', "ä\nö", "+1", "@", "שלום", "🙂", ""]
    )
)


def export(db: Session, actor: Actor, kind: str, form: str = "csv") -> bytes:
    output = io.BytesIO()
    exports.write(db, actor, kind=kind, out=output, form=form, today=TODAY)
    return output.getvalue()


def reimport(
    db: Session, actor: Actor, data: bytes, today: date, now: datetime
) -> app.imports.planning.plan.Part:
    imported = imports.import_file(
        db, actor, imports.ImportRequest("x.csv", data), today=today, now=now
    )
    return imported.plan.main


@given(names=st.tuples(TEXTS, TEXTS, TEXTS), note=LINES.map("".join), minor=st.integers(1, 10**9))
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_round_trip_changes_nothing(
    db: Session, today: date, now: datetime, names: tuple[str, str, str], note: str, minor: int
) -> None:
    with db.begin_nested() as attempt:
        factories.organisation(db, modules=["requests"])
        actor = factories.person(db, role=Role.ADMIN)
        donor = factories.donor(
            db,
            name=f"N{names[0]}",
            first_name=names[1],
            last_name=names[2],
            notes=note,
            email=f"m{minor}@x.example",
            phone="+1 555-0101",
            tag="choir",
            address={"street": note, "postal_code": "02134", "country": "US"},
        )
        fund = factories.fund(db, name=f"F{names[0]}{minor}")
        amount = f"{minor // 100}.{minor % 100:02}"
        gift = factories.gift(db, donor, amount, fund_id=fund, note=note, method="check")
        factories.reversal(db, gift)
        second_fund = factories.fund(db, name=f"5; {names[1]} G{minor}")
        gifts.record(
            db,
            actor,
            donor_id=donor,
            amount=Money(minor + 1, "USD"),
            on=TODAY,
            today=today,
            now=now,
            splits=(Part(Money(minor, "USD"), fund), Part(Money(1, "USD"), second_fund)),
        )
        factories.pledge(db, donor, amount, note=note, end_date=date(2030, 1, 1), total="99")
        factories.contact(db, donor, text=note)
        factories.consent(db, donor)
        # these are stored as a form or a file stores them: white space collapsed
        factories.task(
            db, actor, fold(f"T{names[0]}"), donor_id=donor, note=note, due_on=TODAY, due_at=AT
        )
        factories.care_request(
            db, donor, fold(f"R{names[0]}"), answered_on=TODAY, answer=fold(f"A{names[1]}")
        )
        factories.campaign(db, fold(f"C{names[0]}"), fund_id=fund, goal=minor)
        pledge = factories.pledge(db, donor, "5")
        factories.pause(db, pledge, TODAY, reason=note)
        other = factories.donor(db, name=f"O{names[2]}")
        household = factories.household(db, other, donor, name=fold(f"H{names[1]}"))
        db.execute(
            update(Donor)
            .where(Donor.id == household)
            .values(salutation=fold(names[0]) or None, envelope_name=fold(names[2]) or None)
        )
        values = {"donor_id": donor, "other_id": other, "type": "parent"}
        db.execute(insert(DonorRelation).values(values))
        factories.soft_credit(db, factories.gift(db, other, "5"), donor, "5")
        for kind, form in product(exports.IMPORTABLE, exports.FORMS):
            plan = reimport(db, actor, export(db, actor, kind, form), today, now)
            assert plan.skip == plan.rows > 0, (kind, form, plan)
        attempt.rollback()


def test_an_export_of_another_instance_creates_new_records(
    db: Session, today: date, now: datetime
) -> None:
    factories.organisation(db)
    actor = factories.person(db, role=Role.ADMIN)
    donor = factories.donor(db, name="Hanna Vogel", email="h@vogel.example")
    general, roof = factories.fund(db, name="General"), factories.fund(db, name="Roof 5; 2")
    gift = factories.gift(db, donor, "50", fund_id=general)
    factories.reversal(db, gift, "20")
    details = gifts.GiftDetails(
        fee=Money(45, "USD"),
        receipt=False,
        check_number="1042",
        tribute="in memory of",
        tribute_name="Edna Vogel",
        notify_name="Bo Fir",
        notify_address="1 Quay, Hull",
    )
    gifts.record(
        db,
        actor,
        donor_id=donor,
        amount=Money(1500, "USD"),
        on=TODAY,
        today=today,
        now=now,
        splits=(Part(Money(1000, "USD"), general), Part(Money(500, "USD"), roof)),
        details=details,
    )
    factories.pledge(db, donor)
    files = {kind: export(db, actor, kind) for kind in exports.IMPORTABLE}
    db.execute(text("delete from gift where kind = 'reversal'"))
    for table in ("gift", "pledge", "donor", "fund"):
        db.execute(text(f"delete from {table}"))
    db.execute(text("update organisation set created_at = created_at - interval '1 year'"))
    for kind in ("funds", "donors", "pledges", "gifts"):
        plan = reimport(db, actor, files[kind], today, now)
        assert plan.create == plan.rows > 0, (kind, plan.problems)
        assert reimport(db, actor, files[kind], today, now).skip == plan.rows
    total = db.scalar(text("select total_minor from donor_summary"))
    assert total == 4500
    shares = db.execute(
        text("select f.name, amount_minor from gift_line join fund f on f.id = fund_id order by 1")
    )
    assert [tuple(row) for row in shares] == [("General", 1000), ("Roof 5; 2", 500)]
    lines = {line.amount.minor: line.details for line in gifts.recent(db, actor)}
    assert (lines[1500], lines[5000]) == (details, gifts.GiftDetails())


def test_a_changed_cell_of_an_export_is_one_update(
    db: Session, today: date, now: datetime
) -> None:
    actor = factories.person(db, role=Role.ADMIN)
    factories.donor(db, name="Hanna Vogel")
    factories.donor(db, name="Bo Fir")
    data = export(db, actor, "donors").replace(b"Hanna Vogel", b"Hanna Oak")
    plan = reimport(db, actor, data, today, now)
    assert (plan.update, plan.skip) == (1, 1)
    assert list(db.scalars(text("select name from donor order by id"))) == ["Hanna Oak", "Bo Fir"]


def test_exports_have_every_column_of_their_import_preset() -> None:
    for kind, names in (
        ("donors", own.DONORS),
        ("gifts", own.GIFTS),
        ("pledges", own.PLEDGES),
        ("funds", own.FUNDS),
    ):
        assert set(names) <= set(exports.TABLE[kind].columns)


def test_exported_cells_are_guarded_against_formulas(db: Session) -> None:
    actor = factories.person(db, role=Role.ADMIN)
    factories.donor(db, name="=HYPERLINK(1)", notes="-2+3")
    data = export(db, actor, "donors").decode()
    assert "'=HYPERLINK(1)" in data
    assert "'-2+3" in data


def test_export_permissions(db: Session) -> None:
    finance = factories.person(db, role=Role.FINANCE)
    with pytest.raises(NotAllowedError):
        export(db, finance, "donors")
    with pytest.raises(NotAllowedError):
        export(db, factories.person(db, role=Role.COACH), "gifts")
    with pytest.raises(InvalidError):
        export(db, finance, "secrets")
    assert exports.exportable(finance) == (
        "gifts",
        "refused-links",
        "soft-credits",
        "funds",
        "campaigns",
        "goals",
        "figures",
    )


def test_workbook_cells_are_text_numbers_and_dates_without_formulas(db: Session) -> None:
    actor = factories.person(db, role=Role.ADMIN)
    donor = factories.donor(
        db, name="=HYPERLINK(1)", phone="+1 555-0101", notes="https://x.example"
    )
    factories.gift(db, donor, "1234.5", date(2026, 2, 3), note="@SUM(A1)")
    factories.gift(db, donor, "7", date(1900, 1, 1))
    names = export(db, actor, "donors", "xlsx")
    [donor_row] = csv.DictReader(io.StringIO(as_csv(names).decode()))
    assert (donor_row["name"], donor_row["phone"]) == ("=HYPERLINK(1)", "+1 555-0101")
    gifts = export(db, actor, "gifts", "xlsx")
    rows = list(csv.DictReader(io.StringIO(as_csv(gifts).decode())))
    assert [(row["amount"], row["gift_date"]) for row in rows] == [
        ("1234.5", "2026-02-03"),
        ("7", "1900-01-01"),
    ]
    for book in (names, gifts):
        packed = zipfile.ZipFile(io.BytesIO(book))
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "hyperlink" not in sheet.replace("HYPERLINK(1)", "")
    assert re.search(r'<c r="F2" s="\d"><v>1234.5</v>', sheet)
    assert re.search(r'<c r="H2" s="\d"><v>46056</v>', sheet)
    styles = packed.read("xl/styles.xml").decode()
    assert "yyyy-mm-dd" in styles
    assert '"#,##0.00"' in styles


@pytest.mark.parametrize(
    ("locale", "days"),
    [
        ("en_US", "yyyy-mm-dd"),
        ("en_GB", r"dd\/mm\/yyyy"),
        ("de_DE", "dd.mm.yyyy"),
        ("de_CH", "dd.mm.yyyy"),
        ("fr_FR", r"dd\/mm\/yyyy"),
        ("ja_JP", r"yyyy\/mm\/dd"),
    ],
)
def test_a_workbook_shows_days_as_its_reader_writes_them(
    db: Session, locale: str, days: str
) -> None:
    actor = factories.person(db, role=Role.ADMIN, locale=locale)
    factories.gift(db, factories.donor(db), "1234.5", date(2026, 2, 3))
    book = export(db, actor, "gifts", "xlsx")
    packed = zipfile.ZipFile(io.BytesIO(book))
    assert f'formatCode="{days}"' in packed.read("xl/styles.xml").decode()
    # the cell is a number and a day, whatever is shown
    [row] = csv.DictReader(io.StringIO(as_csv(book).decode()))
    assert (row["amount"], row["gift_date"]) == ("1234.5", "2026-02-03")
    # a CSV file is for programs: the same for everybody
    [line] = csv.DictReader(io.StringIO(export(db, actor, "gifts", "csv").decode()))
    assert (line["amount"], line["gift_date"]) == ("1234.50", "2026-02-03")


@pytest.mark.parametrize("length", [32_768, 140_000])
def test_a_refused_workbook_leaves_no_output_and_no_files(
    db: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    actor = factories.person(db, role=Role.ADMIN)
    factories.donor(db, name="Hanna Vogel", notes="x" * length)
    output = io.BytesIO()
    with pytest.raises(InvalidError, match="Take the CSV file"):
        exports.write(db, actor, kind="donors", out=output, form="xlsx", today=TODAY)
    assert output.getvalue() == b""
    assert list(tmp_path.iterdir()) == []
    export(db, actor, "funds", "xlsx")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InvalidError, match="csv, xlsx"):
        export(db, actor, "donors", "pdf")


def test_too_many_rows_for_a_workbook_are_refused(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.exports.workbook.MOST_ROWS", 1)
    actor = factories.person(db, role=Role.ADMIN)
    factories.donor(db)
    factories.donor(db)
    with pytest.raises(InvalidError, match="holds 1 rows; these are 2"):
        export(db, actor, "donors", "xlsx")


def rows_of(db: Session, actor: Actor, kind: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(export(db, actor, kind).decode())))


def test_exported_tasks_are_those_in_the_actors_scope(db: Session) -> None:
    ruth, sam, ada = (
        factories.person(db, role=Role(role)) for role in ("fundraiser", "fundraiser", "admin")
    )
    hers, his = factories.donor(db, ruth, "=Hanna"), factories.donor(db, sam, "Otto")
    factories.task(db, ruth, "Call", donor_id=hers, due_on=TODAY)
    factories.task(db, sam, "Help Ruth", donor_id=hers)
    factories.task(db, sam, "Write", donor_id=his)
    factories.task(db, ruth, "Dentist")

    def titles(actor: Actor) -> set[str]:
        return {row["title"] for row in rows_of(db, actor, "tasks")}

    assert titles(ruth) == {"Call", "Help Ruth", "Dentist"}
    assert titles(sam) == {"Write"}
    assert titles(ada) == {"Call", "Help Ruth", "Write"}
    assert exports.counts(db, ruth)["tasks"] == 3
    assert rows_of(db, ruth, "tasks")[0]["donor_name"] == "'=Hanna"


def test_households_name_their_members(db: Session) -> None:
    ruth, sam = factories.person(db), factories.person(db)
    household = factories.donor(db, ruth, "The Vogels", kind="household")
    factories.donor(db, ruth, "Hanna Vogel", household_id=household, email="h@vogel.example")
    factories.donor(db, sam, "Otto Vogel", household_id=household)
    [only] = rows_of(db, ruth, "households")
    assert (only["household_name"], only["donor_name"]) == ("The Vogels", "Hanna Vogel")
    assert rows_of(db, sam, "households") == [], "the household is Ruth's"


@pytest.mark.parametrize("role", [Role.FINANCE, Role.FUNDRAISER])
def test_exported_figures_equal_the_dashboard(db: Session, role: Role) -> None:
    factories.organisation(db)
    actor = factories.person(db, role=role)
    donor = factories.donor(db, actor, "Hanna Vogel")
    factories.gift(db, donor, "1234.5", date(2026, 10, 5))
    rows = {(row["figure"], row["of"]): row for row in rows_of(db, actor, "figures")}
    figures = insights.figures(db, actor, today=TODAY)
    assert rows["received", ""]["value"] == figures["received"] == "1234.50"
    assert rows["received", ""]["currency"] == "USD"
    assert rows["months_total", "2026-10"]["value"] == "1234.50"
    assert rows["gifts", ""]["value"] == "1"
    assert "Vogel" not in export(db, actor, "figures").decode()
    missing = (
        set(figures) - {name for name, _ in rows} - {"months", "top_donors", "biggest_changes"}
    )
    empty = {
        "gifts_waiting_for_rate_amounts",
        "late_pledges_behind",
        "pledges_not_counted_first",
        "pledges_not_expected_first",
    }
    assert missing <= empty, "empty where nothing is behind or left out"
    book = as_csv(export(db, actor, "figures", "xlsx")).decode()
    assert "received,,1234.5,USD" in book.splitlines()
