"""SQL queries of imports."""
