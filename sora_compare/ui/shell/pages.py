"""The pages, by name: what the navigation lists and what links point to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.access.people import Role
from sora_compare.settings import APP_FOLDER
from sora_compare.ui.shell.login import login_button

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

    from sora_compare.access.people import Person

FOLDER = APP_FOLDER / "pages"
COMPARE, SUITES, REVIEW = FOLDER / "compare.py", FOLDER / "suites.py", FOLDER / "review.py"
RESULTS, LIBRARY, VERSIONS = FOLDER / "results.py", FOLDER / "library.py", FOLDER / "versions.py"
SESSIONS, SESSION = FOLDER / "sessions.py", FOLDER / "session.py"
SETTINGS, GUIDE = FOLDER / "settings.py", FOLDER / "guide.py"
# Absolute paths: the shell lies elsewhere, so that Streamlit finds no folder of pages beside it.


def pages_for(person: Person) -> list[StreamlitPage]:
    """What this person may open: an owner everything, a reviewer their session, nobody the way in."""
    if person.role is Role.OWNER:
        trying = (
            [st.Page(SESSION, title="Session as a reviewer", icon=":material/person:")] if person.reviewer_id else []
        )
        return [*all_pages(), *trying]
    refused = [
        st.Page(partial(closed, person), title="Sora Compare", url_path=page.url_path, visibility="hidden")
        for page in all_pages()
        if page.url_path
    ]
    if person.role is Role.REVIEWER:
        return [st.Page(SESSION, title="Review session", default=True), *refused]
    return [st.Page(partial(closed, person), title="Sora Compare", url_path="closed", default=True), *refused]


def closed(person: Person) -> None:
    """The way in for somebody who is not known here, and the way back for a reviewer on an owner's page."""
    st.title("Sora Compare", anchor=False)
    if person.role is Role.REVIEWER:
        st.info("This page is for owners. Your pairs are on the page of your review session.", icon=":material/lock:")
        st.page_link(SESSION, label="Go on with your review session", icon=":material/arrow_forward:")
        return
    st.info(
        "This page is not open to you yet. Reviewers: open the link of your invitation. Owners: open the owner's link "
        "that was printed where the app was started.",
        icon=":material/lock:",
    )
    login_button(person)


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
            SESSIONS,
            title="Sessions",
            icon=":material/groups:",
            help="Invite reviewers by a link, watch how far they are, sign off.",
        ),
        st.Page(
            RESULTS,
            title="Results",
            icon=":material/bar_chart:",
            help="Scores, timings and outcomes of both arms, as charts and as tables.",
        ),
        st.Page(
            VERSIONS,
            title="Versions",
            icon=":material/published_with_changes:",
            help="Which snapshot each environment uses: lock, canary, rollback, and the evidence for them.",
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
