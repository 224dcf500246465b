"""An uploaded file on the import screen: its columns, its questions and its plan."""

import hashlib
from dataclasses import dataclass

import streamlit as st

from app import imports
from app.kit.errors import DonorCrmError
from app.ui.base.formats import count, escape
from app.ui.imports import actions as import_actions
from app.ui.imports import (
    ambiguous_donors,
    column_mapping,
    file_choices,
    read_options,
    unknown_values,
    update_policies,
)
from app.ui.imports import plan as import_plan
from app.ui.widgets import background


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file; `prefix` begins the session state keys of its answers."""

    name: str
    data: bytes
    prefix: str


def upload(name: str, data: bytes) -> Upload:
    """Return an uploaded file, whose answers are kept by its content."""
    return Upload(name, data, hashlib.sha256(data).hexdigest()[:16])


def ask_columns(
    file: Upload, layout: imports.Layout
) -> tuple[str, dict[str, str]] | tuple[None, None]:
    """Show the recognised format, or let the user map the columns and return (kind, mapping)."""
    if layout.recognised:
        st.success(
            f"Recognised as {layout.recognised}: {layout.holds}, {count(layout.rows, 'row')}.",
            icon=":material/check:",
        )
        return None, None
    return column_mapping.ask(file.data, layout, prefix=file.prefix)


def request(
    file: Upload,
    layout: imports.Layout,
    *,
    kind: str | None,
    mapping: dict[str, str] | None,
    owner: str | None,
    conventions: str,
) -> imports.ImportRequest:
    """Return the file with the user's choices so far.

    `conventions` begins the session state keys of the date order and the decimal mark.

    Raises:
        InvalidError: a choice is not valid.
    """
    prefix = file.prefix
    chosen = file_choices.answers(prefix)
    return imports.ImportRequest(
        file_name=file.name,
        data=file.data,
        kind=kind,
        mapping=mapping,
        date_order=st.session_state.get(f"{conventions}_date_order"),
        decimal=st.session_state.get(f"{conventions}_decimal"),
        owner=owner,
        words=unknown_values.answers(prefix, layout.words),
        people=ambiguous_donors.answers(prefix),
        policies=update_policies.choices(prefix),
        reading=read_options.overrides(prefix),
        currency=chosen.currency,
        fund=chosen.fund,
        method=chosen.method,
        repeats=chosen.repeats,
    )


def show_plan(preview: imports.Preview, *, prefix: str, compact: bool = False) -> None:
    """Ask the file's questions, and show what it will do with the choices for it."""
    unknown_values.ask(preview.unknown, prefix=prefix)
    ambiguous_donors.ask(preview.people, prefix=prefix)
    import_plan.show(preview, compact=compact)
    update_policies.ask(preview.policies, prefix=prefix)
    file_choices.ask(preview, prefix=prefix)


def show(file: Upload) -> None:
    """Show one file: what it is recognised as, its questions, its plan and the button."""
    layout = None
    unreadable: imports.UnreadableError | None = None
    try:
        layout = read_options.load_layout(file.data, prefix=file.prefix)
        kind, mapping = ask_columns(file, layout)
        owner = file_choices.ask_owner()
        _show_plan(
            request(file, layout, kind=kind, mapping=mapping, owner=owner, conventions="import"),
            file,
        )
    except imports.UndecidedError as error:
        read_options.ask_encoding(error, prefix=file.prefix)
    except imports.ReadingStoppedError:
        background.show_cancelled(*read_options.SLOTS)
    except imports.UnreadableError as error:
        unreadable = error
        st.error(escape(str(error)))
    except DonorCrmError as error:
        st.error(escape(str(error)))
    read_options.ask(layout, unreadable, prefix=file.prefix)


def _show_plan(planned: imports.ImportRequest, file: Upload) -> None:
    try:
        preview = import_actions.load_plan(
            planned,
            key=file.prefix,
            read_table=read_options.table_reader(file.data, prefix=file.prefix),
        )
    except imports.UndecidedError as error:
        import_plan.ask_convention(error)
    else:
        show_plan(preview, prefix=file.prefix)
        import_plan.show_button(preview, import_actions.start_import)
