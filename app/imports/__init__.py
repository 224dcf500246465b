"""Import files: preview a file's plan, commit it in one transaction, and undo it."""

from app.file_reader.read_options import ENCODINGS, SEPARATORS, Reading
from app.file_reader.sandbox.cancellation import ReadingStoppedError, Stop
from app.file_reader.sandbox.pool import UnreadableError
from app.file_reader.table import Table
from app.imports.diff import MAX_ROWS_PER_ACTION, FieldChange, RowChange
from app.imports.import_lock import try_lock
from app.imports.inspection import inspect_file, read_file
from app.imports.mapping.saved_layouts import Earlier, KnownLayout
from app.imports.mapping.unknown_values import UnknownValues
from app.imports.pipeline import BIG_IMPORT_ROWS
from app.imports.planning.ambiguous_donors import KINDS as PEOPLE
from app.imports.planning.ambiguous_donors import NEW, SAME, SKIP, Candidate, Question
from app.imports.planning.plan import Plan, as_json
from app.imports.planning.update_policy import NEVER_EMPTY, POLICIES
from app.imports.request import DATE_ORDERS, DECIMALS, METHODS, ImportRequest
from app.imports.results import Batch, BatchFile, Layout, Preview, Rows, Run, Undone
from app.imports.runs.batch_preview import MAX_FILES, ORDER, import_together, preview_together
from app.imports.runs.batches import commit_together, queue_together
from app.imports.runs.cancel import cancel
from app.imports.runs.rerun import earlier_answers, preview_again, stored_file
from app.imports.runs.retention import (
    FILE_RETENTION,
    UNDO_WITHIN,
    delete_files,
    delete_old_details,
    delete_old_files,
    encrypt_plain_files,
    file_key_use,
    reencrypt_files,
)
from app.imports.runs.runs import (
    WAITING,
    batch,
    error_file,
    get,
    history,
    notes,
    problems,
    queue_import,
)
from app.imports.runs.undo import (
    queue_undo,
    queue_undo_together,
    undo,
    undo_queued,
    undo_together,
)
from app.imports.runs.worker import run_queued
from app.imports.service import (
    PlanChangedError,
    commit,
    discard,
    formats,
    import_file,
    owners,
    preview,
)
from app.imports.values.currencies import CURRENCIES
from app.imports.values.fields import FIELDS, KINDS, REQUIRED
from app.imports.values.questions import UndecidedError
from app.imports.values.row_numbers import file_row

__all__ = [
    "BIG_IMPORT_ROWS",
    "CURRENCIES",
    "DATE_ORDERS",
    "DECIMALS",
    "ENCODINGS",
    "FIELDS",
    "FILE_RETENTION",
    "KINDS",
    "MAX_FILES",
    "MAX_ROWS_PER_ACTION",
    "METHODS",
    "NEVER_EMPTY",
    "NEW",
    "ORDER",
    "PEOPLE",
    "POLICIES",
    "REQUIRED",
    "SAME",
    "SEPARATORS",
    "SKIP",
    "UNDO_WITHIN",
    "WAITING",
    "Batch",
    "BatchFile",
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
    "as_json",
    "batch",
    "cancel",
    "commit",
    "commit_together",
    "delete_files",
    "delete_old_details",
    "delete_old_files",
    "discard",
    "earlier_answers",
    "encrypt_plain_files",
    "error_file",
    "file_key_use",
    "file_row",
    "formats",
    "get",
    "history",
    "import_file",
    "import_together",
    "inspect_file",
    "notes",
    "owners",
    "preview",
    "preview_again",
    "preview_together",
    "problems",
    "queue_import",
    "queue_together",
    "queue_undo",
    "queue_undo_together",
    "read_file",
    "reencrypt_files",
    "run_queued",
    "stored_file",
    "try_lock",
    "undo",
    "undo_queued",
    "undo_together",
]
