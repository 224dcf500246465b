"""The last check of a statement's values, whatever a service forgets."""

import io

import pytest
from psycopg2 import errorcodes
from sqlalchemy import URL, select, text
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from app.api.rest import problems
from app.db import transaction_for_system
from app.db.errors import DatabaseError
from app.db.models import Activity, Organisation
from app.db.statements import bulk_copy
from app.db.statements.parameters import UnstorableValueError
from app.kit.errors import InvalidError
from tests import factories as make
from tests.values import present

BAD = ["a\0b", "a\ud800b"]


@pytest.mark.parametrize("bad", BAD)
def test_no_statement_carries_what_the_database_cannot_store(db: Session, bad: str) -> None:
    make.organisation(db)
    before = db.scalars(select(Organisation.name)).one()
    for values in ({"x": bad}, {"x": [1, bad]}, [{"x": "good"}, {"x": bad}]):
        with pytest.raises(UnstorableValueError, match="cannot be saved"), db.begin_nested():
            db.execute(text("select :x"), values)
    with pytest.raises(InvalidError), db.begin_nested():
        db.query(Organisation).update({"name": bad})
    assert db.scalars(select(Organisation.name)).one() == before


@pytest.mark.parametrize("bad", BAD)
def test_nor_does_json(db: Session, bad: str) -> None:
    for value in ({"note": bad}, {bad: 1}, {"all": [{"deep": [bad]}]}):
        line = Activity(action="x.y", entity="x", sentence="X.", after=value)
        with pytest.raises(UnstorableValueError), db.begin_nested():
            db.add(line)


def test_json_keeps_pictures_and_what_only_looks_like_an_escape(db: Session) -> None:
    value = {"note": "👩\u200d👧 \\u0000 \\ud800"}
    line = Activity(action="x.y", entity="x", sentence="X.", after=value)
    db.add(line)
    db.flush()
    db.expire_all()
    assert present(db.get(Activity, line.id)).after == value


@pytest.mark.parametrize(
    "statement", ["select 2147483648::int", "select '10000-01-01'::date + 2147483647"]
)
def test_a_value_out_of_range_is_a_sentence(database: URL, statement: str) -> None:
    with pytest.raises(InvalidError, match="too large"), transaction_for_system() as db:
        db.execute(text(statement))


# a statement for each data exception (SQLSTATE class 22) that a statement can cause
CAUSES = {
    errorcodes.STRING_DATA_RIGHT_TRUNCATION: "create temporary table t (x varchar(1));"
    " insert into t values ('ab')",
    errorcodes.NUMERIC_VALUE_OUT_OF_RANGE: "select 2147483648::int",
    errorcodes.NULL_VALUE_NOT_ALLOWED_: "do $$ begin execute null; end $$",
    errorcodes.INVALID_DATETIME_FORMAT: "select 'x'::date",
    errorcodes.DATETIME_FIELD_OVERFLOW: "select '2026-02-30'::date",
    errorcodes.INVALID_TIME_ZONE_DISPLACEMENT_VALUE: "select '2026-01-01 10:00+99'::timestamptz",
    errorcodes.SEQUENCE_GENERATOR_LIMIT_EXCEEDED: "create temporary sequence s maxvalue 2;"
    " select nextval('s'), nextval('s'), nextval('s')",
    errorcodes.SUBSTRING_ERROR: "select substring('x' from 1 for -1)",
    errorcodes.DIVISION_BY_ZERO: "select 1 / 0",
    errorcodes.INVALID_PRECEDING_OR_FOLLOWING_SIZE: "select sum(x) over"
    " (order by x rows -1 preceding) from generate_series(1, 2) x",
    errorcodes.INVALID_ARGUMENT_FOR_NTILE_FUNCTION: "select ntile(0) over ()",
    errorcodes.INVALID_ARGUMENT_FOR_NTH_VALUE_FUNCTION: "select nth_value(1, 0) over ()",
    errorcodes.INVALID_REGULAR_EXPRESSION: "select 'x' ~ '('",
    errorcodes.INVALID_ARGUMENT_FOR_LOGARITHM: "select ln(0)",
    errorcodes.INVALID_ARGUMENT_FOR_POWER_FUNCTION: "select power(0, -1)",
    errorcodes.INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION: "select width_bucket(1, 1, 2, 0)",
    errorcodes.INVALID_ROW_COUNT_IN_LIMIT_CLAUSE: "select 1 limit -1",
    errorcodes.INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE: "select 1 offset -1",
    errorcodes.CHARACTER_NOT_IN_REPERTOIRE: "select convert_from('\\xff', 'utf8')",
    errorcodes.INVALID_PARAMETER_VALUE: "select now() at time zone 'Nowhere/At all'",
    errorcodes.INVALID_ESCAPE_SEQUENCE: "select 'xy' like 'x\\'",
    errorcodes.ARRAY_SUBSCRIPT_ERROR: "select '{1}'::int[] || '{{{1}}}'::int[]",
    errorcodes.INVALID_TABLESAMPLE_ARGUMENT: "select 1 from donor tablesample system (101)",
    errorcodes.INVALID_ARGUMENT_FOR_SQL_JSON_DATETIME_FUNCTION: "select"
    " jsonb_path_query('\"x\"', '$.datetime()')",
    errorcodes.SINGLETON_SQL_JSON_ITEM_REQUIRED: "select jsonb_path_query('[1, 2]', '$ + 1')",
    errorcodes.SQL_JSON_ARRAY_NOT_FOUND: "select jsonb_path_query('1', 'strict $[0]')",
    errorcodes.SQL_JSON_MEMBER_NOT_FOUND: "select jsonb_path_query('{}', 'strict $.a')",
    errorcodes.INVALID_TEXT_REPRESENTATION: "select 'x'::int",
    errorcodes.BAD_COPY_FILE_FORMAT: "",
    errorcodes.UNTRANSLATABLE_CHARACTER: """select '"\\u0000"'::jsonb ->> 0""",
}
FROM_OUTSIDE = {"22001", "22003", "22008", "22021", "22P05"}


@pytest.mark.parametrize("code", CAUSES)
def test_every_data_exception_is_a_sentence(
    database: URL, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    def run() -> None:
        with transaction_for_system() as db:
            db.execute(text("create table saved (x int)"))
            if CAUSES[code]:
                db.connection().exec_driver_sql(CAUSES[code])
            with bulk_copy.cursor_of(db) as cursor:
                cursor.copy_expert("copy saved from stdin", io.StringIO("1\t2\n"))

    with pytest.raises(InvalidError) as refused:
        run()
    cause = refused.value.__cause__
    assert isinstance(cause, DataError)
    assert getattr(cause.orig, "pgcode", None) == code
    answer = problems.answer(refused.value)
    assert answer.status_code == 422
    assert "Nothing was saved" in bytes(answer.body).decode()
    with transaction_for_system() as db:
        assert db.execute(text("select to_regclass('saved')")).scalar_one() is None
    # what may be a fault of a statement is found in the log, with its place and without values
    logged = f"a statement met a value it cannot use: {code} at [" in caplog.text
    assert logged is (code not in FROM_OUTSIDE) is ("test_parameters.py:" in caplog.text)


@pytest.mark.parametrize("statement", ["select x", "select 1 +", "select pg_sleep('x', 2)"])
def test_a_fault_of_ours_stays_one(database: URL, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction_for_system() as db:
        db.execute(text(statement))
