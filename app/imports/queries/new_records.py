"""Keys of records that the earlier files of a batch add, which have new ids at every planning.

A batch is planned by writing its files and rolling back, and written when it is committed: the
same donor has another id each time. A key is computed from the file's content and the number of
the row, or from the record's own name or external id, and is negative, unlike any id.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import text

from app.db import Session


def prepare(db: Session) -> None:
    """Create the empty table of keys, which exists until the transaction or savepoint ends."""
    db.execute(text("drop table if exists import_new_records"))
    db.execute(
        text(
            "create temporary table import_new_records (record text, id bigint, key bigint,"
            " primary key (record, id)) on commit drop"
        )
    )


def store(db: Session, kinds: Collection[str], *, file_sha256: str, run_id: int) -> None:
    """Store the keys of the records that a run has just added; `kinds` are those of its rows."""
    for kind in ("donors", "pledges"):
        if kind in kinds:
            db.execute(text(_STAGED.format(kind=kind, record=kind[:-1])), {"file": file_sha256})
    for statement in (_FUNDS, _GIFTS):
        db.execute(text(statement), {"run": run_id})
    db.execute(text("analyze import_new_records"))


def _key(value: str) -> str:
    """Return SQL for a negative key of a text; 58 bits are a number of at most 18 digits."""
    return f"-1 - (hashtextextended({value}, 0) & {2**58 - 1})"


_STAGED = f"""
    insert into import_new_records
    select '{{record}}', target_id, {_key("concat_ws(' ', cast(:file as text), row)")}
    from import_{{kind}} where action = 'create'
"""
_FUNDS = f"""
    insert into import_new_records
    select 'fund', id, {_key("lower(name)")} from fund where import_run_id = :run
"""
_GIFTS = f"""
    insert into import_new_records
    select 'gift', id, {_key("concat_ws(' ', source, external_id)")}
    from gift where import_run_id = :run
"""


def key_sql(record: str, column: str) -> str:
    """Return SQL for the key of a record that the batch adds, or the id of a stored one."""
    return f"""
        coalesce((select n.key from import_new_records n
                  where n.record = '{record}' and n.id = {column}), {column})
    """


def donor_keys(db: Session) -> dict[int, int]:
    """Return the key of each donor that the batch adds, by id, for the candidates of questions."""
    rows = db.execute(
        text("""
        select n.id, n.key from import_new_records n
        where n.record = 'donor' and n.id in (select donor_id from import_candidates)
        """)
    )
    return {row.id: row.key for row in rows}


def with_ids(db: Session, answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers about people with ids instead of the keys of the batch's donors."""
    keys = {answer for answer in answers.values() if answer.startswith("-")}
    if not keys:
        return dict(answers)
    rows = db.execute(
        text("select id, key from import_new_records where record = 'donor' and key = any(:keys)"),
        {"keys": [int(key) for key in keys]},
    )
    ids = {str(row.key): str(row.id) for row in rows}
    return {name: ids.get(answer, answer) for name, answer in answers.items()}
