"""Column mapping for files of an unknown format, with suggestions from earlier files."""

from textwrap import shorten
from zoneinfo import ZoneInfo

import streamlit as st

from app import imports
from app.ui.base.formats import count, day, escape, plain
from app.ui.base.session import current_actor, today
from app.ui.imports import read_options
from app.ui.imports.rows.kind_names import TITLES

LEAVE_OUT = "Leave out"
SUGGESTED, FRESH = "suggested", "fresh"


def ask(
    data: bytes, layout: imports.Layout, *, prefix: str
) -> tuple[str, dict[str, str], int | None] | None:
    """Let the user map each column to a field.

    Returns the kind, header → field, and the id of the saved mapping it was taken from, if any;
    None while the user has not said what the rows are, where that is a question.
    """
    st.info(f"We do not know this format. It has {count(layout.rows, 'row')}; match its columns.")
    question = st.empty()
    kind = st.selectbox(
        "What does the file hold?",
        imports.KINDS,
        None if layout.kind_question else imports.KINDS.index(layout.kind),
        format_func=TITLES.__getitem__,
        key=f"{prefix}_kind",
        placeholder="Choose what each row is",
    )
    if kind is None:
        question.warning(escape(layout.kind_question), icon=":material/help:")
        return None
    if kind != layout.kind:
        layout = read_options.load_layout(
            data, prefix=prefix, kind=kind, slot=f"{read_options.LAYOUT}_kind"
        )
    suggested, version, saved = _ask_saved(data, kind, layout, prefix=prefix)
    labels = field_labels(kind)
    st.caption(f"Choose what each column is. Required: {required_fields(kind)}.")
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
    return kind, mapping, saved


def field_labels(kind: str) -> dict[str, str]:
    """Return the label of each field of a kind."""
    return {field.name: field.label for field in imports.FIELDS[kind]}


def required_fields(kind: str) -> str:
    """Return the labels of the required fields: "Amount; Date; E-mail or Name"."""
    labels = field_labels(kind)
    return "; ".join(
        " or ".join(labels[name] for name in group if name in labels)
        for group in imports.REQUIRED[kind]
    )


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


def _ask_saved(
    data: bytes, kind: str, layout: imports.Layout, *, prefix: str
) -> tuple[dict[str, str], str, int | None]:
    """Let the user choose a saved mapping; return its mapping, a choice key and its id, if any."""
    fits = {str(fit.saved.mapping_id): fit for fit in layout.saved if fit.saved.kind == kind}
    if not fits and not layout.drafted:
        return dict(layout.mapping), FRESH, None
    labels = {SUGGESTED: "As you chose them last"} if layout.drafted else {}
    labels |= {key: _fit_label(fit, layout) for key, fit in fits.items()}
    labels[FRESH] = "None: detect the columns"
    default = SUGGESTED if layout.drafted else str(layout.source or FRESH)
    chosen = st.selectbox(
        "Saved mapping",
        list(labels),
        list(labels).index(default),
        format_func=labels.__getitem__,
        key=f"{prefix}_{kind}_as_in",
    )
    if chosen in fits:
        version = _ask_version(fits[chosen], prefix=f"{prefix}_{kind}_{chosen}")
        like, key = version.version_id, f"{chosen}_{version.version_id}"
        as_loaded = fits[chosen].saved.mapping_id == layout.source
        as_loaded = as_loaded and version == fits[chosen].latest
    else:
        like, key, as_loaded = 0, chosen, chosen == default
    if as_loaded:
        mapping = layout.mapping
    else:
        mapping = read_options.load_layout(
            data, prefix=prefix, kind=kind, like=like, slot=f"{read_options.LAYOUT}_like"
        ).mapping
    return dict(mapping), key, fits[chosen].saved.mapping_id if chosen in fits else None


def _ask_version(fit: imports.FittingMapping, *, prefix: str) -> imports.MappingVersion:
    """Say how a saved mapping fits, and let the user choose an earlier version of it."""
    name, saved = escape(fit.saved.name), escape(_when_and_who(fit.latest))
    st.markdown(f":material/history: Like **{name}**, saved {saved}. {_differences(fit)}")
    if len(fit.versions) == 1:
        return fit.latest
    return st.selectbox(
        "Version",
        fit.versions,
        format_func=lambda each: f"Version {each.version}, {plain(_when_and_who(each))}",
        key=f"{prefix}_version",
    )


def _fit_label(fit: imports.FittingMapping, layout: imports.Layout) -> str:
    """Return the name of a saved mapping, how many of the file's columns it knows, and whose."""
    known = len(layout.columns) - len(fit.new)
    owner = "" if fit.saved.own else f", by {plain(fit.saved.person or 'a former user')}"
    return f"{plain(fit.saved.name)} ({known} of {count(len(layout.columns), 'column')}{owner})"


def _when_and_who(version: imports.MappingVersion) -> str:
    """Return when and by whom a version was saved, as text that is not escaped yet."""
    zone = ZoneInfo(current_actor().time_zone)
    saved_on = day(version.made_at.astimezone(zone).date(), today=today())
    return f"on {saved_on} by {version.person}" if version.person else f"on {saved_on}"


def _differences(earlier: imports.FittingMapping) -> str:
    """Return the differences of the columns: "New: Phone. Gone: Fax."."""
    sentences = [
        f"{change}: {escape(shorten(', '.join(headers), 200, placeholder=' …'))}."
        for change, headers in (("New", earlier.new), ("Gone", earlier.gone))
        if headers
    ]
    if earlier.turned:
        sentences.append("Some columns have changed places.")
    return " ".join(sentences) or "The columns are the same."
