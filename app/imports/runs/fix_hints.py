"""Suggestions for correcting rows that were not imported."""

_HINTS = (
    ("not a date", "Write the date as 2026-01-31."),
    ("calendar", "Correct the day or the month."),
    ("in the year", "Correct the year."),
    ("future", "Correct the date, or import the row when the day has come."),
    ("finer than a cent", "Round the amount to the cent."),
    ("more decimals", "Round the amount."),
    ("decimal mark", "Write every amount of the file in the same way."),
    ("not an amount", "Write the amount as 1234.50."),
    ("amount is", "Fill in the amount, or delete the row."),
    ("e-mail address", "Correct the e-mail, or empty the cell."),
    ("currency", "Write the currency as three letters, such as USD or EUR."),
    ("exchange rate", "Ask an administrator to add the rate."),
    ("Import the donors", "Import the donor first, then this row."),
    ("Import the funds", "Import the fund first, then this row."),
    ("refund", "Name the gift it takes back, or record the refund on the gift itself."),
    ("The same as", "Nothing: the row is there already."),
    ("same id", "Give the row an id of its own, or delete it."),
    ("another name", "Check who this is, then correct the name or the e-mail."),
    ("donors have", "Add the donor's id, or merge the duplicates first."),
    ("is not one of", "Use one of the words listed."),
    ("cells, the header", "Put quotation marks around the cell that holds a comma."),
    ("spreadsheet has shortened", "Format the column as text and export again."),
)


def fix_hint(reason: str) -> str:
    """Return the step that corrects a row refused for this reason."""
    return next((hint for words, hint in _HINTS if words in reason), "Correct the cell.")
