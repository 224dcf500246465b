"""Column mapping for files of an unknown format, with suggestions from earlier files."""

from textwrap import shorten
from zoneinfo import ZoneInfo

import streamlit as st

from app import imports
from app.ui.base.formats import count, day, escape
from app.ui.base.session import current_actor, today
from app.ui.imports import read_options

LEAVE_OUT = "Leave out"
SUGGESTED, FRESH = "suggested", "fresh"


def ask(data: bytes, layout: imports.Layout, *, prefix: str) -> tuple[str, dict[str, str]]:
    """Let the user map each column to a field; return (kind, header → field)."""
    st.info(f"We do not know this format. It has {count(layout.rows, 'row')}; match its columns.")
    kind = st.selectbox(
        "What does the file hold?",
        imports.KINDS,
        imports.KINDS.index(layout.kind),
        format_func=str.capitalize,
        key=f"{prefix}_kind",
    )
    if kind != layout.kind:
        layout = read_options.load_layout(
            data, prefix=prefix, kind=kind, slot=f"{read_options.LAYOUT}_kind"
        )
    suggested, version = _ask_version(data, kind, layout, prefix=prefix)
    labels = {field.name: field.label for field in imports.FIELDS[kind]}
    needed = "; ".join(
        " or ".join(labels[name] for name in group if name in labels)
        for group in imports.REQUIRED[kind]
    )
    st.caption(f"Choose what each column is. Required: {needed}.")
    mapping: dict[str, str] = {}
    for number, header in enumerate(layout.columns):
        name = _ask_field(
            layout,
            number,
            labels,
            suggested=suggested.get(header, "") or "",
            key=f"{prefix}_{kind}_{version}_{number}",
        )
        if name:
            mapping[header] = name
    return kind, mapping


def _ask_field(
    layout: imports.Layout, number: int, labels: dict[str, str], *, suggested: str, key: str
) -> str:
    """Show a column with samples and let the user choose its field; return "" to leave it out."""
    samples = ", ".join(cell for cell in layout.samples[number] if cell)
    title = escape(layout.columns[number]) or f"Column {number + 1}"
    left, right = st.columns([3, 2], vertical_alignment="center")
    left.markdown(
        f"**{title}**  \n:gray[{escape(shorten(samples, 70, placeholder=' …')) or 'empty'}]"
    )
    choices = ["", *labels]
    return right.selectbox(
        title,
        choices,
        choices.index(suggested),
        format_func=lambda name: labels.get(name, LEAVE_OUT),
        key=key,
        label_visibility="collapsed",
    )


def _ask_version(
    data: bytes, kind: str, layout: imports.Layout, *, prefix: str
) -> tuple[dict[str, str], str]:
    """Show the similar earlier file and changed columns; return its mapping and a choice key."""
    earlier = layout.earlier
    if earlier is None:
        return dict(layout.mapping), SUGGESTED
    latest = earlier.latest
    st.markdown(
        f":material/history: Like **{escape(latest.name)}**, read {_when_and_who(latest)}. "
        f"{_differences(earlier)}"
    )
    labels = {SUGGESTED: "As last time"}
    labels |= {
        str(saved.layout_id): f"Version {saved.version}, {_when_and_who(saved)}"
        for saved in earlier.versions
    }
    labels[FRESH] = "Discard these columns, detect again"
    chosen = st.selectbox(
        "Columns", list(labels), format_func=labels.__getitem__, key=f"{prefix}_{kind}_as_in"
    )
    if chosen == SUGGESTED:
        return dict(layout.mapping), chosen
    like = 0 if chosen == FRESH else int(chosen)
    chosen_layout = read_options.load_layout(
        data, prefix=prefix, kind=kind, like=like, slot=f"{read_options.LAYOUT}_like"
    )
    return chosen_layout.mapping, chosen


def _when_and_who(layout: imports.KnownLayout) -> str:
    zone = ZoneInfo(current_actor().time_zone)
    saved_on = day(layout.made_at.astimezone(zone).date(), today=today())
    return f"on {saved_on} by {escape(layout.person)}" if layout.person else f"on {saved_on}"


def _differences(earlier: imports.Earlier) -> str:
    """Return the differences of the columns: "New: Phone. Gone: Fax."."""
    sentences = [
        f"{change}: {escape(shorten(', '.join(headers), 200, placeholder=' …'))}."
        for change, headers in (("New", earlier.new), ("Gone", earlier.gone))
        if headers
    ]
    if earlier.turned:
        sentences.append("Some columns have changed places.")
    return " ".join(sentences) or "The columns are the same."
