"""Exports of pledge versions and of refused links."""

import csv
import io
from datetime import date

import pytest
from sqlalchemy.orm import Session

from app import donors, exports, gifts
from app.accounts import Actor, Role
from app.exports.service import exportable
from app.file_reader import presets
from app.kit.errors import NotAllowedError
from app.kit.money import Money
from app.pledges import change_amount, change_terms
from tests import factories as make

TODAY = date(2026, 11, 23)
START = date(2026, 1, 5)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, name="Ruth", email="ruth@lantern.example")


def export(db: Session, actor: Actor, kind: str, form: str = "csv") -> bytes:
    output = io.BytesIO()
    exports.write(db, actor, kind=kind, out=output, form=form, today=TODAY)
    return output.getvalue()


def rows_of(db: Session, actor: Actor, kind: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(export(db, actor, kind).decode())))


def cells(rows: list[dict[str, str]], *names: str) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


WHEN = ("since", "until", "amount", "frequency", "day_of_month", "grace_days", "fund")


def test_each_version_of_a_pledge_is_a_row(db: Session, ruth: Actor) -> None:
    donor = make.donor(db, ruth, "Hanna Vogel", email="hanna@vogel.example")
    fund = make.fund(db, "General")
    pledge = make.pledge(db, donor, "30", start=START)
    change_amount(
        db,
        ruth,
        pledge_id=pledge,
        amount=Money(4000, "USD"),
        since=date(2026, 3, 1),
        today=TODAY,
    )
    change_terms(
        db,
        ruth,
        pledge_id=pledge,
        frequency="quarterly",
        anchor=20,
        grace=9,
        fund_id=fund,
        since=date(2026, 6, 1),
        today=TODAY,
    )
    rows = rows_of(db, ruth, "pledge-versions")
    assert cells(rows, *WHEN) == [
        ("2026-01-05", "2026-02-28", "30.00", "monthly", "5", "", ""),
        ("2026-03-01", "2026-05-31", "40.00", "monthly", "5", "", ""),
        ("2026-06-01", "", "40.00", "quarterly", "20", "9", "General"),
    ]
    assert cells(rows, "changed_by") == [("",), (ruth.email,), (ruth.email,)]
    assert {row["donor_name"] for row in rows} == {"Hanna Vogel"}
    assert {row["pledge_id"] for row in rows} == {rows_of(db, ruth, "pledges")[0]["id"]}
    assert exports.counts(db, ruth)["pledge-versions"] == 3


def test_changes_of_one_day_are_one_version(db: Session, ruth: Actor) -> None:
    donor = make.donor(db, ruth)
    general, roof = make.fund(db, "General"), make.fund(db, "Roof")
    pledge = make.pledge(
        db, donor, "30", "weekly", START, fund_id=roof, end_date=date(2026, 12, 31)
    )
    make.pledge_terms(db, pledge, date(2026, 2, 1), "monthly", anchor_day=7, fund_id=general)
    make.pledge_terms(db, pledge, date(2026, 4, 1), "semimonthly", fund_id=roof, grace_days=3)
    make.pledge_amount(db, pledge, "35", date(2026, 4, 1))
    # a correction from the first day on, or earlier, is not a separate version
    make.pledge_amount(db, pledge, "31", START)
    assert cells(rows_of(db, ruth, "pledge-versions"), *WHEN) == [
        ("2026-01-05", "2026-01-31", "31.00", "monthly", "7", "", "General"),
        ("2026-02-01", "2026-03-31", "31.00", "semimonthly", "", "3", "Roof"),
        ("2026-04-01", "2026-12-31", "35.00", "weekly", "", "", "Roof"),
    ]


def test_refused_links_are_exported(db: Session, ruth: Actor) -> None:
    donor = make.donor(db, ruth, "=Hanna", email="hanna@vogel.example")
    pledge = make.pledge(db, donor, "30", start=START)
    gift = make.gift(db, donor, "12.50", date(2026, 2, 3))
    gifts.refuse(db, ruth, gift_id=gift, pledge_ids=[pledge])
    (row,) = rows_of(db, ruth, "refused-links")
    assert row["donor_name"] == "'=Hanna"
    assert cells([row], "amount", "currency", "gift_date", "pledge_frequency", "refused_by") == [
        ("12.50", "USD", "2026-02-03", "monthly", ruth.email)
    ]
    assert row["gift_id"] == rows_of(db, ruth, "gifts")[0]["id"]
    assert row["pledge_id"] == rows_of(db, ruth, "pledges")[0]["id"]
    assert exports.counts(db, ruth)["refused-links"] == 1


@pytest.mark.parametrize("kind", ["pledge-versions", "refused-links"])
def test_rows_are_scoped_and_guarded_against_formulas(db: Session, ruth: Actor, kind: str) -> None:
    sam, ada = make.person(db), make.person(db, role=Role.ADMIN)
    for owner, name in ((ruth, "Hanna Vogel"), (sam, "=1+1")):
        donor = make.donor(db, owner, name)
        gift = make.gift(db, donor, "10")
        make.refusal(db, gift, make.pledge(db, donor, "30", start=START))
    assert cells(rows_of(db, ruth, kind), "donor_name") == [("Hanna Vogel",)]
    assert cells(rows_of(db, sam, kind), "donor_name") == [("'=1+1",)]
    assert len(rows_of(db, ada, kind)) == 2
    assert (exports.counts(db, sam)[kind], exports.counts(db, ada)[kind]) == (1, 2)
    assert export(db, ada, kind, "xlsx").startswith(b"PK")


def test_a_refusal_for_a_pledge_out_of_scope_is_not_exported(db: Session, ruth: Actor) -> None:
    sam = make.person(db)
    pledge = make.pledge(db, make.donor(db, sam), "30", start=START)
    make.refusal(db, make.gift(db, make.donor(db, ruth), "10"), pledge)
    assert rows_of(db, ruth, "refused-links") == rows_of(db, sam, "refused-links") == []


def test_history_export_permissions(db: Session, ruth: Actor) -> None:
    allowed = {
        role: {"pledge-versions", "refused-links"} & set(exportable(make.person(db, role=role)))
        for role in ("fundraiser", "supervisor", "coach", "finance", "read_only", "admin")
    }
    kinds = {"pledge-versions", "refused-links"}
    # as with pledges and gifts
    assert allowed == dict.fromkeys(allowed, kinds) | {
        "coach": set(),
        "finance": {"refused-links"},
    }
    with pytest.raises(NotAllowedError):
        export(db, make.person(db, role=Role.FINANCE), "pledge-versions")


def test_history_exports_log_access_to_their_donors(db: Session, ruth: Actor) -> None:
    ada = make.person(db, role=Role.ADMIN)
    hanna, otto = make.donor(db, ruth), make.donor(db, ruth)
    pledge = make.pledge(db, hanna, "30", start=START)
    make.gift(db, otto, "10")
    for kind in ("pledge-versions", "refused-links"):
        export(db, ruth, kind)
    assert (len(donors.accesses(db, ada, hanna)), len(donors.accesses(db, ada, otto))) == (1, 0)
    make.refusal(db, make.gift(db, otto, "10"), pledge)
    export(db, ruth, "refused-links")
    assert len(donors.accesses(db, ada, otto)) == 1


def test_refused_links_are_not_recognised_by_the_importer(db: Session, ruth: Actor) -> None:
    kind = "refused-links"
    assert kind not in exports.IMPORTABLE
    donor = make.donor(db, ruth)
    make.refusal(db, make.gift(db, donor, "10"), make.pledge(db, donor, "30", start=START))
    header = next(csv.reader(io.StringIO(export(db, ruth, kind).decode())))
    assert presets.recognise(header) is None
