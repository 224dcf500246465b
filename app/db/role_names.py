"""Names of the database roles of row-level security."""

# one's own book; the same without money; the whole organisation
PERSON, COACH, EVERYONE = ROLES = ("donorcrm_person", "donorcrm_coach", "donorcrm_everyone")
