"""Screen of alert quality: a backtest of the alerts on the organisation's own history."""

import streamlit as st

from app import donors
from app.db import transaction
from app.ui.base.formats import count, day, percent
from app.ui.base.session import current_actor, today
from app.ui.base.theme import palette
from app.ui.charts import plots, reliability
from app.ui.widgets import tables

RULE = "by waiting a year"

actor = current_actor()
st.title("How good are these alerts?")
with transaction(actor) as db:
    report = donors.reliability_report(db)
if report is None:
    with st.container(border=True):
        tables.show_empty(
            "hourglass_top",
            "Not measured yet. Every Sunday morning earlier alerts are compared with the gifts "
            "that followed. It needs two years of gifts.",
            guide="alerts",
        )
    st.stop()
st.caption(
    f"Measured on {day(report.as_of, today=today())} over the whole organisation: what the "
    f"alerts would have said on {count(report.looks, 'earlier day')}, knowing only the gifts up "
    "to then, beside what came."
)
if not report.enough:
    st.info(
        "There is not enough history: two years of gifts and some donors who stopped are needed. "
        "Until then the alerts use typical values.",
        icon=":material/hourglass_top:",
    )
    st.stop()
figures = st.container(horizontal=True, key="figures_reliability")
wrong = report.false_share or 0.0
figures.metric(
    "Correct alerts",
    percent(1 - wrong),
    f"of {count(report.alarms, 'donor')} called at risk",
    delta_color="off",
    delta_arrow="off",
    border=True,
    help="Correct: no gift came within the period of the alert.",
)
figures.metric(
    "Wrong alerts",
    percent(wrong),
    f"{count(report.false_alarms, 'donor')} gave after all",
    delta_color="off",
    delta_arrow="off",
    border=True,
)
figures.metric(
    "Named earlier by",
    "—" if report.lead_days is None else count(report.lead_days, "day"),
    f"than {RULE}",
    delta_color="off",
    delta_arrow="off",
    border=True,
    help=f"The middle one of {count(report.stopped, 'donor')} who really stopped. Of who gives "
    "less often than twice a year, two usual gaps are waited instead.",
)
with st.container(border=True):
    st.subheader("Predictions and outcomes")
    plots.show(
        reliability.calibration(report.bands, palette()),
        key="reliability",
        alt=reliability.description(report.bands),
    )
    st.caption(
        "A dot on the dotted line is exactly right: of donors said to stop with a chance of "
        "70 %, 70 % did. A larger dot stands for more donors."
    )
with st.expander("The figures", icon=":material/table_rows:"):
    st.dataframe(
        [
            {
                "Chance of no gift": f"{percent(band.low)} to {percent(band.high)}",
                "Verdicts": band.verdicts,
                "Said": percent(band.said),
                "Came true": percent(band.came),
            }
            for band in report.bands
        ],
        hide_index=True,
    )
