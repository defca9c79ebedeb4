"""Bringing existing clips in from the browser: files with their arm and prompt, or a manifest with its files."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import streamlit as st

from sora_compare.archive.reading import VIDEO_ENDINGS, Found, LeftOut, find, in_folder
from sora_compare.domain.requests import PROMPT_LIMIT
from sora_compare.domain.takes import ArmLabel
from sora_compare.errors import UsageError
from sora_compare.statistics.results import listed
from sora_compare.ui.components.formats import escape_markdown, size
from sora_compare.ui.library.import_report import REPORT, render_report
from sora_compare.ui.shell.boundary import boundary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.archive.importing import Archive
    from sora_compare.archive.reading import Models

FILES, MANIFEST = "Files", "A manifest with its files"
COUNT = "upload/count"
"""Counts the uploads that were kept: each next one starts empty."""
MOST_FILES = 50
CLIP_TYPES = [ending.removeprefix(".") for ending in VIDEO_ENDINGS]
MODEL_SHOWN = "such as sora-2-2025-12-08"
MODEL_LIMIT = 200
NEEDED = ":red[*]"
"""Marks a field that must be filled before the clips can be brought in."""


@dataclass(frozen=True, slots=True)
class Named:
    """One uploaded file and what was said of it."""

    upload: Any
    prompt: str
    arm: ArmLabel
    model: str


def upload_form(archive: Archive) -> None:
    """The form, folded away, and what the last upload brought."""
    count = st.session_state.setdefault(COUNT, 0)
    with st.expander("Bring in existing clips", icon=":material/upload:", key="upload/place"):
        st.caption(
            "Clips made elsewhere, such as real Sora 2 footage. They are checked like every other clip, kept as they "
            "are, and marked as imported wherever they appear."
        )
        how = st.segmented_control("How", [FILES, MANIFEST], default=FILES, required=True, key="upload/how")
        if how == FILES:
            _by_hand(archive, count)
        else:
            _by_manifest(archive, count)
    render_report()


def _by_hand(archive: Archive, count: int) -> None:
    uploads = st.file_uploader(
        "Clips", type=CLIP_TYPES, accept_multiple_files=True, key=f"upload/files/{count}", help=_name_help()
    )
    if not uploads:
        return
    shared = st.text_area(
        "Prompt",
        key=f"upload/prompt/{count}",
        height=68,
        max_chars=PROMPT_LIMIT,
        placeholder="What all of these clips were asked to show",
        help="For clips without a prompt of their own. Clips with the same prompt become one comparison.",
    )
    models = _model_fields(f"upload/model/{count}", "Model of arm {} " + NEEDED)
    named = [_row(upload, number, count, shared, models) for number, upload in enumerate(uploads[:MOST_FILES])]
    if len(uploads) > MOST_FILES:
        st.warning(f"Only the first {MOST_FILES} files are taken at once.", icon=":material/filter_list:")
    without = [one for one in named if not one.model]
    if without:
        arms = listed(f"{arm}" for arm in sorted({one.arm for one in without}))
        st.caption(f":material/edit: Say which model made the clips of arm {arms}: evidence must name its model.")
    words = f"Bring in {len(named)} clip{'s' * (len(named) > 1)}"
    if st.button(words, type="primary", icon=":material/upload:", key=f"upload/go/{count}", disabled=bool(without)):
        with boundary():
            _import_named(archive, named, models)


def _model_fields(key: str, label: str) -> dict[ArmLabel, str]:
    """One field an arm for the model of its clips."""
    with st.grid(2, min_column_width=200):
        return {
            arm: st.text_input(
                label.format(arm),
                key=f"{key}/{arm}",
                max_chars=MODEL_LIMIT,
                placeholder=MODEL_SHOWN,
                help="Needed for every clip that does not name its own model.",
            ).strip()
            for arm in ArmLabel
        }


def _name_help() -> str:
    return "Names such as “a cat.A.mp4” or “a cat sora-2-2025-12-08.mp4” fill in the arm, the model and the prompt."


def _row(upload: Any, number: int, count: int, shared: str, models: Models) -> Named:  # noqa: ANN401  # an uploaded file
    guess = _guess(upload.name)
    arm_start = guess.arm if guess else (ArmLabel.A, ArmLabel.B)[number % 2]
    key = f"upload/row/{count}/{upload.file_id}"
    with st.container(border=True):
        st.markdown(f":material/movie: **{escape_markdown(upload.name)}** :gray[{size(upload.size)}]")
        with st.grid(3, min_column_width=200, vertical_alignment="bottom"):
            arm = st.segmented_control(
                "Arm", list(ArmLabel), default=arm_start, required=True, key=f"{key}/arm", width="stretch"
            )
            model = st.text_input(
                "Its own model",
                value=guess.model if guess else "",
                key=f"{key}/model",
                max_chars=MODEL_LIMIT,
                placeholder=models[ArmLabel(arm)] or "Needed, here or above",
                help="Where it is another than that of its arm.",
            )
            prompt = st.text_input(
                "Its own prompt",
                value=guess.prompt if guess and not shared else "",
                key=f"{key}/prompt",
                max_chars=PROMPT_LIMIT,
                placeholder=shared or "What it was asked to show",
            )
    label = ArmLabel(arm)
    return Named(upload, (prompt or shared).strip(), label, model.strip() or models[label])


def _guess(name: str) -> Found | None:
    """What a file's name tells of it, as the command `import FOLDER` reads it."""
    found = next(in_folder([Path(Path(name).name)]), None)
    return found if isinstance(found, Found) else None


def _import_named(archive: Archive, named: Sequence[Named], models: Models) -> None:
    without = [one.upload.name for one in named if not one.prompt]
    if without:
        raise UsageError(f"{without[0]} has no prompt: say what it was asked to show.")
    with TemporaryDirectory(prefix="sora-compare-") as folder:
        offered = [_found(Path(folder), number, one) for number, one in enumerate(named)]
        _bring_in(archive, offered, models)


def _found(folder: Path, number: int, one: Named) -> Found:
    file = folder / f"{number}{Path(one.upload.name).suffix.lower()[:6]}"
    _write(one.upload, file)
    return Found(one.upload.name, file, one.prompt, one.arm, one.model)


def _by_manifest(archive: Archive, count: int) -> None:
    st.caption(
        "Columns: file, prompt, model, arm (A or B), tags. Files are named as they are uploaded. Every clip needs a "
        "model: in its row, or here for its arm."
    )
    manifest = st.file_uploader("Manifest", type=["csv", "jsonl"], key=f"upload/manifest/{count}", max_upload_size=5)
    uploads = st.file_uploader(
        "Its clips", type=CLIP_TYPES, accept_multiple_files=True, key=f"upload/manifest_files/{count}"
    )
    models = (
        _model_fields(f"upload/manifest_model/{count}", "Model of arm {}, for rows without one") if manifest else {}
    )
    is_ready = manifest is not None and bool(uploads)
    if st.button("Bring them in", type="primary", icon=":material/upload:", disabled=not is_ready):
        with boundary():
            _import_manifest(archive, manifest, uploads, models)


def _import_manifest(archive: Archive, manifest: Any, uploads: Sequence[Any], models: Models) -> None:  # noqa: ANN401  # uploaded files
    names = [Path(one.name).name for one in uploads]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise UsageError(f"Two files are called {twice}: rename one, so that the manifest can tell them apart.")
    with TemporaryDirectory(prefix="sora-compare-") as folder:
        for name, upload in zip(names, uploads, strict=True):
            _write(upload, Path(folder) / name)
        table = Path(folder) / Path(manifest.name).name
        _write(manifest, table)
        _bring_in(archive, find(table, models), models)


def _write(upload: Any, target: Path) -> None:  # noqa: ANN401  # an uploaded file
    upload.seek(0)
    with target.open("wb") as file:
        shutil.copyfileobj(upload, file)


def _bring_in(archive: Archive, offered: Sequence[Found | LeftOut], models: Models) -> None:
    with st.spinner("Checking the clips"):
        report = archive.import_clips(offered, models)
    st.session_state[REPORT] = report
    # What was refused stays in the form, to be put right.
    if not report.left_out:
        st.session_state[COUNT] += 1
    st.rerun()
