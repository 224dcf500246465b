"""Import statements that PostgreSQL may plan badly: their results and their duration."""

import random
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor
from app.db.statements import timeouts
from app.imports.queries.donors import ambiguous_donors as ambiguous_donor_queries
from app.imports.queries.donors import matching as matching_queries
from app.settings import settings
from tests import factories as make
from tests.integration.imports.test_service import ImportedPlan, bring, ruth

__all__ = ["bring", "ruth"]
HEAD = "name,email,postal_code\n"
FIRST = ("Anna", "Anne", "Ann", "Jon", "John", "Johan", "Joan", "Maria", "Mary", "Bert", "Berta")
LAST = ("Smith", "Smit", "Schmidt", "Smithson", "de-Vries", "Devries", "Jansen", "O'Neil", "Oneil")
# compare every new name with every donor, without an index
ALL_PAIRS = """
    with fresh as (
        select row, normalise(name) as name, email, postal_code from import_donors
        where target_id is null and coalesce(asked, 'similar') = 'similar'
    ), here as (select id, normalise(name) as name from donor where owner_id = :owner)
    select f.row, h.id, similarity(h.name, f.name) from fresh f, here h
    where (similarity(h.name, f.name) >= 0.6
           or array(select unnest(string_to_array(h.name, ' ')) order by 1)
            = array(select unnest(string_to_array(f.name, ' ')) order by 1))
        and (exists (select from unnest(string_to_array(h.name, ' ')) part
                     where length(part) > 2 and part = any(string_to_array(f.name, ' ')))
             or left(replace(h.name, ' ', ''), 6) = left(replace(f.name, ' ', ''), 6))
        and not exists (select from donor_external_id x where x.donor_id = h.id
                        and x.source = 'file' and x.external_id not like 'row:%')
        and not (f.email <> '' and f.postal_code <> ''
                 and exists (select from donor_email e where e.donor_id = h.id)
                 and exists (select from donor_address a where a.donor_id = h.id
                             and a.postal_code <> f.postal_code))
    order by 1, 2
"""
CANDIDATES = """
    select c.* from import_candidates c join import_donors s using (row)
    where s.asked = 'similar' order by 1, 2
"""
# eight letters, different for almost every number
WORD = """
    create function pg_temp.word(number int) returns text language sql as $$
        select initcap(translate(left(md5(number::text), 8), '0123456789', 'aeioulnrst')) $$
"""


def preview(db: Session, ruth: Actor, today: date, rows: list[str]) -> imports.Preview:
    data = (HEAD + "\n".join(rows)).encode()
    return imports.preview(db, ruth, imports.ImportRequest("new.csv", data), today=today)


@pytest.fixture(autouse=True)
def _statement_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the statement timeout of the settings for every test."""
    monkeypatch.setenv("STATEMENT_TIMEOUT_MS", "1000")
    settings.cache_clear()


@pytest.mark.parametrize("seed", range(4))
def test_the_candidates_equal_those_of_comparing_all_pairs(
    db: Session, ruth: Actor, today: date, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(ambiguous_donor_queries, "CANDIDATES", 1_000)
    monkeypatch.setattr(ambiguous_donor_queries, "COMMON", 1_000)
    rng = random.Random(seed)

    def name() -> str:
        parts = [rng.choice(FIRST), rng.choice(LAST)]
        rng.shuffle(parts)
        return " ".join(parts)

    for number in range(120):
        make.donor(
            db,
            ruth if number % 10 else make.person(db),
            name(),
            email=f"here{number}@example.org" if number % 3 else None,
            address={"postal_code": str(1000 + number % 2)} if number % 2 else None,
            external=("file", f"E{number}") if number % 7 == 0 else None,
        )
    preview(
        db,
        ruth,
        today,
        [
            f"{name()},{rng.choice(('', f'new{n}@example.org'))},{rng.choice(('', 1000, 1001))}"
            for n in range(60)
        ],
    )
    candidates = db.execute(text(CANDIDATES)).all()
    assert candidates == db.execute(text(ALL_PAIRS), {"owner": ruth.user_id}).all()
    assert len(candidates) > 20


def test_similar_names_are_found_quickly_among_many_donors(
    db: Session, ruth: Actor, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL 15 once compared all pairs for this, and did not finish."""
    insert_donors = text("""
        insert into donor (name, owner_id)
        select pg_temp.word(i) || ' ' || pg_temp.word(-(i % 4000)), :owner
        from generate_series(1, 20000) i
    """)
    db.execute(text("set local statement_timeout = '60s'"))
    db.execute(text(WORD))
    db.execute(insert_donors, {"owner": ruth.user_id})
    db.execute(text("analyze donor"))
    names = db.scalars(text("select name from donor order by md5(id::text) limit 3000")).all()
    monkeypatch.setattr(timeouts, "PLANNING", timedelta(seconds=10))
    # names without their last letter are similar; at most COMPARED of them are compared
    planned = preview(db, ruth, today, [f"{name[:-1]},," for name in names])
    assert planned.plan.main.create == len(names)
    questions = db.scalar(text("select count(*) from import_donors where asked = 'similar'"))
    assert questions == ambiguous_donor_queries.COMPARED


def rows_read(db: Session) -> dict[str, int]:
    """Return how many rows of each table this transaction has read, by an index or without."""
    statement = """
        select relname, seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables
        where schemaname = 'public'
    """
    return dict(db.execute(text(statement)).all())


def seconds(db: Session, statement: TextClause, **values: str) -> float:
    began = time.perf_counter()
    db.execute(statement, values)
    return time.perf_counter() - began


def test_an_undo_with_outdated_statistics_reads_no_table_once_per_row(
    db: Session, ruth: Actor, bring: Callable[..., ImportedPlan], now: datetime
) -> None:
    """PostgreSQL 15 once read all imported donors for each e-mail that was deleted."""
    insert_donors = text("""
        with made as (insert into donor (name, owner_id)
                      select 'Here ' || i, :owner from generate_series(1, 5000) i returning id)
        insert into donor_email (donor_id, email, is_primary)
        select id, 'here' || id || '@example.org', true from made
    """)
    db.execute(insert_donors, {"owner": ruth.user_id})
    db.execute(text("analyze donor, donor_email, donor_external_id, task"))
    data = HEAD + "".join(f"Person {n},p{n}@example.org,\n" for n in range(8_000))
    run_id = bring(data)["run_id"]
    donor_id = db.scalar(text("select id from donor where name = 'Person 7'"))
    insert_tasks = text("""
        insert into task (title, type, assignee_id, donor_id, due_on, alert_id)
        select 'Call', 'call', :owner, case when i = 1 then :donor end, '2026-12-01', null
        from generate_series(1, 3000) i
    """)
    db.execute(insert_tasks, {"owner": ruth.user_id, "donor": donor_id})
    before = rows_read(db)
    undone = imports.undo(db, ruth, run_id=run_id, now=now)
    assert [sentence.partition(" stays")[0] for sentence in undone.kept] == ["Person 7"]
    remaining = db.execute(
        text("select name from donor where import_run_id = :run"), {"run": run_id}
    )
    assert remaining.scalars().all() == ["Person 7"]
    after = rows_read(db)
    assert max(after[table] - before.get(table, 0) for table in after) <= 10 * 13_000


def test_cached_plans_of_the_search_index_are_discarded_for_many_donors(
    db: Session, ruth: Actor, bring: Callable[..., ImportedPlan]
) -> None:
    """A cached plan compared each of 13,000 donors with each of a list of 8,000."""
    for turn in range(8):
        bring(HEAD + "".join(f"Few {turn} {n},few{turn}x{n}@example.org,\n" for n in range(2)))
        donor_id = make.donor(db, owner=ruth)
        db.execute(
            text("insert into donor_phone (donor_id, phone) values (:d, '1')"), {"d": donor_id}
        )
    insert_donors = text("""
        insert into donor (name, owner_id)
        select 'Many ' || i, :owner from generate_series(1, 8000) i
    """)
    insert_ids = text("""
        insert into donor_external_id (donor_id, source, external_id)
        select id, :source, id from donor where name like 'Many%'
    """)
    db.execute(insert_donors, {"owner": ruth.user_id})
    db.execute(text("analyze donor, donor_email, donor_external_id, task"))
    db.execute(insert_donors, {"owner": ruth.user_id})
    cached = seconds(db, insert_ids, source="kept plans")
    db.execute(text("discard plans"))
    replanned = seconds(db, insert_ids, source="new plans")
    assert cached <= 4 * replanned


def known_donors(db: Session, ruth: Actor, number: int) -> None:
    """Add donors with contact details and ids, of which some have the same names."""
    insert_donors = text("""
        with made as (
            insert into donor (name, owner_id)
            select 'Known ' || pg_temp.word(i % 900), :owner from generate_series(1, :number) i
            returning id
        ), email as (
            insert into donor_email (donor_id, email, is_primary)
            select id, 'known' || id || '@example.org', true from made
        ), phone as (
            insert into donor_phone (donor_id, phone, is_primary)
            select id, '555 ' || 10000 + id, true from made
        ), address as (
            insert into donor_address (donor_id, postal_code, is_primary)
            select id, 1000 + id % 900, true from made
        )
        insert into donor_external_id (source, external_id, donor_id)
        select 'elsewhere', 'K' || id, id from made
    """)
    db.execute(text("set local statement_timeout = '60s'"))
    db.execute(insert_donors, {"owner": ruth.user_id, "number": number})
    db.execute(text("analyze donor, donor_email, donor_phone, donor_address, donor_external_id"))


# the rows of the file: new names and e-mails, and ids that nobody has
NEW = [f"New{number} Comer{number},new{number}@example.net,{number}" for number in range(20)]


def test_a_plan_of_new_donors_does_not_read_all_known_ones(
    db: Session, ruth: Actor, today: date
) -> None:
    db.execute(text(WORD))
    ada = make.person(db, "admin")
    read = []
    for number in (4_000, 8_000):
        known_donors(db, ruth, number)
        # some have the name of a known donor
        names = db.scalars(text("select distinct name from donor order by 1 limit 5")).all()
        before = rows_read(db)
        preview(db, ada, today, [*NEW, *(f"{name},x@example.net,77" for name in names)])
        after = rows_read(db)
        tables = ("donor", "donor_email", "donor_address", "donor_external_id", "donor_phone")
        read.append({table: after.get(table, 0) - before.get(table, 0) for table in tables})
    assert max(read[0].values()) < 1_000, read
    assert max(read[1].values()) < 1_000, read


def test_donors_of_the_same_name_are_looked_up_by_an_index(db: Session, ruth: Actor) -> None:
    db.execute(text(WORD))
    known_donors(db, ruth, 8_000)
    rows = "create temporary table import_donors as select 1::bigint as row, x as ext_id"
    columns = ("name", "email", "first_name", "postal_code", "phone", "action", "how", "field")
    more = "".join(f", null::text as {name}" for name in (*columns, "asked"))
    db.execute(
        text(
            f"{rows}{more}, null::bigint as own_id, null::bigint as target_id,"
            " null::jsonb as reason, null::boolean as nameless"
            " from (select 'row:' || i as x from generate_series(1, 30000) i) i"
        )
    )
    db.execute(text("analyze import_donors"))
    for statement in matching_queries.LOOKUPS:
        sql = statement.replace("{scope}", "true")
        plan = db.scalars(text(f"explain {sql}"), {"source": "file"} if ":source" in sql else {})
        text_of_plan = "\n".join(plan)
        assert "Seq Scan on donor" not in text_of_plan, text_of_plan
