"""SQL queries and statements for alerts."""
