"""Households: their members, one a row, with their head and how letters address them."""

from app.imports.queries.problems import problem_sql
from app.imports.queries.related import household_write
from app.imports.queries.related.kind import Change, RelatedKind, one_line, refuse, refuse_repeated

# the same as `households.rules`, which the layers of the application keep apart from imports
FEWEST_MEMBERS = 2
MOST_MEMBERS = 20
_NAME = "coalesce(s.household_name, s.household_ext, '?')"
_UNKNOWN = problem_sql("household_unknown", name=_NAME)
_OWN_KEY = "case when :source = 'donorcrm' then '' else 'household:' end || s.household_ext"
_FIND = (
    f"""
    update {{table}} s set household_id = donor.id
    from donor_external_id x join donor on donor.id = x.donor_id and {{scope}}
    where x.source = :source and donor.kind = 'household'
        and x.external_id in (s.household_ext, {_OWN_KEY})
    """,
    """
    update {table} s set household_id = donor.id from donor
    where s.household_id is null and donor.id = s.household_own and donor.kind = 'household'
        and {scope}
    """,
    """
    update {table} s set household_id = h.id, households = h.households
    from (select lower(donor.name) as name, min(donor.id) as id, count(*) as households
          from donor where donor.kind = 'household' and {scope} group by 1) h
    where s.household_id is null and s.household_ext is null and h.name = lower(s.household_name)
    """,
    refuse(
        "s.households > 1",
        "household",
        problem_sql("household_ambiguous", name="s.household_name"),
    ),
    # an id of this instance, or of somebody else's donor or household
    refuse(
        "s.household_id is null and (s.household_own is not null or exists ("
        "select from donor_external_id x where x.source = :source"
        f" and x.external_id = {_OWN_KEY}))",
        "household",
        _UNKNOWN,
    ),
    """
    update {table} s set household_key = coalesce('id ' || s.household_id,
            'ext ' || s.household_ext, 'name ' || lower(s.household_name)),
        kind = d.kind, owner_id = d.owner_id, current_id = d.household_id
    from donor d where d.id = s.donor_id and s.action is null
    """,
)
_MEMBERS = (
    refuse("s.kind <> 'person'", "donor", problem_sql("member_is_no_person")),
    refuse(
        "s.current_id is distinct from s.household_id and s.current_id is not null",
        "donor",
        problem_sql("member_of_other_household"),
        action="conflict",
    ),
    f"""
    update {{table}} s set action = 'error', field = 'donor',
        reason = {problem_sql("member_of_other_owner")}
    from donor h where s.action is null and h.id = s.household_id
        and s.current_id is null and h.owner_id is distinct from s.owner_id
    """,
    f"""
    update {{table}} s set action = 'error', field = 'donor',
        reason = {problem_sql("member_of_other_owner")}
    from (select distinct on (household_key) household_key, owner_id from {{table}}
          where action is null order by household_key, row) f
    where s.action is null and s.household_id is null and f.household_key = s.household_key
        and f.owner_id is distinct from s.owner_id
    """,
)
_GROUPS = """
    from (select household_key, count(*) filter (where action is null) as joining,
                 max(household_name) as name, bool_or(head and action is distinct from 'error'
                     and action is distinct from 'conflict') as head,
                 min(row) filter (where action is null) as first,
                 (select count(*) from donor d where d.household_id = {table}.household_id)
                     as members,
                 (select bool_or(d.household_head) from donor d
                  where d.household_id = {table}.household_id) as headed
          from {table} where household_key is not null group by household_key, household_id) g
    where g.household_key = s.household_key and s.action is null
"""
_SIZES = (
    f"""
    update {{table}} s set action = 'error', field = 'household',
        reason = case when s.household_id is null and g.name is null
                      then {problem_sql("household_name_missing")}
                      when g.members + g.joining < {FEWEST_MEMBERS}
                      then {problem_sql("household_of_one")}
                      else {problem_sql("household_too_large", most=str(MOST_MEMBERS))} end
    {_GROUPS} and (s.household_id is null and g.name is null
        or g.members + g.joining not between {FEWEST_MEMBERS} and {MOST_MEMBERS})
    """,
    refuse_repeated("s.household_key", "s.head", "head", "household_two_heads"),
    # the refused one may have been the second of two members
    f"""
    update {{table}} s set action = 'error', field = 'household',
        reason = {problem_sql("household_of_one")}
    {_GROUPS} and g.members + g.joining < {FEWEST_MEMBERS}
    """,
    f"""
    update {{table}} s set head = true, remark_field = 'head',
        remark = {problem_sql("household_head_assumed")}
    {_GROUPS} and s.row = g.first and not coalesce(g.head, false)
        and not coalesce(g.headed, false)
    """,
    # a head who is here already stays where the file does not overwrite
    """
    update {table} s set head = false where s.action is null and s.head
        and :policy <> 'overwrite' and exists (
            select from donor d where d.household_id = s.household_id and d.household_head)
    """,
)


# what is stored about the household of a member
_HOUSEHOLD = "(select h.{} from donor h where h.id = k.household_id)"


def _of_household(column: str) -> Change:
    stored = _HOUSEHOLD.format(column)
    return Change(f"s.household_{column}", one_line(stored), f"{stored} is null", {})


HOUSEHOLDS = RelatedKind(
    table="donor",
    shape={
        "household_ext": "text",
        "household_own": "bigint",
        "household_name": "text",
        "head": "boolean",
        "household_salutation": "text",
        "household_envelope_name": "text",
        "household_id": "bigint",
        "households": "bigint",
        "household_key": "text",
        "kind": "text",
        "owner_id": "bigint",
        "current_id": "bigint",
        "founded": "boolean",
    },
    records=(
        "(select d.id, d.id as donor_id, d.household_id, d.household_head, d.version from donor d"
        " where d.household_id is not null)"
    ),
    same="k.id = s.donor_id and k.household_id = s.household_id",
    key="s.donor_id",
    shown={
        "name": (
            "coalesce(s.household_name, (select h.name from donor h where h.id = s.household_id))",
            _HOUSEHOLD.format("name"),
        ),
        "head": ("s.head", "k.household_head"),
        **{
            name: (f"s.household_{name}", _HOUSEHOLD.format(name))
            for name in ("salutation", "envelope_name")
        },
    },
    changes={
        "head": Change(
            "case when s.head then true end",
            "k.household_head",
            "not exists (select from donor d where d.household_id = k.household_id"
            " and d.household_head)",
            {"household_head": "s.head"},
        ),
        "name": _of_household("name"),
        "salutation": _of_household("salutation"),
        "envelope_name": _of_household("envelope_name"),
    },
    finds=(*_FIND, *_MEMBERS),
    checks=_SIZES,
    before=(*household_write.FOUND, *household_write.REMEMBER, *household_write.CHANGE),
    adds=household_write.JOIN,
    versioned=True,
)
