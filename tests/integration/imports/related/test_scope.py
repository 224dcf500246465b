"""Who may import what: own donors, giftable donors, administrators; and many rows at once."""

from datetime import date, datetime

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor, Role
from app.kit.errors import NotAllowedError
from tests import factories as make
from tests.integration.imports.related.organisation import (
    KINDS,
    bring,
    build,
    codes,
    counts,
    dump,
    export,
)

FEW, MANY = range(20), range(20, 2_020)


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db)
    ada = make.person(db, name="Ada", role=Role.ADMIN)
    build(db, ada)
    return ada


def test_records_of_other_peoples_donors_are_not_changed(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    files = {kind: export(db, ada, kind, today) for kind in KINDS}
    other = make.person(db, name="Sam")
    before = dump(db)
    for kind, data in files.items():
        created, updated, *_ = counts(bring(db, other, data.replace(b"home", b"work"), today, now))
        assert (created, updated) == (0, 0), kind
    assert dump(db) == before


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.COACH])
def test_others_import_nothing(
    db: Session, ada: Actor, today: date, now: datetime, role: Role
) -> None:
    reader = make.person(db, role)
    with pytest.raises(NotAllowedError):
        bring(db, reader, export(db, ada, "tags", today), today, now)


def test_finance_credits_every_gift_and_tags_nobody(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    finance = make.person(db, Role.FINANCE)
    credited = export(db, ada, "soft-credits", today)
    db.execute(text("delete from soft_credit"))
    assert counts(bring(db, finance, credited, today, now)) == (2, 0, 0, 0, 0)
    with pytest.raises(NotAllowedError, match="Finance imports gifts"):
        bring(db, finance, "email,tag\nmara@vogel.example,New\n", today, now, kind="tags")


def test_a_fundraiser_relates_own_donors_only(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    sam = make.person(db, name="Sam")
    make.donor(db, sam, "Otto", email="otto@fir.example")
    data = (
        "email,relation,other_email\n"
        "otto@fir.example,employer,office@works.example\n"
        "mara@vogel.example,referrer,otto@fir.example\n"
    )
    assert codes(bring(db, sam, data, today, now, kind="relations")) == ["donor_unknown"] * 2


def files(numbers: range) -> dict[str, str]:
    """Return a file with a row per number of each kind that names donors, gifts or pledges."""
    start, rows = numbers.start, len(numbers)
    return {
        "tags": "donor_id,tag\n" + "".join(f"D{n},Tag {n % 40}\n" for n in numbers),
        "emails": "donor_id,email,primary\n"
        + "".join(f"D{n},d{n}@x.example,yes\n" for n in numbers),
        "addresses": "donor_id,street,city,type\n"
        + "".join(f"D{n},{n} Elm St,York,home\n" for n in numbers),
        "households": "household_id,household_name,donor_id,head\n"
        + "".join(f"H{n // 2},House {n // 2},D{n},{'yes' if n % 2 else ''}\n" for n in numbers),
        "relations": "donor_id,relation,other_id\n"
        + "".join(f"D{n},parent,D{start + (n + 1 - start) % rows}\n" for n in numbers),
        "soft-credits": "gift_id,donor_id,credit_type\n"
        + "".join(f"G{n},D{start + (n + 1 - start) % rows},spouse\n" for n in numbers),
        "pledge-pauses": "pledge_id,from,to\n"
        + "".join(f"P{n},2026-02-01,2026-02-28\n" for n in numbers),
    }


def add_records(db: Session, owner: Actor, numbers: range) -> None:
    """Add a donor, a gift and a pledge per number, known as D1, G1 and P1 to the file."""
    db.execute(
        text(
            "insert into donor (name, owner_id) select 'Donor ' || n, :owner"
            " from generate_series(:first, :last) n"
        ),
        {"owner": owner.user_id, "first": numbers.start, "last": numbers.stop - 1},
    )
    ids = (
        "'file' as source, '{}' || substr(name, 7) as external_id from donor"
        f" where substr(name, 7)::int >= {numbers.start}"
    )
    plain = "id, 500, 'USD', date '2026-01-05'"
    for statement in (
        "insert into donor_external_id (donor_id, source, external_id) select id, "
        + ids.format("D"),
        "insert into gift (donor_id, amount_minor, currency, gift_date, base_minor, source,"
        f" external_id) select {plain}, 500, " + ids.format("G"),
        "insert into pledge (donor_id, amount_minor, currency, start_date, frequency, source,"
        f" external_id) select {plain}, 'monthly', " + ids.format("P"),
        "analyze donor, donor_external_id, gift, pledge",
    ):
        db.execute(text(statement))


def test_the_number_of_statements_does_not_grow_with_the_rows(
    db: Session, today: date, now: datetime
) -> None:
    make.organisation(db)
    ada = make.person(db, name="Ada", role=Role.ADMIN)
    statements: list[int] = []
    connection = db.connection()
    event.listen(connection, "before_cursor_execute", lambda *_: statements.append(1))
    counted: dict[str, list[int]] = {}
    for numbers in (FEW, MANY):
        add_records(db, ada, numbers)
        before = dump(db)
        runs = []
        for kind, data in files(numbers).items():
            statements.clear()
            run = bring(db, ada, data, today, now, kind=kind)
            counted.setdefault(kind, []).append(len(statements))
            assert counts(run) == (len(numbers), 0, 0, 0, 0), (kind, codes(run)[:3])
            runs.append(run.run_id)
        for run_id in reversed(runs):
            statements.clear()
            assert imports.undo(db, ada, run_id=run_id, now=now).kept == ()
            counted.setdefault(f"undo {run_id - runs[0]}", []).append(len(statements))
        assert dump(db) == before
    assert {kind: pair for kind, pair in counted.items() if len(set(pair)) > 1} == {}
