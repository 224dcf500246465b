"""Notes about rows that are imported: what was left empty, repaired, merged or assumed."""

NOTES: dict[str, tuple[str, str | None]] = {
    "invisible_removed": ("Invisible characters were removed from this cell.", None),
    "not_a_phone": ("“{text}” is not a phone number.", None),
    "number_shortened": (
        "A spreadsheet has shortened this number to {text}.",
        "Format the column as text and export again.",
    ),
    "decimals_removed": (
        "“{text}” was read as {value}, and so were other numbers of this column.",
        None,
    ),
    "email_partly_read": ("Of “{text}”, only {email} was read.", None),
    "day_not_kept": ("“{text}” counts as yes; the day itself is not stored.", None),
    "company_kept": (
        "The donor is the person in this row; “{text}” is stored in the field {name}.",
        None,
    ),
    "start_assumed": (
        "The pledge has no start: it starts on {day}, the day of the import.",
        "Fill in the day on which the pledge began, if it is another.",
    ),
}
