"""Guide: how to use the tool."""

from pathlib import Path

import streamlit as st

from sora_compare import ui

st.markdown((Path(ui.__file__).parent / "guide.md").read_text("utf-8"), width=760, anchors=False)
