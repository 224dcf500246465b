"""Streamlit pieces shared by screens."""
