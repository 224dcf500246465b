"""Rows of one file that mean the same donor: the first counts, the others add what it lacks."""

from sqlalchemy import text

from app.db import Session
from app.imports.queries.problems import problem_sql
from app.imports.queries.staging import add_notes

DUPLICATES = (
    # two rows match one donor: the row matched by id counts, else the earlier one with a name
    f"""
    with ranked as (
        select row, ext_id, first_value(row) over w as first, row_number() over w as place
        from import_donors where target_id is not null and action is null
        window w as (partition by target_id
                     order by (how = 'id') desc, coalesce(nameless, false), row)
    )
    update import_donors s set
        action = case when s.ext_id like 'row:%' then 'skip' else 'conflict' end,
        field = 'id',
        same_as = case when s.ext_id like 'row:%' then first end,
        reason = case when s.ext_id like 'row:%' then {problem_sql("same_donor", row="first")}
                      else {problem_sql("donor_under_other_id", row="first")} end
    from ranked where ranked.row = s.row and place > 1
    """,
    # among new donors without ids, one e-mail with one name is one person; a row without a name
    # belongs to the only person of its e-mail
    """
    create temporary table import_emails on commit drop as
    select row,
        first_value(row) over (partition by lower(email), lower(name) order by row) as same,
        min(row) filter (where nameless is null) over w as named,
        min(lower(name)) filter (where nameless is null) over w
            <> max(lower(name)) filter (where nameless is null) over w as several
    from import_donors
    where target_id is null and action is null and ext_id like 'row:%' and email <> ''
    window w as (partition by lower(email))
    """,
    f"""
    update import_donors s set field = 'email',
        action = case when s.nameless and several then 'conflict' else 'skip' end,
        same_as = case when s.nameless and several then null
                       when s.nameless then coalesce(named, same) else same end,
        reason = case when s.nameless and several then {problem_sql("email_repeated", row="named")}
                      else {problem_sql("same_person", row="coalesce(named, same)")} end
    from import_emails e
    where e.row = s.row and s.row <> case when s.nameless then coalesce(named, same) else same end
    """,
    f"""
    with ranked as (
        select row, first_value(row) over w as first
        from import_donors
        where target_id is null and action is null and ext_id like 'row:%'
            and coalesce(postal_code, phone) is not null
        window w as (partition by lower(name), coalesce(postal_code, phone) order by row)
    )
    update import_donors s set action = 'skip', field = 'name', same_as = first,
        reason = {problem_sql("same_person", row="first")}
    from ranked where ranked.row = s.row and ranked.first <> s.row
    """,
)
_SEVERAL_NAMES = f"""
    select s.row, 'email', {problem_sql("email_repeated", row="e.named")}
    from import_emails e join import_donors s using (row)
    where s.action is null and e.row <> e.named
"""
_ADDRESS = ("street", "city", "state", "postal_code", "country")
_FLAGS = ("no_email", "no_phone", "no_mail", "deceased", "anonymous")
_TEXTS = (
    "spouse_first_name",
    "spouse_last_name",
    "salutation",
    "envelope_name",
    "status",
    "owner_email",
    "notes",
    "deceased_on",
    "preferred_language",
    "preferred_channel",
    "contact_details",
)


def _label(name: str) -> str:
    return name.replace("_", " ")


def _single(alias: str) -> str:
    """Return SQL for the values of a row of which a donor has one each, as (label, value)."""
    address = f"nullif(concat_ws(', ', {', '.join(f'{alias}.{name}' for name in _ADDRESS)}), '')"
    pairs = [f"('{_label(name)}', {alias}.{name})" for name in _TEXTS]
    pairs += [f"('{_label(flag)}', case when {alias}.{flag} then 'yes' end)" for flag in _FLAGS]
    values = ", ".join([*pairs, f"('address', {address})"])
    return f"""
        select label, value from (values {values}) v (label, value) where value <> ''
        union all select 'field ' || key, value from jsonb_each_text({alias}.custom::jsonb)
    """


def _listed(alias: str) -> str:
    """Return SQL for the values of a row of which a donor has several, as (label, value)."""
    columns = {
        "e-mail": f"concat_ws(e'\\n', {alias}.email, {alias}.other_emails)",
        "phone": f"concat_ws(e'\\n', {alias}.phone, {alias}.other_phones)",
        "tags": f"{alias}.tags",
    }
    return " union all ".join(
        f"select '{label}' as label, value from unnest(string_to_array({column}, e'\\n')) value"
        " where value <> ''"
        for label, column in columns.items()
    )


def merge(db: Session) -> None:
    """Add to the first row of each donor what later rows of the same donor say, with notes."""
    add_notes(db, _SEVERAL_NAMES)
    if db.scalar(text("select true from import_donors where same_as is not null limit 1")):
        for statement in _MERGE:
            db.execute(text(statement))
        add_notes(db, _NOTES)
    db.execute(text("drop table import_emails"))


_MERGE = (
    "drop table if exists import_extra",
    f"""
    create temporary table import_extra on commit drop as
    with every as materialized (
        select s.same_as as first, s.row, v.label, v.value, l.value as kept,
            first_value(v.value) over w as earliest, row_number() over w as place
        from import_donors s join import_donors f on f.row = s.same_as
        cross join lateral ({_single("s")}) v
        left join lateral ({_single("f")}) l on l.label = v.label
        where s.action = 'skip'
        window w as (partition by s.same_as, v.label order by s.row)
    ), listed as materialized (
        select s.same_as as first, s.row, v.label, v.value,
            row_number() over (partition by s.same_as, v.label, lower(v.value)
                               order by s.row) as place
        from import_donors s join import_donors f on f.row = s.same_as
        cross join lateral ({_listed("s")}) v
        where s.action = 'skip' and not exists (
            select from ({_listed("f")}) l
            where l.label = v.label and lower(l.value) = lower(v.value))
    )
    select first, row, label, value, kept is null and place = 1 as adds from every
    where (kept is null and place = 1) or lower(value) <> lower(coalesce(kept, earliest))
    union all select first, row, label, value, true from listed where place = 1
    """,
    f"""
    with extra as (
        select first,
            {
        ", ".join(
            f"max(value) filter (where label = '{_label(name)}') as {name}"
            for name in (*_TEXTS, *_FLAGS)
        )
    },
            max(row) filter (where label = 'address') as address_row,
            string_agg(value, e'\\n' order by row) filter (where label = 'e-mail') as emails,
            string_agg(value, e'\\n' order by row) filter (where label = 'phone') as phones,
            string_agg(value, e'\\n' order by row) filter (where label = 'tags') as tags,
            jsonb_object_agg(substr(label, 7), value) filter (where label like 'field %') as custom
        from import_extra where adds group by first
    )
    update import_donors s set
        {", ".join(f"{name} = coalesce(s.{name}, e.{name})" for name in _TEXTS)},
        {", ".join(f"{flag} = s.{flag} or e.{flag} is not null" for flag in _FLAGS)},
        {
        ", ".join(
            f"{name} = case when e.address_row is null then s.{name} else a.{name} end"
            for name in _ADDRESS
        )
    },
        other_emails = nullif(concat_ws(e'\\n', s.other_emails, e.emails), ''),
        other_phones = nullif(concat_ws(e'\\n', s.other_phones, e.phones), ''),
        tags = nullif(concat_ws(e'\\n', s.tags, e.tags), ''),
        custom = coalesce(e.custom || coalesce(s.custom::jsonb, '{{}}'), s.custom::jsonb)::text
    from extra e left join import_donors a on a.row = e.address_row where e.first = s.row
    """,
    # of a donor known by an e-mail alone
    """
    update import_donors f set nameless = null, kind = s.kind, name = s.name,
        first_name = s.first_name, last_name = s.last_name
    from import_donors s
    where s.same_as = f.row and s.action = 'skip' and f.nameless and s.nameless is null
    """,
)
_NOTES = f"""
    select row, '', case
        when adds then {problem_sql("same_person_adds", row="first", fields="fields")}
        else {problem_sql("same_person_differs", row="first", fields="fields")} end
    from (select row, first, adds, string_agg(distinct label, ', ' order by label) as fields
          from import_extra group by row, first, adds) x
"""
