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
from app.ui.imports import preview as import_preview
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


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the user chose for the columns: kind, header → field, and the saved mapping if any."""

    kind: str | None = None
    fields: dict[str, str] | None = None
    saved: int | None = None


def ask_columns(file: Upload, layout: imports.Layout) -> Mapping | None:
    """Show the recognised format, or let the user map the columns; None: more must be said."""
    if layout.recognised:
        st.success(
            f"Recognised as {layout.recognised}: {layout.holds}, {count(layout.rows, 'row')}.",
            icon=":material/check:",
        )
        return Mapping()
    chosen = column_mapping.ask(file.data, layout, prefix=file.prefix)
    return None if chosen is None else Mapping(*chosen)


def request(
    file: Upload,
    layout: imports.Layout,
    *,
    mapping: Mapping,
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
        kind=mapping.kind,
        mapping=mapping.fields,
        saved_mapping=mapping.saved,
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
        source=chosen.source,
    )


def show(file: Upload) -> None:
    """Show one file: what it is recognised as, its questions, its plan and the button."""
    layout = None
    unreadable: imports.UnreadableError | None = None
    try:
        layout = read_options.load_layout(file.data, prefix=file.prefix)
        mapping = ask_columns(file, layout)
        if mapping is not None:
            owner = file_choices.ask_owner()
            _show_plan(
                request(file, layout, mapping=mapping, owner=owner, conventions="import"),
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
        import_preview.show(preview, prefix=file.prefix)
