"""Row numbers: the file's own, and those of further gifts that a row of the file tells of."""

# no file has so many rows; a row's second gift carries its number and this
COPY = 10**9


def file_row(row: int) -> int:
    """Return the number of the file's own row, as a spreadsheet shows it."""
    return row % COPY
