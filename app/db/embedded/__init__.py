"""The embedded PostgreSQL server: its process, roles and operating-system user."""
