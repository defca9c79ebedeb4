"""The change that somebody has begun: one dialog, with who and why, and every refusal as its sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.policies import Author
from sora_compare.errors import UsageError
from sora_compare.releases.refusals import ChangedMeanwhile
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.shell.boundary import boundary, guarded
from sora_compare.ui.shell.drafts import Draft
from sora_compare.ui.versions.change_evidence import forget_evidence
from sora_compare.ui.versions.change_forms import CHANGES, REQUIRED, Action
from sora_compare.ui.versions.words import describe_change, signed_by

if TYPE_CHECKING:
    from sora_compare.domain.policies import Environment
    from sora_compare.releases.policy.opening import Governance
    from sora_compare.services import Services
    from sora_compare.ui.versions.change_forms import ChangeButton

PENDING, MESSAGE = "versions/asked", "versions/message"
REASON_LIMIT = 500
BACK = (Action.UNDO, Action.ROLLBACK)


@dataclass(frozen=True, slots=True)
class PendingChange:
    """What somebody wants to change, with the environment and the revision as they looked at it."""

    action: Action
    environment: Environment
    revision: int


def open_dialog(action: Action, environment: Environment, revision: int) -> None:
    """Open the dialog of a change at the next run, which begins here."""
    forget_evidence()
    st.session_state[PENDING] = PendingChange(action, environment, revision)
    st.rerun()


def is_asking() -> bool:
    """Whether a dialog is open."""
    return PENDING in st.session_state


def render_pending(opened: Services) -> None:
    """What was changed last, and the dialog that is open. It is kept in the session: no other run closes it."""
    message = st.session_state.pop(MESSAGE, None)
    if message:
        st.toast(message, icon=":material/check_circle:")
    asked: PendingChange | None = st.session_state.get(PENDING)
    if asked is None:
        return
    change = CHANGES[asked.action]
    title = escape_markdown(change.title.format(asked.environment.name))

    @guarded
    def draw() -> None:
        now: PendingChange | None = st.session_state.get(PENDING)
        if now is None:
            st.rerun()
        _draw(opened, now)

    st.dialog(title, icon=change.icon, width="medium", on_dismiss=_close)(draw)()


def _draw(opened: Services, asked: PendingChange) -> None:
    draft = Draft(opened.store, f"versions:{asked.action}:{asked.environment.name}")
    offer = CHANGES[asked.action].draw(opened.governance, asked.environment, draft)
    st.text_input(
        f"Why {REQUIRED}" if offer.must_say_why else "Why (optional)",
        key=draft.fill("reason", ""),
        on_change=draft.save,
        max_chars=REASON_LIMIT,
        placeholder="For the log",
        live=True,
    )
    st.caption(f"Signed as {escape_markdown(signed_by(opened.store))}. The name stands at the top right of the page.")
    required = _still_required(offer, draft)
    if required:
        st.caption(f":red[:material/lock:] Needed before this can be done: {escape_markdown('; '.join(required))}.")
    with st.container(horizontal=True, gap="small"):
        is_sure = st.button(
            escape_markdown(offer.label), type="primary", key="versions/confirm", disabled=bool(required)
        )
        st.button("Cancel", key="versions/cancel", on_click=_close)
    if is_sure:
        with boundary():
            _carry_out(opened, asked, offer, draft)


def _still_required(offer: ChangeButton, draft: Draft) -> tuple[str, ...]:
    has_reason = bool(str(draft.value("reason", "")).strip())
    return offer.required if has_reason or not offer.must_say_why else (*offer.required, "a reason")


def _carry_out(opened: Services, asked: PendingChange, offer: ChangeButton, draft: Draft) -> None:
    reason = str(draft.value("reason", "")).strip()
    if offer.must_say_why and not reason:
        raise UsageError("Say why: this change is logged with its reason.")
    try:
        after = offer.carry_out(_author(opened, asked, reason))
    except ChangedMeanwhile as error:
        again = guarded(partial(_look_again, opened.governance, asked))
        st.error(escape_markdown(str(error)), icon=":material/error:")
        st.button("Look at it as it is now", icon=":material/refresh:", key="versions/again", on_click=again)
        return
    draft.delete()
    _close()
    st.session_state[MESSAGE] = (
        f"{escape_markdown(describe_change(after.history[-1], opened.governance.releases.registry))}."
    )
    st.rerun()


def _author(opened: Services, asked: PendingChange, reason: str) -> Author:
    """Undo and reset mind only a change of their own environment: in an emergency nothing else may hold them up."""
    if asked.action not in BACK:
        return Author(signed_by(opened.store), reason, asked.revision)
    now = opened.governance.releases.policy
    if now.environments.get(asked.environment.name) != asked.environment:
        raise ChangedMeanwhile(asked.revision, now.revision)
    # Undone twice at the same moment nothing would be undone; a reset may be written twice.
    return Author(signed_by(opened.store), reason, now.revision if asked.action is Action.UNDO else None)


def _look_again(governance: Governance, asked: PendingChange) -> None:
    now = governance.releases.policy
    environment = governance.releases.environment(asked.environment.name)
    forget_evidence()
    st.session_state[PENDING] = replace(asked, environment=environment, revision=now.revision)


def _close() -> None:
    st.session_state.pop(PENDING, None)
    forget_evidence()
