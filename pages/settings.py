"""Settings: the endpoints in use, the budget, notices, and where everything is kept."""

import streamlit as st

from sora_compare.services import services
from sora_compare.ui.settings.budget_form import render_budget
from sora_compare.ui.settings.data_folder import render_data_folder
from sora_compare.ui.settings.endpoint_list import render_endpoints, render_retirements

opened = services()

st.subheader("Endpoints", anchor=False)
st.caption(
    "Add one below, or set OPENAI\\_BASE\\_URL and OPENAI\\_API\\_KEY in the environment or \\[endpoints.NAME\\] in "
    ".streamlit/secrets.toml and start the app again. Keys are never stored or shown."
)
render_endpoints(opened)

st.subheader("Budget", anchor=False)
render_budget(opened)

st.subheader("Notices", anchor=False)
render_retirements(opened.governance)

st.subheader("Data", anchor=False)
render_data_folder(opened)
