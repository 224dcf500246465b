"""Problems of rows: each code of parsing has a file that produces it, with its words."""

import ast
from datetime import date
from pathlib import Path

import pytest

from app.file_reader import presets
from app.file_reader.table import read
from app.imports.mapping.mapped_file import map_columns
from app.imports.parsing.mixed_files import typed_parts
from app.imports.parsing.options import Options
from app.imports.values.problems import (
    GENERAL_HINT,
    PROBLEMS,
    Problem,
    RowProblem,
    from_storage,
)
from tests.integration.imports.test_problems import CASES as FOUND_BY_SQL
from tests.unit.imports import related_cases

IMPORTS = Path(__file__).parents[3] / "app" / "imports"
TODAY = date(2026, 11, 23)
GIFTS = "Gift id,Donor id,Amount,Currency,Date,Split\n"
PLEDGES = "Pledge id,Donor id,Amount,Frequency,Start,End,Anchor day\n"
DONORS = "Donor id,Name,E-mail,Kind,Custom\n"
FUNDS = "Fund id,Name,GL code\n"
HEADERS = {
    "gifts": GIFTS,
    "pledges": PLEDGES,
    "donors": DONORS,
    "funds": FUNDS,
    "people": "Name,Phone,Deceased,Zip\n",
    "contacts": "Email,Date,Type,Notes\n",
    "tasks": "Task,Due,Kind,Time,Repeats\n",
    "consents": "Email,Channel,Agreed,Given on\n",
    "requests": "Email,Request,Asked on,Answered on,How it was answered\n",
    "details": "Name,Preferred language,Contact details\n",
    "nameless": "Donor name,E-mail,Amount,Date\n",
    "commitments": "Name,Amount,Frequency,Start\n",
    "companies": "Company,First name,Last name\n",
    **related_cases.HEADERS,
}
SAME_MARK = "Write every amount of the file in the same way."
FILL_AMOUNT = "Fill in the amount, or delete the row."
KINDS = "person, household, organisation"

# code → kind of file, row, sentence, hint
CASES = {
    "row_width": (
        "donors",
        "E1,Ann,a@x.example,person,,Lee",
        "The row has 6 cells, the header 5.",
        "Put quotation marks around the cell that holds a comma.",
    ),
    "invisible_characters": (
        "donors",
        "E1,Ann\x07,,,",
        "This cell contains invisible control characters. Type it again in the file.",
        GENERAL_HINT,
    ),
    "value_unknown": (
        "donors",
        "E1,Ann,,robot,",
        f"“robot” is not one of: {KINDS}.",
        "Use one of the words listed.",
    ),
    "not_a_whole_number": (
        "pledges",
        "P1,E1,5,monthly,2026-01-05,,first",
        "“first” is not a whole number.",
        GENERAL_HINT,
    ),
    "number_out_of_range": (
        "pledges",
        "P1,E1,5,monthly,2026-01-05,,32",
        "This must lie between 1 and 31.",
        GENERAL_HINT,
    ),
    "contact_kind_missing": (
        "contacts",
        "a@x.example,2026-01-05,,Hello",
        "The kind of contact is missing.",
        GENERAL_HINT,
    ),
    "task_title_missing": (
        "tasks",
        ",2026-01-05,call,",
        "The row does not say what to do.",
        GENERAL_HINT,
    ),
    "not_a_time": (
        "tasks",
        "Call,2026-01-05,call,noonish",
        "“noonish” is not a time of day.",
        "Write the time as 14:30.",
    ),
    "time_without_day": (
        "tasks",
        "Call,,call,2:30 pm",
        "The time 14:30 has no day.",
        "Fill in the day, or empty the time.",
    ),
    "repeats_without_day": (
        "tasks",
        "Call,,call,,monthly",
        "A task that repeats needs a day.",
        "Fill in the day on which it is due, or empty the cell.",
    ),
    "request_missing": (
        "requests",
        "a@x.example,,2026-01-05,,",
        "The row does not say what is asked.",
        GENERAL_HINT,
    ),
    "answered_too_early": (
        "requests",
        "a@x.example,Rest,2026-01-05,2026-01-04,",
        "The request was answered before it was asked.",
        "Correct one of the two days.",
    ),
    "answer_without_day": (
        "requests",
        "a@x.example,Rest,2026-01-05,,Yes",
        "The request has an answer but no day of the answer.",
        "Fill in the day on which it was answered.",
    ),
    "consent_missing": (
        "consents",
        "a@x.example,email,,2026-01-05",
        "The row does not say whether the donor agreed.",
        "Write yes or no.",
    ),
    "channel_missing": (
        "consents",
        "a@x.example,,yes,2026-01-05",
        "The channel is missing.",
        GENERAL_HINT,
    ),
    "date_missing": ("gifts", "T1,E1,5,,,", "The date is missing.", GENERAL_HINT),
    "not_a_date": (
        "gifts",
        "T1,E1,5,,soon,",
        "“soon” is not a date.",
        "Write the date as 2026-01-31.",
    ),
    "date_in_other_order": (
        "gifts",
        "T1,E1,5,,03/04/2026,",
        "“03/04/2026” is not written year, month, day like the rest.",
        GENERAL_HINT,
    ),
    "date_is_day_number": (
        "gifts",
        "T1,E1,5,,45123,",
        "“45123” is a spreadsheet's day number. Format it as a date.",
        GENERAL_HINT,
    ),
    "date_not_in_calendar": (
        "gifts",
        "T1,E1,5,,2026-02-30,",
        "“2026-02-30” does not exist in the calendar.",
        "Correct the day or the month.",
    ),
    "date_out_of_range": (
        "gifts",
        "T1,E1,5,,0026-01-05,",
        "“0026-01-05” is in the year 0026.",
        "Correct the year.",
    ),
    "date_in_future": (
        "gifts",
        "T1,E1,5,,2027-01-05,",
        "“2027-01-05” lies in the future.",
        "Correct the date, or import the row when the day has come.",
    ),
    "amount_missing": ("gifts", "T1,E1,,,2026-01-05,", "The amount is missing.", FILL_AMOUNT),
    "amount_zero": ("gifts", "T1,E1,0,,2026-01-05,", "The amount is zero.", FILL_AMOUNT),
    "not_an_amount": (
        "gifts",
        "T1,E1,ten,,2026-01-05,",
        "“ten” is not an amount.",
        "Write the amount as 1234.50.",
    ),
    "amount_with_comma": (
        "gifts",
        'T1,E1,"1.234,56",,2026-01-05,',
        (
            "“1.234,56” does not fit this file's decimal mark “.”; it may have been written with "
            "a comma."
        ),
        SAME_MARK,
    ),
    "amount_with_point": (
        "gifts",
        'T1,E1,"1,234.56",,2026-01-05,',
        (
            "“1,234.56” does not fit this file's decimal mark “,”; it may have been written with "
            "a point."
        ),
        SAME_MARK,
    ),
    "amount_too_fine": (
        "gifts",
        "T1,E1,0.0001,,2026-01-05,",
        "“0.0001” is finer than a cent.",
        "Round the amount to the cent.",
    ),
    "amount_too_large": (
        "gifts",
        "T1,E1,99999999999999999,,2026-01-05,",
        "“99999999999999999” is larger than any amount we keep.",
        GENERAL_HINT,
    ),
    "too_many_decimals": (
        "gifts",
        "T1,E1,5.50,JPY,2026-01-05,",
        "“5.50” has more decimals than JPY has.",
        "Round the amount.",
    ),
    "currency_unknown": (
        "gifts",
        "T1,E1,5,XYZ,2026-01-05,",
        "“XYZ” is not a currency we know.",
        "Write the currency as three letters, such as USD or EUR.",
    ),
    "currency_differs": (
        "gifts",
        "T1,E1,€5,USD,2026-01-05,",
        "The amount is in EUR, the row in USD.",
        FILL_AMOUNT,
    ),
    "split_unreadable": (
        "gifts",
        "T1,E1,5,,2026-01-05,5.00 Roof",
        "Write the split as “Fund 60.00; Other fund 40.00”.",
        GENERAL_HINT,
    ),
    "split_sum_differs": (
        "gifts",
        "T1,E1,5,,2026-01-05,Roof 2.00; Camp 1.00",
        "The shares come to 3.00, the amount is 5.00.",
        FILL_AMOUNT,
    ),
    "id_shortened": (
        "gifts",
        "T1,1.23E+11,5,,2026-01-05,",
        "A spreadsheet has shortened this id to 1.23E+11. Export it again.",
        "Format the column as text and export again.",
    ),
    "id_repeated": (
        "funds",
        "F1,General\nF1,Camp",
        "Row 2 has the same id with other values.",
        "Give the row an id of its own, or delete it.",
    ),
    "same_row": (
        "funds",
        "F1,General\nF1,General",
        "The same as row 2.",
        "Nothing: the row is there already.",
    ),
    "name_missing": ("donors", "E1,,a@x.example,,", "The row has no name.", GENERAL_HINT),
    "name_too_long": (
        "donors",
        f"E1,{'x' * 121},,,",
        "A name may have 120 characters at most.",
        GENERAL_HINT,
    ),
    "not_an_email": (
        "donors",
        "E1,Ann,ann at home,,",
        "“ann at home” is not an e-mail address. The cell is left empty.",
        "Correct the e-mail, or empty the cell.",
    ),
    "custom_fields_unreadable": (
        "donors",
        "E1,Ann,,,Birthday",
        "These are not fields of a donor. Export the file again. The cell is left empty.",
        GENERAL_HINT,
    ),
    "contact_details_unreadable": (
        "details",
        "Ann,,x",
        "These are not contact details of a donor. The cell is left empty.",
        GENERAL_HINT,
    ),
    "language_unknown": (
        "details",
        "Ann,Klingon,",
        "“Klingon” is not a language. The cell is left empty.",
        "Write German, or its code de.",
    ),
    "custom_field_invalid": (
        "donors",
        f'E1,Ann,,,"{{""{"x" * 61}"": ""1""}}"',
        (
            f"The field {'x' * 60} is too long: a name has 60 characters at most, "
            "what it says 2,000. The cell is left empty."
        ),
        GENERAL_HINT,
    ),
    "invisible_removed": (
        "donors",
        "E1,An\u200bn,,,",
        "Invisible characters were removed from this cell.",
        GENERAL_HINT,
    ),
    "email_partly_read": (
        "donors",
        "E1,Ann,a@x.example or b@y,,",
        "Of “a@x.example or b@y”, only a@x.example was read.",
        GENERAL_HINT,
    ),
    "not_a_phone": (
        "people",
        "Ann,call me,,",
        "“call me” is not a phone number. The cell is left empty.",
        GENERAL_HINT,
    ),
    "number_shortened": (
        "people",
        "Ann,5.55E+09,,",
        "A spreadsheet has shortened this number to 5.55E+09. The cell is left empty.",
        "Format the column as text and export again.",
    ),
    "decimals_removed": (
        "people",
        "Ann,5551234567.0,,",
        "“5551234567.0” was read as 5551234567, and so were other numbers of this column.",
        GENERAL_HINT,
    ),
    "day_not_kept": (
        "people",
        "Ann,,2020-01-05,",
        "“2020-01-05” counts as yes; the day itself is not stored.",
        GENERAL_HINT,
    ),
    "start_assumed": (
        "commitments",
        "Ann Lee,5,Monthly,",
        "The pledge has no start: it starts on 2026-11-23, the day of the import.",
        "Fill in the day on which the pledge began, if it is another.",
    ),
    "name_from_email": (
        "nameless",
        "n/a,a@x.example,5,2026-01-05",
        "The row has no name, so the donor is known by the e-mail alone: a@x.example.",
        "Import a file with the name and the e-mail; the donor then takes the name.",
    ),
    "company_kept": (
        "companies",
        "Acme,Ann,Lee",
        "The donor is the person in this row; “Acme” is stored in the field Company.",
        GENERAL_HINT,
    ),
    "donor_missing": (
        "gifts",
        "T1,,5,,2026-01-05,",
        "The row does not say who gave.",
        GENERAL_HINT,
    ),
    "gl_code_too_long": (
        "funds",
        f"F1,Wells,{'4' * 51}",
        "A GL code has 50 characters at most.",
        GENERAL_HINT,
    ),
    "fund_name_missing": ("funds", "F1,,", "The fund has no name.", GENERAL_HINT),
    "start_date_missing": (
        "pledges",
        "P1,E1,5,monthly,,,",
        "The start date is missing.",
        GENERAL_HINT,
    ),
    "frequency_missing": (
        "pledges",
        "P1,E1,5,,2026-01-05,,",
        "The frequency is missing.",
        GENERAL_HINT,
    ),
    "pledge_negative": (
        "pledges",
        "P1,E1,-5,monthly,2026-01-05,,",
        "A pledge cannot be negative.",
        GENERAL_HINT,
    ),
    "pledge_ends_before_start": (
        "pledges",
        "P1,E1,5,monthly,2026-01-05,2025-01-05,",
        "The pledge ends before it starts.",
        GENERAL_HINT,
    ),
    **related_cases.CASES,
}
STORED = "stored_sentence"
# made by earlier versions, which refused such rows; shown of their imports
ONLY_STORED = {"exchange_rate_missing"}
KIND_OF = {
    "people": "donors",
    "details": "donors",
    "companies": "donors",
    "nameless": "gifts",
    "commitments": "pledges",
}


def problems(kind: str, rows: str, *, decimal: str | None = None) -> list[RowProblem]:
    data = f"{HEADERS[kind]}{rows}\n".encode()
    table = read(data, is_header=lambda row: presets.recognise(row) is not None)
    assume_start = kind == "commitments"
    kind = KIND_OF.get(kind, kind)
    source = map_columns(table, preset="mapping", kind=kind, mapping=None, source="file")
    chosen = Options(
        TODAY,
        "USD",
        "dcrm",
        date_order="ymd",
        decimal=decimal,
        assume_start=assume_start,
    )
    return [
        problem
        for part in typed_parts(source, chosen)
        for problem in (*part.problems, *part.skipped)
    ]


@pytest.mark.parametrize("code", CASES)
def test_a_row_is_refused_with_code_sentence_and_hint(code: str) -> None:
    kind, rows, sentence, hint = CASES[code]
    decimal = "comma" if code == "amount_with_point" else "point"
    found = {problem.problem.code: problem for problem in problems(kind, rows, decimal=decimal)}
    assert (found[code].reason, found[code].hint) == (sentence, hint)
    assert from_storage(found[code].stored()) == found[code]


@pytest.mark.parametrize(("kind", "rows", "code"), related_cases.REFUSED)
def test_a_related_record_is_refused(kind: str, rows: str, code: str) -> None:
    assert problems(kind, rows)[-1].problem.code == code


def test_every_code_of_the_table_is_produced() -> None:
    assert {*CASES, *FOUND_BY_SQL, STORED, *ONLY_STORED} == set(PROBLEMS)


def test_a_problem_is_made_from_a_code_of_the_table() -> None:
    used = {
        node.value
        for path in IMPORTS.rglob("*.py")
        if path.name not in {"problems.py", "notes.py", "record_problems.py"}
        or "values" not in path.parts
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        for argument in call.args
        for node in ast.walk(argument)
        if isinstance(node, ast.Constant) and node.value in PROBLEMS
    }
    assert used == set(PROBLEMS) - {STORED, *ONLY_STORED}
    for code, parameters in (("unheard_of", {}), ("not_a_date", {}), ("same_row", {"text": "x"})):
        with pytest.raises(ValueError, match=code):
            Problem(code, parameters)


def test_a_sentence_stored_before_there_were_codes_is_shown() -> None:
    stored = {"row": 5, "field": "amount", "reason": "“{x}” was odd.", "action": "conflict"}
    problem = from_storage(stored)
    assert problem.shown() == stored | {"cell": ""}
    assert (problem.problem.code, problem.hint) == (STORED, GENERAL_HINT)


def test_braces_in_a_cell_are_shown_as_they_are() -> None:
    assert Problem("not_a_date", {"text": "{year}"}).sentence == "“{year}” is not a date."
