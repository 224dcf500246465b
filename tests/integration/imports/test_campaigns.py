"""Campaigns, closed and merged funds in files of gifts, pledges and funds; their undo."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import exports, gifts, imports
from app.accounts import Actor
from app.db.models import Campaign, Fund, Gift, GiftLine, Pledge
from tests import factories as make

GIFTS = """Donation ID,Name,E-mail,Amount,Date,Fund,Campaign
G1,Ada Quill,ada@quill.example,50.00,2026-03-01,Wells,Easter
G2,Ada Quill,ada@quill.example,20.00,2026-03-02,Wells,easter
G3,Ben Quill,ben@quill.example,10.00,2026-03-03,Wells,
"""


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, "admin")


@pytest.fixture
def bring(db: Session, ada: Actor, today: date, now: datetime) -> Callable[..., imports.Preview]:
    def bring(data: str | bytes, **options: Any) -> imports.Preview:
        data = data.encode() if isinstance(data, str) else data
        request = imports.ImportRequest("file.csv", data, **options)
        return imports.import_file(db, ada, request, today=today, now=now)

    return bring


def notes(preview: imports.Preview) -> list[str]:
    return [note.problem.sentence for part in preview.plan.parts for note in part.notes]


def by_campaign(db: Session) -> dict[str, int]:
    rows = db.execute(
        select(Campaign.name, func.sum(Gift.amount_minor))
        .join(Gift, Gift.campaign_id == Campaign.id)
        .group_by(Campaign.name)
    )
    return {row[0]: int(row[1]) for row in rows}


def test_a_file_creates_its_campaigns_and_its_undo_removes_them(
    db: Session, ada: Actor, bring: Callable[..., imports.Preview], now: datetime
) -> None:
    preview = bring(GIFTS)
    assert by_campaign(db) == {"Easter": 7_000}
    again = bring(GIFTS)
    assert {part.skip for part in again.plan.parts if part.kind == "gifts"} == {3}
    imports.undo(db, ada, run_id=preview.run_id, now=now)
    assert db.scalar(select(func.count()).select_from(Campaign)) == 0


def test_another_campaign_changes_a_stored_gift(
    db: Session, bring: Callable[..., imports.Preview]
) -> None:
    bring(GIFTS)
    other = GIFTS.replace("Wells,easter", "Wells,Advent")
    assert bring(other).plan.parts[-1].update == 1
    assert by_campaign(db) == {"Easter": 5_000, "Advent": 2_000}
    # a file without a campaign takes none away
    assert bring(other.replace("Wells,Easter", "Wells,")).plan.parts[-1].skip == 3
    kept = bring(other.replace("Wells,Easter", "Wells,New"), policies={"gift_campaign": "keep"})
    assert kept.plan.parts[-1].skip == 3
    assert by_campaign(db) == {"Easter": 5_000, "Advent": 2_000}


def test_a_campaign_alone_is_still_the_fund(
    db: Session, bring: Callable[..., imports.Preview]
) -> None:
    bring("Name,E-mail,Amount,Date,Campaign\nAda Quill,ada@quill.example,5,2026-03-01,Wells\n")
    assert db.scalars(select(Fund.name)).all() == ["Wells"]
    assert db.scalar(select(func.count()).select_from(Campaign)) == 0


def test_the_parts_of_a_split_gift_have_the_campaign(
    db: Session, bring: Callable[..., imports.Preview]
) -> None:
    header = "Donation ID,Name,E-mail,Amount,Date,Split over funds,Appeal\n"
    row = "G1,Ada Quill,ada@quill.example,100.00,2026-03-01,Wells 60.00; Roof 40.00,{}\n"
    bring(header + row.format("Easter"))
    easter = db.scalar(select(Campaign.id))
    assert easter is not None
    assert db.scalars(select(GiftLine.campaign_id)).all() == [easter, easter]
    assert db.scalar(select(Gift.campaign_id)) is None
    again = bring(header + row.format("Easter"))
    assert again.plan.parts[-1].skip == 1
    other = bring(header + row.format("Advent"))
    assert other.plan.parts[-1].conflict == 1


def test_a_pledge_has_its_campaign(db: Session, bring: Callable[..., imports.Preview]) -> None:
    header = "Pledge ID,Name,E-mail,Amount,Frequency,Start,Fund,Appeal\n"
    row = "P1,Ada Quill,ada@quill.example,10,monthly,2026-01-01,Wells,{}\n"
    bring(header + row.format("Easter"), kind="pledges")
    bring(header + row.format("Advent"), kind="pledges")
    name = select(Campaign.name).join(Pledge, Pledge.campaign_id == Campaign.id)
    assert db.scalars(name).all() == ["Advent"]


def test_rows_of_a_closed_fund_or_campaign_are_imported_with_a_note(
    db: Session, bring: Callable[..., imports.Preview]
) -> None:
    make.fund(db, "wells", status="closed")
    make.campaign(db, "EASTER", status="closed")
    preview = bring(GIFTS)
    assert by_campaign(db) == {"EASTER": 7_000}
    assert sorted(set(notes(preview))) == [
        "The campaign EASTER is closed. The row is imported for it all the same.",
        "The fund wells is closed. The row is imported for it all the same.",
    ]
    assert len(notes(preview)) == 5


def test_rows_of_a_merged_fund_and_campaign_are_imported_for_the_other(
    db: Session, ada: Actor, bring: Callable[..., imports.Preview], now: datetime
) -> None:
    pumps, easter = make.fund(db, "Pumps"), make.campaign(db, "Easter 2026")
    first = bring(GIFTS)
    old = db.scalar(select(Fund.id).where(Fund.name == "Wells"))
    assert old is not None
    gifts.merge_funds(db, ada, fund_id=old, into_id=pumps, version=1)
    campaign = db.scalar(select(Campaign.id).where(Campaign.name == "Easter"))
    assert campaign is not None
    gifts.merge_campaigns(db, ada, campaign_id=campaign, into_id=easter, version=1)
    again = bring(GIFTS)
    assert again.plan.parts[-1].skip == 3
    bring(GIFTS.replace("G1", "H1").replace("G2", "H2").replace("G3", "H3"))
    assert by_campaign(db) == {"Easter 2026": 14_000}
    assert {line.name: line.gifts for line in gifts.fund_list(db, ada)} == {"Pumps": 6}
    split = "Donation ID,Name,E-mail,Amount,Date,Split over funds\n"
    split += "S1,Ada Quill,ada@quill.example,100.00,2026-03-09,Wells 60.00; Roof 40.00\n"
    bring(split)
    assert bring(split).plan.parts[-1].skip == 1
    assert {line.name: line.gifts for line in gifts.fund_list(db, ada)} == {"Pumps": 7, "Roof": 1}
    imports.undo(db, ada, run_id=first.run_id, now=now)
    assert {line.name: line.gifts for line in gifts.fund_list(db, ada)} == {"Pumps": 4, "Roof": 1}


def test_a_file_of_funds_leaves_merged_ones_alone_and_fills_in_codes(
    db: Session, ada: Actor, bring: Callable[..., imports.Preview]
) -> None:
    file = "fund_id,name,status,GL code\nF1,Wells,active,4010\nF2,Well,active,{}\n"
    bring(file.format("4011"), kind="funds")
    wells, well = db.scalars(select(Fund.id).order_by(Fund.id)).all()
    gifts.merge_funds(db, ada, fund_id=well, into_id=wells, version=1)
    again = bring(file.format("4012").replace("4010", "4013"), kind="funds")
    assert again.plan.parts[0].skip >= 1
    assert [(line.name, line.gl_code) for line in gifts.fund_list(db, ada)] == [("Wells", "4010")]
    long = bring(file.format("4" * 51).replace("F2,Well,", "F3,Roof,"), kind="funds")
    assert long.plan.parts[0].error == 1


def test_exported_campaigns_and_codes_come_back_unchanged(
    db: Session, ada: Actor, bring: Callable[..., imports.Preview], today: date, tmp_path: Any
) -> None:
    bring(GIFTS)
    make.fund(db, "Roof", gl_code="4010")
    for kind, column, cells in (
        ("gifts", "campaign", {"Easter", ""}),
        ("funds", "gl_code", {"4010", ""}),
    ):
        path = tmp_path / f"{kind}.csv"
        with path.open("wb") as file:
            exports.write(db, ada, kind=kind, out=file, today=today)
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        index = lines[0].split(",").index(column)
        assert {line.split(",")[index] for line in lines[1:]} == cells
        again = bring(path.read_bytes())
        assert sum(part.skip for part in again.plan.parts) == sum(
            part.rows for part in again.plan.parts
        )
