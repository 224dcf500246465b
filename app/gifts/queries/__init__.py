"""SQL queries and statements for gifts."""
