"""Fields and problems of the records around donors and gifts: contacts, tasks and others."""
