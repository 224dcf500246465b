"""SQL queries of the insights package."""
