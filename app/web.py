"""The web process: the Streamlit app together with the HTTP routes."""

import ctypes
import gc
import os
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st
from starlette.middleware import Middleware

from app.api import (
    BodyLimitMiddleware,
    DrainBodyMiddleware,
    KnownPathsMiddleware,
    RequestLoggingMiddleware,
    SecurityMiddleware,
    provider,
    routes,
)
from app.observability import set_up_logs, set_up_reports
from app.settings import settings
from app.static_files import CompressedFiles, StaticFilesMiddleware
from app.ui.base.screens import ADDRESSES
from app.ui.shell import error_boundary, uploads

# glibc's number of this option, and the size from which blocks are returned when they are freed
M_MMAP_THRESHOLD, RETURNED_BYTES = -3, 1024 * 1024

compressed_files = CompressedFiles()
web = st.App(
    Path(__file__).with_name("main.py"),
    routes=routes,
    middleware=[
        Middleware(DrainBodyMiddleware),
        Middleware(RequestLoggingMiddleware),
        Middleware(SecurityMiddleware),
        Middleware(StaticFilesMiddleware, files=compressed_files),
        Middleware(
            BodyLimitMiddleware,
            room=uploads.free_space,
            spare=uploads.free_space_of_process,
            refused=uploads.refuse,
        ),
        Middleware(KnownPathsMiddleware, pages=ADDRESSES, routes=routes),
    ],
    on_script_error=error_boundary.show_error,
)


def run() -> None:
    """Run the web server on the configured address until it is stopped."""
    return_large_blocks()
    set_up_logs()
    set_up_reports()
    provider.write()
    compressed_files.prepare(settings().data_dir)
    # uvicorn reads the trusted proxies only from this variable
    os.environ["FORWARDED_ALLOW_IPS"] = settings().forwarded_allow_ips  # noqa: TID251
    # imported objects live as long as the process: exclude them from garbage collection
    gc.collect()
    gc.freeze()
    web.run(config=config())


def return_large_blocks() -> None:
    """Make the C library return large blocks to the system when they are freed.

    After the first 19 MB of a password hash are freed, glibc would keep such blocks instead: one
    for each thread that has ever hashed a password, 150 MB after some sign-ins.
    """
    # only glibc has it
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, RETURNED_BYTES)


def config() -> dict[str, object]:
    """Return the Streamlit settings the app depends on; they override the environment."""
    chosen = settings()
    return {
        "server.address": chosen.host,
        "server.port": chosen.port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.enableXsrfProtection": True,
        "server.enableStaticServing": False,
        "server.enableAgentApi": False,
        "server.maxUploadSize": 200,
        # MB of one websocket message, to the browser and from it; the second limit also holds for
        # whoever has not signed in, and parsed messages take twenty times as much memory
        "server.maxMessageSize": 20,
        "server.maxWidgetStateSize": 1,
        "browser.gatherUsageStats": False,
        # set here, so that Streamlit does not look up the external IP address on the internet to
        # compare it with a foreign origin
        "browser.serverAddress": urlsplit(chosen.public_url).hostname or chosen.host,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",
        "client.disableDataExport": True,
        "runner.magicEnabled": False,
        "runner.postScriptGC": False,
        # the only file in which Streamlit looks for the OpenID Connect provider
        "secrets.files": [str(provider.path())],
        # `serve` prints the only address users need
        "logger.hideWelcomeMessage": True,
        # its rich tracebacks bypass all loggers and contain the exception's message
        "logger.enableRich": False,
        "logger.level": chosen.log_level.lower(),
    }
