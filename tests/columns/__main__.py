"""Write docs/data.md: `python -m tests.columns`."""

from tests.columns.document import DOCUMENT, document

DOCUMENT.write_text(document(), encoding="utf-8")
