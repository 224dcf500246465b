"""SQL queries and statements for donors."""
