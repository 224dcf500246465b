"""Refused rows are marked; rows with a note or an empty cell are imported."""

from app.imports.parsing.problem_log import ProblemLog
from app.imports.values.problems import Problem
from tests.unit.imports.test_contacts import sheet_of


def test_a_note_does_not_refuse_its_row() -> None:
    log = ProblemLog(sheet_of(email=["a", "b", "c", "d"]).table, {"email": 0})
    log.refuse([0], "email", Problem("name_missing"))
    log.refuse([1], "email", lambda index: Problem("same_row", {"row": index}), "conflict")
    log.leave_empty([2], "email", Problem("not_an_email", {"text": "c"}))
    log.note([3], "unknown", Problem("invisible_removed"))
    assert log.bad.tolist() == [True, True, False, False]
    assert [(problem.row, problem.field, problem.is_note) for problem in log.problems] == [
        (1, "email", False),
        (2, "email", False),
        (3, "email", True),
        (4, "unknown", True),
    ]
    assert log.problems[2].reason == "“c” is not an e-mail address. The cell is left empty."
    assert [problem.shown()["action"] for problem in log.problems] == [
        "error",
        "conflict",
        "note",
        "note",
    ]
    assert log.problems[2].stored()["action"] == "empty"
