"""Stylesheet of printed pages: black on white, no menu or buttons, tables as wide as paper."""

import streamlit as st

# A page is printed for what it says: the menu, buttons and empty fields go. The filters stay,
# because they say what a list shows.
STYLE = """
<style>
@media print{
@page{margin:14mm}
[data-testid="stSidebar"],[data-testid="stHeader"],[data-testid="stElementToolbar"],
[data-testid="stToastContainer"],[data-testid="stFileUploader"],.st-key-help_link,.stButton,
.stDownloadButton,.stLinkButton,.stFormSubmitButton,.stPopover,.stMenuButton,.stTooltipIcon,
.stTextInput:has(input:placeholder-shown),.stDateInput:has(input:placeholder-shown),
.rows .tick,.rows .press,.todo .acts{display:none!important}
.stMainBlockContainer{padding:0!important;max-width:none!important}
.stApp,.stApp *,.stApp .rows a,.stApp .lines a{color:#000!important;
border-color:#bbb!important;box-shadow:none!important}
.stApp ::placeholder{color:#555!important}
html,body,#root,.stApp,[data-testid="stAppViewContainer"],[data-testid="stMain"],
.stSelectbox *,.stMultiSelect *,.stTextInput *,.stDateInput *,[data-testid="stButtonGroup"] *,
[data-testid="stMetricDelta"],.stVerticalBlock,.stAlert *,.stCode *{
background-color:#fff!important}
[data-testid="stButtonGroup"] button{min-width:max-content!important}
[data-testid="stButtonGroup"] button:not([aria-checked="true"]){display:none!important}
.rows,.rows.scrolls{overflow:visible!important;max-height:none!important}
.rows table{font-size:.68rem!important}
.rows th,.rows td{padding:.25rem .35rem!important;min-width:0!important;
overflow-wrap:break-word!important}
.rows th{white-space:normal!important;overflow-wrap:normal}
.rows .name{min-width:5rem!important}
.rows .short{white-space:normal!important}
.stPlotlyChart text{fill:#000!important}
.stPlotlyChart .gridlayer path{stroke:#ccc!important}
.rows thead{display:table-header-group}
.rows tr,.lines li{break-inside:avoid}
DARK}
</style>
"""
# a picture of a chart has the light letters of the dark theme
DARK = ".stVegaLiteChart{filter:invert(1) hue-rotate(180deg)}\n"


def apply(*, dark: bool) -> None:
    """Add the stylesheet to the page; `dark` is whether the screen shows the dark theme."""
    st.html(STYLE.replace("DARK", DARK if dark else ""))
