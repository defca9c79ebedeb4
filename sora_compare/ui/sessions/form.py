"""The form for a new review session: pairs, criteria with their anchors, practice, protocol."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from sora_compare.domain.reviews import ASKED, OPTIONAL, Criterion
from sora_compare.domain.sessions import DEFAULT_ALPHA, DEFAULT_MARGIN, Anchor, PairRef, PracticePair, Protocol
from sora_compare.sessions.draw import LEAST_BETWEEN, LEAST_FOR_REPEATS
from sora_compare.sessions.list_summary import lacks_repeats, list_summary
from sora_compare.ui.components.formats import ago, distinct, escape_markdown, excerpt
from sora_compare.ui.components.pairs import pairs_named, pairs_of
from sora_compare.ui.sessions.admin import deadline_of
from sora_compare.ui.sessions.blinding import levelling_choice
from sora_compare.ui.sessions.owner import CHOSEN
from sora_compare.ui.shell.boundary import boundary

if TYPE_CHECKING:
    from sora_compare.domain.sessions import ReviewSession
    from sora_compare.services import Services
    from sora_compare.store.store import Store
    from sora_compare.ui.components.pairs import Pair

LIBRARY = "library"
SUITES_OFFERED = 20
PAIRS_OFFERED = 400
CHOSEN_AT_FIRST = 12
ANCHOR_LIMIT, EXPLANATION_LIMIT = 120, 500
STEPS = ("1", "5", "10")
"""Scores that have an anchor."""
REPEATS_HELP = (
    "Pairs shown twice, to see how steady scores are. At least a third of the list, and never fewer than "
    f"{LEAST_BETWEEN} items, stand between the two showings; a list of fewer than {LEAST_FOR_REPEATS} gets none."
)
ANCHOR_EXAMPLES = {
    Criterion.PHYSICS: ("things pass through each other", "small slips", "as in the real world"),
    Criterion.MOTION: ("jerks or freezes", "mostly smooth", "natural throughout"),
    Criterion.FACES: ("broken or rigid", "some odd moments", "believable throughout"),
    Criterion.CLARITY: ("blurred or smeared", "soft in places", "sharp throughout"),
    Criterion.CONSISTENCY: ("things change or vanish", "small changes", "nothing changes"),
}


def new_session(opened: Services) -> None:
    """The form for a new session."""
    pairs = _offered(opened.store)
    if not pairs:
        st.info("There is no pair to review yet: make a comparison first.", icon=":material/info:")
        return
    chosen, items = _list_of_items(pairs)
    with st.form("sessions/new", border=False):
        title = st.text_input("Title", max_chars=120, placeholder="Spring review")
        criteria = st.pills(
            "Criteria", [*ASKED, *OPTIONAL], default=list(ASKED), selection_mode="multi", format_func=str.capitalize
        )
        anchors = _anchors()
        practice = _practice(pairs)
        numbers = _numbers()
        protocol = _protocol(items, [pairs[one] for one in chosen])
        is_sent = st.form_submit_button("Create the session", type="primary", icon=":material/groups:")
    if not is_sent:
        return
    with boundary():
        session = opened.sessions.admin.create(
            title,
            tuple(_ref(pairs[one]) for one in chosen),
            criteria=tuple(one for one in Criterion if one in criteria),
            anchors=tuple(one for one in anchors if one.criterion in criteria),
            practice=practice,
            protocol=protocol,
            **numbers,
        )
        opened.sessions.showing.prepare(session)
        open_session(session)


def _list_of_items(pairs: dict[str, Pair]) -> tuple[list[str], Protocol]:
    """The chosen pairs and the numbers of items; outside the form, so that what follows from them is said at once."""
    words = distinct({name: excerpt(one.comparison.prompt) for name, one in pairs.items()})
    chosen = st.multiselect("Pairs", list(pairs), default=list(pairs)[:CHOSEN_AT_FIRST], format_func=words.__getitem__)
    protocol = _numbers_of_items()
    summary = list_summary(len(chosen), protocol)
    if lacks_repeats(len(chosen), protocol):
        st.warning(summary, icon=":material/repeat:")
    else:
        # Always one element here: a form that moves would lose what is typed and not yet sent.
        st.caption(summary if chosen else "Choose at least one pair.")
    return chosen, protocol


def _numbers_of_items() -> Protocol:
    first, second, third = st.columns(3)
    repeats = first.number_input("Hidden repeats", 0, 10, 1, help=REPEATS_HELP)
    same = second.number_input("Same-clip pairs", 0, 10, 1, help="Both sides are one clip: any difference is chance.")
    most = third.number_input(
        "Pairs per reviewer (optional)",
        1,
        500,
        None,
        help="Everybody gets those that need reviews most.",
    )
    return Protocol(
        hidden_repeats=int(repeats),
        same_clip_pairs=int(same),
        pairs_per_reviewer=None if most is None else int(most),
    )


def open_session(session: ReviewSession) -> None:
    """Show this session from now on."""
    st.query_params[CHOSEN] = session.id
    st.rerun()


def _offered(store: Store) -> dict[str, Pair]:
    """The pairs that can be chosen: the library's newest, or those of one suite run."""
    runs = {run.id: run for run in islice(store.suite_runs.list(), SUITES_OFFERED)}
    source = LIBRARY
    if runs:
        record = {name: f"{escape_markdown(run.suite.name)}, {ago(run.created)}" for name, run in runs.items()}
        words = distinct({LIBRARY: "the library, newest first", **record})
        source = st.selectbox(
            "Choose pairs from",
            [LIBRARY, *runs],
            format_func=words.__getitem__,
            key="sessions/source",
        )
    if source == LIBRARY:
        newest = pairs_named(store, store.pairs.unscored("", PAIRS_OFFERED))
        return {pair.id: pair for pair in newest.values()}
    run = runs[source]
    made = [run.comparison_id(prompt) for prompt in run.suite.prompts]
    there = [name for name in made if store.comparisons.has(name)]
    found = [pair for name in there for pair in pairs_of(store.comparisons.get(name), store.takes.of(name))]
    return {pair.id: pair for pair in found}


def _ref(pair: Pair) -> PairRef:
    return PairRef(pair.comparison.id, pair.repeat)


def _anchors() -> tuple[Anchor, ...]:
    """What 1, 5 and 10 mean, in the owner's words."""
    shipped = [
        {"Criterion": str(one), **dict(zip(STEPS, message, strict=True))} for one, message in ANCHOR_EXAMPLES.items()
    ]
    with st.expander("What 1, 5 and 10 mean", icon=":material/straighten:"):
        table = st.data_editor(
            pd.DataFrame(shipped),
            column_config={
                "Criterion": st.column_config.TextColumn(disabled=True),
                **{name: st.column_config.TextColumn(max_chars=ANCHOR_LIMIT, required=True) for name in STEPS},
            },
            hide_index=True,
            key="sessions/anchors",
        )
    return tuple(
        Anchor(Criterion(row["Criterion"]), *(row[name] for name in STEPS)) for row in table.to_dict("records")
    )


def _practice(pairs: dict[str, Pair]) -> tuple[PracticePair, ...]:
    """Pairs to learn on: whoever scores one is told afterwards what there was to see."""
    with st.expander("Practice pairs", icon=":material/school:"):
        st.caption("Shown first and never counted. After scoring one, the reviewer reads your explanation.")
        table = st.data_editor(
            pd.DataFrame(
                [
                    {"Practise": False, "Pair": excerpt(pair.comparison.prompt), "Explanation": "", "id": name}
                    for name, pair in pairs.items()
                ]
            ),
            column_config={
                "Pair": st.column_config.TextColumn(disabled=True),
                "Explanation": st.column_config.TextColumn(max_chars=EXPLANATION_LIMIT, width="large"),
                "id": None,
            },
            hide_index=True,
            key="sessions/practice",
        )
    return tuple(
        PracticePair(_ref(pairs[row["id"]]), str(row["Explanation"] or ""))
        for row in table.to_dict("records")
        if row["Practise"]
    )


def _numbers() -> dict[str, Any]:
    first, second, third = st.columns(3)
    wanted = first.number_input("Reviewers wanted per pair", 1, 100, 3)
    margin = second.number_input(
        "Margin in points", 0.1, 5.0, DEFAULT_MARGIN, 0.1, help="“Not worse” means within it. Fixed with the session."
    )
    alpha = third.number_input(
        "Accepted false alarms", 0.01, 0.2, DEFAULT_ALPHA, 0.01, help="Chance of any false verdict, over all criteria."
    )
    deadline = first.date_input("Deadline (optional)", value=None, min_value="today")
    return {
        "reviewers_wanted": int(wanted),
        "margin": float(margin),
        "alpha": float(alpha),
        "deadline": deadline_of(deadline),
    }


def _protocol(items: Protocol, chosen: list[Pair]) -> Protocol:
    """The protocol with these numbers of items."""
    must_watch = st.checkbox("Both clips must be watched to the end before scoring", value=True)
    reveals = st.checkbox("Reviewers see what was which at their end", value=True)
    shows_others = st.checkbox("Reviewers see everybody's scores at their end", value=False)
    levels = levelling_choice([(one.a.clip, one.b.clip) for one in chosen if one.a.clip and one.b.clip])
    return replace(items, must_watch=must_watch, reveals_at_end=reveals, shows_others=shows_others, levels_clips=levels)
