"""The decision guide: the article's words beside what your own data say, and its process as two questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.releases.guide import Word, advice, decide
from sora_compare.releases.guide_inputs import guide_inputs
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.components.retirement import flag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sora_compare.releases.guide import Advice, Decision, GuideInputs
    from sora_compare.services import Services

COLOURS = {Word.AGREES: "green", Word.DIFFERS: "orange", Word.CANNOT_TELL: "gray"}
ANY = "any snapshot, locked"


def render_guide(opened: Services) -> None:
    """Seven situations as a table, then the questions.

    Raises:
        ConfigurationError: the policy or the endpoint cannot be read.
    """
    governance = opened.governance
    endpoint = opened.endpoint_registry.get(opened.settings.default_endpoint)
    inputs = guide_inputs(governance.releases, governance.monitor, endpoint)
    found = advice(inputs)
    st.markdown("##### Seven situations")
    st.caption(
        "The recommendation is the article's: published, unverified. Beside it stands what the reviews, the endpoint "
        f"“{escape_markdown(endpoint.name)}” and the alias's history say here."
    )
    st.table([_row(one) for one in found], border="horizontal", hide_index=True, alt="Seven situations")
    for warning in dict.fromkeys(one.model for one in found if one.warning):
        flag(inputs.lifecycle(warning))
    st.markdown("##### Which one now?")
    _process(inputs)


def _row(one: Advice) -> dict[str, str]:
    return {
        "Situation": escape_markdown(one.situation.situation),
        "The article": f"**{escape_markdown(one.model or ANY)}**: {escape_markdown(one.situation.reason)}",
        "Your own data": f":{COLOURS[one.word]}-badge[{one.word}] {escape_markdown(one.own)}",
    }


def _process(inputs: GuideInputs) -> None:
    """Ask the questions one after the other, each only when the answers before lead to it."""
    answers: dict[str, bool] = {}
    decision = decide(answers, inputs.versions)
    while decision.open_question:
        question = decision.open_question
        answer = st.radio(
            question.question, ["Yes", "No"], index=None, horizontal=True, key=f"versions/guide/{question.id}"
        )
        if answer is None:
            return
        answers[question.id] = answer == "Yes"
        decision = decide(answers, inputs.versions)
    _decided(decision, inputs)


def _decided(decision: Decision, inputs: GuideInputs) -> None:
    plan = "".join(f"\n{number}. {one}" for number, one in enumerate(decision.plan, 1))
    after = f" Then plan the migration:\n{plan}" if plan else ""
    sentence = (
        f"The article's process leads to **{escape_markdown(decision.model)}** (the {decision.role} version).{after}"
    )
    st.info(sentence, icon=":material/route:")
    flag(inputs.lifecycle(decision.model))
    st.markdown(_verdict_sentence(inputs.verdict))


def _verdict_sentence(verdict: Mapping[str, str]) -> str:
    if not verdict:
        return "Your own reviews say nothing about it yet."
    text = ", ".join(f"{word} on {name}" for name, word in verdict.items())
    return escape_markdown(f"Your own reviews, the latest version against the stable one: {text}.")
