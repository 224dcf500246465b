"""What can be imported: the known formats, and templates to fill in."""

from collections.abc import Sequence

import streamlit as st

from app import imports
from app.accounts import Role
from app.ui.base.session import current_actor
from app.ui.exports import downloads
from app.ui.imports.rows.kind_names import TITLES

# of donors, gifts, pledges and funds
_FIRST = 4


def show() -> None:
    """Say which files are recognised, and offer a template of each kind that the actor imports."""
    st.caption(
        f"Recognised by their columns: {' · '.join(imports.formats())}. "
        "For any other file you choose what each column is."
    )
    # finance imports gifts of known donors only
    finance = current_actor().role == Role.FINANCE
    kinds = ("gifts",) if finance else imports.TEMPLATES[:_FIRST]
    more = ("soft-credits",) if finance else imports.TEMPLATES[_FIRST:]
    with st.container(horizontal=True, vertical_alignment="center", key="import_templates"):
        st.caption("Templates to fill in:", width="content")
        _show_buttons(kinds)
        with st.popover("More", icon=":material/more_horiz:", help="Templates of other files"):
            _show_buttons(more)


def _show_buttons(kinds: Sequence[str]) -> None:
    for kind in kinds:
        downloads.show_button(
            TITLES[kind],
            f"import-templates/{kind}.csv",
            help=f"Download a file with a column for each field of {TITLES[kind].lower()} "
            "and two examples",
        )
