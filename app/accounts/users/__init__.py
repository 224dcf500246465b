"""User accounts: the directory, invitations, offboarding, preferences, notices."""
