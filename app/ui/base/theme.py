"""Colours of both themes, and a small stylesheet for what Streamlit's theme cannot do."""

from dataclasses import dataclass
from functools import cache

import streamlit as st

from app.settings import ROOT

FONT = "Inter, 'Source Sans', 'Source Sans Whole', system-ui, sans-serif"
# the letters that deploy/fonts.py leaves out of Source Sans: a text with one loads the whole font
BEYOND_LATIN = (
    "U+100-130,U+132-151,U+154-2C5,U+2C7-2D9,U+2DB,U+2DD-52F,U+1E00-1FFF,U+20A0-20AB,U+20AD-20C0"
)


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of charts."""

    ink: str
    muted: str
    grid: str
    soft: str
    paper: str
    teal: str
    # text on a teal button
    on_teal: str
    amber: str
    indigo: str
    plum: str
    slate: str
    olive: str


LIGHT = Palette(
    ink="#1C2A2B",
    muted="#5A6769",
    grid="#E7EAE5",
    soft="#C3CBC6",
    paper="#FBFBF9",
    teal="#0F766E",
    on_teal="#FFFFFF",
    amber="#D97706",
    indigo="#4F6BED",
    plum="#B4467A",
    slate="#64748B",
    olive="#84A317",
)
DARK = Palette(
    ink="#E7ECEA",
    muted="#A7B3B1",
    grid="#2B3639",
    soft="#47595C",
    paper="#12191B",
    teal="#2DB3A6",
    on_teal="#07211E",
    amber="#E0A33E",
    indigo="#8A9CF5",
    plum="#D97BA6",
    slate="#94A3B8",
    olive="#A9C74B",
)

# Content starts below the header at every width. On a phone there are two figures per row, list
# entries keep their button beside them, and long words wrap in tables. The sign-in button belongs
# to the widget, so only CSS can style it as primary.
STYLE = """
<style>
@font-face{font-family:'Source Sans Whole';src:url(/static/media/SourceSansVF-Upright.whole.woff2);
font-weight:200 900;unicode-range:LETTERS}
.stMainBlockContainer{padding:3.9rem 2.4rem 3rem;max-width:1380px}
.stMainBlockContainer h1{padding:0 0 .1rem}
.st-key-help_link{position:fixed;top:1rem;right:3.4rem;width:auto!important;z-index:999991}
.st-key-help_link [data-testid="stPageLink"] a{padding:.2rem .5rem;background:none}
.st-key-help_link [data-testid="stPageLink"] a:hover p{text-decoration:underline}
[data-testid="stCaptionContainer"]{opacity:1!important;color:MUTED}
[data-testid="stBaseButton-primary"],[data-testid="stBaseButton-primaryFormSubmit"]{
color:ON_TEAL!important}
[data-testid="stWidgetLabel"] p,[data-testid="stMetricDelta"] p{color:TEXT!important}
.stMarkdown a{text-decoration:underline;text-decoration-thickness:1px;text-underline-offset:2px}
[data-testid="stFullScreenFrame"]:has(.stVegaLiteChart) [data-testid="stElementToolbar"]{
display:none}
[class*="st-key-list"] .stMarkdown p{line-height:1.4}
[class*="st-key-list"] [data-testid="stPageLink"] a{padding:0;background:none}
[class*="st-key-list"] [data-testid="stPageLink"] a p{color:LINK;white-space:normal}
[class*="st-key-list"] [data-testid="stPageLink"] a:hover p{text-decoration:underline}
[class*="st-key-list_guide"] [data-testid="stPageLink"] a p{font-weight:400}
.st-key-welcome [data-testid="stBaseButton-secondaryFormSubmit"]{
background:LINK;border-color:LINK;color:ON_TEAL}
a.linkbutton{display:inline-block;text-align:center;padding:.45rem .9rem;border-radius:.6rem;
font-size:.875rem;border:1px solid LINE;color:inherit!important;text-decoration:none}
a.linkbutton:hover,a.linkbutton:focus-visible{border-color:LINK;color:LINK!important}
[class*="st-key-welcome"] a.linkbutton{display:block}
a.linkbutton.primary{background:LINK;border-color:LINK;color:ON_TEAL!important}
@media(max-width:640px){
[data-testid="stMetricLabel"] p,[data-testid="stMetricDelta"] *{white-space:normal!important}
.stMainBlockContainer{padding:3.9rem .9rem 4rem}
.stMarkdown table td+td{overflow-wrap:anywhere}
.stTable td+td,.stTable td+td *{white-space:normal!important;overflow-wrap:anywhere}
.stMarkdown table td:first-child{white-space:nowrap}
[data-testid="stButtonGroup"]>div{flex-wrap:wrap;row-gap:.2rem}
[data-testid="stButtonGroup"] button{padding-left:.35rem;padding-right:.35rem}
[class*="st-key-figures"] .stHorizontalBlock{flex-wrap:wrap}
[class*="st-key-figures"] .stColumn{min-width:calc(50% - .5rem)!important;flex:1 1 45%!important}
[class*="st-key-list"] .stHorizontalBlock{flex-wrap:nowrap}
.st-key-list_mail .stHorizontalBlock{flex-wrap:wrap}
[class*="st-key-list"] .stColumn{min-width:0!important}
[class*="st-key-list"] .stColumn:last-child{flex:0 0 7rem!important}
[class*="st-key-list_wrapped"] .stHorizontalBlock{flex-wrap:wrap;row-gap:.2rem}
[class*="st-key-list_wrapped"] .stColumn{flex:1 1 100%!important}
[class*="st-key-list_wrapped"] .stColumn:last-child{flex:1 1 100%!important}
}
</style>
"""


def apply() -> None:
    """Add the stylesheet to the page; the app shell calls this once."""
    st.html(_coloured(STYLE).replace("LETTERS", BEYOND_LATIN))


def apply_to_rows() -> None:
    """Add the stylesheet of tables, lists and the palette, for signed-in users only."""
    st.html(f"<style>\n{_coloured(_signed_in_style())}</style>")


def _coloured(style: str) -> str:
    """Return a stylesheet with the colours of the user's theme in place of their names."""
    colours = palette()
    for word, colour in (
        ("LINK", colours.teal),
        ("LINE", colours.soft),
        ("GRID", colours.grid),
        ("AMBER", colours.amber),
        ("MUTED", colours.muted),
        ("PAPER", colours.paper),
        ("HOVER", f"{colours.soft}33"),
        ("TEXT", colours.ink),
        ("ON_TEAL", colours.on_teal),
    ):
        style = style.replace(word, colour)
    return style


@cache
def _signed_in_style() -> str:
    folder = ROOT / "app" / "ui" / "assets"
    return "".join((folder / name).read_text("utf-8") for name in ("rows.css", "shell.css"))


def palette() -> Palette:
    """Return the colours of the user's current theme."""
    return DARK if st.context.theme.type == "dark" else LIGHT
