"""SQL queries and statements for pledges."""
