"""Launcher: `streamlit run app.py` finds the ASGI app by the literal assignment below."""

import streamlit as st

from sora_compare.server import MIDDLEWARE, ROUTES, SHELL, lifespan
from sora_compare.ui.boundary import show_fault

app = st.App(SHELL, lifespan=lifespan, routes=ROUTES, middleware=MIDDLEWARE, on_script_error=show_fault)
