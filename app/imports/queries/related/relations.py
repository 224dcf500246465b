"""Relations between donors; that of spouses is the same in both directions."""

from app.imports.queries.problems import problem_sql
from app.imports.queries.related.kind import RelatedKind, refuse

_UNKNOWN = problem_sql("donor_unknown", donor="coalesce(s.other_ext, s.other_email, '?')")
RELATIONS = RelatedKind(
    table="donor_relation",
    shape={
        "relation": "text",
        "other_ext": "text",
        "other_own": "bigint",
        "other_email": "text",
        "other_id": "bigint",
    },
    values={"other_id": "s.other_id", "type": "s.relation"},
    same=(
        "k.type = s.relation and ((k.donor_id, k.other_id) = (s.donor_id, s.other_id)"
        " or s.relation = 'spouse' and (k.donor_id, k.other_id) = (s.other_id, s.donor_id))"
    ),
    key=(
        "s.relation,"
        " case when s.relation = 'spouse' then least(s.donor_id, s.other_id) else s.donor_id end,"
        " case when s.relation = 'spouse' then greatest(s.donor_id, s.other_id)"
        " else s.other_id end"
    ),
    shown={
        "relation": ("s.relation", "k.type"),
        "other": ("(select o.name from donor o where o.id = s.other_id)", "null"),
    },
    finds=(
        """
        update {table} s set other_id = donor.id
        from donor_external_id x join donor on donor.id = x.donor_id and {visible}
        where x.source = :source and x.external_id = s.other_ext
        """,
        """
        update {table} s set other_id = donor.id from donor
        where s.other_id is null and donor.id = s.other_own and {visible}
        """,
        """
        update {table} s set other_id = m.id
        from (select lower(e.email) as email, min(donor.id) as id
              from donor_email e join donor on donor.id = e.donor_id and {visible}
              group by 1 having count(distinct donor.id) = 1) m
        where s.other_id is null and m.email = s.other_email
        """,
        refuse("s.other_id is null", "other", _UNKNOWN),
        refuse("s.other_id = s.donor_id", "other", problem_sql("relation_to_self")),
    ),
    elsewhere="s.donor_id not in (k.donor_id, k.other_id)",
)
