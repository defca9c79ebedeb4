"""The frame around every page. Streamlit runs this script; the launcher app.py only names it."""

from pathlib import Path

import streamlit as st

from sora_compare.access.people import Role
from sora_compare.services import services
from sora_compare.ui.shell import pages
from sora_compare.ui.shell.access import whoever
from sora_compare.ui.shell.boundary import boundary
from sora_compare.ui.shell.header import draw_header, render_left_out_records
from sora_compare.ui.shell.login import remember_login

LOGO = str(Path(__file__).with_name("logo.svg"))

# A picture of our own: the browser would fetch a named icon from another site.
st.set_page_config(page_title="Sora Compare", page_icon=LOGO, layout="wide")
st.logo(LOGO, size="large")

with boundary():
    person = whoever()
    remember_login(person)
    page = st.navigation(pages.pages_for(person), position="top" if person.role is Role.OWNER else "hidden")
    if person.role is Role.OWNER:
        draw_header(page.title, services(), person)
    # Above the page, though only the page finds out.
    notices = st.container()
    page.run()
    if person.role is Role.OWNER:
        with notices:
            render_left_out_records(services().store)
