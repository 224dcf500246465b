"""The small fonts hold what the screens show; `python -m deploy.fonts` makes them again."""

import io
import json
import re

from fontTools.ttLib import TTFont

from app.static_files.framework import ICONS, SANS, original
from app.ui.base import theme
from deploy import fonts

AGAIN = "run: python -m deploy.fonts"


def small(name: str) -> TTFont:
    return TTFont(fonts.FONTS / f"{name}.woff2")


def test_they_were_made_from_the_fonts_that_streamlit_has_now() -> None:
    assert json.loads(fonts.SOURCES.read_text()) == fonts.sources(), AGAIN


def test_every_icon_of_the_code_is_in_the_font() -> None:
    names = fonts.icon_names()
    assert {"search", "logout", "keyboard_double_arrow_left"} <= names
    assert names - fonts.drawn_icons(small(ICONS)) == set(), AGAIN


def test_an_icon_that_is_left_out_is_noticed() -> None:
    few = TTFont(io.BytesIO(fonts.small_icons({"search", "logout"})))
    drawn = fonts.drawn_icons(few)
    assert {"search", "logout"} <= drawn
    assert "wb_sunny" not in drawn


def test_latin_text_needs_the_small_font_alone() -> None:
    whole = set(TTFont(original(SANS)).getBestCmap())
    latin = {code for first, last in fonts.LATIN for code in range(first, last + 1)} & whole
    font = small(SANS)
    assert set(font.getBestCmap()) == latin
    assert set(map(ord, "Zoë, Łukasz? $1,234.50 – €9 · “né” … →")) - {ord("Ł")} <= latin
    assert "fvar" in font
    # the licence reserves the name of the original for the original
    own = {str(record) for record in font["name"].names if record.nameID in {1, 3, 4, 6, 16, 25}}
    assert not [name for name in own if "Source" in name]


def test_other_letters_load_the_whole_font_and_no_latin_one_does() -> None:
    ranges = re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", theme.BEYOND_LATIN)
    beyond = {
        code
        for first, last in ranges
        for code in range(int(first, 16), int(last or first, 16) + 1)
    }
    whole = set(TTFont(original(SANS)).getBestCmap())
    small_codes = set(small(SANS).getBestCmap())
    assert not beyond & small_codes
    # Latin, Greek and Cyrillic, without the signs of phonetics
    letters = (whole - small_codes) & {*range(0x100, 0x250), *range(0x370, 0x530)}
    letters |= (whole - small_codes) & {*range(0x1E00, 0x2000)}
    assert letters <= beyond
