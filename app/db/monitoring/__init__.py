"""Health and statistics of the database."""
