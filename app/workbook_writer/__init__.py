"""Writing of workbooks in a child process; imports no database code."""
