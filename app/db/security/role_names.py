"""Names of the database roles of row-level security."""

# own donors; own donors without amounts; the whole organisation
PERSON, COACH, EVERYONE = ROLES = ("donorcrm_person", "donorcrm_coach", "donorcrm_everyone")
