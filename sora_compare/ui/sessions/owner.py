"""The owner's side of review sessions: invite, watch, sign off."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.evidence.selection import Selection
from sora_compare.evidence.words import interval
from sora_compare.ui.components.formats import ago, distinct, escape_markdown, excerpt
from sora_compare.ui.shell.addresses import address_of
from sora_compare.ui.shell.boundary import boundary, guarded
from sora_compare.ui.shell.identity import signature

if TYPE_CHECKING:
    from sora_compare.domain.sessions import ReviewSession
    from sora_compare.evidence.findings import Results
    from sora_compare.services import Services
    from sora_compare.sessions.opening import Sessions
    from sora_compare.statistics.reviewers.agreement import Agreement

LIVE_S = 3.0
CHOSEN = "session"
CHOICE = "sessions/chosen"
LINK = "sessions/link"


def choose_session(sessions: Sessions) -> ReviewSession | None:
    """The session named in the address, else the newest; None when there is none."""
    found = {one.id: one for one in sessions.repository.sessions()}
    if not found:
        return None
    asked = st.query_params.get(CHOSEN)
    words = distinct({one.id: f"{one.title} · {ago(one.created)}" for one in found.values()})
    st.session_state[CHOICE] = asked if asked in found else next(iter(found))
    chosen = st.selectbox("Session", list(found), key=CHOICE, format_func=words.__getitem__, on_change=_to_address)
    st.query_params[CHOSEN] = chosen
    return found[chosen]


def _to_address() -> None:
    st.query_params[CHOSEN] = st.session_state[CHOICE]


def invitations(opened: Services, session: ReviewSession) -> None:
    """Make links, see them, take them back."""
    with st.form("sessions/invite", border=False):
        first, second, third = st.columns(3, vertical_alignment="bottom")
        passphrase = first.text_input("Passphrase (optional)", type="password", autocomplete="off")
        days = second.number_input("Valid for days", 1, 365, 14)
        single = third.checkbox("For one person only")
        is_sent = st.form_submit_button("Make an invitation link", icon=":material/link:")
    made = f"{LINK}/{session.id}"
    if is_sent:
        with boundary():
            expires = datetime.now(UTC).timestamp() + int(days) * 86_400
            invitation, token = opened.sessions.admission.invite(
                session.id, passphrase=passphrase, expires=expires, is_single_use=single
            )
            st.session_state[made] = invitation.id, address_of(f"/join/{token}")
    listed = opened.sessions.repository.invitations(session.id)
    shown_id, link = st.session_state.get(made, ("", ""))
    if any(one.id == shown_id and not one.is_revoked for one in listed):
        st.caption(
            f"For “{escape_markdown(session.title)}”. Copy the link now: it is not kept and cannot be shown again."
        )
        st.code(link, language=None, wrap_lines=True)
    for one in listed:
        state = "withdrawn" if one.is_revoked else f"used by {one.uses}"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(f"Made {datetime.fromtimestamp(one.created, UTC):%Y-%m-%d %H:%M} UTC, {state}", width="stretch")
            if not one.is_revoked and st.button("Withdraw", key=f"sessions/revoke/{one.id}", type="tertiary"):
                opened.sessions.admin.withdraw(one, by=signature(opened.store))
                st.rerun()


def live_view(opened: Services, session: ReviewSession) -> None:
    """Who is where and how many reviews each pair has, moving by itself."""

    @guarded
    def draw() -> None:
        live = opened.sessions.progress.of(session)
        if not live.reviewers:
            st.info("Nobody has joined yet.", icon=":material/hourglass_empty:")
            return
        st.dataframe(
            [
                {
                    "Reviewer": one.reviewer.name,
                    "Scored": 100 * one.done / max(1, len(one.reviewer.items)),
                    "Here now": one.is_here,
                    "To look at": ", ".join(one.flags),
                }
                for one in live.reviewers
            ],
            column_config={"Scored": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100)},
            hide_index=True,
            alt="Each reviewer, the share scored, whether they are here, and flags",
        )
        rows = [
            {
                "Pair": excerpt(opened.store.comparisons.get(pair.comparison_id).prompt),
                "Reviews": count,
                "Wanted": session.reviewers_wanted,
            }
            for pair, count in live.per_pair.items()
        ]
        st.dataframe(rows, hide_index=True, alt="Each pair with its reviews so far and the number wanted")
        _reliability(opened.results, session, len(live.reviews))

    st.fragment(draw, run_every=LIVE_S, key=f"sessions/live/{session.id}")()


def _reliability(results: Results, session: ReviewSession, reviews: int) -> None:
    """How far reviewers agree so far; computed again only when there are more reviews."""
    if not reviews:
        return
    key = f"sessions/reliability/{session.id}"
    if st.session_state.get(key, (0, None))[0] != reviews:
        found = results.analysis(Selection(session=session.id)).criteria
        st.session_state[key] = reviews, [_agreement_row(name, one.agreement) for name, one in found.items()]
    st.dataframe(
        st.session_state[key][1],
        hide_index=True,
        alt="Each criterion with how far the reviewers agree, and what follows",
    )
    st.caption("Agreement is Krippendorff's alpha for ordered scores: 1 is full agreement, 0 is chance.")


def _agreement_row(name: str, found: Agreement) -> dict[str, str]:
    text = interval(found.alpha_ordinal, found.low, found.high)
    state = found.reason or ("usable" if found.alpha_ordinal is not None else "too few reviews to tell")
    return {"Criterion": name.capitalize(), "Agreement so far": text, "State": state}


def sign_off(sessions: Sessions, session: ReviewSession) -> None:
    """Acceptance by named people, recorded in the audit log."""
    with st.form("sessions/sign-off", border=False, clear_on_submit=True):
        name = st.text_input("Who signs off", max_chars=80, autocomplete="name")
        comment = st.text_area("Comment", max_chars=2000, height=80)
        decision = st.segmented_control("Decision", ["Accepted", "Not accepted"], default=None)
        is_sent = st.form_submit_button("Sign off", icon=":material/verified:")
    if is_sent:
        with boundary():
            if decision is None:
                st.warning("Choose whether it is accepted.", icon=":material/info:")
            else:
                sessions.admin.sign_off(session, name, comment, accepts=decision == "Accepted")
    for one in sessions.admin.sign_offs(session):
        verdict = "accepted" if one["accepts"] else "did not accept"
        moment = datetime.fromtimestamp(one["at"], UTC)
        st.markdown(
            f"**{escape_markdown(one['name'])}** {verdict} on {moment:%Y-%m-%d %H:%M} UTC. "
            f"{escape_markdown(one['comment'])}"
        )
