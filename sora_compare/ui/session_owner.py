"""The owner's side of review sessions: create, invite, watch, present, sign off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.reviews import ASKED, OPTIONAL, Criterion
from sora_compare.domain.sessions import DEFAULT_ALPHA, DEFAULT_MARGIN, Anchor, PairRef, Protocol
from sora_compare.ui.boundary import boundary, guarded
from sora_compare.ui.formats import excerpt, plain
from sora_compare.ui.pairs import review_list

if TYPE_CHECKING:
    from sora_compare.domain.sessions import ReviewSession
    from sora_compare.services import Services

LIVE_S = 3.0
CHOSEN = "session"
LINK = "sessions/link"
ANCHOR_EXAMPLES = {
    Criterion.PHYSICS: ("things pass through each other", "small slips", "as in the real world"),
    Criterion.MOTION: ("jerks or freezes", "mostly smooth", "natural throughout"),
    Criterion.FACES: ("broken or rigid", "some odd moments", "believable throughout"),
    Criterion.CLARITY: ("blurred or smeared", "soft in places", "sharp throughout"),
    Criterion.CONSISTENCY: ("things change or vanish", "small changes", "nothing changes"),
}


def new_session(opened: Services) -> None:
    """The form for a new session."""
    pairs = {one.pair.id: one.pair for one in review_list(opened.store, "")}
    if not pairs:
        st.info("There is no pair to review yet: make a comparison first.", icon=":material/info:")
        return
    with st.form("sessions/new", border=False):
        title = st.text_input("Title", max_chars=120, placeholder="Spring review")
        chosen = st.multiselect(
            "Pairs",
            list(pairs),
            default=list(pairs)[:12],
            format_func=lambda one: excerpt(pairs[one].comparison.prompt),
        )
        criteria = st.pills(
            "Criteria", [*ASKED, *OPTIONAL], default=list(ASKED), selection_mode="multi", format_func=str.capitalize
        )
        first, second, third = st.columns(3)
        wanted = first.number_input("Reviewers wanted per pair", 1, 100, 3)
        repeats = second.number_input(
            "Hidden repeats", 0, 10, 1, help="Pairs shown twice, to see how steady scores are."
        )
        same = third.number_input(
            "Same-clip pairs", 0, 10, 1, help="Both sides are one clip: any difference is chance."
        )
        margin = first.number_input(
            "Margin in points", 0.1, 5.0, DEFAULT_MARGIN, 0.1, help="“Not worse” means within it."
        )
        alpha = second.number_input("Accepted false alarms", 0.01, 0.2, DEFAULT_ALPHA, 0.01)
        deadline = third.date_input("Deadline (optional)", value=None, min_value="today")
        must_watch = st.checkbox("Both clips must be watched to the end before scoring", value=True)
        reveals = st.checkbox("Reviewers see what was which at their end", value=True)
        is_sent = st.form_submit_button("Create the session", type="primary", icon=":material/groups:")
    if not is_sent:
        return
    with boundary():
        session = opened.sessions.owning.create(
            title,
            tuple(PairRef(pairs[one].comparison.id, pairs[one].repeat) for one in chosen),
            criteria=tuple(one for one in Criterion if one in criteria),
            anchors=tuple(Anchor(one, *words) for one, words in ANCHOR_EXAMPLES.items() if one in criteria),
            protocol=Protocol(
                must_watch=must_watch,
                hidden_repeats=int(repeats),
                same_clip_pairs=int(same),
                reveals_at_end=reveals,
            ),
            reviewers_wanted=int(wanted),
            margin=float(margin),
            alpha=float(alpha),
            deadline=_end_of(deadline),
        )
        st.query_params[CHOSEN] = session.id
        st.rerun()


def _end_of(day: object) -> float | None:
    if not isinstance(day, date):
        return None
    return datetime.combine(day, time.max, UTC).timestamp()


def choose_session(opened: Services) -> ReviewSession | None:
    """The session named in the address, else the newest; None when there is none."""
    sessions = {one.id: one for one in opened.sessions.rooms.sessions()}
    if not sessions:
        return None
    asked = st.query_params.get(CHOSEN)
    names = list(sessions)
    chosen = st.selectbox(
        "Session",
        names,
        index=names.index(asked) if asked in names else 0,
        format_func=lambda one: sessions[one].title,
    )
    st.query_params[CHOSEN] = chosen
    return sessions[chosen]


def invitations(opened: Services, session: ReviewSession) -> None:
    """Make links, see them, take them back."""
    joining = opened.sessions.joining
    with st.form("sessions/invite", border=False):
        first, second, third = st.columns(3, vertical_alignment="bottom")
        passphrase = first.text_input("Passphrase (optional)", type="password", autocomplete="off")
        days = second.number_input("Valid for days", 1, 365, 14)
        single = third.checkbox("For one person only")
        is_sent = st.form_submit_button("Make an invitation link", icon=":material/link:")
    if is_sent:
        with boundary():
            expires = datetime.now(UTC).timestamp() + int(days) * 86_400
            _, token = joining.invite(session.id, passphrase=passphrase, expires=expires, is_single_use=single)
            st.session_state[LINK] = f"{_origin()}/join/{token}"
    if LINK in st.session_state:
        st.caption("Copy the link now: it is not kept and cannot be shown again.")
        st.code(st.session_state[LINK], language=None, wrap_lines=True)
    for one in opened.sessions.rooms.invitations(session.id):
        state = "withdrawn" if one.is_revoked else f"used {one.uses} times"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(f"Made {datetime.fromtimestamp(one.created, UTC):%Y-%m-%d %H:%M} UTC, {state}", width="stretch")
            if not one.is_revoked and st.button("Withdraw", key=f"sessions/revoke/{one.id}", type="tertiary"):
                joining.revoke(one)
                st.rerun()


def _origin() -> str:
    url = st.context.url or ""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}" if rest else ""


def live_view(opened: Services, session: ReviewSession) -> None:
    """Who is where and how many reviews each pair has, moving by itself."""

    @guarded
    def draw() -> None:
        live = opened.sessions.owning.live(session)
        if not live.standings:
            st.info("Nobody has joined yet.", icon=":material/hourglass_empty:")
            return
        st.dataframe(
            [
                {
                    "Reviewer": one.reviewer.name,
                    "Scored": one.done / max(1, len(one.reviewer.items)),
                    "Here now": one.is_here,
                    "To look at": ", ".join(one.flags),
                }
                for one in live.standings
            ],
            column_config={"Scored": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)},
            hide_index=True,
            alt="Each reviewer, the share scored, whether they are here, and flags",
        )
        rows = [
            {
                "Pair": excerpt(opened.store.comparison(pair.comparison_id).prompt),
                "Reviews": count,
                "Wanted": session.reviewers_wanted,
            }
            for pair, count in live.per_pair.items()
        ]
        st.dataframe(rows, hide_index=True, alt="Each pair with its reviews so far and the number wanted")

    st.fragment(draw, run_every=LIVE_S, key=f"sessions/live/{session.id}")()


def presenter(opened: Services, session: ReviewSession) -> None:
    """Drive everybody's player at once."""
    owning = opened.sessions.owning
    st.caption("Everybody's player in this session follows these buttons.")
    with st.container(horizontal=True):
        if st.button("Play all", icon=":material/play_arrow:"):
            owning.present(session, play=True, seek_s=0.0)
        if st.button("Pause all", icon=":material/pause:"):
            owning.present(session, play=False)
        if st.button("To the start", icon=":material/first_page:"):
            owning.present(session, play=False, seek_s=0.0)
        if owning.stage(session.id) and st.button("Give the players back", type="tertiary"):
            owning.end_presenting(session)
            st.rerun()


def sign_off(opened: Services, session: ReviewSession) -> None:
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
                opened.sessions.owning.sign_off(session, name, comment, accepts=decision == "Accepted")
    for one in opened.sessions.owning.sign_offs(session):
        verdict = "accepted" if one["accepts"] else "did not accept"
        moment = datetime.fromtimestamp(one["at"], UTC)
        st.markdown(f"**{plain(one['name'])}** {verdict} on {moment:%Y-%m-%d %H:%M} UTC. {plain(one['comment'])}")
