"""SQL queries of exports."""
