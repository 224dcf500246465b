"""What can be imported: the known formats, and templates to fill in."""

import streamlit as st

from app import imports
from app.accounts import Role
from app.ui.base.session import current_actor
from app.ui.exports import downloads


def show() -> None:
    """Say which files are recognised, and offer a template of each kind that the actor imports."""
    st.caption(
        f"Recognised by their columns: {' · '.join(imports.formats())}. "
        "For any other file you choose what each column is."
    )
    # finance imports gifts of known donors only
    kinds = ("gifts",) if current_actor().role == Role.FINANCE else imports.KINDS
    with st.container(horizontal=True, vertical_alignment="center", key="import_templates"):
        st.caption("Templates to fill in:", width="content")
        for kind in kinds:
            downloads.show_button(
                kind.capitalize(),
                f"import-templates/{kind}.csv",
                help=f"Download a file with a column for each field of {kind} and two examples",
            )
