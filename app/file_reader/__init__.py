"""Reading of uploaded files; imports no database code, so that child processes start quickly."""
