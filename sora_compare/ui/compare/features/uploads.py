"""What reference images and cameos share: their upload, their display, and what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st
from markupsafe import Markup

from sora_compare.domain.requests import StoredImage
from sora_compare.errors import SoraCompareError
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.shell.addresses import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sora_compare.clips.files import ClipFiles

PICTURE_TYPES = ("jpg", "jpeg", "png", "webp")
STYLE = "width:100%;max-height:180px;object-fit:contain;border-radius:6px;display:block"


def stored_images(files: ClipFiles, kept: Iterable[Any]) -> list[StoredImage]:
    """Images as a draft keeps them; those whose file is no longer there are left out."""
    images = [StoredImage(**one) for one in kept if isinstance(one, dict)]
    return [one for one in images if files.has(one.sha256)]


def picture_html(image: StoredImage, words: str) -> Markup:
    """HTML of a kept image, from the server's own route."""
    address = path_of(f"/clips/{image.sha256}")
    return Markup('<img src="{}" alt="{}" loading="lazy" style="{}">').format(address, words, STYLE)


def attempt(fault: str, act: Callable[[], None]) -> None:
    """Do something in a callback; what a person should know of it is kept under the key `fault`."""
    st.session_state.pop(fault, None)
    try:
        act()
    except SoraCompareError as error:
        st.session_state[fault] = str(error)


def render_fault(fault: str) -> None:
    """Show what went wrong where it happened, until the next try."""
    if fault in st.session_state:
        st.error(escape_markdown(st.session_state[fault]), icon=":material/error:")
