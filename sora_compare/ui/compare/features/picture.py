"""The reference image that a clip starts from."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.clips.images import MAX_BYTES, fitted, save_image
from sora_compare.domain.requests import StoredImage, pixels
from sora_compare.errors import MEGABYTE
from sora_compare.ui.compare.features.uploads import PICTURE_TYPES, attempt, picture_html, render_fault, stored_images
from sora_compare.ui.shell.boundary import guarded

if TYPE_CHECKING:
    from sora_compare.clips.files import ClipFiles
    from sora_compare.ui.shell.drafts import Draft

FIELD = "image"
KEYS = "picture"
UPLOADS = f"{KEYS}/uploads"
"""Counts the uploads that were kept: each next one starts empty."""


def choose_picture(files: ClipFiles, draft: Draft, size: str) -> StoredImage | None:
    """Draw the upload and what was chosen; one of another size than the clip can be cropped with a button."""
    uploader, fault = f"{KEYS}/{st.session_state.setdefault(UPLOADS, 0)}", f"{KEYS}/fault"
    st.file_uploader(
        "Picture that the clip starts from",
        type=list(PICTURE_TYPES),
        key=uploader,
        max_upload_size=MAX_BYTES // MEGABYTE,
        on_change=guarded(partial(attempt, fault, partial(_take_in, files, draft, uploader))),
        help="JPEG, PNG or WebP, up to 20 MB.",
    )
    render_fault(fault)
    (image,) = stored_images(files, [draft.value(FIELD)]) or (None,)
    if image is None:
        return None
    shown, words = st.columns([1, 2], vertical_alignment="center")
    shown.html(picture_html(image, "The reference image"))
    with words:
        st.markdown(f"The clip starts from this picture of {image.width}x{image.height} pixels.")
        with st.container(horizontal=True):
            if not _fits(image, size):
                crop = guarded(partial(attempt, fault, partial(_crop, files, draft, image, size)))
                st.button(f"Crop to {size}", icon=":material/crop:", type="primary", on_click=crop)
            st.button("Remove", icon=":material/delete:", on_click=guarded(partial(_keep, draft, None)))
    return image


def _fits(image: StoredImage, size: str) -> bool:
    try:
        return (image.width, image.height) == pixels(size)
    except ValueError:
        return True  # the size itself is what is wrong, and that is said elsewhere


def _take_in(files: ClipFiles, draft: Draft, uploader: str) -> None:
    file = st.session_state[uploader]
    if file is not None:
        _keep(draft, save_image(files, file.getvalue()))
        st.session_state[UPLOADS] += 1


def _crop(files: ClipFiles, draft: Draft, image: StoredImage, size: str) -> None:
    content = files.path(image.sha256).read_bytes()
    _keep(draft, save_image(files, fitted(content, size)))


def _keep(draft: Draft, image: StoredImage | None) -> None:
    st.session_state[draft.key(FIELD)] = asdict(image) if image else None
    draft.save()
