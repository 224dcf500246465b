"""SQL queries of the donors of a file: matching, ambiguous rows, new owners."""
