"""Problems of rows: a table of codes, each with its sentence and its hint."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from types import MappingProxyType
from typing import Any

from app.imports.values.notes import NOTES
from app.imports.values.records import record_problems

Parameter = str | int

GENERAL_HINT = "Correct the cell."
_QUOTE = "Put quotation marks around the cell that holds a comma."
_SAME_MARK = "Write every amount of the file in the same way."
_FILL_AMOUNT = "Fill in the amount, or delete the row."
_CURRENCY = "Write the currency as three letters, such as USD or EUR."
_WHO = "Check who this is, then correct the name or the e-mail."
_WHICH_DONOR = "Add the donor's id, or merge the duplicates first."

# code → (sentence, hint); None is GENERAL_HINT. Codes are stored with every run: never rename one
PROBLEMS: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        # cells
        "row_width": ("The row has {cells} cells, the header {columns}.", _QUOTE),
        "invisible_characters": (
            "This cell contains invisible control characters. Type it again in the file.",
            None,
        ),
        "value_unknown": ("“{text}” is not one of: {allowed}.", "Use one of the words listed."),
        "not_a_whole_number": ("“{text}” is not a whole number.", None),
        "number_out_of_range": ("This must lie between {least} and {most:,}.", None),
        # dates
        "date_missing": ("The date is missing.", None),
        "not_a_date": ("“{text}” is not a date.", "Write the date as 2026-01-31."),
        "date_in_other_order": (
            "“{text}” is not written year, month, day like the rest.",
            None,
        ),
        "date_is_day_number": (
            "“{text}” is a spreadsheet's day number. Format it as a date.",
            None,
        ),
        "date_not_in_calendar": (
            "“{text}” does not exist in the calendar.",
            "Correct the day or the month.",
        ),
        "date_out_of_range": ("“{text}” is in the year {year:04d}.", "Correct the year."),
        "date_in_future": (
            "“{text}” lies in the future.",
            "Correct the date, or import the row when the day has come.",
        ),
        # amounts
        "amount_missing": ("The amount is missing.", _FILL_AMOUNT),
        "amount_zero": ("The amount is zero.", _FILL_AMOUNT),
        "not_an_amount": ("“{text}” is not an amount.", "Write the amount as 1234.50."),
        "amount_with_comma": (
            (
                "“{text}” does not fit this file's decimal mark “.”; "
                "it may have been written with a comma."
            ),
            _SAME_MARK,
        ),
        "amount_with_point": (
            (
                "“{text}” does not fit this file's decimal mark “,”; "
                "it may have been written with a point."
            ),
            _SAME_MARK,
        ),
        "amount_too_fine": ("“{text}” is finer than a cent.", "Round the amount to the cent."),
        "amount_too_large": ("“{text}” is larger than any amount we keep.", None),
        "too_many_decimals": (
            "“{text}” has more decimals than {currency} has.",
            "Round the amount.",
        ),
        "currency_unknown": ("“{text}” is not a currency we know.", _CURRENCY),
        "currency_differs": ("The amount is in {symbol}, the row in {currency}.", _FILL_AMOUNT),
        "exchange_rate_missing": (
            "No exchange rate for {currency} is known on {day}.",
            "Ask an administrator to add the rate.",
        ),
        "split_unreadable": ("Write the split as “Fund 60.00; Other fund 40.00”.", None),
        "split_sum_differs": (
            "The shares come to {shares}, the amount is {amount}.",
            _FILL_AMOUNT,
        ),
        # ids and repeated rows
        "id_shortened": (
            "A spreadsheet has shortened this id to {id}. Export it again.",
            "Format the column as text and export again.",
        ),
        "id_repeated": (
            "Row {row} has the same id with other values.",
            "Give the row an id of its own, or delete it.",
        ),
        "id_not_allowed": (
            "This id cannot be used in your import. Ask an administrator.",
            None,
        ),
        "same_row": ("The same as row {row}.", "Nothing: the row is there already."),
        "same_donor": ("The same donor as row {row}.", None),
        "same_person": ("The same person as row {row}.", None),
        "left_out_by_user": ("Left out, as you said.", None),
        # donors
        "name_missing": ("The row has no name.", None),
        "name_too_long": ("A name may have {most} characters at most.", None),
        "not_an_email": (
            "“{text}” is not an e-mail address.",
            "Correct the e-mail, or empty the cell.",
        ),
        "custom_fields_unreadable": (
            "These are not fields of a donor. Export the file again.",
            None,
        ),
        "contact_details_unreadable": ("These are not contact details of a donor.", None),
        "language_unknown": ("“{text}” is not a language.", "Write German, or its code de."),
        "custom_field_invalid": ("{message}", None),
        "donor_under_other_id": ("Row {row} means the same donor under another id.", None),
        "email_of_several_donors": ("{donors} donors have this e-mail.", _WHICH_DONOR),
        "email_of_other_name": ("The e-mail belongs to a donor with another name.", _WHO),
        "email_repeated": ("Row {row} has the same e-mail with another name.", _WHO),
        "name_of_several_donors": (
            "{donors} donors have this name and the same postcode or phone.",
            _WHICH_DONOR,
        ),
        # the donor of a gift or pledge
        "donor_missing": ("The row does not say who gave.", None),
        "donor_unknown": (
            "No donor of yours is known as {donor}. Import the donors first.",
            "Import the donor first, then this row.",
        ),
        "donor_ambiguous": ("Several donors have the e-mail {email}.", _WHICH_DONOR),
        "donor_not_imported": ("The donor in this row cannot be used.", None),
        "fund_name_missing": ("The fund has no name.", None),
        "gl_code_too_long": ("A GL code has 50 characters at most.", None),
        "fund_unknown": (
            "The fund {fund} is unknown. Import the funds first.",
            "Import the fund first, then this row.",
        ),
        "fund_under_other_id": ("A fund of this name is already known under another id.", None),
        "fund_repeated": ("Row {row} names the same fund.", None),
        "fund_name_taken": ("Another fund already has this name.", None),
        # gifts
        "gift_of_other_donor": ("This gift is kept for another donor here.", None),
        "gift_changed": ("Somebody changed this gift here since; it is kept as it is.", None),
        "gift_split_or_refunded": (
            "The gift is split or refunded here, so its amount and campaign are kept.",
            _FILL_AMOUNT,
        ),
        "gift_split_differs": (
            "The gift is split in another way here; it stays as it is.",
            None,
        ),
        "refund_without_gift": (
            (
                "No gift was found that this refund takes back: the donor needs an earlier gift "
                "of the same amount."
            ),
            "Name the gift it takes back, or record the refund on the gift itself.",
        ),
        "refunded_before_import": (
            "Refunded before it came here: it counts neither as a gift nor as a refund.",
            "Nothing: no money stayed.",
        ),
        # pledges
        "start_date_missing": ("The start date is missing.", None),
        "frequency_missing": ("The frequency is missing.", None),
        "pledge_negative": ("A pledge cannot be negative.", None),
        "pledge_ends_before_start": ("The pledge ends before it starts.", None),
        "pledge_unknown": ("This donor has no pledge {pledge}.", None),
        "pledge_of_other_donor": ("This pledge is kept for another donor here.", None),
        "pledge_in_other_currency": (
            "This pledge is kept in another currency here.",
            _CURRENCY,
        ),
        "pledge_ended": (
            (
                "This pledge was ended here on {day}, and the file says it runs. "
                "Add a new pledge if it does."
            ),
            None,
        ),
        "pledge_ended_earlier": (
            (
                "This pledge was ended here on an earlier day, and the file says it runs. "
                "Add a new pledge if it does."
            ),
            None,
        ),
        # a problem stored as a sentence, before problems had codes
        "stored_sentence": ("{sentence}", None),
        **record_problems.PROBLEMS,
        **NOTES,
    }
)
_PARAMETERS = {
    code: frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name)
    for code, (sentence, _) in PROBLEMS.items()
}


def check(code: str, names: Iterable[str]) -> None:
    """Check that a code is in the table and that these are the parameters of its sentence.

    Raises:
        ValueError: they are not.
    """
    if _PARAMETERS.get(code) != frozenset(names):
        msg = f"{code} is no problem with the parameters {', '.join(sorted(names)) or '(none)'}."
        raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is not imported: a code of the table, and the parameters of its sentence."""

    code: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Refuse a code or parameter that the table does not have."""
        check(self.code, self.parameters)

    @property
    def sentence(self) -> str:
        """The problem as shown to users."""
        return PROBLEMS[self.code][0].format(**self.parameters)

    @property
    def hint(self) -> str:
        """The step that corrects the row."""
        return PROBLEMS[self.code][1] or GENERAL_HINT


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that is not imported, and why, or a note that needs no correction.

    `action` is "error" or "conflict"; of notes "empty" (the cell is left empty), "note", or "skip"
    (the row adds nothing). `cell` is the cell as it is in the file, shortened.
    """

    row: int
    field: str
    problem: Problem
    action: str = "error"
    cell: str = ""

    @property
    def is_note(self) -> bool:
        """Whether nothing needs to be corrected."""
        return self.action in {"empty", "note", "skip"}

    @property
    def reason(self) -> str:
        """The sentence of the problem."""
        left_empty = " The cell is left empty." if self.action == "empty" else ""
        return self.problem.sentence + left_empty

    @property
    def hint(self) -> str:
        """The hint of the problem."""
        return self.problem.hint

    def shown(self) -> dict[str, Any]:
        """Return the problem for people, as JSON: row, field, cell, reason, action."""
        return {
            "row": self.row,
            "field": self.field,
            "cell": self.cell,
            "reason": self.reason,
            "action": "note" if self.is_note else self.action,
        }

    def stored(self) -> dict[str, Any]:
        """Return the problem for storage, as JSON: row, field, action, code, parameters, cell."""
        return {
            "row": self.row,
            "field": self.field,
            "action": self.action,
            "code": self.problem.code,
            "parameters": dict(self.problem.parameters),
            "cell": self.cell,
        }


def from_storage(stored: Mapping[str, Any]) -> RowProblem:
    """Return a stored problem; one stored before problems had codes keeps its sentence."""
    if "code" in stored:
        problem = Problem(stored["code"], stored["parameters"])
    else:
        problem = Problem("stored_sentence", {"sentence": stored["reason"]})
    action, cell = stored.get("action", "error"), stored.get("cell", "")
    return RowProblem(stored["row"], stored["field"], problem, action, cell)
