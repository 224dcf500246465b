"""Every factory makes a row the database accepts."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests import factories as make


def test_factories_make_valid_rows(db: Session) -> None:
    make.organisation(db, fiscal_start_month=7)
    ruth, grace = make.person(db, goal="4000"), make.person(db, "supervisor")
    make.looks_after(db, grace, ruth)
    donor = make.donor(
        db,
        ruth,
        "Zoë Ávila",
        email="z@example.org",
        phone="+1 555",
        external=("sheet", "7"),
        address={"city": "Lisbon"},
        tag="church",
    )
    fund, pledge = make.fund(db), make.pledge(db, donor, total="600")
    gift = make.gift(db, donor, "12.50", pledge_id=pledge)
    make.gift(db, donor, "30", parts=((fund, "10"), (None, "20")))
    make.reversal(db, gift, "2.50")
    make.pledge_amount(db, pledge, "60", date(2026, 3, 1))
    make.pause(db, pledge, date(2026, 4, 1))
    make.skip(db, pledge, date(2026, 2, 1))
    make.contact(db, donor)
    make.task(db, ruth, alert_id=make.alert(db, donor), donor_id=donor)
    make.import_run(db, ruth)
    db.execute(text("set constraints all immediate"))
    summary = db.execute(text("select gifts, total_minor from donor_summary")).one()
    assert tuple(summary) == (2, 4000)
