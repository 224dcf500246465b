"""An export comes back in and changes nothing, whatever stands in the cells."""

import csv
import io
import re
import tempfile
import zipfile
from datetime import date
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app import exports, gifts, imports, insights
from app.accounts import Role
from app.file_reader.presets import own
from app.file_reader.workbook import as_csv
from app.gifts import Part
from app.kit.errors import InvalidError, NotAllowedError
from app.kit.money import Money
from tests import factories

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20
)
TODAY = date(2026, 11, 23)
LINES = st.lists(
    st.sampled_from(
        ["=1+1", "'-x", "'=x", '="y"', "_x0041_", 'a, "b"', "ä\nö", "+1", "@", "שלום", "🙂", ""]
    )
)


def written(db, actor, kind, form="csv"):
    out = io.BytesIO()
    exports.write(db, actor, kind=kind, out=out, form=form, today=TODAY)
    return out.getvalue()


def again(db, actor, data, today, now):
    seen = imports.import_file(
        db, actor, imports.ImportRequest("x.csv", data), today=today, now=now
    )
    return seen.plan.main


@given(names=st.tuples(WORDS, WORDS, WORDS), note=LINES.map("".join), minor=st.integers(1, 10**9))
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_round_trip_changes_nothing(db, today, now, names, note, minor):
    with db.begin_nested() as attempt:
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
        other = factories.fund(db, name=f"5; {names[1]} G{minor}")
        gifts.record(
            db,
            actor,
            donor_id=donor,
            amount=Money(minor + 1, "USD"),
            on=TODAY,
            today=today,
            now=now,
            splits=(Part(Money(minor, "USD"), fund), Part(Money(1, "USD"), other)),
        )
        factories.pledge(db, donor, amount, note=note, end_date=date(2030, 1, 1), total="99")
        for kind, form in product(exports.RETURNING, exports.FORMS):
            shown = again(db, actor, written(db, actor, kind, form), today, now)
            assert shown.skip == shown.rows > 0, (kind, form, shown)
        attempt.rollback()


def test_another_databases_export_makes_new_records(db, today, now):
    factories.organisation(db)
    actor = factories.person(db, role=Role.ADMIN)
    donor = factories.donor(db, name="Hanna Vogel", email="h@vogel.example")
    general, roof = factories.fund(db, name="General"), factories.fund(db, name="Roof 5; 2")
    gift = factories.gift(db, donor, "50", fund_id=general)
    factories.reversal(db, gift, "20")
    gifts.record(
        db,
        actor,
        donor_id=donor,
        amount=Money(1500, "USD"),
        on=TODAY,
        today=today,
        now=now,
        splits=(Part(Money(1000, "USD"), general), Part(Money(500, "USD"), roof)),
    )
    factories.pledge(db, donor)
    files = {kind: written(db, actor, kind) for kind in exports.RETURNING}
    db.execute(text("delete from gift where kind = 'reversal'"))
    for table in ("gift", "pledge", "donor", "fund"):
        db.execute(text(f"delete from {table}"))
    db.execute(text("update organisation set created_at = created_at - interval '1 year'"))
    for kind in ("funds", "donors", "pledges", "gifts"):
        shown = again(db, actor, files[kind], today, now)
        assert shown.create == shown.rows > 0, (kind, shown.problems)
        assert again(db, actor, files[kind], today, now).skip == shown.rows
    total = db.scalar(text("select total_minor from donor_summary"))
    assert total == 4500
    shares = db.execute(
        text("select f.name, amount_minor from gift_line join fund f on f.id = fund_id order by 1")
    )
    assert [tuple(row) for row in shares] == [("General", 1000), ("Roof 5; 2", 500)]


def test_a_changed_cell_of_an_export_is_one_update(db, today, now):
    actor = factories.person(db, role=Role.ADMIN)
    factories.donor(db, name="Hanna Vogel")
    factories.donor(db, name="Bo Fir")
    data = written(db, actor, "donors").replace(b"Hanna Vogel", b"Hanna Oak")
    shown = again(db, actor, data, today, now)
    assert (shown.update, shown.skip) == (1, 1)
    assert list(db.scalars(text("select name from donor order by id"))) == ["Hanna Oak", "Bo Fir"]


def test_the_importer_knows_every_column_it_must():
    for kind, names in (
        ("donors", own.DONORS),
        ("gifts", own.GIFTS),
        ("pledges", own.PLEDGES),
        ("funds", own.FUNDS),
    ):
        assert set(names) <= set(exports.TABLE[kind].columns)


def test_no_spreadsheet_runs_an_exported_cell(db):
    actor = factories.person(db, role=Role.ADMIN)
    factories.donor(db, name="=HYPERLINK(1)", notes="-2+3")
    data = written(db, actor, "donors").decode()
    assert "'=HYPERLINK(1)" in data
    assert "'-2+3" in data


def test_who_may_export_what(db):
    finance = factories.person(db, role=Role.FINANCE)
    with pytest.raises(NotAllowedError):
        written(db, finance, "donors")
    with pytest.raises(NotAllowedError):
        written(db, factories.person(db, role=Role.COACH), "gifts")
    with pytest.raises(InvalidError):
        written(db, finance, "secrets")
    assert exports.exportable(finance) == ("gifts", "refused-links", "funds", "figures")


def test_a_workbook_holds_text_numbers_and_days_and_no_formula(db):
    actor = factories.person(db, role=Role.ADMIN)
    donor = factories.donor(
        db, name="=HYPERLINK(1)", phone="+1 555-0101", notes="https://x.example"
    )
    factories.gift(db, donor, "1234.5", date(2026, 2, 3), note="@SUM(A1)")
    factories.gift(db, donor, "7", date(1900, 1, 1))
    names = written(db, actor, "donors", "xlsx")
    [told] = csv.DictReader(io.StringIO(as_csv(names).decode()))
    assert (told["name"], told["phone"]) == ("=HYPERLINK(1)", "+1 555-0101")
    gifts = written(db, actor, "gifts", "xlsx")
    rows = list(csv.DictReader(io.StringIO(as_csv(gifts).decode())))
    assert [(one["amount"], one["gift_date"]) for one in rows] == [
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


@pytest.mark.parametrize("letters", [32_768, 140_000])
def test_a_workbook_that_cannot_be_whole_is_none_and_leaves_nothing(
    db, tmp_path, monkeypatch, letters
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    actor = factories.person(db, role=Role.ADMIN)
    factories.donor(db, name="Hanna Vogel", notes="x" * letters)
    out = io.BytesIO()
    with pytest.raises(InvalidError, match="Take the CSV file"):
        exports.write(db, actor, kind="donors", out=out, form="xlsx", today=TODAY)
    assert out.getvalue() == b""
    assert list(tmp_path.iterdir()) == []
    written(db, actor, "funds", "xlsx")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InvalidError, match="csv, xlsx"):
        written(db, actor, "donors", "pdf")


def test_too_many_rows_for_a_workbook_are_said(db, monkeypatch):
    monkeypatch.setattr("app.exports.workbook.MOST_ROWS", 1)
    actor = factories.person(db, role=Role.ADMIN)
    factories.donor(db)
    factories.donor(db)
    with pytest.raises(InvalidError, match="holds 1 rows; these are 2"):
        written(db, actor, "donors", "xlsx")


def rows_of(db, actor, kind):
    return list(csv.DictReader(io.StringIO(written(db, actor, kind).decode())))


def test_tasks_are_those_one_sees(db):
    ruth, sam, ada = (
        factories.person(db, role=Role(role)) for role in ("fundraiser", "fundraiser", "admin")
    )
    hers, his = factories.donor(db, ruth, "=Hanna"), factories.donor(db, sam, "Otto")
    factories.task(db, ruth, "Call", donor_id=hers, due_on=TODAY)
    factories.task(db, sam, "Help Ruth", donor_id=hers)
    factories.task(db, sam, "Write", donor_id=his)
    factories.task(db, ruth, "Dentist")

    def titles(who):
        return {one["title"] for one in rows_of(db, who, "tasks")}

    assert titles(ruth) == {"Call", "Help Ruth", "Dentist"}
    assert titles(sam) == {"Write"}
    assert titles(ada) == {"Call", "Help Ruth", "Write"}
    assert exports.counts(db, ruth)["tasks"] == 3
    assert rows_of(db, ruth, "tasks")[0]["donor_name"] == "'=Hanna"


def test_households_name_their_members(db):
    ruth, sam = factories.person(db), factories.person(db)
    house = factories.donor(db, ruth, "The Vogels", kind="household")
    factories.donor(db, ruth, "Hanna Vogel", household_id=house, email="h@vogel.example")
    factories.donor(db, sam, "Otto Vogel", household_id=house)
    [only] = rows_of(db, ruth, "households")
    assert (only["household"], only["donor_name"]) == ("The Vogels", "Hanna Vogel")
    assert rows_of(db, sam, "households") == [], "the household is Ruth's"


@pytest.mark.parametrize("role", [Role.FINANCE, Role.FUNDRAISER])
def test_figures_are_the_dashboards(db, role):
    factories.organisation(db)
    actor = factories.person(db, role=role)
    donor = factories.donor(db, actor, "Hanna Vogel")
    factories.gift(db, donor, "1234.5", date(2026, 10, 5))
    rows = {(one["figure"], one["of"]): one for one in rows_of(db, actor, "figures")}
    told = insights.figures(db, actor, today=TODAY)
    assert rows["received", ""]["value"] == told["received"] == "1234.50"
    assert rows["received", ""]["currency"] == "USD"
    assert rows["months_total", "2026-10"]["value"] == "1234.50"
    assert rows["gifts", ""]["value"] == "1"
    assert "Vogel" not in written(db, actor, "figures").decode()
    missing = set(told) - {name for name, _ in rows} - {"months", "top_donors", "biggest_changes"}
    empty = {"late_pledges_behind", "pledges_not_counted_first", "pledges_not_expected_first"}
    assert missing <= empty, "empty where nothing is behind or left out"
    book = as_csv(written(db, actor, "figures", "xlsx")).decode()
    assert "received,,1234.5,USD" in book.splitlines()
