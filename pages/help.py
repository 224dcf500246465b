"""Screen of the guide: a part for each page, a list of contents, and a search."""

import streamlit as st

from app.ui.base.session import current_actor
from app.ui.help import contents

parts = contents.parts_for(current_actor())
part = contents.chosen_part(parts)

st.title("Help")
st.caption("How to do what you came for, page by page, and what each number means.")
contents.show_search(parts)
if part is None:
    if st.query_params.get("part"):
        st.info("There is no such part for your role. Choose another one.", icon=":material/help:")
    contents.show_contents(parts)
    contents.show_part(parts[-1])
    st.stop()
text, side = st.columns([3, 1], gap="large")
with text:
    contents.show_part(part)
with side:
    contents.show_side(parts, part)
