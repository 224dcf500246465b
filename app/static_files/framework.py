"""Streamlit's own static files, and the fonts among them that are replaced by smaller ones."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

FONTS = Path(__file__).with_name("fonts")
# the beginnings of the names of Streamlit's fonts; a hash follows
SANS, ICONS = "SourceSansVF-Upright", "MaterialSymbols-Rounded"
REPLACED = (SANS, ICONS)
# the whole font of all text, for what the small one does not contain
WHOLE_SANS = "media/SourceSansVF-Upright.whole.woff2"


@cache
def folder() -> Path:
    """Return the folder of the files under /static/; their names contain hashes."""
    spec = find_spec("streamlit")
    return Path((spec and spec.origin) or "").parent / "static" / "static"


def original(font: str) -> Path:
    """Return the file of one of Streamlit's fonts, by the beginning of its name.

    Raises FileNotFoundError when this version of Streamlit has another font.
    """
    path = next((folder() / "media").glob(f"{font}.*.woff2"), None)
    if path is None:
        raise FileNotFoundError(font)
    return path


def replacements() -> dict[str, Path]:
    """Return the files served in place of Streamlit's or beside them: path below /static/ → file.

    A font that this version of Streamlit does not have is left out.
    """
    found = {}
    for font in REPLACED:
        small = FONTS / f"{font}.woff2"
        for path in (folder() / "media").glob(f"{font}.*.woff2"):
            found[path.relative_to(folder()).as_posix()] = small
            if font == SANS:
                found[WHOLE_SANS] = path
    return found
