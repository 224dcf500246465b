"""Make the small fonts of app/static_files/fonts from the large ones that Streamlit contains.

`python -m deploy.fonts` runs where fonttools is installed (requirements-dev.txt): after an upgrade
of Streamlit, and when the code shows an icon for the first time. The tests say when that is.
"""

import ast
import hashlib
import io
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from app.settings import ROOT
from app.static_files.framework import ICONS, REPLACED, SANS, folder, original

FONTS = ROOT / "app" / "static_files" / "fonts"
SOURCES = FONTS / "sources.json"
# Western European languages, currencies, typographic signs and arrows; LATIN in
# app/ui/base/theme.py names the same ranges
LATIN = (
    (0x20, 0x7E),
    (0xA0, 0xFF),
    (0x131, 0x131),
    (0x152, 0x153),
    (0x2C6, 0x2C6),
    (0x2DA, 0x2DA),
    (0x2DC, 0x2DC),
    (0x2000, 0x206F),
    (0x20AC, 0x20AC),
    (0x2122, 0x2122),
    (0x2190, 0x2193),
    (0x2212, 0x2212),
    (0x2264, 0x2265),
)
# the licence of Source Sans reserves its name for unmodified files
FAMILY = "DonorCRM Sans"
FEATURES = ["kern", "liga", "mark", "mkmk", "ccmp", "locl", "rlig"]
MARKUP = re.compile(r":material/(\w+)")


def icon_names() -> set[str]:
    """Return the icons that our code or Streamlit's own may show, by their names in the font.

    In our code a name may stand alone (`icon="edit"`): a text that is such a name counts, unless
    it is where no icon is, as a key, another named argument, or something to compare with.
    """
    wanted = set[str]()
    for place in ("app", "pages"):
        for path in (ROOT / place).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            elsewhere = {id(node) for each in ast.walk(tree) for node in _no_icons(each)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    alone = set() if id(node) in elsewhere else {node.value}
                    wanted |= alone | set(MARKUP.findall(node.value))
    for path in (*folder().rglob("*.js"), *(ROOT / "docs" / "guide").rglob("*.md")):
        wanted |= set(MARKUP.findall(path.read_text(encoding="utf-8")))
    from streamlit.material_icon_names import ALL_MATERIAL_ICONS  # noqa: PLC0415 - a long list

    return wanted & set(ALL_MATERIAL_ICONS)


def _no_icons(node: ast.AST) -> Iterable[ast.AST | None]:
    """Return the children of a node that are texts, but not names of icons."""
    match node:
        case ast.Dict(keys=keys, values=values):
            kinds = [v for k, v in zip(keys, values, strict=True) if _is_type(k)]
            return [*keys, *kinds]
        case ast.keyword(arg=name, value=value) if name is not None and "icon" not in name:
            return [value]
        case ast.Subscript(slice=index):
            return ast.walk(index)
        case ast.Compare():
            return ast.walk(node)
        case ast.JoinedStr(values=values):
            return values
    return []


def _is_type(key: ast.AST | None) -> bool:
    """Return whether a dict's key is "type", as in the specification of a chart."""
    return isinstance(key, ast.Constant) and key.value == "type"


def sources() -> dict[str, str]:
    """Return the SHA-256 of each font of Streamlit that is replaced."""
    return {name: hashlib.sha256(original(name).read_bytes()).hexdigest() for name in REPLACED}


def small_sans() -> bytes:
    """Return the Latin part of the font of all text, under a name of its own."""
    font = TTFont(original(SANS), recalcTimestamp=False)
    for record in font["name"].names:
        if record.nameID in {1, 3, 4, 6, 16, 25}:
            text = FAMILY.replace(" ", "") if record.nameID in {3, 6, 25} else FAMILY
            record.string = text
    codes = [code for first, last in LATIN for code in range(first, last + 1)]
    return _subset(font, unicodes=codes)


def small_icons(names: Iterable[str]) -> bytes:
    """Return the font of icons with these alone.

    An icon is a ligature of the letters of its name; the subsetter would follow the letters to
    every other icon.
    """
    font = TTFont(original(ICONS), recalcTimestamp=False)
    letters = font.getBestCmap()
    parts = {letters[ord(letter)] for letter in "abcdefghijklmnopqrstuvwxyz0123456789_"}
    glyphs = {_ligatures(font)[tuple(letters[ord(x)] for x in name)] for name in names}
    return _subset(font, glyphs=sorted(parts | glyphs), closure=False)


def drawn_icons(font: TTFont) -> set[str]:
    """Return the names of the icons in a font."""
    letters = {glyph: chr(code) for code, glyph in font.getBestCmap().items()}
    return {"".join(letters[part] for part in parts) for parts in _ligatures(font)}


def _ligatures(font: TTFont) -> dict[tuple[str, ...], str]:
    found = dict[tuple[str, ...], str]()
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            ligatures = getattr(table, "ExtSubTable", table).ligatures
            for first, several in ligatures.items():
                found |= {(first, *each.Component): each.LigGlyph for each in several}
    return found


def _subset(
    font: TTFont,
    *,
    unicodes: Iterable[int] = (),
    glyphs: Iterable[str] = (),
    closure: bool = True,
) -> bytes:
    options = subset.Options(
        flavor="woff2",
        layout_features=FEATURES,
        layout_closure=closure,
        name_IDs=["*"],
        notdef_outline=True,
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=unicodes, glyphs=glyphs)
    subsetter.subset(font)
    made = io.BytesIO()
    font.flavor = "woff2"
    font.save(made, reorderTables=False)
    return made.getvalue()


def main() -> None:
    """Write both fonts and what they were made from."""
    for name, made in ((SANS, small_sans()), (ICONS, small_icons(icon_names()))):
        Path(FONTS / f"{name}.woff2").write_bytes(made)
        sys.stdout.write(f"{name}: {original(name).stat().st_size} → {len(made)} bytes\n")
    SOURCES.write_text(json.dumps(sources(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
