"""Focus and view: the first field of a dialog is ready, rows that were asked for are seen."""

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
# the rows below a clicked bar can be below the edge of the window
_SHOW_TABLE = """
export default function ({ data, parentElement }) {
  if (parentElement.hasMovedView) return;
  parentElement.hasMovedView = true;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const show = (tries) => {
    const table = document.querySelector(`[data-table="${CSS.escape(data.table)}"]`);
    if (table) table.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
    else if (tries) window.setTimeout(show, 100, tries - 1);
  };
  window.setTimeout(show, 100, 20);
}
"""


def on_first_field(key: str) -> None:
    """Move the focus to the first text field of the open dialog, once for each `key`."""
    component = st.components.v2.component("focus_on_first_field", js=_SCRIPT)
    component(key=f"focus_{key}")


def on_table(table: str, *, shows: str) -> None:
    """Scroll until the table of this key is seen, once for everything that it `shows`."""
    component = st.components.v2.component("show_table", js=_SHOW_TABLE)
    component(key=f"show_{table}_{shows}", data={"table": table})
