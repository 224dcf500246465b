"""Statements of imports that a server may plan badly: their answers, and that they end soon."""

import random
import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from app import imports
from app.db import timeouts
from app.imports.queries import ambiguous_donors as ambiguous_donor_queries
from app.settings import settings
from tests import factories as make
from tests.integration.imports.test_service import bring, ruth

__all__ = ["bring", "ruth"]
HEAD = "name,email,postal_code\n"
FIRST = ("Anna", "Anne", "Ann", "Jon", "John", "Johan", "Joan", "Maria", "Mary", "Bert", "Berta")
LAST = ("Smith", "Smit", "Schmidt", "Smithson", "de-Vries", "Devries", "Jansen", "O'Neil", "Oneil")
# every new name beside every donor's, without a thought for time
EVERYBODY = """
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
FOUND = """
    select c.* from import_candidates c join import_donors s using (row)
    where s.asked = 'similar' order by 1, 2
"""
# eight letters that hardly two numbers share
WORD = """
    create function pg_temp.word(number int) returns text language sql as $$
        select initcap(translate(left(md5(number::text), 8), '0123456789', 'aeioulnrst')) $$
"""


def plan(db, ruth, today, rows: list[str]) -> imports.Preview:
    data = (HEAD + "\n".join(rows)).encode()
    return imports.preview(db, ruth, file_name="new.csv", data=data, today=today)


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    """No limit of the settings stands over the shorter one of a test."""
    monkeypatch.setenv("STATEMENT_TIMEOUT_MS", "1000")
    settings.cache_clear()


@pytest.mark.parametrize("seed", range(4))
def test_similar_names_are_those_found_by_comparing_everybody(db, ruth, today, monkeypatch, seed):
    monkeypatch.setattr(ambiguous_donor_queries, "CANDIDATES", 1_000)
    monkeypatch.setattr(ambiguous_donor_queries, "COMMON", 1_000)
    dice = random.Random(seed)

    def name() -> str:
        parts = [dice.choice(FIRST), dice.choice(LAST)]
        dice.shuffle(parts)
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
    plan(
        db,
        ruth,
        today,
        [
            f"{name()},{dice.choice(('', f'new{n}@example.org'))},{dice.choice(('', 1000, 1001))}"
            for n in range(60)
        ],
    )
    found = db.execute(text(FOUND)).all()
    assert found == db.execute(text(EVERYBODY), {"owner": ruth.user_id}).all()
    assert len(found) > 20


def test_similar_names_are_found_soon_among_many_donors(db, ruth, today, monkeypatch):
    """On every version of the server: 15 once compared all with all for this, without end."""
    made = text("""
        insert into donor (name, owner_id)
        select pg_temp.word(i) || ' ' || pg_temp.word(-(i % 4000)), :owner
        from generate_series(1, 20000) i
    """)
    db.execute(text("set local statement_timeout = '60s'"))
    db.execute(text(WORD))
    db.execute(made, {"owner": ruth.user_id})
    db.execute(text("analyze donor"))
    names = db.scalars(text("select name from donor order by md5(id::text) limit 3000")).all()
    monkeypatch.setattr(timeouts, "PLANNING", timedelta(seconds=10))
    # the last letter left out: similar, and at most as many are compared as fit
    seen = plan(db, ruth, today, [f"{name[:-1]},," for name in names])
    assert seen.plan.main.create == len(names)
    asked = db.scalar(text("select count(*) from import_donors where asked = 'similar'"))
    assert asked == ambiguous_donor_queries.COMPARED


def rows_read(db) -> dict[str, int]:
    """Return how many rows of each table this transaction has read, by an index or without."""
    read = """
        select relname, seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables
        where schemaname = 'public'
    """
    return dict(db.execute(text(read)).all())


def seconds(db, statement, **values) -> float:
    began = time.perf_counter()
    db.execute(statement, values)
    return time.perf_counter() - began


def test_an_undo_reads_no_table_for_every_row_when_much_happened_since_the_statistics(
    db, ruth, bring, now
):
    """Version 15 once read everybody of the import for each e-mail that was taken back."""
    here = text("""
        with made as (insert into donor (name, owner_id)
                      select 'Here ' || i, :owner from generate_series(1, 5000) i returning id)
        insert into donor_email (donor_id, email, is_primary)
        select id, 'here' || id || '@example.org', true from made
    """)
    db.execute(here, {"owner": ruth.user_id})
    db.execute(text("analyze donor, donor_email, donor_external_id, task"))
    data = HEAD + "".join(f"Person {n},p{n}@example.org,\n" for n in range(8_000))
    run_id = bring(data)["run_id"]
    kept = db.scalar(text("select id from donor where name = 'Person 7'"))
    made = text("""
        insert into task (title, type, assignee_id, donor_id, due_on, alert_id)
        select 'Call', 'call', :owner, case when i = 1 then :kept end, '2026-12-01', null
        from generate_series(1, 3000) i
    """)
    db.execute(made, {"owner": ruth.user_id, "kept": kept})
    before = rows_read(db)
    undone = imports.undo(db, ruth, run_id=run_id, now=now)
    assert [sentence.partition(" stays")[0] for sentence in undone.kept] == ["Person 7"]
    left = db.execute(text("select name from donor where import_run_id = :run"), {"run": run_id})
    assert left.scalars().all() == ["Person 7"]
    after = rows_read(db)
    assert max(after[table] - before.get(table, 0) for table in after) <= 10 * 13_000


def test_search_words_of_many_donors_are_planned_anew_after_few(db, ruth, bring):
    """A kept plan compared each of 13,000 donors with each of a list of 8,000."""
    for turn in range(8):
        bring(HEAD + "".join(f"Few {turn} {n},few{turn}x{n}@example.org,\n" for n in range(2)))
        few = make.donor(db, owner=ruth)
        db.execute(text("insert into donor_phone (donor_id, phone) values (:d, '1')"), {"d": few})
    many = text("""
        insert into donor (name, owner_id)
        select 'Many ' || i, :owner from generate_series(1, 8000) i
    """)
    hung = text("""
        insert into donor_external_id (donor_id, source, external_id)
        select id, :source, id from donor where name like 'Many%'
    """)
    db.execute(many, {"owner": ruth.user_id})
    db.execute(text("analyze donor, donor_email, donor_external_id, task"))
    db.execute(many, {"owner": ruth.user_id})
    kept = seconds(db, hung, source="kept plans")
    db.execute(text("discard plans"))
    anew = seconds(db, hung, source="new plans")
    assert kept <= 4 * anew
