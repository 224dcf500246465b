"""The command doctor, and its checks of settings, database, external services and backups."""
