"""Filters of the tasks in the URL: kind, priority and words; and the days of this week."""

from datetime import date, timedelta

import streamlit as st

from app import tasks
from app.ui.base import formats
from app.ui.donors.activity_forms import PRIORITIES
from app.ui.widgets.url_filters import Filter, UrlFilters, labelled

TYPE = Filter("Kind", "type", labelled(tasks.TYPES, str.capitalize))
PRIORITY = Filter(
    "Priority", "priority", {str(value): label for value, label in PRIORITIES.items()}
)
_WEEK = 7


def ask_filter() -> tasks.TaskFilter:
    """Draw the filters and return the chosen one."""
    filters = UrlFilters()
    with st.container(horizontal=True, vertical_alignment="bottom", key="task_filters"):
        kind = filters.choice(TYPE, width=150, placeholder="All")
        priority = filters.choice(PRIORITY, width=150, placeholder="All")
        query = filters.text(
            "Find",
            key="query",
            search=True,
            width=220,
            icon=":material/search:",
            placeholder="Task, note or donor",
        )
    filters.show_refused()
    return tasks.TaskFilter(kind, None if priority is None else int(priority), query)


def week_end(day: date) -> date:
    """Return the last day of the week of `day`, by the weekday on which the user's week begins."""
    last = (formats.first_weekday() - 1) % _WEEK
    return day + timedelta(days=(last - day.weekday()) % _WEEK)


def next_monday(day: date) -> date:
    """Return the first Monday after `day`."""
    return day + timedelta(days=_WEEK - day.weekday())
