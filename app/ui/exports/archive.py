"""The archive of the whole organisation on the export screen: start, progress, download."""

import streamlit as st

from app import exports
from app.db import Session
from app.ui.base.formats import count, moment, number
from app.ui.base.session import current_actor, now, today
from app.ui.exports import downloads
from app.ui.widgets import forms

KEY = "download_everything"
# a smaller file has its size in kB
KILOBYTES_SHOWN = 1_000
EXPLAINED = (
    "One zip file with every kind of record of the whole organisation as CSV, and a list of the "
    "files with their checksums."
)


def show() -> None:
    """Draw the card of the archive for an administrator; while it is made, with its progress."""
    archive = exports.newest_archive(current_actor(), now=now())
    with st.container(border=True):
        st.markdown(f":material/archive: **Download everything**  \n{EXPLAINED}")
        if archive is not None and archive.state == "running":
            _show_progress()
            return
        if archive is not None and archive.state == "failed":
            st.error(archive.error, icon=":material/error:")
        with st.container(horizontal=True, vertical_alignment="center"):
            if archive is not None and archive.state == "done":
                _show_file(archive)
            _show_start(again=archive is not None and archive.state == "done")


def _show_file(archive: exports.Archive) -> None:
    downloads.show_button("Download the archive", "everything.zip")
    kilobytes = archive.bytes / 1_000
    size = (
        f"{number(max(kilobytes, 1))} kB"
        if kilobytes < KILOBYTES_SHOWN
        else f"{number(kilobytes / 1_000, decimals=1)} MB"
    )
    until = moment(archive.kept_until, current_actor().time_zone, today=today())
    st.caption(f"{count(archive.rows, 'row')}, {size}. It is deleted {until}.")


def _show_start(*, again: bool) -> None:
    st.button(
        "Make a new one" if again else "Make the archive",
        key=KEY,
        icon=":material/refresh:" if again else ":material/archive:",
        type="tertiary" if again else "secondary",
        disabled=current_actor().looking,
        on_click=forms.run_and_announce,
        args=(KEY, _start),
    )


def _start(db: Session) -> str:
    if exports.start_archive(db, current_actor(), now=now()):
        return "The archive is being made. You can leave this page."
    return "An archive is being made already."


@st.fragment(run_every=2)
def _show_progress() -> None:
    """Show the progress, and rerun the page when the archive is finished."""
    archive = exports.newest_archive(current_actor(), now=now())
    if archive is None or archive.state != "running":
        st.rerun(scope="app")
    else:
        doing = f"Writing {archive.doing}" if archive.doing else "Starting"
        st.progress(min(1.0, archive.done / archive.of), f"{doing} … You can leave this page.")
