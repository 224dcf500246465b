"""Import files: preview a file's plan, commit it in one transaction, and undo it."""

from app.file_reader.read_options import ENCODINGS, SEPARATORS, Reading
from app.file_reader.sandbox.cancellation import ReadingStoppedError, Stop
from app.file_reader.sandbox.pool import UnreadableError
from app.file_reader.table import Table
from app.imports.diff import MAX_ROWS_PER_ACTION, FieldChange, RowChange
from app.imports.import_lock import try_lock
from app.imports.inspection import inspect_file, read_file, template
from app.imports.mapping.mapped_file import USER_MAPPING
from app.imports.mapping.saved_mappings import FittingMapping, MappingVersion, SavedMapping
from app.imports.mapping.sources import FILE, source_name, source_of
from app.imports.mapping.templates import KINDS as TEMPLATES
from app.imports.mapping.unknown_values import UnknownValues
from app.imports.pipeline import BIG_IMPORT_ROWS
from app.imports.planning.ambiguous_donors import KINDS as PEOPLE
from app.imports.planning.ambiguous_donors import NEW, SAME, SKIP, Candidate, Question
from app.imports.planning.plan import Plan, as_json
from app.imports.planning.update_policy import NEVER_EMPTY, POLICIES
from app.imports.request import DATE_ORDERS, DECIMALS, METHODS, ImportRequest
from app.imports.results import (
    Batch,
    BatchFile,
    ImportFunds,
    Layout,
    Preview,
    Rows,
    Run,
    Undone,
)
from app.imports.runs.batch_preview import MAX_FILES, ORDER, import_together, preview_together
from app.imports.runs.batches import commit_together, queue_together
from app.imports.runs.cancel import cancel
from app.imports.runs.rerun import earlier_answers, preview_again, stored_file
from app.imports.runs.retention import (
    UNDO_WITHIN,
    copy_disk_files,
    delete_disk_files,
    delete_files,
    delete_old_details,
    delete_old_files,
    file_key_use,
    files_under_older_keys,
    reencrypt_file,
)
from app.imports.runs.runs import (
    WAITING,
    batch,
    error_file,
    funds,
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
from app.imports.saved_mappings import (
    delete_mapping,
    edit_mapping,
    list_mappings,
    rename_mapping,
    share_mapping,
)
from app.imports.service import (
    PlanChangedError,
    commit,
    discard,
    formats,
    id_sources,
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
    "FILE",
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
    "TEMPLATES",
    "UNDO_WITHIN",
    "USER_MAPPING",
    "WAITING",
    "Batch",
    "BatchFile",
    "Candidate",
    "FieldChange",
    "FittingMapping",
    "ImportFunds",
    "ImportRequest",
    "Layout",
    "MappingVersion",
    "Plan",
    "PlanChangedError",
    "Preview",
    "Question",
    "Reading",
    "ReadingStoppedError",
    "RowChange",
    "Rows",
    "Run",
    "SavedMapping",
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
    "copy_disk_files",
    "delete_disk_files",
    "delete_files",
    "delete_mapping",
    "delete_old_details",
    "delete_old_files",
    "discard",
    "earlier_answers",
    "edit_mapping",
    "error_file",
    "file_key_use",
    "file_row",
    "files_under_older_keys",
    "formats",
    "funds",
    "get",
    "history",
    "id_sources",
    "import_file",
    "import_together",
    "inspect_file",
    "list_mappings",
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
    "reencrypt_file",
    "rename_mapping",
    "run_queued",
    "share_mapping",
    "source_name",
    "source_of",
    "stored_file",
    "template",
    "try_lock",
    "undo",
    "undo_queued",
    "undo_together",
]
