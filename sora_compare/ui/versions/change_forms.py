"""The fields of each change: lock, canary start, step, stop, undo, reset; each ends in one offer to carry out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.canaries import HOUR_S
from sora_compare.domain.policies import STABLE
from sora_compare.releases.checklist_summary import Decision
from sora_compare.releases.refusals import NoCanary, NothingToUndo, RailBroken
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.components.retirement import flag
from sora_compare.ui.versions.change_evidence import render_evidence
from sora_compare.ui.versions.guard_rails_form import choose_rails, choose_window_s
from sora_compare.ui.versions.words import ICONS, goal, model_words, newest_first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sora_compare.domain.policies import Author, Environment, Policy
    from sora_compare.releases.policy.opening import Governance
    from sora_compare.ui.shell.drafts import Draft

GO_ON = "Go on without it; the log will say so"
REQUIRED = ":red[(required)]"
FORCED = "It is retired, and a server of mine serves it"


class Action(StrEnum):
    """What can be changed from the page."""

    LOCK = "lock"
    START = "start"
    STEP = "step"
    STOP = "stop"
    UNDO = "undo"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class ChangeButton:
    """A change as filled in: the words on its button, and what the button does.

    Attributes:
        must_say_why: whether a reason is required.
        required: what else is, and is not there yet, in few words each; until then the button is off.
    """

    label: str
    carry_out: Callable[[Author], Policy]
    must_say_why: bool = False
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of change; the title takes the environment's name."""

    title: str
    icon: str
    draw: Callable[[Governance, Environment, Draft], ChangeButton]


def _lock(governance: Governance, there: Environment, draft: Draft) -> ChangeButton:
    releases = governance.releases
    others = [one for one in (*releases.registry.snapshots, *releases.registry.aliases) if one != there.model]
    model = _choose(governance, draft, "Lock to (an alias is followed)", others)
    is_forced, required = _force(governance, draft, model)
    evidence = render_evidence(governance, there.name, model, Decision.LOCK)

    def carry_out(author: Author) -> Policy:
        return releases.lock(there.name, model, force=is_forced, author=author, evidence=evidence.sentence)

    word = "follow" if model in releases.registry.aliases else "use"
    st.markdown(
        f"From **{escape_markdown(there.model)}**: "
        f"{escape_markdown(there.name)} will {word} **{escape_markdown(model)}** at once."
    )
    return ChangeButton(
        f"Lock {there.name} to {model}", carry_out, is_forced or bool(required) or there.wants_reason, required
    )


def _start(governance: Governance, there: Environment, draft: Draft) -> ChangeButton:
    releases = governance.releases
    candidate = _choose(
        governance, draft, "Candidate", [one for one in releases.registry.snapshots if one != there.model]
    )
    is_forced, required = _force(governance, draft, candidate)
    window_s = choose_window_s(draft)
    is_automatic = st.toggle(
        "Roll back by itself when a guard rail breaks",
        key=draft.fill("is_automatic", True, among=(True, False)),  # noqa: FBT003  # a value to start with
        on_change=draft.save,
        help="Otherwise it is only told, here and in the log.",
    )
    rails = choose_rails(draft)
    evidence = render_evidence(governance, there.name, candidate, Decision.START)

    def carry_out(author: Author) -> Policy:
        return releases.start_canary(
            there.name,
            candidate,
            window_s=window_s,
            rails=rails,
            is_automatic=is_automatic,
            force=is_forced,
            author=author,
            evidence=evidence.sentence,
        )

    return ChangeButton(
        f"Start with 10 % in {there.name}", carry_out, is_forced or bool(required) or there.wants_reason, required
    )


def _choose(governance: Governance, draft: Draft, label: str, models: Iterable[str]) -> str:
    found = newest_first(governance, models)
    chosen: str = st.selectbox(
        label,
        found,
        key=draft.fill("model", found[0], among=found),
        on_change=draft.save,
        format_func=lambda one: model_words(governance, one),
    )
    flag(governance.releases.lifecycle(chosen))
    return chosen


def _force(governance: Governance, draft: Draft, model: str) -> tuple[bool, tuple[str, ...]]:
    """Whether the tick is set that only a retired snapshot requires, and what is still required."""
    if not governance.releases.lifecycle(model).is_flagged:
        return False, ()
    return _required_tick(draft, FORCED, "the tick for a retired snapshot")


def _required_tick(draft: Draft, label: str, name: str) -> tuple[bool, tuple[str, ...]]:
    key = draft.fill("force", False, among=(True, False))  # noqa: FBT003  # a value to start with
    is_set = st.checkbox(f"{label} {REQUIRED}", key=key, on_change=draft.save)
    return is_set, () if is_set else (name,)


def _step(governance: Governance, there: Environment, draft: Draft) -> ChangeButton:
    canary = there.canary
    if canary is None:
        raise NoCanary(there.name)
    canary_status, _ = governance.monitor.look(there)
    words = f"From {canary.share} % to {goal(canary)}, with a new window of {canary.window_s / HOUR_S:g} h."
    st.markdown(
        words
        if canary.next_share
        else f"{escape_markdown(there.name)} will use **{escape_markdown(canary.candidate)}** for all."
    )
    evidence = render_evidence(governance, there.name, canary.candidate, Decision.STEP)
    is_forced = False
    required: tuple[str, ...] = ()
    if canary_status.broken:
        st.error(escape_markdown(str(RailBroken(there.name, canary_status.broken))), icon=":material/gpp_bad:")
        required = ("guard rails that hold",)
    elif canary_status.missing:
        st.warning("\n".join(f"- {escape_markdown(one)}" for one in canary_status.missing), title="Still missing")
        is_forced, required = _required_tick(draft, GO_ON, "the tick to go on without what is missing")

    def carry_out(author: Author) -> Policy:
        return governance.releases.step_canary(
            there.name, canary_status, force=is_forced, author=author, evidence=evidence.sentence
        )

    label = f"Widen to {canary.next_share} %" if canary.next_share else f"Lock {there.name} to {canary.candidate}"
    return ChangeButton(label, carry_out, is_forced or bool(required) or there.wants_reason, required)


def _stop(governance: Governance, there: Environment, draft: Draft) -> ChangeButton:  # noqa: ARG001  # the shape of every change
    candidate = there.canary.candidate if there.canary else ""
    st.markdown(
        f"Every key goes from **{escape_markdown(candidate)}** back to **{escape_markdown(there.model)}** at once."
    )

    def carry_out(author: Author) -> Policy:
        return governance.releases.stop_canary(there.name, author=author)

    return ChangeButton("Stop the canary", carry_out)


def _undo(governance: Governance, there: Environment, draft: Draft) -> ChangeButton:  # noqa: ARG001  # the shape of every change
    releases = governance.releases
    if there.previous is None:
        raise NothingToUndo(there.name)
    st.markdown(
        f"From **{escape_markdown(there.model)}** back to **{escape_markdown(there.previous)}**, "
        f"which {escape_markdown(there.name)} used before the last change. Undone again, it is as it is now."
    )
    flag(releases.lifecycle(there.previous))

    def carry_out(author: Author) -> Policy:
        return releases.undo(there.name, author=author)

    return ChangeButton(f"Go back to {there.previous}", carry_out)


def _rollback(governance: Governance, there: Environment, draft: Draft) -> ChangeButton:  # noqa: ARG001  # the shape of every change
    releases = governance.releases
    stable = releases.policy.versions[STABLE]
    if there.canary:
        using = f"the {there.canary.share} % of keys on **{escape_markdown(there.canary.candidate)}** go back"
        st.markdown(f"The canary ends: {using} to **{escape_markdown(stable)}** at once.")
    if there.model != stable:
        st.markdown(
            f"From **{escape_markdown(there.model)}** to **{escape_markdown(stable)}**, this policy's "
            f"stable version, for every key of {escape_markdown(there.name)}."
        )
    flag(releases.lifecycle(stable))

    def carry_out(author: Author) -> Policy:
        return releases.rollback(there.name, to=stable, author=author)

    return ChangeButton(f"Reset to {stable}", carry_out)


CHANGES = {
    Action.LOCK: Change("Lock {}", ":material/lock:", _lock),
    Action.START: Change("Start a canary in {}", ":material/call_split:", _start),
    Action.STEP: Change("Widen the canary in {}", ":material/trending_up:", _step),
    Action.STOP: Change("Stop the canary in {}", ":material/stop_circle:", _stop),
    Action.UNDO: Change("Undo the last change of {}", ICONS["undo"], _undo),
    Action.ROLLBACK: Change("Reset {} to stable", ICONS["rollback"], _rollback),
}
