"""The baseline of the framework: a page with one table and one chart, served like the app."""

import gc
import sys
from pathlib import Path

import streamlit as st


def serve(port: int) -> None:
    """Serve the page with the app's own configuration of the framework."""
    from app.web import config  # noqa: PLC0415 - after the settings of the benchmark

    web = st.App(Path(__file__).with_name("baseline_page.py"))
    gc.collect()
    gc.freeze()
    web.run(config=config() | {"server.port": port})


if __name__ == "__main__":
    serve(int(sys.argv[1]))
