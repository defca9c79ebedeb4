"""The drift watch: what the last look at an alias or snapshot found, a new look with its cost, and the schedule."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from sora_compare.domain.snapshots import ALIAS
from sora_compare.releases.drift.schedule import DAY_S, Schedule
from sora_compare.releases.drift.watch import REPEATS, drift_suite
from sora_compare.ui.components.budget_cost import render_cost_of_takes
from sora_compare.ui.components.formats import ago, escape_markdown
from sora_compare.ui.components.retirement import flag
from sora_compare.ui.shell.boundary import boundary, collect_errors, guarded, render_collected_errors
from sora_compare.ui.versions.words import model_words, newest_first

if TYPE_CHECKING:
    from sora_compare.domain.comparisons import SuiteRun
    from sora_compare.releases.drift.watch import DriftWatch
    from sora_compare.services import Services

LOOK_S = 2.0
HOUR_S = 3600.0
LONGEST_H = 24 * 90
FIELD = 220
HERE = "versions/drift"


def render_drift(opened: Services) -> None:
    """Model and endpoint, the last report, a run now, and the schedule.

    Raises:
        ConfigurationError: the policy cannot be read.
    """
    count = len(drift_suite().prompts)
    st.caption(
        f"A fixed suite of {count} prompts goes to the alias and to the snapshot that it should mean, {REPEATS} clips "
        "of each; a dated snapshot, which means itself, gets both. The first run is the baseline; later ones raise an "
        "alarm when the echoed model, timings, outcomes, scores or the clips themselves move."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        registry, endpoints = opened.governance.releases.registry, list(opened.endpoint_registry.all())
        models = [*registry.aliases, *newest_first(opened.governance, registry.snapshots)]
        alias = st.selectbox(
            "Alias or snapshot",
            models,
            index=models.index(ALIAS) if ALIAS in models else 0,
            key="versions/drift/alias",
            format_func=partial(model_words, opened.governance),
            width=FIELD + 120,
        )
        endpoint = st.selectbox(
            "Endpoint",
            endpoints,
            index=endpoints.index(opened.settings.default_endpoint),
            key="versions/drift/endpoint",
            width=FIELD,
        )
    render_collected_errors(HERE)
    flag(opened.governance.releases.lifecycle(alias))
    _last(opened.drift, alias, endpoint)
    run = opened.drift.open_run(alias, endpoint)
    if run:
        _under_way(opened, run)
    else:
        _offer(opened, alias, endpoint)
    st.markdown("##### By itself")
    _schedule(opened.drift, alias, endpoint)


def _last(drift: DriftWatch, alias: str, endpoint: str) -> None:
    report: dict[str, Any] | None = drift.last_report(alias, endpoint)
    if report is None:
        st.info(
            f"{escape_markdown(alias)} was never looked at on {escape_markdown(endpoint)}.",
            icon=":material/visibility_off:",
        )
        return
    when = ago(report["at"])
    if report["run"] == report["baseline"]:
        st.success(f"The last run, {when}, is the baseline of later ones.", icon=":material/flag:")
    elif report["alarms"]:
        st.error(
            f"Something moved, as of {when}.",
            title=f"{escape_markdown(alias)} drifts",
            icon=":material/notification_important:",
        )
    elif set(report["findings"]) <= set(report.get("unclear", ())):
        st.warning(f"The last run, {when}, gave too little to tell from.", icon=":material/help:")
    else:
        st.success(f"Nothing has moved, as of {when}.", icon=":material/check_circle:")
    _findings(report)


def _findings(report: dict[str, Any]) -> None:
    for measure, sentence in report["findings"].items():
        icon = ":green[:material/check_circle:]"
        if sentence in report["alarms"]:
            icon = ":red[:material/notification_important:]"
        elif measure in report.get("unclear", ()):
            icon = ":gray[:material/help:]"
        st.markdown(f"{icon} **{escape_markdown(measure.capitalize())}.** {escape_markdown(sentence)}")


def _under_way(opened: Services, run: SuiteRun) -> None:
    @guarded
    def draw() -> None:
        progress = opened.suites.progress(run)
        st.progress(progress.ended / max(1, progress.takes), text=f"{progress.ended} of {progress.takes} clips")
        if progress.ended == progress.takes:
            opened.drift.conclude(run)
            st.rerun()

    st.fragment(draw, run_every=LOOK_S, key=f"versions/drift/{run.id}")()


def _offer(opened: Services, alias: str, endpoint: str) -> None:
    with boundary():
        preview = opened.drift.preview(alias, endpoint)
        render_cost_of_takes(opened, preview.takes)
        words = f"Look now: {len(preview.takes)} clips"
        # Named after the run before it: a click in a tab that has not seen the newest run starts no other.
        before = opened.drift.last_run(alias, endpoint)
        key = f"versions/drift/run/{before.id if before else 'first'}"
        if st.button(words, icon=":material/play_arrow:", key=key):
            with st.spinner("Getting ready"):
                opened.prepare(preview.plans[0])
                opened.drift.start(alias, endpoint)
            st.rerun()


def _schedule(drift: DriftWatch, alias: str, endpoint: str) -> None:
    now = drift.schedule
    if now:
        sentence = f"{now.alias} on {now.endpoint} is looked at every {now.every_s / HOUR_S:g} h."
        st.markdown(f":green[:material/event_repeat:] {escape_markdown(sentence)}")
        # Set when it is drawn: what is switched off is what was seen, not what another tab has set since.
        off = collect_errors(HERE)(partial(drift.replace_schedule, now, None))
        st.button("Switch off", icon=":material/event_busy:", key="versions/drift/off", on_click=off)
        return
    st.markdown("Off, since every look costs what is said above. It also needs this app or a worker to run.")
    with st.form("versions/drift/schedule", border=False):
        every_h = st.number_input("Every so many hours", 1, LONGEST_H, int(DAY_S / HOUR_S), width=FIELD)
        is_sent = st.form_submit_button(
            escape_markdown(f"Look at {alias} on {endpoint} by itself"), icon=":material/event_repeat:"
        )
    if is_sent:
        with boundary():
            drift.replace_schedule(None, Schedule(alias, endpoint, every_h * HOUR_S))
            st.rerun()
