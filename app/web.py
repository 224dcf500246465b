"""The web process: the Streamlit app with our HTTP routes beside it."""

import gc
import os
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st
from starlette.middleware import Middleware

from app.api import Bodies, KnownPaths, Observed, UnreadBodies, Walls, provider, routes
from app.observability import set_up_logs, set_up_reports
from app.settings import settings
from app.ui.base.screens import ADDRESSES
from app.ui.shell import error_boundary, uploads

web = st.App(
    Path(__file__).with_name("main.py"),
    routes=routes,
    middleware=[
        Middleware(UnreadBodies),
        Middleware(Observed),
        Middleware(Walls),
        Middleware(Bodies, room=uploads.room, spare=uploads.spare, refused=uploads.refused),
        Middleware(KnownPaths, pages=ADDRESSES, routes=routes),
    ],
    on_script_error=error_boundary.say,
)


def run() -> None:
    """Serve until told to stop, on the address of the settings."""
    set_up_logs()
    set_up_reports()
    provider.write()
    # the server beneath the framework takes the trusted proxies from there, and nowhere else
    os.environ["FORWARDED_ALLOW_IPS"] = settings().forwarded_allow_ips  # noqa: TID251
    # What is imported by now lives as long as the process: the collector need not look at it.
    gc.collect()
    gc.freeze()
    web.run(config=config())


def config() -> dict[str, object]:
    """Return every setting of the framework we depend on, whatever the environment says."""
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
        "browser.gatherUsageStats": False,
        # named here, so that a foreign origin is not compared with addresses asked of the internet
        "browser.serverAddress": urlsplit(chosen.public_url).hostname or chosen.host,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",
        "client.disableDataExport": True,
        "runner.magicEnabled": False,
        "runner.postScriptGC": False,
        # where the framework looks for the provider of sign-ins, and nowhere else
        "secrets.files": [str(provider.path())],
        # `serve` says the one address people type
        "logger.hideWelcomeMessage": True,
        # its pretty tracebacks go to stdout past every logger, with the exception's message
        "logger.enableRich": False,
        "logger.level": chosen.log_level.lower(),
    }
