"""The description of one kind of related records: how they are found, compared and written."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.imports.queries.problems import problem_sql
from app.imports.queries.records import record_kinds


@dataclass(frozen=True, slots=True)
class Change:
    """A field that a file may change: SQL of its new value and the stored one.

    `new` is null where the file says nothing; `empty` is the condition that the stored value
    counts as empty; `sets` has the SQL of the new value of each stored column.
    """

    new: str
    stored: str
    empty: str
    sets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RelatedKind:
    """One kind, in SQL over staged rows `s` and stored records `k`.

    `{table}` in a statement is the staged table, `{scope}` and `{gifts}` are the conditions on
    `donor` for a donor whom the actor may change or record gifts for, `{visible}` that for one
    whom the actor may see.

    Attributes:
        table: the table of the stored records.
        shape: the columns of the file, and those that planning fills in.
        values: stored column → SQL of its value in a new record.
        same: the condition that `k` is the record that `s` means.
        key: what identifies the record among the rows of a file.
        shown: name of a field → SQL of its value in `s`, and of that in `k`.
        changes: name of a field → how a file changes it.
        records: SQL of the stored records in place of the table, with id and donor_id.
        finds: statements that complete rows or refuse them, before stored records are found.
        checks: statements that refuse rows afterwards; `action` is null for new records.
        before: statements before the new records are added.
        adds: statements that add the new records, in place of an insert of `values`.
        follows: statements after the records were written.
        elsewhere: the condition that the stored record belongs to another one.
        donor: whether a row must name its donor; "none" if it never does.
        giftable: whether it is enough that the actor may record gifts for the donor.
        versioned: whether the table has an optimistic lock.
        dated: whether the table has the time of the last change.
        administrators: whether only administrators add and change records.
    """

    table: str
    shape: Mapping[str, str]
    same: str
    key: str
    shown: Mapping[str, tuple[str, str]]
    values: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, Change] = field(default_factory=dict)
    records: str = ""
    finds: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    elsewhere: str = "s.donor_id is distinct from k.donor_id"
    donor: str = "required"
    giftable: bool = False
    versioned: bool = False
    dated: bool = False
    administrators: bool = False

    @property
    def stored(self) -> str:
        """SQL of the stored records, to be named `k`."""
        return self.records or self.table


WORKING = record_kinds.WORKING | {"kept": "text", "remark": "jsonb", "remark_field": "text"}


def refuse(condition: str, field_name: str, problem: str, *, action: str = "error") -> str:
    """Return a statement that refuses the rows that are not decided yet and meet a condition."""
    return f"""
        update {{table}} s set action = '{action}', field = '{field_name}', reason = {problem}
        where s.action is null and ({condition})
    """


def refuse_repeated(key: str, condition: str, field_name: str, code: str) -> str:
    """Return a statement that refuses all but the first of the rows with the same key."""
    return f"""
        update {{table}} s set action = 'conflict', field = '{field_name}',
            reason = {problem_sql(code, row="d.first")}
        from (select s.row, min(s.row) over (partition by {key}) as first from {{table}} s
              where (s.action is null or s.action in ('update', 'skip')) and ({condition})) d
        where d.row = s.row and d.first <> s.row
    """


def one_line(column: str) -> str:
    """Return SQL for a stored text as a file has it: with single white space."""
    return f"nullif(regexp_replace(btrim({column}), '\\s+', ' ', 'g'), '')"


def plain_change(staged: str, column: str = "") -> Change:
    """Return the change of a column by a staged value, empty where it is null."""
    column = column or staged
    new = {column: f"s.{staged}"}
    return Change(f"s.{staged}", f"k.{column}", f"k.{column} is null", new)


def span_change(first: str, last: str) -> Change:
    """Return the change of a first and a last day, of which a file may say one."""
    days = {day: f"coalesce(s.{day}, k.{day})" for day in (first, last)}
    new = f"nullif(concat(s.{first}, s.{last}), '')"
    merged = ", ".join(f"coalesce({value}::text, '')" for value in days.values())
    stored = f"concat_ws('/', coalesce(k.{first}::text, ''), coalesce(k.{last}::text, ''))"
    said = f"case when {new} is not null then concat_ws('/', {merged}) end"
    return Change(said, stored, f"k.{first} is null and k.{last} is null", days)


def refuse_swapped(table: str, first: str, last: str, field_name: str) -> str:
    """Return a statement that refuses changes after which the last day lies before the first."""
    return f"""
        update {{table}} s set action = 'error', field = '{field_name}',
            reason = {problem_sql("ends_before_start")}
        from {table} k where k.id = s.target_id and s.action = 'update'
            and coalesce(s.{last}, k.{last}) < coalesce(s.{first}, k.{first})
    """
