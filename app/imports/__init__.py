"""Import files: preview a file's plan, commit it in one transaction, and undo it."""

from app.file_reader.read_options import ENCODINGS, SEPARATORS, Reading
from app.file_reader.sandbox.cancellation import ReadingStoppedError, Stop
from app.file_reader.sandbox.pool import UnreadableError
from app.file_reader.table import Table
from app.imports.diff import SHOWN, FieldChange, RowChange
from app.imports.import_lock import take_turn
from app.imports.inspection import look, read_file
from app.imports.mapping.saved_layouts import Earlier, KnownLayout
from app.imports.mapping.unknown_values import UnknownValues
from app.imports.parsing.options import UndecidedError
from app.imports.planning.ambiguous_donors import KINDS as PEOPLE
from app.imports.planning.ambiguous_donors import NEW, SAME, SKIP, Candidate, Question
from app.imports.planning.plan import Plan, as_json
from app.imports.planning.update_policy import NEVER_EMPTY, POLICIES
from app.imports.request import DATE_ORDERS, DECIMALS, ImportRequest
from app.imports.results import Layout, Preview, Rows, Run, Undone
from app.imports.runs.cancel import cancel
from app.imports.runs.rerun import answers, kept_file, preview_again
from app.imports.runs.retention import (
    FILES_KEPT,
    UNDO_WITHIN,
    close_old,
    encrypt_plain_files,
    file_key_use,
    forget_files,
    forget_old_files,
    reseal_files,
)
from app.imports.runs.runs import (
    WAITING,
    error_file,
    get,
    history,
    problems,
    queue_import,
    run_queued,
)
from app.imports.runs.undo import undo, undo_later, undo_queued
from app.imports.service import (
    BIG,
    PlanChangedError,
    commit,
    discard,
    formats,
    import_file,
    owners,
    preview,
)
from app.imports.values.fields import FIELDS, KINDS, REQUIRED
from app.imports.values.row_numbers import file_row

__all__ = [
    "BIG",
    "DATE_ORDERS",
    "DECIMALS",
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
    "ImportRequest",
    "KnownLayout",
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
    "UnknownValues",
    "UnreadableError",
    "answers",
    "as_json",
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
    "history",
    "import_file",
    "kept_file",
    "look",
    "owners",
    "preview",
    "preview_again",
    "problems",
    "queue_import",
    "read_file",
    "reseal_files",
    "run_queued",
    "take_turn",
    "undo",
    "undo_later",
    "undo_queued",
]
