"""E-mails, phones and addresses of donors, one a row, with their types and validity."""

from collections.abc import Mapping

from app.imports.queries.donors.contact_details import address_key
from app.imports.queries.problems import problem_sql
from app.imports.queries.related.kind import (
    Change,
    RelatedKind,
    refuse_repeated,
    refuse_swapped,
    span_change,
)

_ADDRESS = ("street", "city", "state", "postal_code", "country")
_USE = {"type": "text", "is_primary": "boolean", "do_not_use": "boolean"}
_VALUES = {
    "type": "coalesce(s.type, 'other')",
    "is_primary": "coalesce(s.is_primary, false)",
    "do_not_use": "coalesce(s.do_not_use, false)",
}


def _changes(table: str) -> dict[str, Change]:
    # the primary detail of a donor is replaced only where the file overwrites values
    none = f"not exists (select from {table} p where p.donor_id = k.donor_id and p.is_primary)"
    return {
        "type": Change("s.type", "k.type", "k.type = 'other'", {"type": "s.type"}),
        "primary": Change("s.is_primary", "k.is_primary", none, {"is_primary": "s.is_primary"}),
        "do not use": Change(
            "s.do_not_use", "k.do_not_use", "not k.do_not_use", {"do_not_use": "s.do_not_use"}
        ),
    }


def _primary(table: str) -> tuple[str, ...]:
    """Return the checks of primary details: one for each donor, the first if none is named."""
    return (
        refuse_repeated("s.donor_id", "s.is_primary", "primary", "primary_twice"),
        f"""
        update {{table}} s set is_primary = false, remark_field = 'primary',
            remark = {problem_sql("primary_kept")}
        where s.action is null and s.is_primary and :policy <> 'overwrite'
            and exists (select from {table} k where k.donor_id = s.donor_id and k.is_primary)
        """,
        f"""
        update {{table}} s set is_primary = true from (
            select distinct on (s.donor_id) s.row, s.donor_id, s.is_primary from {{table}} s
            where s.action is null and s.donor_id is not null
            order by s.donor_id, s.row) f
        where f.row = s.row and f.is_primary is null
            and not exists (select from {table} k where k.donor_id = f.donor_id and k.is_primary)
            and not exists (select from {{table}} o where o.donor_id = f.donor_id
                            and o.is_primary and o.action is null)
        """,
    )


def _demote(table: str) -> tuple[str, str]:
    """Return statements that store and change the detail that was the primary one before."""
    found = f"""
        from {table} k join {{table}} s on s.donor_id = k.donor_id and s.is_primary
            and (s.action = 'create' or s.action = 'update' and 'primary'
                 = any(string_to_array(s.field, ', ')))
        where k.is_primary and k.id is distinct from s.target_id
    """
    return (
        f"""
        insert into import_change (run_id, table_name, row_id, before, after)
        select :run, '{table}', k.id, to_jsonb(k), '{{}}' {found} on conflict do nothing
        """,
        f"update {table} o set is_primary = false where o.id in (select k.id {found})",
    )


def _shown(extra: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    return {
        **extra,
        "primary": ("s.is_primary", "k.is_primary"),
        "do not use": ("s.do_not_use", "k.do_not_use"),
    }


def _line(name: str, key: str) -> RelatedKind:
    table = f"donor_{name}"
    return RelatedKind(
        table=table,
        shape={"value": "text", **_USE},
        values={name: "s.value", **_VALUES},
        same=f"k.donor_id = s.donor_id and {key.format(f'k.{name}')} = {key.format('s.value')}",
        key=f"s.donor_id, {key.format('s.value')}",
        shown=_shown({name: ("s.value", f"k.{name}"), "type": ("s.type", "k.type")}),
        changes=_changes(table),
        checks=_primary(table),
        before=_demote(table),
    )


def _one_line(side: str) -> str:
    return f"concat_ws(', ', {', '.join(f'{side}.{name}' for name in _ADDRESS)})"


def _type_and_season(side: str) -> str:
    return f"nullif(concat_ws(' ', {side}.type, {side}.season_from, {side}.season_to), '')"


def _validity(side: str) -> str:
    return f"nullif(concat_ws(' – ', {side}.valid_from, {side}.valid_to), '')"


EMAILS = _line("email", "lower({})")
PHONES = _line("phone", "{}")
ADDRESSES = RelatedKind(
    table="donor_address",
    shape={
        **dict.fromkeys(_ADDRESS, "text"),
        **_USE,
        "season_from": "text",
        "season_to": "text",
        "valid_from": "date",
        "valid_to": "date",
    },
    values={
        **{name: f"s.{name}" for name in (*_ADDRESS, "season_from", "season_to")},
        **_VALUES,
        "valid_from": "s.valid_from",
        "valid_to": "s.valid_to",
    },
    same=f"k.donor_id = s.donor_id and {address_key('k')} = {address_key('s')}",
    key=f"s.donor_id, {address_key('s')}",
    shown=_shown(
        {
            "street": (_one_line("s"), _one_line("k")),
            "type": (_type_and_season("s"), _type_and_season("k")),
            "valid": (_validity("s"), _validity("k")),
        }
    ),
    changes={
        **_changes("donor_address"),
        "type": Change(
            "case when s.type is not null"
            " then concat_ws(' ', s.type, s.season_from, s.season_to) end",
            "concat_ws(' ', k.type, k.season_from, k.season_to)",
            "k.type = 'other'",
            {name: f"s.{name}" for name in ("type", "season_from", "season_to")},
        ),
        "valid": span_change("valid_from", "valid_to"),
    },
    checks=(
        refuse_swapped("donor_address", "valid_from", "valid_to", "valid_to"),
        *_primary("donor_address"),
    ),
    before=_demote("donor_address"),
)
