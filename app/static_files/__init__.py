"""Streamlit's static files in compressed form: made once, served from the disk."""

from app.static_files.middleware import CompressedFiles, StaticFilesMiddleware

__all__ = ["CompressedFiles", "StaticFilesMiddleware"]
