"""Launcher: `streamlit run app.py` finds the ASGI app by the literal assignment below."""

import streamlit as st

from sora_compare.ui.shell.access import base_path, bound_address, bound_port, has_tls, people
from sora_compare.ui.shell.boundary import render_fault
from sora_compare.web.server import ROUTES, SHELL, life, middleware

app = st.App(
    SHELL,
    lifespan=life(bound_address, bound_port, base_path),
    routes=ROUTES,
    middleware=middleware(people, base_path, has_tls),
    on_script_error=render_fault,
)
