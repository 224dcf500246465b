"""The framework's own floor: a page with one table and one chart, served as the app is served."""

import gc
import sys
from pathlib import Path

import streamlit as st


def serve(port: int) -> None:
    """Serve the page with the app's own settings of the framework."""
    # after the settings of the benchmark
    from app.web import COLLECT, config  # noqa: PLC0415

    web = st.App(Path(__file__).with_name("_floor_page.py"))
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)
    web.run(config=config() | {"server.port": port})


if __name__ == "__main__":
    serve(int(sys.argv[1]))
