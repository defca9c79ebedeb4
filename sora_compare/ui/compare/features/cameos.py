"""Cameos: characters with pictures, named in the prompt as @name."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.clips.images import MAX_BYTES, save_image
from sora_compare.domain.features import mentions
from sora_compare.domain.requests import Cameo
from sora_compare.errors import MEGABYTE
from sora_compare.ui.compare.features.shelf import DESCRIPTION_LIMIT, Shelf
from sora_compare.ui.compare.features.uploads import PICTURE_TYPES, attempt, picture_html, render_fault
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.shell.boundary import guarded

if TYPE_CHECKING:
    from sora_compare.clips.files import ClipFiles
    from sora_compare.services import Services
    from sora_compare.ui.shell.drafts import Draft

FIELD = "cameos"
NAME, DESCRIPTION = "cameo_name", "cameo_description"
FAULT = "cameos/fault"
UPLOAD = "cameos/upload"
UPLOADS = "cameos/uploads"
"""Counts the uploads that were kept: each next one starts empty."""
CARD_WIDTH = 260


def choose_cameos(opened: Services, draft: Draft) -> tuple[Cameo, ...]:
    """Draw the choice among kept cameos, their cards, and the form for a new one."""
    shelf = Shelf(opened.store)
    kept = shelf.all()
    if kept:
        chosen = st.multiselect(
            "Cameos in this clip",
            list(kept),
            key=draft.fill(FIELD, [], among=_Lists(kept)),
            on_change=draft.save,
            format_func=lambda name: f"@{name}",
            placeholder="Choose whom the prompt names",
        )
        with st.grid("auto", min_column_width=CARD_WIDTH):
            for name in chosen:
                _card(draft, shelf, kept[name])
    else:
        st.session_state[draft.fill(FIELD, [])] = chosen = []
        st.markdown("A cameo is a character with pictures of it. The prompt names it as **@name**.")
    with st.popover("New cameo", icon=":material/person_add:"):
        _new(opened.files, draft, shelf)
    return tuple(kept[name] for name in chosen)


class _Lists:
    """The lists that hold only what is kept."""

    def __init__(self, kept: dict[str, Cameo]) -> None:
        self._kept = kept

    def __contains__(self, value: object) -> bool:
        return isinstance(value, list) and all(one in self._kept for one in value)


def _card(draft: Draft, shelf: Shelf, cameo: Cameo) -> None:
    with st.container(border=True):
        picture, words = st.columns([1, 2], vertical_alignment="center")
        for image in cameo.images[:1]:
            picture.html(picture_html(image, f"Picture of {cameo.name}"))
        with words:
            more = f" · {len(cameo.images)} pictures" if len(cameo.images) > 1 else ""
            st.markdown(f"**{escape_markdown('@' + cameo.name)}**{more}")
            if cameo.description:
                st.caption(escape_markdown(cameo.description))
        with st.container(horizontal=True):
            is_named = cameo.name in mentions(str(draft.value("prompt", "")))
            write = guarded(partial(_write_into_prompt, draft, cameo.name))
            words_ = "Named in the prompt" if is_named else f"Write @{cameo.name} into the prompt"
            icon = ":material/check:" if is_named else ":material/edit:"
            st.button(words_, icon=icon, disabled=is_named, on_click=write, key=f"cameos/write/{cameo.name}")
            forget = guarded(partial(_forget, draft, shelf, cameo.name))
            st.button(
                "Forget",
                icon=":material/delete:",
                key=f"cameos/forget/{cameo.name}",
                help="Takes it off this list. Clips made with it stay as they are.",
                on_click=forget,
            )


def _new(files: ClipFiles, draft: Draft, shelf: Shelf) -> None:
    st.text_input(
        "Name",
        key=draft.fill(NAME, ""),
        on_change=draft.save,
        max_chars=40,
        placeholder="mia",
        help="Letters, digits, “_” and “-”. The prompt names it as @name.",
    )
    st.text_area(
        "Description",
        key=draft.fill(DESCRIPTION, ""),
        on_change=draft.save,
        max_chars=DESCRIPTION_LIMIT,
        height=68,
        placeholder="A woman of about thirty with short red hair",
    )
    upload = f"{UPLOAD}/{st.session_state.setdefault(UPLOADS, 0)}"
    st.file_uploader(
        "Pictures",
        type=list(PICTURE_TYPES),
        accept_multiple_files=True,
        key=upload,
        max_upload_size=MAX_BYTES // MEGABYTE,
    )
    save = guarded(partial(attempt, FAULT, partial(_keep, files, draft, shelf, upload)))
    st.button("Keep this cameo", type="primary", icon=":material/save:", on_click=save)
    render_fault(FAULT)


def _keep(files: ClipFiles, draft: Draft, shelf: Shelf, upload: str) -> None:
    name = str(st.session_state[draft.key(NAME)]).strip().removeprefix("@")
    description = str(st.session_state[draft.key(DESCRIPTION)]).strip()
    images = tuple(save_image(files, file.getvalue()) for file in st.session_state[upload] or [])
    shelf.save(Cameo(name, description, images))
    chosen = [one for one in draft.value(FIELD, []) if one != name]
    st.session_state.update({draft.key(FIELD): [*chosen, name], draft.key(NAME): "", draft.key(DESCRIPTION): ""})
    st.session_state[UPLOADS] += 1
    draft.save()


def _write_into_prompt(draft: Draft, name: str) -> None:
    prompt = str(draft.value("prompt", "")).rstrip()
    st.session_state[draft.key("prompt")] = f"{prompt} @{name}".strip()
    draft.save()


def _forget(draft: Draft, shelf: Shelf, name: str) -> None:
    shelf.forget(name)
    st.session_state[draft.key(FIELD)] = [one for one in draft.value(FIELD, []) if one != name]
    draft.save()
