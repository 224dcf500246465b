"""The folder with Streamlit's static files in compressed form, made once for each version.

It is made when DonorCRM is installed (`python -m app.static_files`), in the Python environment, or
otherwise in the background at the first start, in DATA_DIR. Until it is complete, and where
neither folder can be written, Streamlit serves its files uncompressed.
"""

import hashlib
import os
import secrets
import shutil
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from servestatic.compress import Compressor

from app.static_files import framework

FORMAT = "1"
PREFIX = "static-files-"
# an unfinished folder this old was left by a process that ended; a version not started for this
# long is no longer in use
ABANDONED, UNUSED = 3600, 30 * 86_400


def key() -> str:
    """Return what identifies the files: their names, which contain hashes, and our fonts."""
    parts = [FORMAT]
    root = framework.folder()
    parts += sorted(
        f"{path.relative_to(root).as_posix()} {path.stat().st_size}"
        for path in root.rglob("*")
        if path.is_file()
    )
    for name, path in sorted(framework.replacements().items()):
        parts.append(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def in_environment() -> Path:
    """Return the folder of the Python environment in which an installation makes the files."""
    return Path(sys.prefix) / "share" / "donorcrm"


def find(*places: Path) -> Path | None:
    """Return the complete folder of this version in the first of the places that has one."""
    name = PREFIX + key()
    found = next((place / name for place in places if (place / name).is_dir()), None)
    if found is not None:
        with suppress(OSError):
            os.utime(found)
    return found


def make(place: Path, *, threads: int = 1, patient: bool = True) -> Path:
    """Make the folder of this version in a place, unless it is there; return it.

    It appears under its name only when it is complete. It takes about 40 seconds of processor
    time, on as many processors as there are `threads`; if it is `patient`, everything else on the
    machine goes first. Raises OSError where the place cannot be written.
    """
    target = place / (PREFIX + key())
    if target.is_dir():
        return target
    place.mkdir(parents=True, exist_ok=True)
    unfinished = place / f".{PREFIX}{secrets.token_hex(8)}"
    unfinished.mkdir()
    try:
        _copy(unfinished)
        _compress(unfinished, threads, _lower_priority if patient else None)
        # where another process was faster, its folder is as good
        with suppress(OSError):
            unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    if not target.is_dir():
        raise NotADirectoryError(target)
    _remove_old(place, keep=target)
    return target


def _copy(to: Path) -> None:
    root = framework.folder()
    files = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    for name, path in (files | framework.replacements()).items():
        copy = to / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        # a time of 0 becomes no Last-Modified: the ETag is enough
        os.utime(copy, (0, 0))


def _compress(folder: Path, threads: int, begin: Callable[[], None] | None) -> None:
    compressor = Compressor(use_zstd=False, quiet=True)
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and compressor.should_compress(path.name)
    ]
    with ThreadPoolExecutor(threads, initializer=begin) as pool:
        list(pool.map(compressor.compress, files))


def _lower_priority() -> None:
    """Let the requests of users go first; only on Linux has a thread a priority of its own."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


def _remove_old(place: Path, *, keep: Path) -> None:
    now = time.time()
    for pattern, age in ((f".{PREFIX}*", ABANDONED), (f"{PREFIX}*", UNUSED)):
        for path in place.glob(pattern):
            with suppress(OSError):
                if path != keep and now - path.stat().st_mtime > age:
                    shutil.rmtree(path)
