"""A Streamlit app for the browser tests and the benchmark of the player: one page, clips served with ranges."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

CLIPS = Path(os.environ["PLAYER_CLIPS"])


def clip(request: Request) -> Response:
    """One file of the clip folder, with ranges."""
    path = CLIPS / str(request.path_params["name"])
    if not path.is_file():
        return PlainTextResponse("There is no such clip.", status_code=404)
    return FileResponse(path)


app = st.App(Path(__file__).with_name("page.py"), routes=[Route("/clips/{name}", clip)])
