"""E-mails, phones and addresses of a file's donors beyond the primary ones, as set-based SQL.

The columns of e-mails and phones only add values. The column `contact_details`, which exports
write as JSON, also has the type of each value, whether it is not to be used, and every address.
"""

from sqlalchemy import text

from app.db import Session
from app.imports.planning.update_policy import DETAILS, FILL, KEEP, Policy

_SAME = {"email": "lower(k.email) = lower(v.email)", "phone": "k.phone = v.phone"}
_ADDRESS = ("street", "city", "state", "postal_code", "country")
_DATED = ("season_from", "season_to", "valid_from", "valid_to")
_IN_FILE = f"select exists (select from import_donors where {DETAILS} is not null)"


def address_key(alias: str) -> str:
    """Return SQL for an address as it is compared: letters of any case, single white space."""
    parts = ", ".join(f"coalesce({alias}.{name}, '')" for name in _ADDRESS)
    return f"lower(btrim(regexp_replace(concat_ws(' ', {parts}), '\\s+', ' ', 'g')))"


_SAME["address"] = f"{address_key('k')} = {address_key('v')}"
_PLURALS = {"email": "emails", "phone": "phones", "address": "addresses"}
_COLUMNS = {
    "email": ("type", "do_not_use"),
    "phone": ("type", "do_not_use"),
    "address": ("type", "do_not_use", *_DATED),
}
_VALUES = {"email": ("email",), "phone": ("phone",), "address": _ADDRESS}
_TYPES = {"do_not_use": "boolean", "valid_from": "date", "valid_to": "date"}


def differs(policy: Policy) -> str:
    """Return SQL that names the column if the file changes a detail, null if it does not."""
    tests = " or ".join(
        f"exists (select from {_rows(kind)} left join donor_{kind} k on k.donor_id = donor.id"
        f" and {_SAME[kind]} where k.id is null or ({_changes(kind, policy)}))"
        for kind in _SAME
    )
    return f"case when s.{DETAILS} is not null and ({tests}) then '{DETAILS}' end"


def in_file(db: Session) -> bool:
    """Return whether a staged donor has a cell of contact details; most files have none."""
    return bool(db.scalar(text(_IN_FILE)))


def remember(policy: Policy) -> list[str]:
    """Return the statements that store the details about to be changed."""
    if policy.of(DETAILS) == KEEP:
        return []
    return [
        f"""
        insert into import_change (run_id, table_name, row_id, before, after)
        select distinct :run, 'donor_{kind}', k.id, to_jsonb(k), '{{}}'::jsonb
        from import_donors s cross join {_rows(kind)}
        join donor_{kind} k on k.donor_id = s.target_id and {_SAME[kind]}
        where s.action = 'update' and {_changes(kind, policy)}
        on conflict do nothing
        """
        for kind in _SAME
    ]


def write(policy: Policy) -> list[str]:
    """Return the statements that change and add the details of the file's donors."""
    writing = actions(policy, DETAILS)
    return [
        statement
        for kind in _SAME
        for statement in (_update(kind, policy, writing), _insert(kind, writing))
    ]


def _rows(kind: str) -> str:
    """Return SQL for the details of one kind in a staged row."""
    names = (*_VALUES[kind], *_COLUMNS[kind])
    columns = ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in names)
    source = f"coalesce(s.{DETAILS}::jsonb -> '{_PLURALS[kind]}', '[]')"
    return f"jsonb_to_recordset({source}) v({columns})"


def _changes(kind: str, policy: Policy) -> str:
    """Return the condition that the stored detail `k` takes the values of the file's `v`."""
    stored, new = (", ".join(f"{alias}.{name}" for name in _COLUMNS[kind]) for alias in ("k", "v"))
    # what nobody has chosen yet counts as empty
    unset = " and k.type = 'other' and not k.do_not_use" if policy.of(DETAILS) == FILL else ""
    return f"({stored}) is distinct from ({new}){unset}"


def _update(kind: str, policy: Policy, actions: str) -> str:
    sets = ", ".join(f"{name} = v.{name}" for name in _COLUMNS[kind])
    return f"""
    update donor_{kind} k set {sets} from import_donors s cross join {_rows(kind)}
    where s.action in {actions} and k.donor_id = s.target_id and {_SAME[kind]}
        and {_changes(kind, policy)}
    """


def _insert(kind: str, actions: str) -> str:
    names = ", ".join((*_VALUES[kind], *_COLUMNS[kind]))
    values = ", ".join(f"v.{name}" for name in (*_VALUES[kind], *_COLUMNS[kind]))
    key = {"email": "lower(v.email)", "phone": "v.phone", "address": address_key("v")}[kind]
    return f"""
    insert into donor_{kind} (donor_id, {names}, is_primary, import_run_id)
    select distinct on (s.target_id, {key}) s.target_id, {values}, false, :run
    from import_donors s cross join {_rows(kind)}
    where s.action in {actions} and not exists (
        select from donor_{kind} k where k.donor_id = s.target_id and {_SAME[kind]})
    order by s.target_id, {key}
    """


def insert_values(policy: Policy) -> list[str]:
    """Return the statements that add the e-mails and phones of the file's other columns."""
    same = {"email": "lower(k.email)", "phone": "k.phone"}
    return [_insert_value(name, same[name], actions(policy, name)) for name in same]


def actions(policy: Policy, name: str) -> str:
    """Return the actions whose rows may add values to a field with several values."""
    return "('create')" if policy.of(name) == KEEP else "('create', 'update')"


def _insert_value(child: str, same: str, actions: str) -> str:
    return f"""
    insert into donor_{child} (donor_id, {child}, is_primary, import_run_id)
    select distinct on (target_id, {same.replace("k." + child, "v")}) target_id, v,
        n = 1 and not exists (select 1 from donor_{child} k
                              where k.donor_id = target_id and k.is_primary), :run
    from import_donors s,
        unnest(string_to_array(concat_ws(e'\\n', s.{child}, s.other_{child}s), e'\\n'))
            with ordinality u(v, n)
    where s.action in {actions} and v <> '' and not exists (
        select 1 from donor_{child} k
        where k.donor_id = target_id and {same} = {same.replace("k." + child, "v")})
    order by target_id, {same.replace("k." + child, "v")}, n
    """
