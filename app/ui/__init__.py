"""Streamlit components of the screens in pages/."""
