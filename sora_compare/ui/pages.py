"""The pages, by name: what the navigation lists and what links point to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

FOLDER = Path(__file__).resolve().parent.parent.parent / "pages"
COMPARE, SUITES, REVIEW = FOLDER / "compare.py", FOLDER / "suites.py", FOLDER / "review.py"
RESULTS, LIBRARY = FOLDER / "results.py", FOLDER / "library.py"
SETTINGS, GUIDE = FOLDER / "settings.py", FOLDER / "guide.py"
# Absolute paths: the shell lies elsewhere, so that Streamlit finds no folder of pages beside it.


def all_pages() -> list[StreamlitPage]:
    """Every page in the order of the navigation."""
    return [
        st.Page(
            COMPARE,
            title="Compare",
            icon=":material/compare:",
            default=True,
            help="Send one prompt to both arms, watch both progress, and play the two clips together.",
        ),
        st.Page(
            SUITES,
            title="Suites",
            icon=":material/playlist_play:",
            help="Send a whole file of prompts to both arms, and watch how far it is.",
        ),
        st.Page(
            REVIEW,
            title="Review",
            icon=":material/rate_review:",
            help="Play a pair and score physics, motion and faces from 1 to 10.",
        ),
        st.Page(
            RESULTS,
            title="Results",
            icon=":material/bar_chart:",
            help="Scores, timings and outcomes of both arms, as charts and as tables.",
        ),
        st.Page(
            LIBRARY,
            title="Library",
            icon=":material/video_library:",
            help="Every comparison, newest first, with search.",
        ),
        st.Page(
            SETTINGS,
            title="Settings",
            icon=":material/settings:",
            help="Endpoints in use and whether they can be reached, the data folder, and notices.",
        ),
        st.Page(GUIDE, title="Guide", icon=":material/menu_book:", help="How to use the tool, page by page."),
    ]
