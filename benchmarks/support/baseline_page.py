"""A page with one table and one chart: the minimal cost of a page of the framework."""

import pandas as pd
import plotly.express as px
import streamlit as st


def page() -> None:
    """Draw a table of twenty rows and a chart of 24 months."""
    st.title("Floor")
    rows = pd.DataFrame({"name": [f"Row {at}" for at in range(20)], "amount": range(20)})
    st.dataframe(rows, key="rows")
    months = pd.DataFrame({"month": range(24), "amount": [at % 7 * 100 for at in range(24)]})
    st.plotly_chart(px.bar(months, x="month", y="amount"), key="months")


PAGES = ("", "dashboard", "donors")
st.set_page_config(page_title="Floor", layout="wide")
st.navigation(
    [st.Page(page, title=name or "today", url_path=name, default=not name) for name in PAGES]
).run()
