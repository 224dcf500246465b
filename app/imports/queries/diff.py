"""Query of the staged plan row by row: the file's values beside the stored values."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import text

from app.db import Session
from app.imports.queries import staging
from app.imports.queries.records.record_kinds import RECORD_KINDS, RecordKind
from app.imports.queries.related.kind import RelatedKind
from app.imports.queries.related.kinds import RELATED_KINDS


class PlannedRow(Protocol):
    """A staged row: the file's values (`new`) and the stored ones (`old`), by column."""

    row: int
    action: str
    reason: Mapping[str, Any] | None
    field: str | None
    name: str | None
    new: Mapping[str, Any]
    old: Mapping[str, Any] | None


def _record_rows(spec: RecordKind | RelatedKind) -> str:
    """Return the query of a kind of records around donors."""
    new, old = (
        ", ".join(f"'{name}', {sides[side]}" for name, sides in spec.shown.items())
        for side in (0, 1)
    )
    title = next((f"s.{name}" for name in ("title", "name", "tag") if name in spec.shape), "null")
    # names of fields that the policy did not let the file change
    kept = isinstance(spec, RelatedKind)
    new += ", 'kept', s.kept" if kept else ""
    return f"""
        select s.row, s.action, s.reason, s.field,
            coalesce(d.name, s.email, s.donor_ext, {title}) as name,
            jsonb_build_object({new}) as new, jsonb_build_object({old}) as old
        from chosen s left join donor d on d.id = s.donor_id
        left join {spec.table} k on k.id = s.target_id
            and {"(s.action = 'update' or s.kept is not null)" if kept else "s.action = 'update'"}
    """


_ROWS = {
    **{kind: _record_rows(spec) for kind, spec in RECORD_KINDS.items()},
    **{kind: _record_rows(spec) for kind, spec in RELATED_KINDS.items()},
    "donors": """
        select s.row, s.action, s.reason, s.field, coalesce(k.name, s.name) as name,
            to_jsonb(s) as new, to_jsonb(k) || coalesce(to_jsonb(a), '{}') || jsonb_build_object(
                'email', (select string_agg(email, ', ' order by is_primary desc, id)
                          from donor_email where donor_id = k.id),
                'phone', (select string_agg(phone, ', ' order by is_primary desc, id)
                          from donor_phone where donor_id = k.id),
                'tags', (select string_agg(t.name, ', ' order by t.name) from donor_tag dt
                         join tag t on t.id = dt.tag_id where dt.donor_id = k.id),
                'owner_email', (select email from app_user where id = k.owner_id)) as old
        from chosen s
        -- by the index: the server expects many chosen rows, and would read all donors for a few
        left join lateral (select * from donor d where d.id = s.target_id and s.action = 'update'
                           offset 0) k on true
        left join lateral (select street, city, state, postal_code, country from donor_address
                           where donor_id = k.id and is_primary) a on true
    """,
    "gifts": """
        select s.row, s.action, s.reason, s.field,
            coalesce(d.name, {new_donor}, s.email, s.donor_ext) as name,
            to_jsonb(s) || jsonb_build_object(
                'fund', coalesce(f.name, s.fund),
                'split', (select string_agg(p.fund, ', ' order by p.place) from import_splits p
                          where p.row = s.row),
                'soft credit', (select string_agg(p.name, ', ' order by p.name)
                                from import_credits p where p.row = s.row)
            ) as new,
            to_jsonb(k) || jsonb_build_object('fund', kf.name, 'campaign', kc.name) as old
        from chosen s left join donor d on d.id = s.donor_id {join_new_donor}
        left join gift k on k.id = s.target_id
            and (s.action = 'update' or s.kept is not null)
        left join fund f on f.id = s.fund_id left join fund kf on kf.id = k.fund_id
        left join campaign kc on kc.id = k.campaign_id
    """,
    "pledges": """
        select s.row, s.action, s.reason, s.field,
            coalesce(d.name, {new_donor}, s.email, s.donor_ext) as name,
            to_jsonb(s) || jsonb_build_object('fund', coalesce(f.name, s.fund)) as new,
            to_jsonb(k) || jsonb_build_object('fund', kf.name, 'campaign', kc.name,
                'amount_minor', coalesce(
                (select pa.amount_minor from pledge_amount pa where pa.pledge_id = k.id
                 order by pa.effective_from desc limit 1), k.amount_minor)) as old
        from chosen s left join donor d on d.id = s.donor_id {join_new_donor}
        left join pledge k on k.id = s.target_id
            and (s.action = 'update' or s.kept is not null)
        left join fund f on f.id = s.fund_id left join fund kf on kf.id = k.fund_id
        left join campaign kc on kc.id = k.campaign_id
    """,
    "funds": """
        select s.row, s.action, s.reason, s.field, s.name as name, to_jsonb(s) as new,
            to_jsonb(k) as old
        from chosen s left join fund k on k.id = s.target_id and s.action = 'update'
    """,
}


# placeholder → SQL for a file whose rows also describe their donors, and for any other file
_NEW_DONORS = {
    "{new_donor}": ("r.name", "null"),
    "{join_new_donor}": ("left join import_donors r on r.row = s.donor_row", ""),
}


def rows(db: Session, kind: str, *, limit: int, mixed: bool) -> Sequence[PlannedRow]:
    """Return the first `limit` rows of each action, with the stored values of changed ones.

    With `mixed` a row of gifts or pledges also describes its donor, who may be a new one.
    """
    query = _ROWS[kind]
    for placeholder, (of_mixed, of_other) in _NEW_DONORS.items():
        query = query.replace(placeholder, of_mixed if mixed else of_other)
    statement = f"""
        with placed as (
            select *, row_number() over (partition by action order by row) as place
            from {staging.table(kind)}
        ), chosen as materialized (select * from placed where place <= :limit)
        {query} order by s.row
    """
    return db.execute(text(statement), {"limit": limit}).all()
