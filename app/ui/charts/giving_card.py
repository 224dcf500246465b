"""The card of a donor's giving by month."""

from collections.abc import Sequence

import streamlit as st

from app.ui.base import theme
from app.ui.charts import plots, vega
from app.ui.charts.plots import MonthBar
from app.ui.widgets import tables


def show(months: Sequence[MonthBar], *, given: bool) -> bool:
    """Draw the months of a donor who has `given`, or what will be here; return `given`."""
    st.subheader("Giving by month")
    if not given:
        tables.show_empty("redeem", "No gifts yet. Their months are drawn here.")
        return False
    chart = vega.donor_months(months, theme.palette())
    vega.show(chart, key="donor_months", alt=plots.months_description(months))
    if any(bar.missed for bar in months):
        st.caption(f"{vega.MISSED} missed instalment")
    return True
