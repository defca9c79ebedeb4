"""The page: a pair named in the address, the player or two plain st.video, and what the player reported."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from sora_compare.ui.components.player import (
    Marker,
    PlayerClip,
    PlayerCommand,
    PlayerMissing,
    Sprites,
    ViewState,
    player,
)

FOLDER = Path(os.environ["PLAYER_CLIPS"])
FACTS = json.loads((FOLDER / "clips.json").read_text())
asked = st.query_params


def side(name: str, label: str) -> PlayerClip | PlayerMissing:
    if name.startswith("missing"):
        return PlayerMissing(label, "its file is no longer on disk")
    details = dict(FACTS[name])
    sprites = details.pop("sprites", None)
    return PlayerClip(
        **details,
        # The signature changes in every run, as a signed address would.
        url=f"/clips/{name}.mp4?signature={st.session_state.runs}",
        label=label,
        sprites=Sprites(**sprites) if sprites else None,
        original_url=f"/clips/{name}.mp4" if "original" in asked else None,
    )


def show(key: str, left: str, right: str) -> None:
    saved = f"{key}-saved"
    st.session_state.setdefault(saved, [])
    result = player(
        side(left, "A"),
        side(right, "B"),
        key=key,
        markers=[Marker(**one) for one in st.session_state[saved]],
        view=ViewState.from_link(asked.get("view")),
        command=st.session_state.get("command"),
    )
    st.session_state[saved] = [asdict(marker) for marker in result.markers]
    with st.container(key=f"{key}-result"):
        st.code(json.dumps({"runs": st.session_state.runs, **asdict(result)}), language=None)


st.set_page_config(layout="wide")
st.session_state.runs = st.session_state.get("runs", 0) + 1
if "plain" in asked:
    for column, name in zip(st.columns(2), (asked["left"], asked["right"]), strict=True):
        column.video(FOLDER / f"{name}.mp4", muted=True)
else:
    show("one", asked["left"], asked["right"])
    if "twice" in asked:
        show("two", asked["left"], asked["right"])
    st.text_input("Type here")
    st.button("Run again")
    if st.button("Go to one second"):
        st.session_state.command = PlayerCommand(id=f"go-{st.session_state.runs}", seek_s=1.0)
        st.rerun()
