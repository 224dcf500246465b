"""Keyboard focus: the first text field of a dialog is ready for typing."""

import streamlit as st

# the component stays mounted while its key is the same, and moves the focus once
_SCRIPT = """
export default function ({ parentElement }) {
  if (parentElement.hasMovedFocus) return;
  parentElement.hasMovedFocus = true;
  const focus = () => {
    if (document.activeElement?.tagName === "INPUT") return;
    document.querySelector('[role="dialog"] [data-testid="stTextInputField"]')?.focus();
  };
  // the dialog takes the focus itself while it opens
  focus();
  window.setTimeout(focus, 300);
}
"""


def on_first_field(key: str) -> None:
    """Move the focus to the first text field of the open dialog, once for each `key`."""
    component = st.components.v2.component("focus_on_first_field", js=_SCRIPT)
    component(key=f"focus_{key}")
