"""Parts of the import screen: questions, plan, result and progress."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import streamlit as st

from app import gifts, imports
from app.accounts import Role
from app.db import Session, transaction
from app.kit.money import Money
from app.ui.base import formats
from app.ui.base.formats import count, day, escape, locale, money_exact
from app.ui.base.session import current_actor, today
from app.ui.exports import downloads
from app.ui.imports.rows import made_rows, problem_table, row_diff
from app.ui.imports.rows.kind_names import NOUNS
from app.ui.pledges import suggestions as gift_suggestions
from app.ui.widgets import tables

_DATES = {"dmy": "Day first (31/01/2026)", "mdy": "Month first (01/31/2026)"}
_MARKS = {"point": "Point (1,234.50)", "comma": "Comma (1.234,50)"}


def ask_convention(error: imports.UndecidedError, *, prefix: str = "import") -> None:
    """Ask for the date order or decimal mark if the file is ambiguous, showing its cells.

    `prefix` begins the session state key of the answer.
    """
    st.warning(str(error))
    labels = _DATES if error.question == "date_order" else _MARKS
    label = "How are dates written?" if error.question == "date_order" else "The decimal mark is"
    st.segmented_control(
        label, list(labels), format_func=labels.__getitem__, key=f"{prefix}_{error.question}"
    )


def show(preview: imports.Preview, *, compact: bool = False) -> None:
    """Show the figures to compare with the source, then the rows with their reasons.

    `compact` writes the figures as a line, for one of several files.
    """
    shown = imports.as_json(preview.plan)
    if compact:
        st.markdown(f"**{figures_line(shown)}**")
    else:
        st.subheader("Check the figures")
        show_figures(figures_of(shown))
    _show_totals(shown)
    show_awaiting_rate(shown["awaiting_rate"])
    row_diff.show_kept(shown["kept"], NOUNS[shown["kind"]])
    problem_table.show_problems(shown["problems"])
    if refused := shown["conflict"] + shown["error"]:
        offer_error_file(preview.run_id, refused)
    problem_table.show_notes(shown["notes"])
    row_diff.show(preview.rows, shown, prefix=preview.plan_hash[:16])


def show_button(preview: imports.Preview, start_import: Callable[[int, str, int], None]) -> None:
    """Show the button that starts the import, or why there is nothing to import."""
    shown = imports.as_json(preview.plan)
    changes = shown["create"] + shown["update"]
    if changes:
        st.button(
            f"Import {_changed_records(preview.plan)}",
            type="primary",
            on_click=start_import,
            args=(preview.run_id, preview.plan_hash, shown["rows"]),
        )
        if shown["rows"] > imports.BIG_IMPORT_ROWS:
            st.caption("A file this big is imported in the background; you may leave this page.")
    elif not shown["skip"]:
        st.info(
            "No row of this file can be imported as it is. Download the rows above with the "
            "reasons, correct them, and import that file."
        )
    else:
        rest = "else " if shown["problems"] else ""
        st.info(f"Everything {rest}in this file is here already. There is nothing to import.")


def _changed_records(plan: imports.Plan) -> str:
    """Return the numbers of new or changed records: "6 gifts and 4 donors"."""
    numbers = {part.kind: part.create + part.update for part in reversed(plan.parts)}
    return " and ".join(count(n, NOUNS[kind]) for kind, n in numbers.items() if n)


def show_result(run_id: int) -> None:
    """Show the result of an import with links, and the file of rows not imported."""
    with transaction(current_actor()) as db:
        run = imports.get(db, current_actor(), run_id=run_id)
        notes = imports.notes(db, current_actor(), run_id=run_id)
        funds = imports.funds(db, current_actor(), run_ids=[run_id]).get(run_id)
        waiting = waiting_gifts(db, run_id)
    counts = run.counts
    st.success(
        f"{escape(run.file_name)} imported: {formats.number(counts['create'])} new, "
        f"{formats.number(counts['update'])} changed, "
        f"{formats.number(counts['skip'])} already here.",
        icon=":material/task_alt:",
    )
    show_awaiting_rate(waiting)
    with st.container(horizontal=True):
        made_rows.show_links(run)
        st.page_link(
            tables.screen_page("dashboard"), label="Dashboard", icon=":material/monitoring:"
        )
    if funds:
        st.caption(escape(made_rows.fund_sentence(funds)))
    not_imported = counts["conflict"] + counts["error"]
    if not_imported:
        offer_error_file(run_id, not_imported)
    problem_table.show_notes(notes)
    gift_suggestions.show(import_run_id=run_id)


def waiting_gifts(db: Session, run_id: int) -> dict[str, int]:
    """Return the number of an import's gifts by currency that wait for an exchange rate now."""
    of_import = gifts.GiftFilter(import_id=run_id)
    waiting = gifts.awaiting_rate(db, current_actor(), filter=of_import)
    return {line.currency: line.gifts for line in waiting}


def show_awaiting_rate(waiting: dict[str, int]) -> None:
    """Say which gifts of an import count in no sum until there is an exchange rate."""
    if not waiting:
        return
    sentences = [
        gifts.awaiting_sentence(currency, n, locale=locale()) for currency, n in waiting.items()
    ]
    admin = current_actor().role == Role.ADMIN
    text = f"{'; '.join(sentences)}. Sums include imported gifts once there is a rate."
    if admin:
        st.warning(text, icon=":material/currency_exchange:")
        st.page_link(
            tables.screen_page("exchange_rates"),
            label="Exchange rates",
            icon=":material/arrow_forward:",
        )
    else:
        st.warning(
            f"{text} An administrator can add the rates.", icon=":material/currency_exchange:"
        )


def offer_error_file(run_id: int, rows: int) -> None:
    """Offer a download of the unchanged rows not imported, with reason and suggestion."""
    downloads.show_button(
        f"Download {count(rows, 'row')} to correct",
        f"imports/{run_id}.csv",
        help="The rows as they are in the file, each with the reason and a suggestion. "
        "Correct them and import that file.",
    )


def figures_of(shown: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    """Return the number of rows by result: new, changed, already here, not imported."""
    return (
        ("New", shown["create"]),
        ("Changed", shown["update"]),
        ("Already here", shown["skip"]),
        ("Not imported", shown["conflict"] + shown["error"]),
    )


def figures_line(shown: dict[str, Any]) -> str:
    """Return the number of rows by result as a line."""
    return ", ".join(
        f"{formats.number(number)} {label.lower()}" for label, number in figures_of(shown)
    )


def show_figures(figures: Sequence[tuple[str, int]]) -> None:
    """Show numbers of rows side by side."""
    with st.container(key="figures_import"):
        cells = st.columns(len(figures))
    for cell, (label, number) in zip(cells, figures, strict=True):
        cell.metric(label, f"{formats.number(number)}", border=True)


def _show_totals(shown: dict[str, Any]) -> None:
    """Show sums and dates to check against the source, and what was taken for granted."""
    st.markdown(f"{escape(_totals(shown))} :gray[Check this against the totals of your source.]")
    for part in shown.get("parts", ())[:-1]:
        refused = part["conflict"] + part["error"]
        st.caption(
            f"Their {part['kind']}, counted apart: {formats.number(part['create'])} new, "
            f"{formats.number(part['update'])} changed, "
            f"{formats.number(part['skip'])} already here"
            + (f", {formats.number(refused)} not added." if refused else ".")
        )
    _show_assumptions(shown)
    problem_table.show_left_out(shown["left_out"])


def _totals(shown: dict[str, Any]) -> str:
    """Return the number, sums and dates of a file's records, and of how many the sums are."""
    noun = NOUNS[shown["kind"]]
    everything = f"{count(shown['rows'], noun)} in the file"
    sums = [money_exact(Money.of(total, currency)) for currency, total in shown["sum"].items()]
    facts = " and ".join(sums)
    if shown["first_date"]:
        first, last = (
            day(date.fromisoformat(shown[name]), today=today())
            for name in ("first_date", "last_date")
        )
        facts += ", " if facts else ""
        facts += f"on {first}" if first == last else f"from {first} to {last}"
    if not facts:
        return f"{everything}."
    refused = shown["conflict"] + shown["error"]
    # the sums leave out what is not imported
    without = f"; without the {formats.number(refused)} not imported" if refused else ""
    return f"{everything}{without}: {facts}."


def _show_assumptions(shown: dict[str, Any]) -> None:
    """Say what was taken for granted about the file, and which columns are not imported."""
    if shown["assumed"]:
        sentences = "\n".join(f"- {escape(sentence)}" for sentence in shown["assumed"])
        st.info(f"Taken for granted:\n{sentences}", icon=":material/info:")
    if shown["unused"]:
        st.warning(
            f"Unused columns: {escape(', '.join(shown['unused']))}.", icon=":material/view_column:"
        )


@st.fragment(run_every=2)
def show_progress(run_id: int, cancel: Callable[[int], None]) -> None:
    """Show the progress of a queued import, and rerun the page when it ends."""
    with transaction(current_actor()) as db:
        run = imports.get(db, current_actor(), run_id=run_id)
        files = imports.batch(db, current_actor(), run_id=run_id)
    if run.state in imports.WAITING:
        bar, button = st.columns([5, 2], vertical_alignment="bottom")
        owner = "" if run.user_id == current_actor().user_id else f" of {escape(run.person)}"
        doing = run.doing or "Waiting"
        more = f" and {count(len(files) - 1, 'more file')}" if len(files) > 1 else ""
        bar.progress(run.progress / 100, f"{escape(run.file_name)}{more}{owner}: {doing} …")
        if not current_actor().looking:
            task = "undo" if run.state == "undoing" else "import"
            button.button(
                f"Cancel this {task}",
                key=f"cancel_{run_id}",
                on_click=cancel,
                args=(run_id,),
                width="stretch",
            )
        return
    if run.state == "done":
        st.session_state["import_done"] = run_id
    elif run.state == "undone":
        stayed = f" {count(run.kept_rows, 'row')} stayed." if run.kept_rows else ""
        st.session_state["import_said"] = (f"The import is undone.{stayed}", run.kept)
    st.rerun(scope="app")
