"""Switching the installation to the demonstration's database and back, from the browser."""

import subprocess
import sys
import tempfile
import time
from functools import partial
from urllib.parse import urlsplit

import streamlit as st

from app import organisation_settings
from app.imports import Stop
from app.kit.errors import DonorCrmError, InvalidError
from app.settings import ROOT, settings
from app.ui.base.formats import escape
from app.ui.signin import new_password
from app.ui.widgets import background

# the option of the command that switches, while it runs
RUNNING = "database_switch"
STEP_SECONDS = 0.2
ENTER, LEAVE = "--load-only", "--leave"
CODE = "setup_code"
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
# opens Today once the web process has ended and answers again, with the other database
_RELOAD_SCRIPT = """
export default function () {
  if (window.donorcrmReloads) return;
  window.donorcrmReloads = true;
  let ended = false;
  const ask = async () => {
    try {
      const answer = await fetch("/api/v1/health/", { cache: "no-store" });
      if (ended && answer.ok) {
        window.location.assign("/");
        return;
      }
    } catch {
      ended = true;
    }
    window.setTimeout(ask, 100);
  };
  ask();
}
"""


def ask_code(key: str) -> str:
    """Draw the field of the set-up code, and return what is in it."""
    return st.text_input(
        "Set-up code",
        st.query_params.get(CODE, ""),
        key=f"{key}_code",
        help="It is printed on the console where DonorCRM was started.",
        placeholder="XXXX-XXXX-XXXX",
    )


def show_button(label: str, option: str, *, icon: str, primary: bool = False) -> None:
    """Draw a button that switches; others than this computer's browsers need the set-up code."""
    code = None if is_local() else ask_code(option)
    if not st.button(
        label,
        icon=f":material/{icon}:",
        type="primary" if primary else "secondary",
        width="stretch",
    ):
        return
    try:
        if code is not None:
            organisation_settings.require_setup_code(code)
    except DonorCrmError as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    st.session_state[RUNNING] = option
    st.rerun()


def is_running() -> bool:
    """Return whether this screen is switching."""
    return RUNNING in st.session_state


def show_progress() -> None:
    """Switch, show the progress, and open Today once the web process has been started again."""
    option = st.session_state[RUNNING]
    entering = option == ENTER
    doing = "Loading the demonstration" if entering else "Preparing your organisation"
    with new_password.narrow_column("One moment"):
        try:
            background.result("switching", option, partial(_switch, option), doing=doing)
        except DonorCrmError as error:
            st.error(escape(str(error)), icon=":material/error:")
            st.button("Back", on_click=_forget)
            return
        st.info(
            "The demonstration starts …" if entering else "Your own installation starts …",
            icon=":material/hourglass_top:",
        )
        component = st.components.v2.component("reload_when_restarted", js=_RELOAD_SCRIPT)
        component(key="reload_when_restarted")
    st.stop()


def is_local() -> bool:
    """Return whether only browsers of this computer can open DonorCRM."""
    chosen = settings()
    return chosen.host in LOCAL and urlsplit(chosen.public_url).hostname in LOCAL


def _forget() -> None:
    for key in (RUNNING, "switching"):
        st.session_state.pop(key, None)


def _switch(option: str, stop: Stop) -> None:
    """Run the command that switches, in a process of its own with the other database.

    Raises:
        InvalidError: it failed; the message is what it printed, or that it was cancelled.
    """
    with tempfile.TemporaryFile("w+") as output:
        command = subprocess.Popen(
            [sys.executable, "-m", "app", "demo", option],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
        )
        while command.poll() is None and not stop.is_set:
            time.sleep(STEP_SECONDS)
        command.terminate()
        if command.wait():
            output.seek(0)
            raise InvalidError(output.read().strip() or "Nothing was switched.")
