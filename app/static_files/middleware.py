"""ASGI middleware that serves Streamlit's static files compressed, from files made before.

ServeStatic holds a table of all files and looks up the exact path in it, so that a path can only
name one of them. Nothing else is compressed here: pages, routes and downloads, whose answers may
contain secrets beside what a visitor sent, are passed on.
"""

import threading
from pathlib import Path
from wsgiref.headers import Headers

import structlog
from servestatic import ServeStaticASGI
from starlette.types import ASGIApp, Receive, Scope, Send

from app.static_files import framework, store

log = structlog.get_logger("app.static_files")
PREFIX = "/static/"
A_YEAR = "public, max-age=31536000, immutable"
# a replaced font has the name of the original, and another content after an upgrade
ASK_AGAIN = "no-cache"
# what would ask for a part of a file, or make an answer depend on one
PARTS = frozenset({b"range", b"if-range"})


class CompressedFiles:
    """The folder of compressed files, once it is there."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.thread: threading.Thread | None = None

    def prepare(self, data_dir: Path) -> None:
        """Find the folder, or make it in DATA_DIR in a background thread."""
        self.folder = store.find(store.in_environment(), data_dir)
        if self.folder is None:
            self.thread = threading.Thread(
                target=self.make, args=[data_dir], name="static-files", daemon=True
            )
            self.thread.start()

    def make(self, data_dir: Path) -> None:
        """Make the folder in DATA_DIR; without room or permission, files stay uncompressed."""
        try:
            self.folder = store.make(data_dir)
        except OSError as error:
            log.warning("static files are served uncompressed", reason=type(error).__name__)


class StaticFilesMiddleware:
    """ASGI middleware that serves the paths below /static/ from the folder of compressed files."""

    def __init__(self, app: ASGIApp, *, files: CompressedFiles) -> None:
        self.app = app
        self.files = files
        self._served: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a static file; pass everything else on."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        if self._served is None and self.files.folder is not None:
            self._served = serving(self.app, self.files.folder)
        headers = [pair for pair in scope["headers"] if pair[0] not in PARTS]
        await (self._served or self.app)(dict(scope) | {"headers": headers}, receive, send)


def serving(app: ASGIApp, folder: Path) -> ASGIApp:
    """Return an app that serves the files of a folder, and passes other paths on to `app`."""
    replaced = {PREFIX + name for name in framework.replacements()}
    # weak, as one ETag is that of a file and of its compressed forms
    etag = f'W/"{folder.name.removeprefix(store.PREFIX)}"'

    def add_headers(headers: Headers, _path: str, url: str) -> None:
        headers["Cache-Control"] = ASK_AGAIN if url in replaced else A_YEAR
        headers["ETag"] = etag

    served: ASGIApp = ServeStaticASGI(
        app,
        folder,
        PREFIX,
        max_age=None,
        allow_all_origins=False,
        immutable_file_test=lambda _path, _url: False,
        add_headers_function=add_headers,
    )
    return served
