"""Colours of both themes, and a small stylesheet for what Streamlit's theme cannot do."""

from dataclasses import dataclass

import streamlit as st

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
.stMarkdown a{text-decoration:none}
.stMarkdown a:hover{text-decoration:underline}
[data-testid="stFullScreenFrame"]:has(.stVegaLiteChart) [data-testid="stElementToolbar"]{
display:none}
[class*="st-key-list"] .stMarkdown p{line-height:1.4}
[class*="st-key-list"] [data-testid="stPageLink"] a{padding:0;background:none}
[class*="st-key-list"] [data-testid="stPageLink"] a p{color:LINK;white-space:normal}
[class*="st-key-list"] [data-testid="stPageLink"] a:hover p{text-decoration:underline}
[class*="st-key-list_guide"] [data-testid="stPageLink"] a p{font-weight:400}
.st-key-welcome [data-testid="stBaseButton-secondaryFormSubmit"]{
background:LINK;border-color:LINK;color:#fff}
a.linkbutton{display:inline-block;text-align:center;padding:.45rem .9rem;border-radius:.6rem;
font-size:.875rem;border:1px solid LINE;color:inherit!important;text-decoration:none}
a.linkbutton:hover,a.linkbutton:focus-visible{border-color:LINK;color:LINK!important}
[class*="st-key-welcome"] a.linkbutton{display:block}
a.linkbutton.primary{background:LINK;border-color:LINK;color:#fff!important}
.rows{overflow-x:auto}
.rows.scrolls{max-height:26rem;overflow-y:auto}
.rows table{width:100%;border-collapse:collapse;font-size:.9rem;line-height:1.35}
.rows th,.rows td{padding:.42rem .6rem;text-align:left;vertical-align:top;
border-bottom:1px solid GRID}
.rows tr:last-child td{border-bottom:0}
.rows th{color:MUTED;font-weight:500;white-space:nowrap;vertical-align:bottom}
.rows.scrolls th{position:sticky;top:0;background:PAPER}
.rows th button{all:unset;cursor:pointer}
.rows th button:hover{color:LINK}
.rows th button:focus-visible,.rows a:focus-visible{outline:2px solid LINK;outline-offset:2px}
.rows th[aria-sort] button::after{content:" ↑"}
.rows th[aria-sort=descending] button::after{content:" ↓"}
.rows .amount,.rows .number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.rows .day,.rows .press,.rows .tick,.rows .short{white-space:nowrap}
.rows .name{min-width:9rem}
.rows .long{min-width:14rem;overflow-wrap:anywhere}
.rows .text{overflow-wrap:anywhere;min-width:5.5rem}
.rows tbody tr:hover{background:HOVER}
.rows .tick input{width:1.05rem;height:1.05rem;accent-color:LINK;cursor:pointer}
.rows td button{font:inherit;font-size:.85rem;padding:.1rem .6rem;border-radius:.5rem;
border:1px solid LINE;background:none;color:inherit;cursor:pointer}
.rows td button:hover,.rows td button:focus-visible{border-color:LINK;color:LINK}
.rows td button:disabled{opacity:.45;cursor:default}
.spark{display:inline-flex;align-items:flex-end;gap:2px;height:1.3rem;min-width:84px}
.spark i{flex:1;background:LINK;border-radius:1px;min-height:1px}
.spark.figure{display:flex;height:2.2rem;gap:3px}
.spark.figure i{opacity:.55}
.spark.figure i:last-child{opacity:1}
.share p{margin:0 0 .5rem;font-size:.87rem}
.share span{margin-right:1.2rem;white-space:nowrap}
.share span i{display:inline-block;width:.7rem;height:.7rem;border-radius:2px;margin-right:.4rem}
.share div{display:flex;gap:2px;height:1.9rem}
.share b{border-radius:3px}
.share .part1{background:LINK}
.share .part2{background:AMBER}
.todo li{display:flex;gap:.5rem;align-items:flex-start;padding:.5rem 0}
.todo li>div:first-of-type{flex:1;min-width:0}
.todo .acts{display:flex;align-items:center;gap:.1rem;align-self:center}
.acts button,.menu button{font:inherit;font-size:.9rem;padding:.4rem .8rem;border-radius:.6rem;
border:1px solid LINE;background:none;color:inherit;cursor:pointer;min-height:2.4rem}
.acts button:hover,.acts button:focus-visible{border-color:LINK;color:LINK}
.acts button:disabled{opacity:.45}
.menu{position:relative}
.menu summary{list-style:none;cursor:pointer;padding:.4rem .6rem;border-radius:.6rem;
min-width:2rem;text-align:center}
.menu summary::-webkit-details-marker{display:none}
.menu summary:hover,.menu summary:focus-visible{color:LINK}
.menu>div{position:absolute;right:0;z-index:9;min-width:13.5rem;padding:.3rem;background:PAPER;
border:1px solid LINE;border-radius:.6rem;box-shadow:0 4px 16px #0003}
.menu>div button{display:block;width:100%;text-align:left;border:0}
.lines .icon{font-family:'Material Symbols Rounded';font-style:normal;font-size:1.1rem;
line-height:1.2;vertical-align:-.2rem;color:MUTED;margin-right:.45rem}
.falls{display:flex;gap:.5rem;height:300px;padding:0 .6rem;overflow:hidden}
.fall{all:unset;flex:1;min-width:0;display:flex;flex-direction:column;text-align:center}
.fall .plot{position:relative;flex:1;display:block}
.fall i{position:absolute;left:4%;right:4%;min-height:2px;border-radius:2px}
.fall .total{background:LINE}
.fall .gain{background:LINK}
.fall .loss{background:AMBER}
.fall em{position:absolute;left:50%;transform:translateX(-50%);font-style:normal;
font-size:.75rem;white-space:nowrap}
.fall .above{margin-bottom:.15rem}
.fall .below{transform:translate(-50%,100%)}
.fall u{position:absolute;left:-.5rem;right:0;border-bottom:1px solid GRID}
.fall small{padding-top:.4rem;font-size:.78rem;overflow:hidden;text-overflow:ellipsis}
button.fall{cursor:pointer}
button.fall:hover i,button.fall[aria-pressed=true] i{filter:brightness(.85)}
button.fall[aria-pressed=true] small{font-weight:700}
button.fall:focus-visible{outline:2px solid LINK;outline-offset:2px}
.events small{color:MUTED;font-size:.82rem}
.rows a,.lines a{color:LINK!important;text-decoration:none;font-weight:500}
.rows a:hover,.lines a:hover{text-decoration:underline}
.stHtml .lines{list-style:none;margin:0;padding:0}
.lines li{margin:0;padding:.35rem 0}
.lines a{display:inline-block;font-weight:600}
.lines span{display:block;font-size:.87rem;line-height:1.4}
[data-testid="stElementContainer"]:has(>[data-testid="stBidiComponentRegular"]){display:none}
@media(max-width:640px){
.rows table,.rows tbody,.rows tr{display:block}
.rows thead{display:none}
.rows tr{position:relative;display:flex;flex-wrap:wrap;column-gap:.8rem;padding:.55rem 0;
border-bottom:1px solid GRID}
.rows tr:last-child{border-bottom:0}
.rows td,.rows .text,.rows .long,.rows .name{border:0;padding:.1rem 0;min-width:0}
.rows td:empty{display:none}
.rows td[data-title]::before{content:attr(data-title) " ";color:MUTED}
.rows td.name::before,.rows td.bars::before,.rows td.press::before{content:none}
.rows td.name{order:-1;flex:1 0 100%;font-size:1rem}
.rows td.press{flex:1 0 100%}
.rows td button{min-height:2.75rem;padding:.1rem 1.1rem}
.rows .tick{position:absolute;right:0;top:.6rem}
.rows .tick input{width:1.5rem;height:1.5rem}
.lines a{padding:.3rem 0}
.acts button,.menu summary{min-height:2.75rem}
.menu summary{padding:.65rem .7rem}
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
    colours = palette()
    style = STYLE.replace("LINK", colours.teal).replace("LINE", colours.soft)
    for word, colour in (
        ("GRID", colours.grid),
        ("AMBER", colours.amber),
        ("MUTED", colours.muted),
        ("PAPER", colours.paper),
        ("HOVER", f"{colours.soft}33"),
    ):
        style = style.replace(word, colour)
    st.html(style.replace("LETTERS", BEYOND_LATIN))


def palette() -> Palette:
    """Return the colours of the user's current theme."""
    return DARK if st.context.theme.type == "dark" else LIGHT
