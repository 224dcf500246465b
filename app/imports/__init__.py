"""Files in: what a file would do, doing it in one transaction, and taking it back."""

from app.imports.again import answers, kept_file, preview_again
from app.imports.answers import Layout, Preview, Rows, Run, Undone
from app.imports.cancelling import cancel
from app.imports.changes import SHOWN, FieldChange, RowChange
from app.imports.cutting import UnreadableError
from app.imports.fields import FIELDS, KINDS, REQUIRED
from app.imports.keeping import (
    FILES_KEPT,
    UNDO_WITHIN,
    close_old,
    encrypt_plain_files,
    file_key_use,
    forget_files,
    forget_old_files,
    reseal_files,
)
from app.imports.layouts import Earlier, Known
from app.imports.looking import look, read_file
from app.imports.options import UndecidedError
from app.imports.plan import Plan, as_json
from app.imports.policy import NEVER_EMPTY, POLICIES
from app.imports.questions import KINDS as PEOPLE
from app.imports.questions import NEW, SAME, SKIP, Candidate, Question
from app.imports.read import Table
from app.imports.reading import ENCODINGS, SEPARATORS, Reading
from app.imports.row_numbers import file_row
from app.imports.running import (
    WAITING,
    error_file,
    get,
    hand_over,
    history,
    problems,
    run_queued,
)
from app.imports.service import (
    BIG,
    PlanChangedError,
    bring_in,
    commit,
    discard,
    formats,
    owners,
    preview,
)
from app.imports.stop import ReadingStoppedError, Stop
from app.imports.turn import take_turn
from app.imports.undoing import undo, undo_later, undo_queued
from app.imports.words import Unknown

__all__ = [
    "BIG",
    "ENCODINGS",
    "FIELDS",
    "FILES_KEPT",
    "KINDS",
    "NEVER_EMPTY",
    "NEW",
    "PEOPLE",
    "POLICIES",
    "REQUIRED",
    "SAME",
    "SEPARATORS",
    "SHOWN",
    "SKIP",
    "UNDO_WITHIN",
    "WAITING",
    "Candidate",
    "Earlier",
    "FieldChange",
    "Known",
    "Layout",
    "Plan",
    "PlanChangedError",
    "Preview",
    "Question",
    "Reading",
    "ReadingStoppedError",
    "RowChange",
    "Rows",
    "Run",
    "Stop",
    "Table",
    "UndecidedError",
    "Undone",
    "Unknown",
    "UnreadableError",
    "answers",
    "as_json",
    "bring_in",
    "cancel",
    "close_old",
    "commit",
    "discard",
    "encrypt_plain_files",
    "error_file",
    "file_key_use",
    "file_row",
    "forget_files",
    "forget_old_files",
    "formats",
    "get",
    "hand_over",
    "history",
    "kept_file",
    "look",
    "owners",
    "preview",
    "preview_again",
    "problems",
    "read_file",
    "reseal_files",
    "run_queued",
    "take_turn",
    "undo",
    "undo_later",
    "undo_queued",
]
