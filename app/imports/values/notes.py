"""Notes about rows that are imported: what was left empty, repaired, merged or assumed."""

NOTES: dict[str, tuple[str, str | None]] = {
    "exchange_rate_awaited": (
        (
            "No exchange rate for {currency} is known on {day}: "
            "the gift is imported and counts in sums once there is one."
        ),
        "Ask an administrator to add the rate.",
    ),
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
    "donor_without_record": (
        "Not added: no other row of this person is imported.",
        "Correct this person's gifts or pledges.",
    ),
    "id_of_other_source": (
        "Taken as the donor who has the same name and the id {id} from another file.",
        "If it is another person, give the row another name or e-mail, and import it again.",
    ),
    "start_assumed": (
        "The pledge has no start: it starts on {day}, the day of the import.",
        "Fill in the day on which the pledge began, if it is another.",
    ),
    "name_from_email": (
        "The row has no name, so the donor is known by the e-mail alone: {text}.",
        "Import a file with the name and the e-mail; the donor then takes the name.",
    ),
    "same_person_adds": (
        "The same person as row {row}. Added from this row: {fields}.",
        None,
    ),
    "same_person_differs": (
        "The same person as row {row}, which has other values. Left out of this row: {fields}.",
        "Put the right values into the first of the two rows.",
    ),
    "kind_in_household": (
        "The donor stays a {kind}: it belongs to a household.",
        "Dissolve the household first if the kind is to change.",
    ),
    "fund_closed": ("The fund {fund} is closed. The row is imported for it all the same.", None),
    "campaign_closed": (
        "The campaign {campaign} is closed. The row is imported for it all the same.",
        None,
    ),
    "name_for_email": (
        "The donor was known by the e-mail alone, as “{text}”, and takes the name of this row.",
        None,
    ),
}
