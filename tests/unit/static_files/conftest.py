"""A small framework with three files, instead of Streamlit's hundreds."""

from pathlib import Path

import pytest

from app.static_files import framework

SCRIPT = b"const words = 'the same words again and again';\n" * 200
PICTURE = b"\x89PNG" + bytes(range(256))
LARGE_FONT = b"wOF2" + bytes(4000)


@pytest.fixture
def small_framework(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Streamlit's folder, with a script, a picture and a font that is replaced."""
    root = tmp_path / "framework"
    for name, content in {
        "js/app.AbCd1234.js": SCRIPT,
        "media/dot.EfGh5678.png": PICTURE,
        "media/SourceSansVF-Upright.ttf.IjKl9012.woff2": LARGE_FONT,
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    monkeypatch.setattr(framework, "folder", lambda: root)
    return root
