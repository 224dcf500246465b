"""The rows that an import created or changed: who sees which, in the lists and in the files."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError

from app import donors, exports, gifts, imports, pledges
from app.accounts import Actor, Role
from app.db import Session, transaction, transaction_for_system
from app.donors import DonorFilter
from app.gifts import GiftFilter
from app.pledges import PledgeFilter
from tests import database as run
from tests import factories as make
from tests.rls_matrix import without_filter

TODAY, NOW = date(2026, 11, 23), datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
DONORS = "id,name,email,notes\n1,Ann Lee,ann@x.example,\n2,Bo Ek,bo@x.example,\n"
DONORS_AGAIN = (
    "id,name,email,notes\n1,Ann Lee,ann@x.example,Likes tea\n2,Bo Ek,bo@x.example,\n"
    "3,Cy Vane,cy@x.example,\n"
)
GIFTS = (
    "id,donor_email,amount,gift_date,note\n"
    "G1,ann@x.example,10,2026-01-05,\nG2,bo@x.example,20,2026-02-05,\n"
)
GIFTS_AGAIN = (
    "id,donor_email,amount,gift_date,note\n"
    "G1,ann@x.example,10,2026-01-05,By post\nG2,bo@x.example,20,2026-02-05,\n"
    "G3,bo@x.example,30,2026-03-05,\n"
)
PLEDGES = "id,donor_email,amount,frequency,start_date\nP1,ann@x.example,10,monthly,2026-01-05\n"
PLEDGES_AGAIN = (
    "id,donor_email,amount,frequency,start_date\nP1,ann@x.example,15,monthly,2026-01-05\n"
    "P2,bo@x.example,10,monthly,2026-01-05\n"
)
FILES = {
    "donors": (DONORS, DONORS_AGAIN),
    "gifts": (GIFTS, GIFTS_AGAIN),
    "pledges": (PLEDGES, PLEDGES_AGAIN),
}
EXPECTED = {
    "donors": {"new": ["Cy Vane"], "changed": ["Ann Lee"], None: ["Ann Lee", "Cy Vane"]},
    "gifts": {"new": ["30"], "changed": ["10"], None: ["10", "30"]},
    "pledges": {"new": ["Bo Ek"], "changed": ["Ann Lee"], None: ["Ann Lee", "Bo Ek"]},
}
# none of these is of an import
MANY = (
    """
    insert into donor (name, owner_id) select 'Donor ' || i, :owner from generate_series(1, 8000) i
    """,
    """
    insert into gift (donor_id, kind, amount_minor, currency, base_minor, gift_date)
    select id, 'gift', 100, 'USD', 100, '2025-01-01' from donor
    """,
    """
    insert into pledge (donor_id, amount_minor, currency, frequency, start_date)
    select id, 100, 'USD', 'monthly', '2025-01-01' from donor
    """,
)
# rows of a table of 8,000 that are read for an import of three; a scan reads all
MOST_READ = 200
CASES = [(kind, rows) for kind in FILES for rows in ("new", "changed", None)]


@pytest.fixture(scope="module")
def people(module_database: URL) -> dict[str, Actor]:
    with transaction_for_system() as db:
        make.organisation(db)
        people = {
            name: make.person(db, role, name=name.capitalize())
            for name, role in (
                ("ruth", Role.FUNDRAISER),
                ("sam", Role.FUNDRAISER),
                ("lead", Role.SUPERVISOR),
                ("coach", Role.COACH),
                ("fin", Role.FINANCE),
                ("ada", Role.ADMIN),
            )
        }
        make.looks_after(db, people["lead"], people["ruth"])
    return people


@pytest.fixture(scope="module")
def saved(people: dict[str, Actor]) -> dict[str, int]:
    """The second import of each kind, by Ruth."""
    ids = {}
    for kind, files in FILES.items():
        for data in files:
            with transaction_for_system() as db:
                request = imports.ImportRequest(f"{kind}.csv", data.encode(), kind=kind)
                planned = imports.import_file(db, people["ruth"], request, today=TODAY, now=NOW)
            assert planned.plan.main.error == planned.plan.main.conflict == 0
            ids[kind] = planned.run_id
    return ids


@pytest.fixture
def ids(module_database: URL, saved: dict[str, int]) -> Iterator[dict[str, int]]:
    run.use(module_database)
    yield saved
    run.use(run.NOWHERE)


def filter_of(kind: str, import_id: int, rows: str | None) -> exports.RowFilter:
    if kind == "donors":
        return DonorFilter(import_id=import_id, import_rows=rows)
    if kind == "gifts":
        return GiftFilter(import_id=import_id, import_rows=rows)
    return PledgeFilter(import_id=import_id, import_rows=rows)


def listed(db: Session, actor: Actor, wanted: exports.RowFilter) -> list[str]:
    if isinstance(wanted, DonorFilter):
        page = donors.page(db, actor, filter=wanted, today=TODAY)
        assert page.total == len(page.lines)
        return [line.name for line in page.lines]
    if isinstance(wanted, GiftFilter):
        gift_page = gifts.page(db, actor, filter=wanted)
        assert gift_page.gifts == len(gift_page.lines)
        return sorted(f"{gift.amount.amount:.0f}" for gift in gift_page.lines)
    lines = pledges.pledge_statuses(db, actor, today=TODAY, filter=wanted)
    paged, _ = pledges.page(db, actor, filter=wanted, today=TODAY)
    assert sorted(line.pledge_id for line in lines) == [line.pledge_id for line in paged]
    return sorted(line.donor_name for line in lines)


@pytest.mark.parametrize(("kind", "rows"), CASES)
def test_new_and_changed_rows_are_told_apart(
    people: dict[str, Actor], ids: dict[str, int], kind: str, rows: str | None
) -> None:
    wanted = filter_of(kind, ids[kind], rows)
    for name in ("ruth", "ada"):
        with transaction(people[name]) as db:
            assert listed(db, people[name], wanted) == EXPECTED[kind][rows]


@pytest.mark.parametrize(("kind", "rows"), CASES)
def test_the_import_of_another_user_gives_an_empty_list(
    people: dict[str, Actor],
    ids: dict[str, int],
    kind: str,
    rows: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = filter_of(kind, ids[kind], rows)
    others = [people[name] for name in ("sam", "lead", "coach", "fin")]
    for actor in others:
        with transaction(actor) as db:
            assert listed(db, actor, wanted) == []
    # row-level security alone says the same
    without_filter(monkeypatch)
    for actor in others:
        with transaction(actor) as db:
            assert listed(db, actor, wanted) == []


def test_a_missing_import_gives_an_empty_list(people: dict[str, Actor], ids: object) -> None:
    for kind in FILES:
        with transaction(people["ada"]) as db:
            assert listed(db, people["ada"], filter_of(kind, 10**9, None)) == []


@pytest.mark.parametrize(("kind", "rows"), CASES)
def test_the_exported_file_has_the_rows_of_the_list(
    people: dict[str, Actor], ids: dict[str, int], kind: str, rows: str | None
) -> None:
    wanted, out = filter_of(kind, ids[kind], rows), io.BytesIO()
    query = exports.decode_query(kind, exports.encode_query(exports.ExportQuery(wanted)))
    assert query.filter == wanted
    with transaction(people["ruth"]) as db:
        exports.write(db, people["ruth"], kind=kind, out=out, today=TODAY, query=query, now=NOW)
    assert len(out.getvalue().decode().splitlines()) == 1 + len(EXPECTED[kind][rows])


def test_a_donor_given_away_is_not_shown_any_more(
    people: dict[str, Actor], ids: dict[str, int]
) -> None:
    statement = text("update donor set owner_id = :sam where name = 'Cy Vane'")
    wanted = filter_of("donors", ids["donors"], None)
    with transaction_for_system() as db, db.begin_nested() as inner:
        db.execute(statement, {"sam": people["sam"].user_id})
        assert listed(db, people["ruth"], wanted) == ["Ann Lee"]
        inner.rollback()


def test_users_read_which_rows_an_import_changed_and_not_their_contents(
    people: dict[str, Actor], ids: dict[str, int]
) -> None:
    mine = text("select table_name from import_change where run_id = :run")
    with transaction(people["ruth"]) as db:
        assert "donor" in db.scalars(mine, {"run": ids["donors"]}).all()
    with transaction(people["sam"]) as db:
        assert db.scalars(mine, {"run": ids["donors"]}).all() == []
    with pytest.raises(DBAPIError, match="permission denied"), transaction(people["ruth"]) as db:
        db.execute(text("select before from import_change"))


def test_an_undone_import_has_no_new_rows(
    database: URL,
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db)
        request = imports.ImportRequest("a.csv", DONORS.encode(), kind="donors")
        run_id = imports.import_file(db, ruth, request, today=TODAY, now=NOW).run_id
    with transaction(ruth) as db:
        assert len(listed(db, ruth, DonorFilter(import_id=run_id))) == 2
    with transaction_for_system() as db:
        imports.undo(db, ruth, run_id=run_id, now=NOW)
    with transaction(ruth) as db:
        assert listed(db, ruth, DonorFilter(import_id=run_id)) == []


def test_funds_that_an_import_made_or_changed(
    people: dict[str, Actor], module_database: URL, ids: dict[str, int]
) -> None:
    run_ids = []
    for data in ("fund_id,name,status\nF1,Camp,active\n", "fund_id,name,status\nF1,Camp,closed\n"):
        with transaction_for_system() as db:
            request = imports.ImportRequest("funds.csv", data.encode())
            run_ids.append(
                imports.import_file(db, people["ada"], request, today=TODAY, now=NOW).run_id
            )
    with transaction(people["ada"]) as db:
        assert imports.funds(db, people["ada"], run_ids=run_ids) == {
            run_ids[0]: imports.ImportFunds(new=("Camp",)),
            run_ids[1]: imports.ImportFunds(changed=("Camp",)),
        }
    with transaction(people["ruth"]) as db:
        assert imports.funds(db, people["ruth"], run_ids=run_ids) == {}


def rows_read(db: Session) -> dict[str, int]:
    """Return how many rows of each table this transaction has read, by an index or without."""
    statement = """
        select relname, seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables
        where schemaname = 'public' and relname in ('donor', 'gift', 'pledge')
    """
    return {name: int(rows) for name, rows in db.execute(text(statement))}


@pytest.mark.parametrize("name", ["ruth", "ada"])
def test_the_rows_of_a_small_import_are_read_by_an_index(database: URL, name: str) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        actors = {"ruth": make.person(db), "ada": make.person(db, Role.ADMIN)}
        values = {"owner": actors["ruth"].user_id}
        for statement in MANY:
            db.execute(text(statement), values)
    run_ids = {}
    for kind, files in FILES.items():
        for data in files:
            with transaction_for_system() as db:
                request = imports.ImportRequest("x.csv", data.encode(), kind=kind)
                done = imports.import_file(db, actors["ruth"], request, today=TODAY, now=NOW)
            run_ids[kind] = done.run_id
    with transaction_for_system() as db:
        db.execute(text("analyze donor, gift, pledge, import_change, donor_summary"))
    # the list of pledges reads all pledges of a fundraiser anyway, for the sums above it
    cases = [case for case in CASES if name == "ada" or case[0] != "pledges"]
    for kind, rows in cases:
        with transaction(actors[name]) as db:
            before = rows_read(db)
            assert listed(db, actors[name], filter_of(kind, run_ids[kind], rows))
            table = kind.removesuffix("s")
            assert rows_read(db)[table] - before.get(table, 0) < MOST_READ, (kind, rows)
