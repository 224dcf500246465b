"""A rich organisation to export, and the ways to import its files into an empty one."""

import csv
import io
import json
from datetime import UTC, date, datetime

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from app import donors, exports, households, imports
from app.accounts import Actor
from app.db.models import DonorAddress, DonorEmail, DonorPhone
from app.imports.values.records import related_fields
from tests import factories as make

KINDS = related_fields.KINDS
# the files in the order in which they refer to each other
FILES = tuple(kind for kind in imports.ORDER if kind in exports.IMPORTABLE)
# later ones refer to earlier ones
TABLES = (
    *("donor", "donor_email", "donor_phone", "donor_address", "donor_external_id"),
    *("tag", "donor_tag", "donor_consent", "donor_relation", "fund", "campaign"),
    *("pledge", "pledge_amount", "pledge_terms", "pledge_pause"),
    *("gift", "gift_line", "soft_credit", "contact_log", "task", "alert"),
    "care_request",
    *("donor_summary", "donor_year", "owner_month"),
)


def build(db: Session, ada: Actor) -> None:
    """Fill the database with at least one record of every kind of file."""
    ruth = make.person(db, name="Ruth", email="ruth@vogel.example")
    mara = make.donor(
        db,
        ruth,
        "Mara Vogel",
        email="mara@vogel.example",
        phone="555-0101",
        address={"street": "1 Elm St", "city": "York", "country": "United States"},
    )
    tom = make.donor(db, ruth, "Tom Vogel", first_name="Tom", last_name="Vogel")
    works = make.donor(db, None, "=Works", kind="organisation", email="office@works.example")
    _details(db, mara, tom)
    household = households.make(db, ruth, head_id=tom, member_ids=[mara])
    db.execute(
        text(
            "update donor set salutation = 'Dear both', envelope_name = '-The Vogels'"
            " where id = :id"
        ),
        {"id": household},
    )
    for donor_id, other_id, kind in ((mara, works, "employer"), (tom, mara, "spouse")):
        households.add_relation(db, ada, donor_id=donor_id, other_id=other_id, type=kind)
    make.add_tag(db, mara, "Choir")
    make.add_tag(db, works, "Choir")
    make.add_tag(db, mara, "+Friends, old")
    donors.create_tag(db, ada, name="Nobody yet")
    fund = make.fund(db, "Wells", source="paper", external_id="F1", gl_code="4000")
    campaign = make.campaign(
        db,
        "Easter",
        goal="5000",
        fund_id=fund,
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 4, 30),
    )
    make.campaign(db, "Old", status="closed")
    _giving(db, mara, tom, works, fund, campaign)
    at = datetime(2026, 3, 1, 3, 30, 5, tzinfo=UTC)
    make.contact(db, mara, "call", at=at, by_id=ruth.user_id, text="=two\nlines")
    make.task(db, ruth, "Call", donor_id=mara, note="@later", type="thank", priority=1)
    make.consent(db, mara, recorded_by=ruth.user_id, source="+card")
    db.execute(text("update organisation set modules = '{requests}'"))
    make.care_request(db, mara, "-Rest", answered_on=date(2026, 11, 2), answer="=yes")


def _details(db: Session, mara: int, tom: int) -> None:
    for row in (
        {"email": "mara@works.example", "type": "work"},
        {"email": "old@vogel.example", "type": "home", "do_not_use": True},
    ):
        db.execute(insert(DonorEmail).values(donor_id=mara, **row))
    db.execute(insert(DonorPhone).values(donor_id=tom, phone="+49 30 1", type="mobile"))
    for row in (
        {"street": "2 Sea Rd", "city": "Bari", "country": "Italy", "type": "seasonal"}
        | {"season_from": "11-01", "season_to": "03-31"},
        {"street": "3 Old Rd", "postal_code": "01234", "type": "home", "do_not_use": True}
        | {"valid_from": date(2020, 1, 1), "valid_to": date(2024, 12, 31)},
    ):
        db.execute(insert(DonorAddress).values(donor_id=mara, **row))


def _giving(db: Session, mara: int, tom: int, works: int, fund: int, campaign: int) -> None:
    pledge = make.pledge(db, mara, "50", start=date(2026, 1, 1), fund_id=fund)
    ruth = db.scalar(text("select id from app_user where name = 'Ruth'"))
    make.pledge_amount(db, pledge, "60", date(2026, 4, 1), created_by=ruth)
    make.pledge_amount(db, pledge, "40", date(2026, 8, 1), reason="downgrade")
    make.pledge_terms(db, pledge, date(2026, 4, 1), "quarterly", anchor_day=5, created_by=ruth)
    make.pledge_terms(db, pledge, date(2026, 6, 1), "weekly", grace_days=3)
    make.pledge(db, works, "5", "annual", start=date(2026, 2, 28))
    make.pause(db, pledge, date(2026, 3, 1), date(2026, 4, 30), reason="=Away")
    make.pause(db, pledge, date(2026, 10, 1))
    gift = make.gift(db, mara, "50", on=date(2026, 2, 1), fund_id=fund, campaign_id=campaign)
    make.soft_credit(db, gift, tom)
    make.soft_credit(db, gift, works, "12.50")
    make.gift(db, works, "1000", on=date(2026, 5, 5))
    # as a gift changes it
    db.execute(text("update donor set status = 'donor' where id in (select donor_id from gift)"))


def export(db: Session, actor: Actor, kind: str, today: date, form: str = "csv") -> bytes:
    """Return the export of a kind."""
    out = io.BytesIO()
    exports.write(db, actor, kind=kind, out=out, form=form, today=today)
    return out.getvalue()


def bring(
    db: Session, actor: Actor, data: bytes | str, today: date, now: datetime, **choices: object
) -> imports.Preview:
    """Import a file in one step."""
    data = data.encode() if isinstance(data, str) else data
    request = imports.ImportRequest("x.csv", data, **choices)  # type: ignore[arg-type]
    return imports.import_file(db, actor, request, today=today, now=now)


def counts(preview: imports.Preview) -> tuple[int, int, int, int, int]:
    """Return the number of rows created, updated, skipped, in conflict and in error."""
    part = preview.plan.main
    return part.create, part.update, part.skip, part.conflict, part.error


def codes(preview: imports.Preview) -> list[str]:
    """Return the codes of the problems, in the order of the rows."""
    return [problem.problem.code for problem in preview.plan.main.problems]


def notes(preview: imports.Preview) -> list[str]:
    """Return the codes of the notes, in the order of the rows."""
    return [problem.problem.code for problem in preview.plan.main.notes]


def empty(db: Session) -> None:
    """Delete everything but the users, and turn the database into another instance."""
    for table in reversed(TABLES):
        db.execute(text(f"delete from {table}"))
    # the id of the instance is computed from it
    db.execute(text("update organisation set created_at = created_at - interval '1 year'"))


def cells(data: bytes) -> list[dict[str, str]]:
    """Return the rows of an export without the ids, which are new in another instance."""
    rows = csv.DictReader(io.StringIO(data.decode()))
    return sorted(
        (
            {name: cell for name, cell in row.items() if "id" not in name.split("_")}
            for row in rows
        ),
        key=lambda row: tuple(row.values()),
    )


def dump(db: Session) -> dict[str, list[str]]:
    """Return every row of every table, without the time of the last change."""
    return {
        table: sorted(
            json.dumps(row, sort_keys=True)
            for row in db.scalars(text(f"select to_jsonb(t) - 'updated_at' from {table} t"))
        )
        for table in TABLES
    }
