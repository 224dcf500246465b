"""An export comes back in and changes nothing, whatever stands in the cells."""

import io
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app import exports, imports
from app.accounts import Role
from app.imports.presets import own
from app.kit.errors import InvalidError, NotAllowedError
from tests import factories

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20
)
LINES = st.lists(st.sampled_from(["=1+1", "'-x", 'a, "b"', "ä\nö", "+1", "@", "שלום", "🙂", ""]))


def written(db, actor, kind):
    out = io.BytesIO()
    exports.write(db, actor, kind=kind, out=out)
    return out.getvalue()


def again(db, actor, data, today, now):
    seen = imports.bring_in(db, actor, file_name="x.csv", data=data, today=today, now=now)
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
            db, name=f"N{names[0]}", first_name=names[1], last_name=names[2], notes=note,
            email=f"m{minor}@x.example", phone="+1 555-0101", tag="choir",
            address={"street": note, "postal_code": "02134", "country": "US"},
        )  # fmt: skip
        fund = factories.fund(db, name=f"F{names[0]}{minor}")
        amount = f"{minor // 100}.{minor % 100:02}"
        gift = factories.gift(db, donor, amount, fund_id=fund, note=note, method="check")
        factories.reversal(db, gift)
        factories.pledge(db, donor, amount, note=note, end_date=date(2030, 1, 1), total="99")
        for kind in exports.KINDS:
            shown = again(db, actor, written(db, actor, kind), today, now)
            assert shown.skip == shown.rows > 0, (kind, shown)
        attempt.rollback()


def test_another_databases_export_makes_new_records(db, today, now):
    factories.organisation(db)
    actor = factories.person(db, role=Role.ADMIN)
    donor = factories.donor(db, name="Hanna Vogel", email="h@vogel.example")
    gift = factories.gift(db, donor, "50", fund_id=factories.fund(db, name="General"))
    factories.reversal(db, gift, "20")
    factories.pledge(db, donor)
    files = {kind: written(db, actor, kind) for kind in exports.KINDS}
    db.execute(text("delete from gift where kind = 'reversal'"))
    for table in ("gift", "pledge", "donor", "fund"):
        db.execute(text(f"delete from {table}"))
    db.execute(text("update organisation set created_at = created_at - interval '1 year'"))
    for kind in ("funds", "donors", "pledges", "gifts"):
        shown = again(db, actor, files[kind], today, now)
        assert shown.create == shown.rows > 0, (kind, shown.problems)
        assert again(db, actor, files[kind], today, now).skip == shown.rows
    total = db.scalar(text("select total_minor from donor_summary"))
    assert total == 3000


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
        ("donors", own.DONORS), ("gifts", own.GIFTS), ("pledges", own.PLEDGES),
        ("funds", own.FUNDS),
    ):  # fmt: skip
        assert set(names) <= set(exports.COLUMNS[kind])


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
    assert exports.exportable(finance) == ("gifts", "funds")
