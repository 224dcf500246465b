"""Not yet."""

import streamlit as st

st.title("donors")
