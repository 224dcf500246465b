"""Donors of a file: find the differences, and write them with set-based SQL and before-images."""

from sqlalchemy import text

from app.accounts import Actor, Role
from app.db import Session
from app.imports.planning.update_policy import (
    ADDRESS,
    CUSTOM,
    DAYS,
    DETAILS,
    FILL,
    FLAGS,
    KEEP,
    OVERWRITE,
    TEXTS,
    Policy,
)
from app.imports.queries.donors import contact_details, email_names, household_kinds

_NAMES = ("name", "first_name", "last_name")
_ADDRESS_COLUMNS = ("street", "city", "state", "postal_code", "country")


def plan(db: Session, actor: Actor, *, policy: Policy, owner_id: int | None) -> None:
    """Set the action of every matched or new donor row, and the owner of each."""
    email_names.take_names(db, policy)
    household_kinds.keep(db, policy)
    owner = {"owner": owner_id, "admin": actor.role == Role.ADMIN}
    db.execute(text(_SET_OWNER), owner)
    # without a known donor the server would read all of them to find none
    if db.scalar(text(_FINDS_ANY)):
        differs = ", ".join(_differences(policy))
        db.execute(
            text(f"""
            update import_donors s set target_version = donor.version,
                field = nullif(concat_ws(', ', {differs}), '')
            from donor left join donor_address a on a.donor_id = donor.id and a.is_primary
            where donor.id = s.target_id and s.action is null
            """),
            {"admin": actor.role == Role.ADMIN},
        )
    db.execute(text(_SET_ACTION), owner)


def write(db: Session, *, run_id: int, source: str, policy: Policy) -> None:
    """Create and update the planned donors, storing before-images first."""
    values = {"run": run_id, "source": source}
    for statement in _CREATE:
        db.execute(text(statement), values)
    if db.scalar(text(_CREATES_MANY)):
        # statistics of a table whose rows were all removed say that it is still empty, and the
        # joins below would compare every donor with every row
        db.execute(text("analyze donor (id)"))
    details = contact_details.in_file(db)
    remember = (*_REMEMBER, *(contact_details.remember(policy) if details else ()))
    for statement in (*remember, _update(policy), *contact_details.insert_values(policy)):
        db.execute(text(statement), values)
    if policy.of(ADDRESS) == OVERWRITE:
        db.execute(text(_UPDATE_ADDRESS))
    write_details = contact_details.write(policy) if details else ()
    for statement in (_INSERT_ADDRESS, *write_details, *_tags(policy)):
        db.execute(text(statement), values)


def _normalised(column: str) -> str:
    """Return SQL for a stored text as in a file: normalised line ends, no outer white space."""
    plain = f"replace(replace({column}, e'\\r\\n', e'\\n'), e'\\r', e'\\n')"
    return f"nullif(regexp_replace({plain}, '^\\s+|\\s+$', '', 'g'), '')"


def _differences(policy: Policy) -> list[str]:
    """Return SQL for the name of each field that the file changes, null if it does not."""
    fields = _text_differences(policy)
    for name in policy.having(FLAGS, FILL, OVERWRITE):
        replaced = policy.of(name) == OVERWRITE
        test = f"s.{name} <> donor.{name}" if replaced else f"s.{name} and not donor.{name}"
        fields.append(f"case when {test} then '{name}' end")
    fields += [
        f"case when s.{name} <> donor.{name} then '{name}' end"
        for name in policy.having(("kind", "status"), OVERWRITE)
    ]
    if policy.of("kind") != OVERWRITE:
        fields.append("case when s.renames and s.kind <> donor.kind then 'kind' end")
    if policy.of("owner_email") == OVERWRITE:
        fields.append(
            "case when :admin and s.owner_email is not null and s.owner_id is distinct from"
            " donor.owner_id and s.owner_id is not null then 'owner_email' end"
        )
    same = {"email": "lower(k.email) = lower(v)", "phone": "k.phone = v"}
    fields += [
        _has_new_value(name, same[name]) for name in policy.having(tuple(same), FILL, OVERWRITE)
    ]
    fields.append(
        "case when (s.ext_id not like 'row:%' or s.how = 'asked') and s.own_id is null"
        " and s.how <> 'id' then 'id' end"
    )
    if policy.of("tags") != KEEP:
        fields.append(_HAS_NEW_TAG)
    if policy.of(CUSTOM) != KEEP:
        fields.append(_CUSTOM[policy.of(CUSTOM)])
    if policy.of(DETAILS) != KEEP:
        fields.append(contact_details.differs(policy))
    if policy.of(ADDRESS) != KEEP:
        fields.append(_address_differs(replaced=policy.of(ADDRESS) == OVERWRITE))
    return fields


def _text_differences(policy: Policy) -> list[str]:
    """Return SQL for the name of each text that the file changes, null if it does not."""
    fields = []
    for name in policy.having(TEXTS, FILL, OVERWRITE):
        stored = _normalised(f"donor.{name}::text")
        replaced = policy.of(name) == OVERWRITE
        test = f"s.{name} is distinct from {stored}" if replaced else f"{stored} is null"
        test = f"(s.{name} is not null and {test})"
        if name in _NAMES:
            test += f" or (s.renames and s.{name} is distinct from donor.{name})"
        fields.append(f"case when {test} then '{name}' end")
    return fields


_HAS_NEW_TAG = (
    "case when exists (select 1 from unnest(string_to_array(s.tags, e'\\n')) v"
    " where v <> '' and not exists ("
    "select 1 from donor_tag dt join tag t on coalesce(t.merged_into_id, t.id) = dt.tag_id"
    " where dt.donor_id = donor.id and lower(t.name) = lower(v))) then 'tags' end"
)
_CUSTOM = {
    OVERWRITE: "case when not donor.custom @> s.custom::jsonb then 'custom' end",
    FILL: "case when exists (select from jsonb_object_keys(s.custom::jsonb) k"
    " where not jsonb_exists(donor.custom, k)) then 'custom' end",
}


def _address_differs(*, replaced: bool) -> str:
    in_file = "coalesce(" + ", ".join(f"s.{name}" for name in _ADDRESS_COLUMNS) + ") is not null"
    differs = " or ".join(
        f"(s.{name} is not null and s.{name} is distinct from {_normalised(f'a.{name}')})"
        for name in _ADDRESS_COLUMNS
    )
    test = f"a.id is null or {differs}" if replaced else "a.id is null"
    return f"case when {in_file} and ({test}) then 'street' end"


def _has_new_value(child: str, same: str) -> str:
    values = f"string_to_array(concat_ws(e'\\n', s.{child}, s.other_{child}s), e'\\n')"
    return (
        f"case when exists (select 1 from unnest({values}) v where v <> '' and not exists"
        f" (select 1 from donor_{child} k where k.donor_id = donor.id and {same}))"
        f" then '{child}' end"
    )


def _staged(name: str) -> str:
    """Return SQL for a staged text as the type of its column."""
    return f"s.{name}::date" if name in DAYS else f"s.{name}"


def _update(policy: Policy) -> str:
    text_values = {OVERWRITE: "coalesce({1}, donor.{0})", FILL: "coalesce(donor.{0}, {1})"}
    flag_values = {
        OVERWRITE: "coalesce(s.{0}, donor.{0})",
        FILL: "donor.{0} or coalesce(s.{0}, false)",
    }
    sets = [
        f"{name} = case when {'s.renames' if name in _NAMES else 'false'} then {_staged(name)}"
        f" else {values[policy.of(name)].format(name, _staged(name))} end"
        for names, values in ((TEXTS, text_values), (FLAGS, flag_values))
        for name in policy.having(names, FILL, OVERWRITE)
    ]
    replaced = policy.having(("kind", "status"), OVERWRITE)
    sets += [f"{name} = coalesce(s.{name}, donor.{name})" for name in replaced]
    if "kind" not in replaced:
        sets.append(
            "kind = case when s.renames then coalesce(s.kind, donor.kind) else donor.kind end"
        )
    if policy.of("owner_email") == OVERWRITE:
        sets.append(
            "owner_id = case when s.field like '%owner_email%' then s.owner_id"
            " else donor.owner_id end"
        )
    if policy.of(CUSTOM) != KEEP:
        both = ("donor.custom", "coalesce(s.custom::jsonb, '{}')")
        first, second = both if policy.of(CUSTOM) == OVERWRITE else reversed(both)
        sets.append(f"custom = {first} || {second}")
    sets += ["version = donor.version + 1", "updated_at = now()"]
    return f"""
        update donor set {", ".join(sets)}
        from import_donors s where s.action = 'update' and donor.id = s.target_id
    """


_OWNER = """
    coalesce((select u.id from app_user u where :admin and lower(u.email) = lower(s.owner_email)),
             :owner)
"""
_SET_OWNER = f"""
    update import_donors s set owner_id = {_OWNER} where target_id is not null and action is null
"""
# one update of a new row, for its owner and its action
_SET_ACTION = f"""
    update import_donors s set action = case when target_id is null then 'create'
        when field is not null then 'update' else 'skip' end,
        owner_id = case when target_id is null then {_OWNER} else owner_id end
    where action is null
"""
_FINDS_ANY = """
    select exists (select from import_donors where target_id is not null and action is null)
"""
_CREATES_MANY = "select count(*) > 5000 from import_donors where action = 'create'"
_CREATE = (
    """
    update import_donors set target_id = nextval(pg_get_serial_sequence('donor', 'id'))
    where action = 'create'
    """,
    f"""
    insert into donor (id, kind, {", ".join(TEXTS)}, status, owner_id, {", ".join(FLAGS)},
                       custom, import_run_id)
    select target_id, coalesce(kind, 'person'), {", ".join(map(_staged, TEXTS))},
           coalesce(status, 'prospect'), owner_id,
           {", ".join(f"coalesce({flag}, false)" for flag in FLAGS)},
           coalesce(custom::jsonb, '{{}}'), :run
    from import_donors s where action = 'create' order by row
    """,
    """
    insert into donor_external_id (source, external_id, donor_id, import_run_id)
    select :source, ext_id, target_id, :run from import_donors
    where action = 'create' or (action = 'update' and own_id is null and how <> 'id'
                                and (ext_id not like 'row:%' or how = 'asked'))
    on conflict do nothing
    """,
)
_REMEMBER = (
    """
    insert into import_change (run_id, table_name, row_id, before, after)
    select :run, 'donor', donor.id, to_jsonb(donor), '{}' from import_donors s
    join donor on donor.id = s.target_id where s.action = 'update'
    """,
    """
    insert into import_change (run_id, table_name, row_id, before, after)
    select :run, 'donor_address', a.id, to_jsonb(a), '{}' from import_donors s
    join donor_address a on a.donor_id = s.target_id and a.is_primary
    where s.action = 'update' and s.field like '%street%'
    """,
)


_INSERT_ADDRESS = f"""
    insert into donor_address (donor_id, {", ".join(_ADDRESS_COLUMNS)}, is_primary, import_run_id)
    select target_id, {", ".join(f"s.{name}" for name in _ADDRESS_COLUMNS)},
        not exists (select 1 from donor_address a where a.donor_id = target_id and a.is_primary),
        :run
    from import_donors s
    where (s.action = 'create' or (s.action = 'update' and s.field like '%street%'))
        and coalesce({", ".join(f"s.{name}" for name in _ADDRESS_COLUMNS)}) is not null
        and not exists (select 1 from donor_address a where a.donor_id = target_id
                        and a.is_primary)
    order by row
"""
_NEW_ADDRESS = ", ".join(f"{name} = coalesce(s.{name}, a.{name})" for name in _ADDRESS_COLUMNS)
_UPDATE_ADDRESS = f"""
    update donor_address a set {_NEW_ADDRESS}
    from import_donors s
    where s.action = 'update' and s.field like '%street%' and a.donor_id = s.target_id
        and a.is_primary
"""


def _tags(policy: Policy) -> tuple[str, ...]:
    actions = contact_details.actions(policy, "tags")
    return (
        f"""
    with made as (
        insert into tag (name)
        select distinct on (lower(v)) v from import_donors s,
            unnest(string_to_array(s.tags, e'\\n')) v
        where s.action in {actions} and v <> ''
            and not exists (select 1 from tag t where lower(t.name) = lower(v))
        returning id
    )
    insert into import_change (run_id, table_name, row_id, before, after)
    select :run, 'tag', id, '{{}}', '{{}}' from made
    """,
        f"""
    insert into donor_tag (donor_id, tag_id, import_run_id)
    select distinct s.target_id, coalesce(t.merged_into_id, t.id), :run from import_donors s,
        unnest(string_to_array(s.tags, e'\\n')) v join tag t on lower(t.name) = lower(v)
    where s.action in {actions}
    on conflict do nothing
    """,
    )
