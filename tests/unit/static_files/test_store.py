"""The folder of compressed files: complete or not there, one for each version."""

import gzip
import os
import time
from pathlib import Path
from typing import Any

import brotli
import pytest

from app.static_files import __main__ as command
from app.static_files import framework, store
from tests.unit.static_files.conftest import LARGE_FONT, PICTURE, SCRIPT


def test_every_file_is_there_and_texts_twice_compressed(
    small_framework: Path, tmp_path: Path
) -> None:
    assert store.find(tmp_path / "cache") is None
    folder = store.make(tmp_path / "cache")
    assert store.find(tmp_path / "elsewhere", tmp_path / "cache") == folder
    script = folder / "js" / "app.AbCd1234.js"
    assert script.read_bytes() == SCRIPT
    assert brotli.decompress(Path(f"{script}.br").read_bytes()) == SCRIPT
    assert gzip.decompress(Path(f"{script}.gz").read_bytes()) == SCRIPT
    assert {path.name for path in (folder / "media").iterdir()} == {
        "dot.EfGh5678.png",
        "SourceSansVF-Upright.ttf.IjKl9012.woff2",
        "SourceSansVF-Upright.whole.woff2",
    }
    assert (folder / "media" / "dot.EfGh5678.png").read_bytes() == PICTURE
    small = folder / "media" / "SourceSansVF-Upright.ttf.IjKl9012.woff2"
    assert small.read_bytes() == (framework.FONTS / "SourceSansVF-Upright.woff2").read_bytes()
    assert (folder / framework.WHOLE_SANS).read_bytes() == LARGE_FONT
    # nothing is written into the framework's own folder
    assert len([path for path in small_framework.rglob("*") if path.is_file()]) == 3


def test_it_is_made_once(small_framework: Path, tmp_path: Path) -> None:
    folder = store.make(tmp_path)
    (folder / "mark").touch()
    assert store.make(tmp_path) == folder
    assert (folder / "mark").exists()


def test_another_version_has_another_folder(small_framework: Path, tmp_path: Path) -> None:
    first = store.make(tmp_path)
    (small_framework / "js" / "more.MnOp3456.js").write_bytes(SCRIPT)
    assert store.find(tmp_path) is None
    second = store.make(tmp_path)
    assert second != first
    # another process may still serve the first
    assert first.is_dir()
    long_ago = time.time() - store.UNUSED - 60
    os.utime(first, (long_ago, long_ago))
    (small_framework / "js" / "again.QrSt7890.js").write_bytes(SCRIPT)
    third = store.make(tmp_path)
    assert {path.name for path in tmp_path.glob(f"{store.PREFIX}*")} == {second.name, third.name}


def test_a_version_that_is_started_is_in_use(small_framework: Path, tmp_path: Path) -> None:
    folder = store.make(tmp_path)
    os.utime(folder, (0, 0))
    store.find(tmp_path)
    assert time.time() - folder.stat().st_mtime < 60


@pytest.mark.usefixtures("small_framework")
def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "_compress", no_room)
    with pytest.raises(OSError, match="No space left"):
        store.make(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []
    assert store.find(tmp_path / "cache") is None


@pytest.mark.usefixtures("small_framework")
def test_two_processes_at_once_make_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compress, others = store._compress, []  # noqa: SLF001

    def meanwhile(folder: Path, *how: Any) -> None:
        compress(folder, *how)
        monkeypatch.setattr(store, "_compress", compress)
        others.append(store.make(tmp_path / "cache"))

    monkeypatch.setattr(store, "_compress", meanwhile)
    assert [store.make(tmp_path / "cache")] == others
    assert list((tmp_path / "cache").iterdir()) == others


@pytest.mark.usefixtures("small_framework")
def test_the_command_makes_it_or_leaves_it_to_the_first_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([str(tmp_path / "share")]) == 0
    assert store.find(tmp_path / "share") is not None
    (tmp_path / "file").touch()
    assert command.main([str(tmp_path / "file")]) == 0
    assert "compressed at the first start" in capsys.readouterr().err


def test_a_framework_without_the_font(small_framework: Path) -> None:
    with pytest.raises(FileNotFoundError):
        framework.original(framework.ICONS)
    next(small_framework.rglob("*.woff2")).unlink()
    assert framework.replacements() == {}
