"""Conditions of row-level security for what users share: saved mappings, segments."""

ME = "(select rls_user())"

OF_MAPPING = (
    "exists (select from saved_mapping m where m.id = saved_mapping_version.mapping_id{more})"
)
# a lead and the members assigned to the same lead are one team
SAME_TEAM = (
    "exists (select from team_member t where donor_segment.user_id in (t.lead_id, t.member_id)"
    f" and (t.lead_id = {ME} or exists (select from team_member o where o.lead_id = t.lead_id"
    f" and o.member_id = {ME})))"
)
SEGMENT = (
    f"user_id = {ME} or {ME} is not null and (shared_with = 'organisation'"
    f" or shared_with = 'team' and {SAME_TEAM})"
)
