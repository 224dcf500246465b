"""Row numbers of the file, and of the additional gifts that one row can contain."""

# larger than any file's row count; a row's second gift has the row's number plus this
COPY = 10**9


def file_row(row: int) -> int:
    """Return the row's number in the file, as shown by a spreadsheet."""
    return row % COPY
